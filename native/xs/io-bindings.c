/*
 * Natives of a simulated board's ECMA-419 classes (boards/simulated/provider.ts): pins, buses, storage, radio, sleep.
 * Numbers below zero are errors of enum wx_io_error; TypeScript makes exceptions of them.
 */

#include "xsmc.h"
#include "port.h"
#include "natives.h"
#include "engine.h"
#include "io-bindings.h"

#include <string.h>

static struct wx_io *io_of(xsMachine *the)
{
	return wx_port_of(the)->io;
}

static uint32_t argument(xsMachine *the, xsSlot *slot)
{
	xsNumberValue value = xsmcToNumber(*slot);
	return value >= 0 && value <= 0xffffffff ? (uint32_t)value : UINT32_MAX;
}

/* ---- who has a pin or a serial port (WX_IO_PINS + its number): until it is closed, or its object is garbage ---- */

struct wx_claim {
	struct wx_port *port;
	uint32_t source, owner, mode;
	int32_t result;
	void *listener; /* whose field the claim is, so that neither outlives the other. NULL: none */
	struct wx_claim *next; /* of the port's claims with a listener */
};

static void forget_listener(struct wx_claim *claim)
{
	struct wx_claim **link = &claim->port->listening;
	if (!claim->listener)
		return;
	while (*link != claim)
		link = &(*link)->next;
	*link = claim->next;
	claim->listener = NULL;
}

static void delete_claim(struct wx_claim *claim)
{
	forget_listener(claim);
	wx_free(&claim->port->alloc, claim);
}

void xs_claim_destructor(void *data)
{
	struct wx_claim *claim = data;
	if (!claim)
		return;
	wx_io_drop(claim->port->io, claim->source);
	delete_claim(claim);
}

/* What garbage has will do. */
static bool try_open(void *request)
{
	struct wx_claim *claim = request;
	claim->result = wx_io_open(claim->port->io, claim->source, (enum wx_io_owner)claim->owner, claim->mode);
	return claim->result != WX_IO_EBUSY;
}

/* this: a claim; (pin or port, owner, mode) => 0 or an error */
void xs_claim_open(xsMachine *the)
{
	struct wx_claim request = { .port = wx_port_of(the) }, *claim;
	request.source = argument(the, &xsArg(0));
	request.owner = argument(the, &xsArg(1));
	request.mode = argument(the, &xsArg(2));
	if (xsmcGetHostDataValidate(xsThis, xs_claim_destructor))
		xsUnknownError("the claim is used");
	claim = wx_alloc(&request.port->alloc, sizeof(*claim));
	if (!claim)
		xsRangeError("out of memory: native");
	wx_attempt(&request.port->alloc, try_open, &request);
	xsmcSetInteger(xsResult, request.result);
	if (request.result < 0) {
		wx_free(&request.port->alloc, claim);
		return;
	}
	*claim = request;
	xsmcSetHostData(xsThis, claim);
}

/* this: a claim */
void xs_claim_close(xsMachine *the)
{
	struct wx_claim *claim = xsmcGetHostDataValidate(xsThis, xs_claim_destructor);
	if (!claim)
		return;
	xsmcSetHostData(xsThis, NULL);
	wx_io_close(claim->port->io, claim->source);
	delete_claim(claim);
}

/* this: a claim; (object): it is what xs_io_listener gives. It is not kept alive by that */
void xs_claim_listen(xsMachine *the)
{
	struct wx_claim *claim = xsmcGetHostDataValidate(xsThis, xs_claim_destructor);
	forget_listener(claim);
	claim->listener = wx_object_of(&xsArg(0));
	claim->next = claim->port->listening;
	if (claim->listener)
		claim->port->listening = claim;
}

/* (pin or port) => who listens there, or undefined */
void xs_io_listener(xsMachine *the)
{
	uint32_t source = argument(the, &xsArg(0));
	struct wx_claim *claim = wx_port_of(the)->listening;
	while (claim && claim->source != source)
		claim = claim->next;
	wx_object_get(&xsResult, claim ? claim->listener : NULL);
}

/* ---- pins ---- */

/* (pin) */
void xs_io_digital_read(xsMachine *the)
{
	xsmcSetInteger(xsResult, wx_io_digital_read(io_of(the), argument(the, &xsArg(0))));
}

/* (pin, value) */
void xs_io_digital_write(xsMachine *the)
{
	uint32_t pin = argument(the, &xsArg(0));
	xsmcSetInteger(xsResult, wx_io_digital_write(io_of(the), pin, argument(the, &xsArg(1))));
}

/* (pin, edges) */
void xs_io_digital_watch(xsMachine *the)
{
	uint32_t pin = argument(the, &xsArg(0));
	xsmcSetInteger(xsResult, wx_io_digital_watch(io_of(the), pin, argument(the, &xsArg(1))));
}

