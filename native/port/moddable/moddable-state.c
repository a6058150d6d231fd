/* The state of a machine: the calls of port.h that need nothing of the engine or the chip. */

#include "xsmc.h"
#include "mc.defines.h"
#include "moddable.h"
#include "../../xs/guards.h"
#include "../../flash/flash.h"

#include <stdlib.h>
#include <string.h>

/* Of a manifest that says nothing. */
#define CODE_FLASH (256u << 10)
#define CODE_FLASH_PAGE 4096

/*
 * Limits in place of the defaults, by the names of `limits` in boards/<board>/board.json, in a manifest:
 * "defines": { "wait_xs": { "limits": "#codeFlash=262144 wasmStack=8192" } }
 */
#ifdef MODDEF_WAIT_XS_LIMITS
static const char limits[] = MODDEF_WAIT_XS_LIMITS;
#else
static const char limits[] = "";
#endif

/* Bytes of native memory at most; 0: as much as the C library has. */
#ifndef MODDEF_WAIT_XS_NATIVE
#define MODDEF_WAIT_XS_NATIVE 0
#endif

/* The root manifest names the modules so. */
const char wx_port_module_prefix[] = "wait-xs/";

static const char mark[] = "wait-xs";

static struct wx_moddable *make_state(xsMachine *the)
{
	struct wx_moddable *state = calloc(1, sizeof(*state));
	if (!state)
		xsRangeError("out of memory: native");
	state->mark = mark;
	wx_alloc_init(&state->port.alloc, MODDEF_WAIT_XS_NATIVE);
	state->port.alloc.collector = (struct wx_collector){ .collect = wx_collect_slots, .data = the };
	wx_io_init(&state->io, 1);
	state->port.io = &state->io;
	wx_moddable_start_clock(state);
	xsSetContext(the, state);
	return state;
}

struct wx_moddable *wx_moddable_of(xsMachine *the)
{
	struct wx_moddable *state = xsGetContext(the);
	if (!state)
		return make_state(the);
	if (state->mark != mark)
		xsUnknownError("WebAssembly: something else uses the machine's context");
	return state;
}

struct wx_port *wx_port_of(xsMachine *the)
{
	return &wx_moddable_of(the)->port;
}

void wx_moddable_release(void *context)
{
	struct wx_moddable *state = context;
	if (!state)
		return;
	wx_alloc_release(&state->port.alloc);
	free(state);
}

/* ---- the board ---- */

uint32_t wx_port_limit(xsMachine *the, const char *name, uint32_t otherwise)
{
	size_t size = strlen(name);
	const char *at = limits;
	(void)the;
	while ((at = strstr(at, name))) {
		if ((at == limits || at[-1] == ' ') && at[size] == '=')
			return (uint32_t)strtoul(at + size + 1, NULL, 0);
		at += size;
	}
	return otherwise;
}

bool wx_port_open_flash(xsMachine *the, struct wx_flash *flash)
{
	uint32_t size = wx_port_limit(the, "codeFlash", CODE_FLASH);
	return !size ||
		wx_flash_init(flash, &wx_port_of(the)->alloc, size, wx_port_limit(the, "codeFlashPage", CODE_FLASH_PAGE));
}

void wx_port_mark(enum wx_phase phase)
{
	(void)phase;
}
