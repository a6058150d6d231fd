/*
 * Functions on the stack of compiled code. What they cannot do there goes by SLOWLY, a jump to the host entry, which
 * finds arguments and stack as compiled code left them.
 */
#include "direct.h"

#include "direct-call.h" /* of the selected ISA, by include path */

#include <string.h>

/* What is in the place of a handle in an empty slot: one of another slot. */
static uint32_t no_handle(uint32_t slot)
{
	return slot ? 0 : 1u << WX_DIRECT_SHIFT;
}

static void clear(struct wx_direct *direct, uint32_t slot)
{
	struct wx_direct_slot *s = direct->slots + slot;
	memset(s, 0, sizeof(*s));
	s->output = s->digital = s->bit = no_handle(slot);
}

void wx_direct_init(struct wx_direct *direct, struct wx_io *io, bool registers)
{
	uint32_t slot;
	direct->io = io;
	direct->registers = registers;
	for (slot = 0; slot < WX_DIRECT_SLOTS; slot++)
		clear(direct, slot);
}

void wx_direct_open(struct wx_direct *direct, uint32_t slot, uint32_t handle, enum wx_direct_kind kind, uint32_t pin,
	uint32_t bits, uint32_t hertz)
{
	struct wx_direct_slot *s = direct->slots + slot;
	clear(direct, slot);
	s->kind = (uint8_t)kind;
	s->number = (uint8_t)pin;
	s->owner = WX_IO_DIGITAL;
	s->pin = (uint32_t)(offsetof(struct wx_io, pins) + pin * sizeof(struct wx_io_pin));
	s->bits = (uint8_t)bits;
	if (kind == WX_DIRECT_ADC || kind == WX_DIRECT_PWM) {
		s->owner = kind == WX_DIRECT_PWM ? WX_IO_PWM : WX_IO_ANALOG;
		s->bit = handle;
		s->mask = hertz;
		return;
	}
	/* Code that does without the call must find registers where it finds the handle. */
	if (direct->registers)
		return;
	if (kind == WX_DIRECT_OUTPUT)
		s->output = handle;
	s->digital = handle;
}

void wx_direct_registers(
	struct wx_direct *direct, uint32_t slot, uint32_t handle, uint32_t set, uint32_t input, uint32_t bit)
{
	struct wx_direct_slot *s = direct->slots + slot;
	if (s->kind == WX_DIRECT_OUTPUT)
		s->output = handle;
	s->digital = handle;
	s->set = set;
	s->input = input;
	s->bit = bit;
	s->mask = 1u << bit;
}

void wx_direct_close(struct wx_direct *direct, uint32_t slot)
{
	clear(direct, slot);
}

static inline struct wx_direct_slot *slot_of(struct wx_direct *direct, uint32_t handle)
{
	return (struct wx_direct_slot *)((uint8_t *)direct->slots + (handle & (WX_DIRECT_SLOTS - 1) << WX_DIRECT_SHIFT));
}

static inline struct wx_io_pin *pin_of(struct wx_io *io, const struct wx_direct_slot *s)
{
	return (struct wx_io_pin *)((uint8_t *)io + s->pin);
}

/* Is it the slot of a handle that is open for this? */
static inline bool is_open(const struct wx_direct_slot *s, uint32_t handle, uint32_t kind)
{
	return s->bit == handle && s->kind == kind;
}

static uint64_t code(int32_t result)
{
	return (uint32_t)result;
}

/* Of 65536, as io.h has it, from 0 ... 2^bits - 1; bits are 16 at most. */
static inline uint32_t duty_of(uint32_t duty, uint32_t top)
{
	return (duty * 65536 + top / 2) / top;
}

/* ---- on the C stack ---- */

static uint64_t write_slowly(struct wx_direct *direct, uint32_t handle, uint32_t level)
{
	struct wx_direct_slot *s = slot_of(direct, handle);
	return code(s->output == handle ? wx_io_digital_write(direct->io, s->number, level) : WX_DIRECT_EBADF);
}

static uint64_t read_slowly(struct wx_direct *direct, uint32_t handle, uint32_t unused)
{
	struct wx_direct_slot *s = slot_of(direct, handle);
	(void)unused;
	if (s->digital != handle || s->kind == WX_DIRECT_ADC || s->kind == WX_DIRECT_PWM)
		return code(WX_DIRECT_EBADF);
	return code(wx_io_digital_read(direct->io, s->number));
}