/* (pin) */
void xs_io_analog_read(xsMachine *the)
{
	xsmcSetInteger(xsResult, wx_io_analog_read(io_of(the), argument(the, &xsArg(0))));
}

/* () => bits of the converter */
void xs_io_analog_bits(xsMachine *the)
{
	xsmcSetInteger(xsResult, io_of(the)->analog_bits);
}

/* (pin, duty of 65536, hertz) */
void xs_io_pwm_write(xsMachine *the)
{
	uint32_t pin = argument(the, &xsArg(0)), duty = argument(the, &xsArg(1));
	xsmcSetInteger(xsResult, wx_io_pwm_write(io_of(the), pin, duty, argument(the, &xsArg(2))));
}

/* ---- callbacks ---- */

/* (function): called from the event loop when xs_io_next has something to tell */
void xs_io_begin(xsMachine *the)
{
	struct wx_port *port = wx_port_of(the);
	if (port->watches_pins)
		return;
	port->on_pins = xsArg(0);
	xsRemember(port->on_pins);
	port->watches_pins = true;
}

/* () => a pin, 64 + a serial port, or -1 */
void xs_io_next(xsMachine *the)
{
	xsmcSetInteger(xsResult, wx_io_next_pending(io_of(the)));
}

static __attribute__((noinline)) void dispatch(xsMachine *machine, struct wx_port *port)
{
	xsBeginHost(machine);
	xsmcVars(1);
	xsVar(0) = xsAccess(port->on_pins);
	xsCallFunction0(xsVar(0), xsUndefined);
	xsEndHost(machine);
}

bool wx_io_dispatch(xsMachine *the)
{
	struct wx_port *port = wx_port_of(the);
	if (!port->io->any_pending)
		return false;
	if (!port->watches_pins) {
		while (wx_io_next_pending(port->io) >= 0)
			;
		return false;
	}
	wx_io_spend(port->io, WX_IO_CALL_TURN);
	dispatch(the, port);
	return true;
}

/* ---- buses ---- */

/* Time that so many bits take at that clock. */
static void spend_bits(struct wx_io *io, double bits, double hertz)
{
	wx_io_spend(io, WX_IO_CALL_BUS);
	if (io->world && hertz > 0)
		wx_io_advance(io, (uint64_t)(bits * 1e9 / hertz + 0.5));
}

/* The size of what is to be transferred. False: more than go at once. */
static bool count_bytes(xsMachine *the, xsSlot *slot, xsUnsignedValue *size)
{
	void *data;
	xsmcGetBufferReadable(*slot, &data, size);
	return *size <= WX_IO_EXCHANGE;
}

/* When the time for them has passed, since on the way the world may use the exchange. */
static void take_bytes(xsMachine *the, xsSlot *slot)
{
	void *data;
	xsUnsignedValue size;
	xsmcGetBufferReadable(*slot, &data, &size);
	if (size)
		memcpy(io_of(the)->exchange, data, size);
}

/* (bus, address, buffer, stop, hertz) => error or 0 */
void xs_io_i2c_write(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	xsNumberValue bus = xsmcToNumber(xsArg(0)), address = xsmcToNumber(xsArg(1)), hertz = xsmcToNumber(xsArg(4));
	xsBooleanValue stop = xsmcToBoolean(xsArg(3));
	xsUnsignedValue size;
	int result = WX_IO_EOVERRUN;
	if (count_bytes(the, &xsArg(2), &size)) {
		/* A device's command begins when its last bit is there. */
		spend_bits(io, 9.0 * (size + 1) + 2, hertz);
		take_bytes(the, &xsArg(2));
		result = io->world ? (int)wx_io_ask(io, WX_IO_ASK_I2C, bus, address, size, stop, NULL, NULL) : WX_IO_ENACK_ADDR;
	}
	xsmcSetInteger(xsResult, result < 0 ? result : 0);
}

/* (bus, address, count, stop, hertz) => ArrayBuffer or error */
void xs_io_i2c_read(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	xsNumberValue bus = xsmcToNumber(xsArg(0)), address = xsmcToNumber(xsArg(1)), hertz = xsmcToNumber(xsArg(4));
	xsUnsignedValue size = argument(the, &xsArg(2));
	int result = WX_IO_EOVERRUN;
	if (size <= WX_IO_EXCHANGE) {
		spend_bits(io, 9.0 * (size + 1) + 2, hertz);
		memset(io->exchange, 0xFF, size);
		result = io->world ? (int)wx_io_ask(io, WX_IO_ASK_I2C, bus, address, -1, size, NULL, NULL) : WX_IO_ENACK_ADDR;
	}
	if (result < 0)
		xsmcSetInteger(xsResult, result);
	else
		xsmcSetArrayBuffer(xsResult, io->exchange, (xsIntegerValue)size);
}

