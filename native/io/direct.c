#include "direct.h"

#include <string.h>

/* Compiled code calls these by its own convention: the context's register has the struct wx_host_function, which must not be used for anything else here. */
int64_t wx_host_entry(uint32_t a, uint32_t b);

#if defined(__x86_64__)
register struct wx_host_function *self __asm__("r14");
/* entry.S takes the other way. */
#define SLOWLY(A, B) return (void)(A), (void)(B), WX_DIRECT_SLOWLY
#elif defined(__arm__)
register struct wx_host_function *self __asm__("r9");
/* A jump, so that the stack is as compiled code left it. */
#define SLOWLY(A, B) return wx_host_entry(A, B)
#else
#error "the register of the context"
#endif

/* Stands for an output that is not simply driven both ways, so that no fast way is found. Never written. */
static const struct wx_io_pin special = { .observed = true };

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

void wx_direct_open(struct wx_direct *direct, uint32_t slot, uint32_t handle, enum wx_direct_kind kind, uint32_t pin, uint32_t bits, uint32_t hertz)
{
	struct wx_direct_slot *s = direct->slots + slot;
	clear(direct, slot);
	s->kind = (uint8_t)kind;
	s->number = (uint8_t)pin;
	s->owner = WX_IO_DIGITAL;
	s->pin = direct->io->pins + pin;
	s->bits = (uint8_t)bits;
	if (kind == WX_DIRECT_ADC || kind == WX_DIRECT_PWM) {
		s->bit = handle;
		s->mask = hertz;
		return;
	}
	/* Code that does without the call must find registers where it finds the handle. */
	if (direct->registers)
		return;
	if (kind == WX_DIRECT_OUTPUT) {
		s->output = handle;
		if (s->pin->mode != WX_IO_OUTPUT) {
			s->kind = WX_DIRECT_OPEN_DRAIN;
			s->pin = (struct wx_io_pin *)&special;
		}
	}
	s->digital = handle;
}

void wx_direct_registers(struct wx_direct *direct, uint32_t slot, uint32_t handle, uintptr_t set, uintptr_t input, uint32_t bit)
{
	struct wx_direct_slot *s = direct->slots + slot;
	if (s->kind == WX_DIRECT_OUTPUT)
		s->output = handle;
	s->digital = handle;
	s->set = (volatile uint32_t *)set;
	s->input = (volatile uint32_t *)input;
	s->bit = bit;
	s->mask = 1u << bit;
}

void wx_direct_close(struct wx_direct *direct, uint32_t slot)
{
	clear(direct, slot);
}

static inline struct wx_direct_slot *slot_of(struct wx_direct *direct, uint32_t handle)
{
	return direct->slots + (handle >> WX_DIRECT_SHIFT) % WX_DIRECT_SLOTS;
}

/* The slot, if the handle is open for that. */
static inline struct wx_direct_slot *find(struct wx_direct *direct, uint32_t handle, uint32_t kind)
{
	struct wx_direct_slot *s = slot_of(direct, handle);
	return s->bit == handle && s->kind == kind ? s : NULL;
}

static int64_t code(int32_t result)
{
	return (uint32_t)result;
}

/* ---- on the C stack ---- */

static int64_t write_slowly(struct wx_direct *direct, uint32_t handle, uint32_t level)
{
	struct wx_direct_slot *s = slot_of(direct, handle);
	return code(s->output == handle ? wx_io_digital_write(direct->io, s->number, level) : WX_DIRECT_EBADF);
}

static int64_t read_slowly(struct wx_direct *direct, uint32_t handle, uint32_t unused)
{
	struct wx_direct_slot *s = slot_of(direct, handle);
	(void)unused;
	if (s->digital != handle || s->kind == WX_DIRECT_ADC || s->kind == WX_DIRECT_PWM)
		return code(WX_DIRECT_EBADF);
	return code(wx_io_digital_read(direct->io, s->number));
}

static int64_t sample_slowly(struct wx_direct *direct, uint32_t handle, uint32_t unused)
{
	struct wx_direct_slot *s = find(direct, handle, WX_DIRECT_ADC);
	(void)unused;
	return code(s ? wx_io_analog_read(direct->io, s->number) : WX_DIRECT_EBADF);
}

/* Of 65536, as io.h has it, from 0 ... 2^bits - 1. */
static inline uint32_t duty_of(uint32_t duty, uint32_t top)
{
	return (uint32_t)(((uint64_t)duty * 65536 + top / 2) / top);
}

static int64_t modulate_slowly(struct wx_direct *direct, uint32_t handle, uint32_t duty)
{
	struct wx_direct_slot *s = find(direct, handle, WX_DIRECT_PWM);
	if (!s)
		return code(WX_DIRECT_EBADF);
	if (duty >> s->bits)
		return code(WX_IO_EINVAL);
	return code(wx_io_pwm_write(direct->io, s->number, duty_of(duty, (1u << s->bits) - 1), s->mask));
}

static int64_t now_slowly(struct wx_direct *direct, uint32_t unused, uint32_t unused2)
{
	(void)unused;
	(void)unused2;
	return (int64_t)wx_io_now_us(direct->io);
}