static uint64_t sample_slowly(struct wx_direct *direct, uint32_t handle, uint32_t unused)
{
	struct wx_direct_slot *s = slot_of(direct, handle);
	(void)unused;
	return code(is_open(s, handle, WX_DIRECT_ADC) ? wx_io_analog_read(direct->io, s->number) : WX_DIRECT_EBADF);
}

static uint64_t modulate_slowly(struct wx_direct *direct, uint32_t handle, uint32_t duty)
{
	struct wx_direct_slot *s = slot_of(direct, handle);
	if (!is_open(s, handle, WX_DIRECT_PWM))
		return code(WX_DIRECT_EBADF);
	if (duty >> s->bits)
		return code(WX_IO_EINVAL);
	return code(wx_io_pwm_write(direct->io, s->number, duty_of(duty, (1u << s->bits) - 1), s->mask));
}

static uint64_t now_slowly(struct wx_direct *direct, uint32_t unused, uint32_t unused2)
{
	(void)unused;
	(void)unused2;
	return wx_io_now_us(direct->io);
}

/* ---- on the wasm stack, without a world: nobody looks at the log, and calls cost nothing ---- */

/* The bytes level, watch, observed, open_drain of a pin: above 1, a write is more than a new level. */
static inline uint32_t flags_of(const struct wx_io_pin *pin)
{
	uint32_t flags;
	memcpy(&flags, &pin->level, sizeof(flags));
	return flags;
}

_Static_assert(offsetof(struct wx_io_pin, watch) == offsetof(struct wx_io_pin, level) + 1 &&
		offsetof(struct wx_io_pin, observed) == offsetof(struct wx_io_pin, level) + 2 &&
		offsetof(struct wx_io_pin, open_drain) == offsetof(struct wx_io_pin, level) + 3,
	"flags_of");

DIRECT write_alone(uint32_t handle, uint32_t level)
{
	struct wx_direct *direct = self->direct_data;
	struct wx_direct_slot *s = slot_of(direct, handle);
	struct wx_io_pin *pin;
	if (__builtin_expect(s->output != handle, 0))
		RETURN(code(WX_DIRECT_EBADF));
	pin = pin_of(direct->io, s);
	if (__builtin_expect(flags_of(pin) > 1, 0))
		SLOWLY(handle, level);
	pin->output = pin->level = level != 0;
	RETURN(0);
}

DIRECT read_alone(uint32_t handle, uint32_t unused)
{
	struct wx_direct *direct = self->direct_data;
	struct wx_direct_slot *s = slot_of(direct, handle);
	(void)unused;
	if (__builtin_expect(s->digital != handle, 0))
		RETURN(code(WX_DIRECT_EBADF));
	RETURN(pin_of(direct->io, s)->level);
}

DIRECT modulate_alone(uint32_t handle, uint32_t duty)
{
	struct wx_direct *direct = self->direct_data;
	struct wx_direct_slot *s = slot_of(direct, handle);
	if (__builtin_expect(!is_open(s, handle, WX_DIRECT_PWM), 0))
		RETURN(code(WX_DIRECT_EBADF));
	if (__builtin_expect(duty >> s->bits, 0))
		RETURN(code(WX_IO_EINVAL));
	pin_of(direct->io, s)->duty = duty_of(duty, (1u << s->bits) - 1);
	RETURN(0);
}

/* An input that nothing drives. */
DIRECT sample_alone(uint32_t handle, uint32_t unused)
{
	struct wx_direct *direct = self->direct_data;
	struct wx_direct_slot *s = slot_of(direct, handle);
	(void)unused;
	RETURN(is_open(s, handle, WX_DIRECT_ADC) ? 0 : code(WX_DIRECT_EBADF));
}

/*
 * By 1000: a 64-bit division would be a call where the machine has none. floor(n / 1000) = floor((n / 8) * ceil(2^68 /
 * 125) / 2^68).
 */
static inline uint64_t microseconds(uint64_t nanoseconds)
{
	const uint64_t factor = 0x20C49BA5E353F7CFu, n = nanoseconds >> 3;
	uint64_t low = (n & UINT32_MAX) * (factor & UINT32_MAX), one = (n >> 32) * (factor & UINT32_MAX),
			 two = (n & UINT32_MAX) * (factor >> 32), middle;
	middle = (low >> 32) + (one & UINT32_MAX) + two;
	return ((n >> 32) * (factor >> 32) + (one >> 32) + (middle >> 32)) >> 4;
}

/* A clock that runs is asked on the C stack. */
DIRECT_WIDE now_alone(uint32_t unused, uint32_t unused2)
{
	struct wx_io *io = ((struct wx_direct *)self->direct_data)->io;
	if (io->clock)
		SLOWLY_WIDE(unused, unused2);
	RETURN(microseconds(io->time));
}

