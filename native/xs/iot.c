/* What the device API of modules (src/iot-api, src/host/iot.ts) needs of C. */

#include "xsmc.h"
#include "host.h"
#include "natives.h"
#include "api.h"

#include <stdio.h>

/* ---- UTF-8 ---- */

/* Bytes of the character at `data`, 0: ill-formed. */
static uint32_t character(const uint8_t *data, uint32_t size)
{
	uint32_t length, i;
	uint8_t low = 0x80, high = 0xBF, first = data[0];
	if (first < 0x80)
		return 1;
	if (first < 0xC2 || first > 0xF4)
		return 0;
	length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
	if (length > size)
		return 0;
	if (first == 0xE0)
		low = 0xA0;
	else if (first == 0xED)
		high = 0x9F;
	else if (first == 0xF0)
		low = 0x90;
	else if (first == 0xF4)
		high = 0x8F;
	if (data[1] < low || data[1] > high)
		return 0;
	for (i = 2; i < length; i++)
		if ((data[i] & 0xC0) != 0x80)
			return 0;
	return length;
}

/* (bytes of a module's memory, which no collection moves) => string; undefined when they are no UTF-8 */
void xs_iot_decode(xsMachine *the)
{
	void *data;
	xsUnsignedValue size;
	uint32_t at = 0, length;
	wx_buffer_bytes(the, &xsArg(0), &data, &size);
	while (at < size) {
		length = character((const uint8_t *)data + at, size - at);
		if (!length)
			return;
		at += length;
	}
	wx_set_name(the, &xsResult, data, size);
}

/* () => microseconds since boot, idle time that was skipped included */
void xs_iot_now(xsMachine *the)
{
	xsmcSetNumber(xsResult, (xsNumberValue)wx_host_now(wx_host_of(the)));
}

/* ---- streams ---- */

/* (1 or 2, bytes): to standard output or error as they are */
void xs_iot_write(xsMachine *the)
{
	FILE *stream = xsmcToInteger(xsArg(0)) == 2 ? stderr : stdout;
	void *data;
	xsUnsignedValue size;
	wx_buffer_bytes(the, &xsArg(1), &data, &size);
	fwrite(data, 1, size, stream);
	fflush(stream);
}

/* ---- traps ---- */

/* (store): the host call that runs ends in a trap, memory access out of bounds */
void xs_iot_trap(xsMachine *the)
{
	WX_API_ARGUMENT_STORE(0)->demanded = WX_TRAP_MEMORY;
	xsUnknownError("out of bounds memory access");
}
