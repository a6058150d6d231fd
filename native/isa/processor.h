/* The processor below the run time: interrupts, faults and written code, by native/isa/<isa>/processor.c. */
#ifndef WX_PROCESSOR_H
#define WX_PROCESSOR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A `frame` is what a handler gets of the interrupted code: on Linux the ucontext_t of a signal, on other platforms
 * what processor.c says.
 */

/* Registers of interrupted code. */
struct wx_processor_state {
	uintptr_t pc;
	uintptr_t sp;
	uintptr_t link; /* the link register, where calls leave the return address there; else 0 */
	uintptr_t context; /* ISA_CTX */
};

void wx_processor_read(const void *frame, struct wx_processor_state *state);
/* The handler returns into that C function, as if it had been called with that argument. */
void wx_processor_redirect(void *frame, void (*function)(void), uintptr_t argument);

/* A load or store of 32 bits, as it is emitted for pins in line (native/emit/inline-pins.c), that has faulted. */
struct wx_processor_access {
	uintptr_t address;
	bool store;
	uint32_t value; /* of a store */
	uint8_t target; /* of a load: its register */
	uint8_t bytes; /* of the instruction */
};

/* False: it is another instruction. */
bool wx_processor_access(const void *frame, struct wx_processor_access *access);
/* The access has been done in its place, a load with that value: the handler returns to what comes after. */
void wx_processor_finish(void *frame, const struct wx_processor_access *access, uint32_t value);

#endif