/* ---- on the wasm stack, with a world: the time passes, and the log is kept ---- */

/* When the call will have ended, with what metered code did before. */
static inline uint64_t end_of(const struct wx_io *io, enum wx_io_call call)
{
	return io->time + wx_io_metered(io) + io->costs[call];
}

/* It ends before anything is due. */
static inline bool is_quiet(const struct wx_io *io, uint64_t time)
{
	return __builtin_expect(time < io->quiet, 1);
}

static inline void account(struct wx_io *io, uint64_t time)
{
	io->time = time;
	io->meter.granted = io->meter.left;
}

static inline void log_edge(struct wx_io *io, const struct wx_direct_slot *s, uint64_t time, uint32_t value)
{
	struct wx_io_edge *edge = io->edges + io->edge_count++;
	edge->time = time;
	memcpy(&edge->pin, &s->number, 2);
	edge->value = (int32_t)value;
}

DIRECT write_timed(uint32_t handle, uint32_t level)
{
	struct wx_direct *direct = self->direct_data;
	struct wx_direct_slot *s = slot_of(direct, handle);
	struct wx_io *io = direct->io;
	struct wx_io_pin *pin;
	uint32_t flags;
	uint64_t time;
	if (__builtin_expect(s->output != handle, 0))
		RETURN(code(WX_DIRECT_EBADF));
	pin = pin_of(io, s);
	flags = flags_of(pin);
	time = end_of(io, WX_IO_CALL_DIGITAL_WRITE);
	if (__builtin_expect(flags > 1 || !is_quiet(io, time) || io->edge_count == WX_IO_EDGES, 0))
		SLOWLY(handle, level);
	account(io, time);
	if (flags != (level != 0)) {
		pin->output = pin->level = (uint8_t)(flags ^ 1);
		log_edge(io, s, time, flags ^ 1);
	}
	RETURN(0);
}

DIRECT read_timed(uint32_t handle, uint32_t unused)
{
	struct wx_direct *direct = self->direct_data;
	struct wx_direct_slot *s = slot_of(direct, handle);
	struct wx_io *io = direct->io;
	uint64_t time;
	(void)unused;
	if (__builtin_expect(s->digital != handle, 0))
		RETURN(code(WX_DIRECT_EBADF));
	time = end_of(io, WX_IO_CALL_DIGITAL_READ);
	if (!is_quiet(io, time))
		SLOWLY(handle, unused);
	account(io, time);
	RETURN(pin_of(io, s)->level);
}

DIRECT modulate_timed(uint32_t handle, uint32_t duty)
{
	struct wx_direct *direct = self->direct_data;
	struct wx_direct_slot *s = slot_of(direct, handle);
	struct wx_io *io = direct->io;
	struct wx_io_pin *pin;
	uint64_t time;
	if (__builtin_expect(!is_open(s, handle, WX_DIRECT_PWM), 0))
		RETURN(code(WX_DIRECT_EBADF));
	if (__builtin_expect(duty >> s->bits, 0))
		RETURN(code(WX_IO_EINVAL));
	pin = pin_of(io, s);
	time = end_of(io, WX_IO_CALL_PWM_WRITE);
	if (__builtin_expect(pin->observed || !is_quiet(io, time) || io->edge_count == WX_IO_EDGES, 0))
		SLOWLY(handle, duty);
	account(io, time);
	pin->duty = duty_of(duty, (1u << s->bits) - 1);
	log_edge(io, s, time, pin->duty);
	RETURN(0);
}

/* The world knows the voltage. */
DIRECT sample_timed(uint32_t handle, uint32_t unused)
{
	SLOWLY(handle, unused);
}

DIRECT_WIDE now_timed(uint32_t unused, uint32_t unused2)
{
	struct wx_io *io = ((struct wx_direct *)self->direct_data)->io;
	uint64_t time = end_of(io, WX_IO_CALL_TIME);
	if (!is_quiet(io, time))
		SLOWLY_WIDE(unused, unused2);
	account(io, time);
	RETURN(microseconds(time));
}

#define BOTH(NAME) (wx_direct_function) NAME##_alone, (wx_direct_function)NAME##_timed

const struct wx_direct_import wx_direct_imports[WX_DIRECT_IMPORTS] = {
	{ "gpio_write", BOTH(write), write_slowly },
	{ "gpio_read", BOTH(read), read_slowly },
	{ "adc_read", BOTH(sample), sample_slowly },
	{ "pwm_write", BOTH(modulate), modulate_slowly },
	{ "now_us", BOTH(now), now_slowly },
};
