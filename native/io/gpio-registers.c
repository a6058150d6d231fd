#define _GNU_SOURCE
#include "gpio-registers.h"

#include "../isa/processor.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A signal handler has no other context. */
static struct {
	struct wx_io *io;
	struct wx_register_port ports[WX_REGISTER_PORTS];
	uint32_t count;
	uint32_t accesses;
	struct sigaction before;
	void *pages[WX_REGISTER_PORTS];
	void *stack;
} chip;

#define STACK_BYTES 65536

/*
 * Where chips have their peripherals. ESP32: Technical Reference Manual 5.2, "Address Mapping of Peripherals";
 * nRF52840: Product Specification 1.7, "Instantiation".
 */
static const struct {
	uintptr_t start;
	size_t size;
} places[] = { { 0x3FF40000, 0x10000 }, { 0x50000000, 0x1000 } };
static bool reserved[sizeof(places) / sizeof(*places)];

static void *map(uintptr_t start, size_t size, int protection, int placement)
{
	return mmap((void *)start, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | placement, -1, 0);
}

void wx_registers_reserve(void)
{
	size_t i;
	for (i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (!reserved[i]) {
			void *at = map(places[i].start, places[i].size, PROT_NONE, MAP_FIXED_NOREPLACE);
			reserved[i] = at == (void *)places[i].start;
			if (!reserved[i] && at != MAP_FAILED)
				munmap(at, places[i].size);
		}
}

static bool is_reserved(uintptr_t page)
{
	size_t i;
	for (i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (reserved[i] && page - places[i].start < places[i].size)
			return true;
	return false;
}

static uint32_t levels(const struct wx_register_port *port)
{
	uint32_t value = 0, i;
	for (i = 0; i < port->count; i++)
		value |= (uint32_t)(chip.io->pins[port->first + i].level != 0) << i;
	return value;
}

/* *value: of a load */
static bool perform(const struct wx_processor_access *access, uint32_t *value)
{
	uint32_t i, bit;
	for (i = 0; i < chip.count; i++) {
		const struct wx_register_port *port = chip.ports + i;
		if (access->store && (access->address == port->set || access->address == port->clear)) {
			for (bit = 0; bit < port->count; bit++)
				if (access->value >> bit & 1)
					wx_io_digital_set(chip.io, port->first + bit, access->address == port->set);
			return true;
		}
		if (!access->store && access->address == port->input) {
			*value = levels(port);
			return true;
		}
	}
	return false;
}

static void fault(int number, siginfo_t *information, void *ucontext)
{
	struct wx_processor_access access;
	uint32_t value = 0;
	if (chip.io && wx_processor_access(ucontext, &access) && perform(&access, &value)) {
		chip.accesses++;
		wx_processor_finish(ucontext, &access, value);
		return;
	}
	/* Not ours: it happens again, as if this handler were not there. */
	(void)information;
	sigaction(number, &chip.before, NULL);
}

bool wx_registers_open(struct wx_io *io, const struct wx_register_port *ports, uint32_t count, bool memory)
{
	struct sigaction action;
	uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);
	stack_t stack;
	uint32_t i;
	/* After a reset of the chip they are still there. */
	if (chip.io == io)
		wx_registers_close(io);
	if (count > WX_REGISTER_PORTS || chip.io)
		return false;
	for (i = 0; i < count; i++) {
		uintptr_t page = ports[i].set & ~(size - 1);
		void *wanted = (void *)page;
		uint32_t j;
		for (j = 0; j < i; j++)
			if (chip.pages[j] == wanted)
				break;
		chip.pages[i] = NULL;
		chip.ports[i] = ports[i];
		if (j < i)
			continue;
		if (map(page, size, memory ? PROT_READ | PROT_WRITE : PROT_NONE,
				is_reserved(page) ? MAP_FIXED : MAP_FIXED_NOREPLACE) != wanted)
			return false;
		chip.pages[i] = wanted;
	}
	chip.count = count;
	/* Compiled code's stack has no room for the frames of a handler that does something. */
	chip.stack = malloc(STACK_BYTES);
	if (!chip.stack)
		return false;
	memset(&stack, 0, sizeof(stack));
	stack.ss_sp = chip.stack;
	stack.ss_size = STACK_BYTES;
	sigaltstack(&stack, NULL);
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = fault;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigaction(SIGSEGV, &action, &chip.before);
	chip.io = io;
	return true;
}

void wx_registers_close(struct wx_io *io)
{
	stack_t stack;
	uint32_t i;
	if (chip.io != io)
		return;
	sigaction(SIGSEGV, &chip.before, NULL);
	memset(&stack, 0, sizeof(stack));
	stack.ss_flags = SS_DISABLE;
	sigaltstack(&stack, NULL);
	free(chip.stack);
	for (i = 0; i < chip.count; i++)
		if (chip.pages[i]) {
			size_t size = (size_t)sysconf(_SC_PAGESIZE);
			if (is_reserved((uintptr_t)chip.pages[i]))
				map((uintptr_t)chip.pages[i], size, PROT_NONE, MAP_FIXED);
			else
				munmap(chip.pages[i], size);
		}
	memset(&chip, 0, sizeof(chip));
}

uint32_t wx_registers_accesses(void)
{
	return chip.accesses;
}