/* ---- on the wasm stack ---- */

/* When the call will have ended, or 0: it needs somebody else. */
static inline bool passes(const struct wx_io *io, enum wx_io_call call, uint64_t *time)
{
	*time = io->time + wx_io_metered(io) + io->costs[call];
	return *time < io->quiet;
}

/* That time has come, by what metered code did and by the call. */
static inline void account(struct wx_io *io, uint64_t time)
{
	io->time = time;
	io->meter.granted = io->meter.left;
}

static inline bool alone(const struct wx_io *io)
{
	return (uint32_t)(io->quiet >> 32) == UINT32_MAX;
}

/* Of the bytes level, watch, pending, observed of a pin those that say that others are to hear of a change. */
#define HEARD 0xFF00FF00u

static inline uint32_t flags_of(const struct wx_io_pin *pin)
{
	uint32_t flags;
	memcpy(&flags, &pin->level, sizeof(flags));
	return flags;
}

_Static_assert(offsetof(struct wx_io_pin, watch) == offsetof(struct wx_io_pin, level) + 1 && offsetof(struct wx_io_pin, observed) == offsetof(struct wx_io_pin, level) + 3,
	"flags_of");

static int64_t write_fast(uint32_t handle, uint32_t level)
{
	struct wx_direct *direct = self->direct_data;
	struct wx_direct_slot *s = slot_of(direct, handle);
	struct wx_io *io = direct->io;
	struct wx_io_pin *pin;
	uint64_t time;
	if (__builtin_expect(s->output != handle, 0))
		return code(WX_DIRECT_EBADF);
	pin = s->pin;
	/* Without a world nobody looks at the time or the log. */
	if (alone(io) && !(flags_of(pin) & HEARD)) {
		pin->output = pin->level = level != 0;
		return 0;
	}
	if (__builtin_expect(!passes(io, WX_IO_CALL_DIGITAL_WRITE, &time) || (flags_of(pin) & HEARD), 0))
		SLOWLY(handle, level);
	if (pin->level != (level != 0)) {
		struct wx_io_edge *edge = io->edges + io->edge_count;
		if (__builtin_expect(io->edge_count == WX_IO_EDGES, 0))
			SLOWLY(handle, level);
		io->edge_count++;
		edge->time = time;
		memcpy(&edge->pin, &s->number, 2);
		edge->value = level != 0;
		pin->output = pin->level = level != 0;
	}
	account(io, time);
	return 0;
}

static int64_t read_fast(uint32_t handle, uint32_t unused)
{
	struct wx_direct *direct = self->direct_data;
	struct wx_direct_slot *s = slot_of(direct, handle);
	struct wx_io *io = direct->io;
	uint64_t time;
	(void)unused;
	if (__builtin_expect(s->digital != handle, 0))
		return code(WX_DIRECT_EBADF);
	if (alone(io) && s->kind <= WX_DIRECT_OUTPUT)
		return s->pin->level;
	if (__builtin_expect(s->kind > WX_DIRECT_OUTPUT || !passes(io, WX_IO_CALL_DIGITAL_READ, &time), 0))
		SLOWLY(handle, unused);
	account(io, time);
	return s->pin->level;
}

static int64_t sample_fast(uint32_t handle, uint32_t unused)
{
	struct wx_direct *direct = self->direct_data;
	struct wx_direct_slot *s = slot_of(direct, handle);
	struct wx_io *io = direct->io;
	uint64_t time;
	int32_t value;
	if (__builtin_expect(s->bit != handle || s->kind != WX_DIRECT_ADC, 0))
		return code(WX_DIRECT_EBADF);
	if (__builtin_expect(!passes(io, WX_IO_CALL_ANALOG_READ, &time) || !s->pin->held, 0))
		SLOWLY(handle, unused);
	account(io, time);
	value = s->pin->microvolts < 0 ? 0 : s->pin->microvolts > io->reference ? io->reference : s->pin->microvolts;
	return (int64_t)(((uint64_t)(uint32_t)value * ((1u << io->analog_bits) - 1) + (uint32_t)io->reference / 2) / (uint32_t)io->reference);
}

/* The waveform and the world hear of each change. */
static int64_t modulate_fast(uint32_t handle, uint32_t duty)
{
	SLOWLY(handle, duty);
}

/* A division, and mostly a clock that runs: nothing is won by another stack. */
static int64_t now_fast(uint32_t unused, uint32_t unused2)
{
	SLOWLY(unused, unused2);
}

const struct wx_direct_import wx_direct_imports[WX_DIRECT_IMPORTS] = {
	{ "gpio_write", write_fast, write_slowly, 2, WX_I32_TYPE },
	{ "gpio_read", read_fast, read_slowly, 1, WX_I32_TYPE },
	{ "adc_read", sample_fast, sample_slowly, 1, WX_I32_TYPE },
	{ "pwm_write", modulate_fast, modulate_slowly, 2, WX_I32_TYPE },
	{ "now_us", now_fast, now_slowly, 0, WX_I64_TYPE },
};
