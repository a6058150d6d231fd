#ifndef WX_MODDABLE_H
#define WX_MODDABLE_H

/*
 * wait-xs in firmware that the Moddable SDK builds, with the SDK's engine (XS 17). Include after "xsmc.h".
 *
 * A machine's state hangs on the machine's context, which the SDK leaves to the application. It is made at the first
 * use of WebAssembly, so a machine that has none pays nothing; wx_moddable_release frees it after the machine is
 * deleted. On devices a machine lives as long as the firmware does.
 */

#include "../../xs/port.h"

struct wx_moddable {
	struct wx_port port; /* first: wx_port_of returns it */
	const void *mark; /* tells this context from another's */
	uint64_t started; /* nanoseconds of the chip's clock */
	struct wx_io io;
};

/* ---- moddable-state.c ---- */

struct wx_moddable *wx_moddable_of(xsMachine *the);
/* After xsDeleteMachine: what the machine's context was. NULL is ignored. */
void wx_moddable_release(void *context);

/* ---- of the platform's folder ---- */

/* io->clock is the chip's from now on. */
void wx_moddable_start_clock(struct wx_moddable *state);

#endif
