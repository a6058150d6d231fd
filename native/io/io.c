#include "io.h"

#include <string.h>

/* ---- random numbers: xoshiro128** 1.1 of Blackman and Vigna, seeded by splitmix32 ---- */

static uint32_t rotate(uint32_t x, int k)
{
	return x << k | x >> (32 - k);
}

static void seed_random(struct wx_io *io, uint32_t seed)
{
	int i;
	for (i = 0; i < 4; i++) {
		uint32_t z = seed += 0x9E3779B9u;
		z = (z ^ z >> 16) * 0x21F0AAADu;
		z = (z ^ z >> 15) * 0x735A2D97u;
		io->random[i] = z ^ z >> 15;
	}
	io->random[0] |= 1;
}

uint32_t wx_io_random(struct wx_io *io)
{
	uint32_t *s = io->random;
	uint32_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 9;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 11);
	return result;
}

/* ---- beginning ---- */

static void refill(void *data);

static void clear_pin(struct wx_io_pin *pin)
{
	pin->owner = WX_IO_FREE;
	pin->mode = WX_IO_INPUT;
	pin->output = 0;
	pin->watch = 0;
	pin->open_drain = false;
	pin->pending = 0;
	pin->duty = 0;
}

void wx_io_init(struct wx_io *io, uint32_t seed)
{
	uint32_t i;
	memset(io, 0, sizeof(*io));
	io->alarm = WX_IO_NEVER;
	io->watchdog = WX_IO_NEVER;
	io->analog_bits = 12;
	io->reference = 3300000;
	for (i = 0; i < WX_IO_PINS; i++)
		io->pins[i].external = -1;
	io->meter.refill = refill;
	io->meter.data = io;
	seed_random(io, seed);
	wx_io_update(io);
}

static void settle(struct wx_io *io, uint32_t pin);
static void tell(struct wx_io *io);

void wx_io_reset(struct wx_io *io, enum wx_io_wake wake)
{
	uint32_t i;
	for (i = 0; i < WX_IO_PINS + WX_IO_PORTS; i++)
		wx_io_close(io, i);
	io->any_pending = false;
	io->serial_pending = 0;
	io->in_world = false;
	io->watchdog = WX_IO_NEVER;
	wx_io_update(io);
	io->wake = (uint8_t)wake;
	io->restarts++;
}

/* ---- the world ---- */

double wx_io_ask(struct wx_io *io, enum wx_io_question question, double a, double b, double c, double d, const char *s,
	const char *t)
{
	double arguments[4] = { a, b, c, d }, result;
	bool before = io->in_world;
	if (!io->world)
		return 0;
	io->in_world = true;
	result = io->world(io->data, question, arguments, s, t);
	io->in_world = before;
	return result;
}

/* ---- time ---- */

/* Without what metered code did since. */
static uint64_t accounted(const struct wx_io *io)
{
	return io->time + (io->clock ? io->clock(io->data) : 0);
}

uint64_t wx_io_time(const struct wx_io *io)
{
	return accounted(io) + wx_io_metered(io);
}

/* Nanoseconds; what a stretch takes beyond them is far less than as much again. */
#define MOST_GRANTED 0x40000000u

/* Metered code may go on until something is due. */
static void grant(struct wx_io *io)
{
	uint64_t due = wx_io_due(io), now = wx_io_time(io), room = due > now ? due - now : 0;
	uint32_t done = (uint32_t)(io->meter.granted - io->meter.left), cost = io->costs[WX_IO_CALL_INSTRUCTION];
	uint32_t left = (room < MOST_GRANTED ? (uint32_t)room : MOST_GRANTED) / (cost ? cost : 1);
	io->meter.left = (int32_t)left;
	io->meter.granted = (int32_t)(left + done);
}

static void refill(void *data)
{
	wx_io_advance(data, 0);
}

uint64_t wx_io_due(const struct wx_io *io)
{
	return io->alarm < io->watchdog ? io->alarm : io->watchdog;
}

void wx_io_update(struct wx_io *io)
{
	if (!io->world && io->watchdog == WX_IO_NEVER)
		io->quiet = WX_IO_NEVER;
	else
		io->quiet = io->clock ? 0 : wx_io_due(io);
	grant(io);
}

void wx_io_advance_to(struct wx_io *io, uint64_t time)
{
	uint64_t now;
	/* What the world does takes no time, so that its answers do not depend on who asks. */
	if (io->in_world)
		return;
	if (io->untold)
		tell(io);
	/* What metered code did comes first, with what was due meanwhile. */
	now = accounted(io);
	if (time < now + wx_io_metered(io))
		time = now + wx_io_metered(io);
	io->meter.left = io->meter.granted;
	while (wx_io_due(io) <= time && wx_io_due(io) != WX_IO_NEVER) {
		uint64_t due = wx_io_due(io);
		if (due > now) {
			io->time += due - now;
			now = due;
		}
		if (io->watchdog <= io->alarm) {
			io->watchdog = WX_IO_NEVER;
			if (io->bite)
				io->bite(io->data);
		} else {
			io->alarm = WX_IO_NEVER;
			wx_io_ask(io, WX_IO_ASK_ALARM, 0, 0, 0, 0, NULL, NULL);
		}
		wx_io_update(io);
	}
	if (time > now)
		io->time += time - now;
	if (io->world)
		grant(io);
}

