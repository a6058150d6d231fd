/* Signals of Linux on x86-64. The build machine of another ISA compiles no part of it. */

#define _GNU_SOURCE
#include "../../flash/flash.h"
#include "../processor.h"

/* Data and instructions are kept alike. */
void wx_processor_barrier(void *data)
{
	(void)data;
	__asm__ volatile("" ::: "memory");
}

#if defined(__linux__) && defined(__x86_64__)

#include <string.h>
#include <ucontext.h>

static const int registers[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI, REG_R8,
	REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

static const greg_t *registers_of(const void *frame)
{
	return ((const ucontext_t *)frame)->uc_mcontext.gregs;
}

static greg_t *change_registers_of(void *frame)
{
	return ((ucontext_t *)frame)->uc_mcontext.gregs;
}

void wx_processor_read(const void *frame, struct wx_processor_state *state)
{
	const greg_t *r = registers_of(frame);
	*state = (struct wx_processor_state){
		.pc = (uintptr_t)r[REG_RIP], .sp = (uintptr_t)r[REG_RSP], .context = (uintptr_t)r[REG_R14]
	};
}

void wx_processor_redirect(void *frame, void (*function)(void), uintptr_t argument)
{
	greg_t *r = change_registers_of(frame);
	r[REG_RIP] = (greg_t)(uintptr_t)function;
	r[REG_RDI] = (greg_t)argument;
}

/* mov [base + displacement], r32 and mov r32, [base + displacement] */
bool wx_processor_access(const void *frame, struct wx_processor_access *access)
{
	const greg_t *r = registers_of(frame);
	const uint8_t *start = (const uint8_t *)r[REG_RIP], *code = start;
	uint8_t rex = 0;
	int32_t displacement = 0;
	if ((*code & 0xF0) == 0x40)
		rex = *code++;
	uint8_t op = *code++, modrm = *code++;
	if ((op != 0x89 && op != 0x8B) || (rex & 8) || modrm >> 6 == 3)
		return false;
	uint8_t base = modrm & 7;
	if (base == 4)
		base = *code++ & 7;
	if (modrm >> 6 == 1)
		displacement = (int8_t)*code++;
	else if (modrm >> 6 == 2) {
		memcpy(&displacement, code, 4);
		code += 4;
	} else if (base == 5)
		return false;
	access->address = (uintptr_t)(r[registers[base | (rex & 1) << 3]] + displacement);
	access->store = op == 0x89;
	access->target = (uint8_t)((modrm >> 3 & 7) | (rex & 4) << 1);
	access->value = (uint32_t)r[registers[access->target]];
	access->bytes = (uint8_t)(code - start);
	return true;
}

void wx_processor_finish(void *frame, const struct wx_processor_access *access, uint32_t value)
{
	greg_t *r = change_registers_of(frame);
	if (!access->store)
		r[registers[access->target]] = value;
	r[REG_RIP] += access->bytes;
}

#endif
