#ifndef WX_REGISTERS_H
#define WX_REGISTERS_H

/*
 * A chip's GPIO registers on a board that is a Linux process: their addresses are kept without access, and what
 * compiled code does there is done to the simulated pins in the handler of the fault. One at a time, since a process
 * has one such handler. A direct access takes no time; a peripheral that observes the pin learns of it when the chip
 * next does something else.
 */

#include "io.h"

#define WX_REGISTER_PORTS 4

/*
 * Pins first ... first + count - 1: the word that sets pins by its ones, that which clears them, that with their
 * levels.
 */
struct wx_register_port {
	uint32_t first, count;
	uintptr_t set, clear, input;
};

/*
 * To be called before the program's memory grows: keeps the places of the chips' peripherals free, as far as they are.
 */
void wx_registers_reserve(void);
/*
 * False: the addresses are taken, or too many ports. memory: they are memory, which does nothing, and no handler's
 * instructions are among those of the program: to count them.
 */
bool wx_registers_open(struct wx_io *io, const struct wx_register_port *ports, uint32_t count, bool memory);
void wx_registers_close(struct wx_io *io);
/* Accesses so far. */
uint32_t wx_registers_accesses(void);

#endif