void wx_io_advance(struct wx_io *io, uint64_t nanoseconds)
{
	if (!io->in_world)
		wx_io_advance_to(io, wx_io_time(io) + nanoseconds);
}

void wx_io_spend(struct wx_io *io, enum wx_io_call call)
{
	wx_io_advance(io, io->costs[call]);
}

uint64_t wx_io_now_us(struct wx_io *io)
{
	wx_io_spend(io, WX_IO_CALL_TIME);
	return wx_io_time(io) / 1000;
}

void wx_io_set_state(struct wx_io *io, enum wx_io_state state)
{
	uint64_t now = wx_io_time(io);
	if (state == io->state)
		return;
	io->state_time[io->state] += now - io->since;
	io->since = now;
	io->state = (uint8_t)state;
	wx_io_ask(io, WX_IO_ASK_STATE, state, 0, 0, 0, NULL, NULL);
}

/* ---- pins ---- */

static void log_edge(struct wx_io *io, uint32_t pin, enum wx_io_owner kind, int32_t value)
{
	struct wx_io_edge *edge;
	if (io->edge_count == WX_IO_EDGES) {
		if (io->take_edges)
			io->take_edges(io->data);
		else
			io->edge_count = 0;
		if (io->edge_count == WX_IO_EDGES)
			return;
	}
	edge = io->edges + io->edge_count++;
	edge->time = wx_io_time(io);
	edge->pin = (uint8_t)pin;
	edge->kind = (uint8_t)kind;
	edge->value = value;
}

static bool drives(const struct wx_io_pin *pin)
{
	return pin->owner == WX_IO_DIGITAL &&
		(pin->mode == WX_IO_OUTPUT || (pin->mode == WX_IO_OUTPUT_OPEN_DRAIN && !pin->output));
}

/* What is on the wire now, who hears of it. */
static void settle(struct wx_io *io, uint32_t index)
{
	struct wx_io_pin *pin = io->pins + index;
	uint8_t level;
	if (drives(pin))
		level = pin->output;
	else if (pin->external >= 0)
		level = (uint8_t)pin->external;
	else
		level = pin->owner == WX_IO_DIGITAL &&
			(pin->mode == WX_IO_INPUT_PULL_UP || pin->mode == WX_IO_OUTPUT_OPEN_DRAIN);
	if (level == pin->level)
		return;
	pin->level = level;
	log_edge(io, index, WX_IO_DIGITAL, level);
	if (pin->watch & (level ? WX_IO_RISING : WX_IO_FALLING)) {
		pin->pending |= level ? WX_IO_RISING : WX_IO_FALLING;
		io->any_pending = true;
	}
	/* What the world itself caused, it knows; but the change by the chip is news. */
	if (pin->observed && !io->in_world)
		wx_io_ask(io, WX_IO_ASK_LEVEL, index, level, 0, 0, NULL, NULL);
}

int32_t wx_io_open(struct wx_io *io, uint32_t source, enum wx_io_owner owner, uint32_t mode)
{
	struct wx_io_use *use;
	struct wx_io_pin *p;
	if (source >= WX_IO_PINS + WX_IO_PORTS ||
		(mode > WX_IO_INPUT_PULL_UP_DOWN && mode != WX_IO_OUTPUT && mode != WX_IO_OUTPUT_OPEN_DRAIN))
		return WX_IO_EINVAL;
	use = io->uses + source;
	if (use->dropped)
		wx_io_close(io, source);
	if (use->open)
		return WX_IO_EBUSY;
	use->open = true;
	if (source >= WX_IO_PINS)
		return 0;
	p = io->pins + source;
	clear_pin(p);
	p->owner = (uint8_t)owner;
	p->mode = (uint8_t)mode;
	p->open_drain = mode == WX_IO_OUTPUT_OPEN_DRAIN;
	p->output = p->open_drain;
	wx_io_spend(io, WX_IO_CALL_OPEN);
	settle(io, source);
	return 0;
}

void wx_io_close(struct wx_io *io, uint32_t source)
{
	if (source >= WX_IO_PINS + WX_IO_PORTS || !io->uses[source].open)
		return;
	io->uses[source].open = io->uses[source].dropped = false;
	if (source >= WX_IO_PINS)
		return;
	clear_pin(io->pins + source);
	settle(io, source);
}