/* (bus, select, buffer, hertz, deselect) => ArrayBuffer of what came back, or error */
void xs_io_spi_transfer(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	xsNumberValue bus = xsmcToNumber(xsArg(0)), select = xsmcToNumber(xsArg(1)), hertz = xsmcToNumber(xsArg(3));
	xsBooleanValue deselect = xsmcToBoolean(xsArg(4));
	xsUnsignedValue size;
	int result = WX_IO_EOVERRUN;
	if (count_bytes(the, &xsArg(2), &size)) {
		spend_bits(io, 8.0 * size, hertz);
		take_bytes(the, &xsArg(2));
		if (io->world)
			result = (int)wx_io_ask(io, WX_IO_ASK_SPI, bus, select, size, deselect, NULL, NULL);
		else {
			/* Nobody drives the line. */
			memset(io->exchange, 0xFF, size);
			result = 0;
		}
	}
	if (result < 0)
		xsmcSetInteger(xsResult, result);
	else
		xsmcSetArrayBuffer(xsResult, io->exchange, (xsIntegerValue)size);
}

/* (port, buffer, baud) => error or 0 */
void xs_io_serial_write(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	xsNumberValue port = xsmcToNumber(xsArg(0)), baud = xsmcToNumber(xsArg(2));
	xsUnsignedValue size;
	int result = WX_IO_EOVERRUN;
	if (count_bytes(the, &xsArg(1), &size)) {
		spend_bits(io, 10.0 * size, baud);
		take_bytes(the, &xsArg(1));
		result = (int)wx_io_ask(io, WX_IO_ASK_SERIAL, port, size, baud, 0, NULL, NULL);
	}
	xsmcSetInteger(xsResult, result < 0 ? result : 0);
}

/* (port, count) => ArrayBuffer of at most so many bytes; (port, 0) => how many there are */
void xs_io_serial_read(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	xsNumberValue port = xsmcToNumber(xsArg(0));
	xsUnsignedValue size = argument(the, &xsArg(1));
	int result;
	if (size > WX_IO_EXCHANGE)
		size = WX_IO_EXCHANGE;
	wx_io_spend(io, WX_IO_CALL_BUS);
	result = (int)wx_io_ask(io, WX_IO_ASK_SERIAL, port, -(double)size, 0, 0, NULL, NULL);
	if (!size || result < 0)
		xsmcSetInteger(xsResult, result);
	else
		xsmcSetArrayBuffer(xsResult, io->exchange, result);
}

/* ---- storage ---- */

static const char *text(xsMachine *the, xsSlot *slot, char *buffer, size_t size)
{
	xsmcToStringBuffer(*slot, buffer, size);
	return buffer;
}

#define KEY_SIZE 256

/* The chip writes flash for a time: as long as starting and so many bytes take. */
static void spend_flash(xsMachine *the, uint32_t bytes)
{
	struct wx_io *io = io_of(the);
	enum wx_io_state before = (enum wx_io_state)io->state;
	if (!io->world)
		return;
	wx_io_set_state(io, WX_IO_FLASH);
	wx_io_advance(
		io, wx_port_limit(the, "costFlashWrite", 0) + (uint64_t)bytes * wx_port_limit(the, "costFlashByte", 0));
	wx_io_set_state(io, before);
}

/* (domain, key) => ArrayBuffer or undefined */
void xs_io_key_read(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	char domain[KEY_SIZE], key[KEY_SIZE];
	int size;
	wx_io_spend(io, WX_IO_CALL_STORAGE);
	text(the, &xsArg(0), domain, sizeof(domain));
	text(the, &xsArg(1), key, sizeof(key));
	size = (int)wx_io_ask(io, WX_IO_ASK_KEY, 0, 0, 0, 0, domain, key);
	if (size >= 0 && io->world)
		xsmcSetArrayBuffer(xsResult, io->exchange, size);
}

/* (domain, key, buffer) => error or 0 */
void xs_io_key_write(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	char domain[KEY_SIZE], key[KEY_SIZE];
	xsUnsignedValue size;
	int result = WX_IO_ENOSPC;
	text(the, &xsArg(0), domain, sizeof(domain));
	text(the, &xsArg(1), key, sizeof(key));
	if (count_bytes(the, &xsArg(2), &size)) {
		spend_flash(the, size);
		take_bytes(the, &xsArg(2));
		result = io->world ? (int)wx_io_ask(io, WX_IO_ASK_KEY, 1, size, 0, 0, domain, key) : WX_IO_ENOTSUP;
	}
	xsmcSetInteger(xsResult, result < 0 ? result : 0);
}

