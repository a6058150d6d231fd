/*
 * The meter: what compiled code has done, for boards whose time is virtual. Code of a module that was compiled so
 * (wx_compile_options.metered) takes the cost of each stretch of instructions from `left` at its end, and calls `entry`
 * when that falls below 0. The unit is an instruction of the board's.
 */
#ifndef WX_METER_H
#define WX_METER_H

#include <stddef.h>
#include <stdint.h>

struct wx_meter {
	int32_t left;
	int32_t granted; /* done since the owner last looked: granted - left */
	void (*entry)(void); /* known to native/emit/<isa>/assembler.c by its offset, 8 */
	/* On the C stack: grants more. It may end the call by wx_interrupt. */
	void (*refill)(void *data);
	void *data;
};

_Static_assert(offsetof(struct wx_meter, left) == 0 && offsetof(struct wx_meter, entry) == 8, "wx_asm_meter");

#endif