void wx_io_drop(struct wx_io *io, uint32_t source)
{
	io->uses[source].dropped = io->uses[source].open;
}

int32_t wx_io_digital_read(struct wx_io *io, uint32_t pin)
{
	if (pin >= WX_IO_PINS || io->pins[pin].owner != WX_IO_DIGITAL)
		return WX_IO_EINVAL;
	wx_io_spend(io, WX_IO_CALL_DIGITAL_READ);
	return io->pins[pin].level;
}

int32_t wx_io_digital_write(struct wx_io *io, uint32_t pin, uint32_t value)
{
	struct wx_io_pin *p = io->pins + pin;
	if (pin >= WX_IO_PINS || p->owner != WX_IO_DIGITAL || p->mode < WX_IO_OUTPUT)
		return WX_IO_EINVAL;
	wx_io_spend(io, WX_IO_CALL_DIGITAL_WRITE);
	p->output = value != 0;
	settle(io, pin);
	return 0;
}

void wx_io_digital_set(struct wx_io *io, uint32_t pin, bool level)
{
	struct wx_io_pin *p = io->pins + (pin < WX_IO_PINS ? pin : 0);
	bool observed = p->observed;
	if (pin >= WX_IO_PINS || p->owner != WX_IO_DIGITAL || p->mode < WX_IO_OUTPUT || io->edge_count == WX_IO_EDGES)
		return;
	p->output = level;
	p->observed = false;
	settle(io, pin);
	p->observed = observed;
	if (observed)
		io->untold |= (uint64_t)1 << pin;
}

static void tell(struct wx_io *io)
{
	uint32_t pin;
	uint64_t untold = io->untold;
	io->untold = 0;
	for (pin = 0; pin < WX_IO_PINS; pin++)
		if (untold >> pin & 1)
			wx_io_ask(io, WX_IO_ASK_LEVEL, pin, io->pins[pin].level, 0, 0, NULL, NULL);
}

int32_t wx_io_digital_watch(struct wx_io *io, uint32_t pin, uint32_t edges)
{
	if (pin >= WX_IO_PINS || io->pins[pin].owner != WX_IO_DIGITAL || edges > (WX_IO_RISING | WX_IO_FALLING))
		return WX_IO_EINVAL;
	io->pins[pin].watch = (uint8_t)edges;
	io->pins[pin].pending = 0;
	return 0;
}

int32_t wx_io_analog_read(struct wx_io *io, uint32_t pin)
{
	struct wx_io_pin *p = io->pins + pin;
	int32_t top = (1 << io->analog_bits) - 1;
	int64_t value;
	if (pin >= WX_IO_PINS || p->owner != WX_IO_ANALOG)
		return WX_IO_EINVAL;
	wx_io_spend(io, WX_IO_CALL_ANALOG_READ);
	value = (int64_t)wx_io_ask(io, WX_IO_ASK_ANALOG, pin, 0, 0, 0, NULL, NULL);
	if (value < 0)
		value = 0;
	if (value > io->reference)
		value = io->reference;
	return (int32_t)((value * top + io->reference / 2) / io->reference);
}

int32_t wx_io_pwm_write(struct wx_io *io, uint32_t pin, uint32_t duty, uint32_t hertz)
{
	if (pin >= WX_IO_PINS || io->pins[pin].owner != WX_IO_PWM || duty > 65536)
		return WX_IO_EINVAL;
	wx_io_spend(io, WX_IO_CALL_PWM_WRITE);
	log_edge(io, pin, WX_IO_PWM, (int32_t)duty);
	io->pins[pin].duty = duty;
	if (io->pins[pin].observed)
		wx_io_ask(io, WX_IO_ASK_PWM, pin, (double)duty / 65536, hertz, 0, NULL, NULL);
	return 0;
}

int32_t wx_io_next_pending(struct wx_io *io)
{
	int32_t i;
	if (!io->any_pending)
		return -1;
	for (i = 0; i < WX_IO_PINS; i++)
		if (io->pins[i].pending) {
			io->pins[i].pending = 0;
			return i;
		}
	for (i = 0; i < 8; i++)
		if (io->serial_pending & 1u << i) {
			io->serial_pending &= (uint8_t) ~(1u << i);
			return WX_IO_PINS + i;
		}
	io->any_pending = false;
	return -1;
}

void wx_io_serial_ready(struct wx_io *io, uint32_t port)
{
	if (port < 8) {
		io->serial_pending |= (uint8_t)(1u << port);
		io->any_pending = true;
	}
}

void wx_io_drive(struct wx_io *io, uint32_t pin, int32_t level)
{
	if (pin >= WX_IO_PINS)
		return;
	io->pins[pin].external = (int8_t)(level < 0 ? -1 : level != 0);
	settle(io, pin);
}
