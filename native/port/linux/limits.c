/* Limits of a board: those of its board.json, or what the command line says in place of them. */

#include "xsmc.h"
#include "machine.h"
#include "../../flash/flash.h"

#include <string.h>

/* Of a board that says nothing. */
#define CODE_FLASH (64u << 20)
#define CODE_FLASH_PAGE 4096

uint32_t wx_port_limit(xsMachine *the, const char *name, uint32_t otherwise)
{
	const struct wx_limit *limit;
	int i;
	for (limit = wx_machine_of(the)->device->options.limits; limit; limit = limit->next)
		if (!strcmp(limit->name, name))
			return limit->value;
	for (i = 0; i < wx_board.limit_count; i++)
		if (!strcmp(wx_board.limits[i].name, name))
			return wx_board.limits[i].value;
	return otherwise;
}

bool wx_port_open_flash(xsMachine *the, struct wx_flash *flash)
{
	uint32_t size = wx_port_limit(the, "codeFlash", CODE_FLASH);
	return !size ||
		wx_flash_init(flash, &wx_port_of(the)->alloc, size, wx_port_limit(the, "codeFlashPage", CODE_FLASH_PAGE));
}
