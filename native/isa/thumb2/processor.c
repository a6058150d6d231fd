/*
 * Signals of Linux on 32-bit Arm, and exceptions of Cortex-M: there a frame is a struct wx_exception. The build machine
 * of another ISA compiles no part of it.
 */

#define _GNU_SOURCE
#include "../../flash/flash.h"
#include "../processor.h"

void wx_processor_barrier(void *data)
{
	(void)data;
#if defined(__arm__)
	__asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
}

#if defined(__arm__)

#define THUMB ((uintptr_t)1)
/* xPSR, CPSR: what says how far an IT block has come */
#define IT_STATE 0x0600FC00u

#if defined(__linux__)

#include <ucontext.h>

void wx_processor_read(const void *frame, struct wx_processor_state *state)
{
	const mcontext_t *machine = &((const ucontext_t *)frame)->uc_mcontext;
	*state = (struct wx_processor_state){ machine->arm_pc, machine->arm_sp, machine->arm_lr, machine->arm_r9 };
}

void wx_processor_redirect(void *frame, void (*function)(void), uintptr_t argument)
{
	mcontext_t *machine = &((ucontext_t *)frame)->uc_mcontext;
	machine->arm_pc = (uintptr_t)function & ~THUMB;
	machine->arm_r0 = argument;
	/* Thumb state, outside any IT block */
	machine->arm_cpsr = (machine->arm_cpsr & ~(unsigned long)IT_STATE) | 0x20;
}

/* str and ldr with an immediate offset, in both lengths */
bool wx_processor_access(const void *frame, struct wx_processor_access *access)
{
	const mcontext_t *machine = &((const ucontext_t *)frame)->uc_mcontext;
	const unsigned long *r = &machine->arm_r0;
	const uint16_t *code = (const uint16_t *)(machine->arm_pc & ~THUMB);
	uint32_t base, offset;
	if (code[0] >> 12 == 6) {
		access->store = !(code[0] & 0x0800);
		base = code[0] >> 3 & 7;
		access->target = code[0] & 7;
		offset = (code[0] >> 6 & 31) * 4;
		access->bytes = 2;
	} else if ((code[0] & 0xFFE0) == 0xF8C0) {
		access->store = !(code[0] & 0x10);
		base = code[0] & 15;
		access->target = (uint8_t)(code[1] >> 12);
		offset = code[1] & 0xFFF;
		access->bytes = 4;
	} else
		return false;
	access->address = r[base] + offset;
	access->value = (uint32_t)r[access->target];
	return true;
}

void wx_processor_finish(void *frame, const struct wx_processor_access *access, uint32_t value)
{
	mcontext_t *machine = &((ucontext_t *)frame)->uc_mcontext;
	if (!access->store)
		(&machine->arm_r0)[access->target] = value;
	machine->arm_pc = (machine->arm_pc & ~THUMB) + access->bytes;
}

#elif defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'

#include "exception.h"

/* r9 is as the handler has it: the exception stacks r0-r3, r12, lr, pc, xPSR alone. */
void wx_processor_read(const void *frame, struct wx_processor_state *state)
{
	const struct wx_exception *e = frame;
	/* xPSR bit 9: a word of padding */
	uintptr_t above = (e->extended ? 104u : 32u) + (e->frame[7] & 0x200 ? 4u : 0u);
	*state = (struct wx_processor_state){ e->frame[6], (uintptr_t)e->frame + above, e->frame[5], 0 };
}

void wx_processor_redirect(void *frame, void (*function)(void), uintptr_t argument)
{
	struct wx_exception *e = frame;
	e->frame[0] = argument;
	e->frame[6] = (uintptr_t)function & ~THUMB;
	e->frame[7] = (e->frame[7] & ~IT_STATE) | 0x01000000u;
}

#endif

#endif