/* (domain, key) */
void xs_io_key_delete(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	char domain[KEY_SIZE], key[KEY_SIZE];
	text(the, &xsArg(0), domain, sizeof(domain));
	text(the, &xsArg(1), key, sizeof(key));
	spend_flash(the, 0);
	wx_io_ask(io, WX_IO_ASK_KEY, 2, 0, 0, 0, domain, key);
}

/* (domain, index) => the key's bytes, or undefined */
void xs_io_key_at(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	char domain[KEY_SIZE];
	xsNumberValue index = xsmcToNumber(xsArg(1));
	int size;
	wx_io_spend(io, WX_IO_CALL_STORAGE);
	size = (int)wx_io_ask(io, WX_IO_ASK_KEY, 3, index, 0, 0, text(the, &xsArg(0), domain, sizeof(domain)), NULL);
	if (size >= 0 && io->world)
		xsmcSetArrayBuffer(xsResult, io->exchange, size);
}

/* ---- system ---- */

/* (topic, buffer) => error or 0 */
void xs_io_publish(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	char topic[KEY_SIZE];
	enum wx_io_state before = (enum wx_io_state)io->state;
	xsUnsignedValue size;
	if (!io->world) {
		xsmcSetInteger(xsResult, WX_IO_ENOTSUP);
		return;
	}
	text(the, &xsArg(0), topic, sizeof(topic));
	if (!count_bytes(the, &xsArg(1), &size)) {
		xsmcSetInteger(xsResult, WX_IO_ENOSPC);
		return;
	}
	wx_io_set_state(io, WX_IO_RADIO);
	wx_io_advance(io,
		wx_port_limit(the, "costRadioWake", 0) +
			(uint64_t)(size + strlen(topic)) * wx_port_limit(the, "costRadioByte", 0));
	wx_io_set_state(io, before);
	take_bytes(the, &xsArg(1));
	xsmcSetInteger(xsResult, (int)wx_io_ask(io, WX_IO_ASK_PUBLISH, size, 0, 0, 0, topic, NULL));
}

/* () => microseconds */
void xs_io_now(xsMachine *the)
{
	xsmcSetNumber(xsResult, (xsNumberValue)wx_io_now_us(io_of(the)));
}

/* (buffer): random bytes, repeatable by the seed */
void xs_io_random(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	xsUnsignedValue size, i;
	void *data;
	xsmcGetBufferWritable(xsArg(0), &data, &size);
	for (i = 0; i < size; i++)
		((uint8_t *)data)[i] = (uint8_t)(wx_io_random(io) >> 24);
}

/* (microseconds or -1, wake pin or -1, level): RAM is lost. Does not return. */
void xs_io_deep_sleep(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	struct wx_wake wake;
	xsNumberValue us = xsmcToNumber(xsArg(0));
	int pin = xsmcToInteger(xsArg(1)), level = xsmcToInteger(xsArg(2)) != 0;
	/* The clock's nanoseconds go little further. */
	bool limited = us >= 0 && (xsNumberValue)wx_io_time(io) / 1000 + us < 9e15;
	if (pin >= WX_IO_PINS)
		xsRangeError("no pin %d", pin);
	if (!io->world && !limited)
		xsRangeError("nothing would wake the board");
	wake.pin = pin < 0 ? -1 : pin;
	wake.level = level;
	wake.time = limited ? wx_io_time(io) + (uint64_t)us * 1000 : WX_IO_NEVER;
	wx_port_sleep(the, &wake);
}

/* (): starts anew. Does not return. */
void xs_io_restart(xsMachine *the)
{
	io_of(the)->wake = WX_IO_WAKE_RESET;
	wx_port_restart(the);
}

/* () => enum wx_io_wake */
void xs_io_wake_reason(xsMachine *the)
{
	xsmcSetInteger(xsResult, io_of(the)->wake);
}

/*
 * (bytes of the module, bytes written to code flash, pages erased): a module was compiled; the time and the energy of
 * it
 */
void xs_io_compiled(xsMachine *the)
{
	struct wx_io *io = io_of(the);
	uint32_t bytes = argument(the, &xsArg(0)), written = argument(the, &xsArg(1)), erased = argument(the, &xsArg(2));
	if (!io->world)
		return;
	wx_io_set_state(io, WX_IO_COMPILE);
	wx_io_advance(io, (uint64_t)bytes * wx_port_limit(the, "costCompileByte", 0));
	wx_io_set_state(io, WX_IO_FLASH);
	wx_io_advance(io,
		(uint64_t)written * wx_port_limit(the, "costFlashByte", 0) +
			(uint64_t)erased * wx_port_limit(the, "costFlashErase", 0));
	wx_io_set_state(io, WX_IO_ACTIVE);
}
