/*
 * Helpers: what compiled code leaves to C (native/abi/context.h), by plan operation. Every numeric operation is here,
 * whether or not an instruction set needs it. They run on the wasm stack, with little room, and never enter XS.
 * Arithmetic gives canonical NaNs.
 */

#include "internal.h"

#include <string.h>

struct wx_context;

#define HELPER(name) static uint32_t name(struct wx_context *ctx, uint64_t *args)
#define UNUSED (void)ctx

#define NAN32 0x7FC00000u
#define NAN64 0x7FF8000000000000u

static float f32(uint64_t bits)
{
	uint32_t low = (uint32_t)bits;
	float f;
	memcpy(&f, &low, sizeof(f));
	return f;
}

static double f64(uint64_t bits)
{
	double f;
	memcpy(&f, &bits, sizeof(f));
	return f;
}

static uint64_t bits32(float f)
{
	uint32_t bits;
	if (f != f)
		return NAN32;
	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

static uint64_t bits64(double f)
{
	uint64_t bits;
	if (f != f)
		return NAN64;
	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

/* ---- integers ---- */

static uint32_t add32(uint32_t a, uint32_t b)
{
	return a + b;
}
static uint32_t sub32(uint32_t a, uint32_t b)
{
	return a - b;
}
static uint32_t mul32(uint32_t a, uint32_t b)
{
	return a * b;
}
static uint32_t and32(uint32_t a, uint32_t b)
{
	return a & b;
}
static uint32_t or32(uint32_t a, uint32_t b)
{
	return a | b;
}
static uint32_t xor32(uint32_t a, uint32_t b)
{
	return a ^ b;
}
static uint32_t shl32(uint32_t a, uint32_t b)
{
	return a << (b & 31);
}
static uint32_t shr_u32(uint32_t a, uint32_t b)
{
	return a >> (b & 31);
}
static uint32_t shr_s32(uint32_t a, uint32_t b)
{
	return b & 31 ? a >> (b & 31) | (a >> 31 ? ~(uint32_t)0 << (32 - (b & 31)) : 0) : a;
}
static uint32_t rotl32(uint32_t a, uint32_t b)
{
	return a << (b & 31) | a >> (-b & 31);
}
static uint32_t rotr32(uint32_t a, uint32_t b)
{
	return a >> (b & 31) | a << (-b & 31);
}
static uint32_t clz32(uint32_t a)
{
	return a ? (uint32_t)__builtin_clz(a) : 32;
}
static uint32_t ctz32(uint32_t a)
{
	return a ? (uint32_t)__builtin_ctz(a) : 32;
}

static uint32_t popcnt32(uint32_t a)
{
	a -= a >> 1 & 0x55555555;
	a = (a & 0x33333333) + (a >> 2 & 0x33333333);
	return ((a + (a >> 4)) & 0x0F0F0F0F) * 0x01010101 >> 24;
}

static uint64_t add64(uint64_t a, uint64_t b)
{
	return a + b;
}
static uint64_t sub64(uint64_t a, uint64_t b)
{
	return a - b;
}
static uint64_t mul64(uint64_t a, uint64_t b)
{
	return a * b;
}
static uint64_t and64(uint64_t a, uint64_t b)
{
	return a & b;
}
static uint64_t or64(uint64_t a, uint64_t b)
{
	return a | b;
}
static uint64_t xor64(uint64_t a, uint64_t b)
{
	return a ^ b;
}
static uint64_t shl64(uint64_t a, uint64_t b)
{
	return a << (b & 63);
}
static uint64_t shr_u64(uint64_t a, uint64_t b)
{
	return a >> (b & 63);
}
static uint64_t shr_s64(uint64_t a, uint64_t b)
{
	return b & 63 ? a >> (b & 63) | (a >> 63 ? ~(uint64_t)0 << (64 - (b & 63)) : 0) : a;
}
static uint64_t rotl64(uint64_t a, uint64_t b)
{
	return a << (b & 63) | a >> (-b & 63);
}
static uint64_t rotr64(uint64_t a, uint64_t b)
{
	return a >> (b & 63) | a << (-b & 63);
}
static uint64_t clz64(uint64_t a)
{
	return a ? (uint64_t)__builtin_clzll(a) : 64;
}
static uint64_t ctz64(uint64_t a)
{
	return a ? (uint64_t)__builtin_ctzll(a) : 64;
}
static uint64_t popcnt64(uint64_t a)
{
	return popcnt32((uint32_t)a) + popcnt32((uint32_t)(a >> 32));
}

#define BINARY32(op) \
	HELPER(i32_##op) \
	{ \
		UNUSED; \
		args[0] = op##32((uint32_t)args[0], (uint32_t)args[1]); \
		return 0; \
	}
#define BINARY64(op) \
	HELPER(i64_##op) \
	{ \
		UNUSED; \
		args[0] = op##64(args[0], args[1]); \
		return 0; \
	}
#define UNARY32(op) \
	HELPER(i32_##op) \
	{ \
		UNUSED; \
		args[0] = op##32((uint32_t)args[0]); \
		return 0; \
	}
#define UNARY64(op) \
	HELPER(i64_##op) \
	{ \
		UNUSED; \
		args[0] = op##64(args[0]); \
		return 0; \
	}
#define BOTH(kind, op) kind##32(op)kind##64(op)

BOTH(BINARY, add)
BOTH(BINARY, sub)
BOTH(BINARY, mul)
BOTH(BINARY, and)
BOTH(BINARY, or)
BOTH(BINARY, xor)
BOTH(BINARY, shl)
BOTH(BINARY, shr_u)
BOTH(BINARY, shr_s)
BOTH(BINARY, rotl)
BOTH(BINARY, rotr)
BOTH(UNARY, clz)
BOTH(UNARY, ctz)
BOTH(UNARY, popcnt)

#define DIVISION(bits, type, stype, min) \
	HELPER(i##bits##_div_s) \
	{ \
		type a = (type)args[0], b = (type)args[1]; \
		UNUSED; \
		if (!b) \
			return WX_TRAP_DIVIDE_BY_ZERO; \
		if (a == (min) && b == (type)-1) \
			return WX_TRAP_OVERFLOW; \
		args[0] = (type)((stype)a / (stype)b); \
		return 0; \
	} \
	HELPER(i##bits##_div_u) \
	{ \
		type a = (type)args[0], b = (type)args[1]; \
		UNUSED; \
		if (!b) \
			return WX_TRAP_DIVIDE_BY_ZERO; \
		args[0] = a / b; \
		return 0; \
	} \
	HELPER(i##bits##_rem_s) \
	{ \
		type a = (type)args[0], b = (type)args[1]; \
		UNUSED; \
		if (!b) \
			return WX_TRAP_DIVIDE_BY_ZERO; \
		args[0] = b == (type)-1 ? 0 : (type)((stype)a % (stype)b); \
		return 0; \
	} \
	HELPER(i##bits##_rem_u) \
	{ \
		type a = (type)args[0], b = (type)args[1]; \
		UNUSED; \
		if (!b) \
			return WX_TRAP_DIVIDE_BY_ZERO; \
		args[0] = a % b; \
		return 0; \
	}
DIVISION(32, uint32_t, int32_t, 0x80000000u)
DIVISION(64, uint64_t, int64_t, (uint64_t)1 << 63)

#define COMPARISONS(prefix, get, sget) \
	HELPER(prefix##_eq) \
	{ \
		UNUSED; \
		args[0] = get(args[0]) == get(args[1]); \
		return 0; \
	} \
	HELPER(prefix##_ne) \
	{ \
		UNUSED; \
		args[0] = get(args[0]) != get(args[1]); \
		return 0; \
	} \
	HELPER(prefix##_lt_s) \
	{ \
		UNUSED; \
		args[0] = sget(args[0]) < sget(args[1]); \
		return 0; \
	} \
	HELPER(prefix##_lt_u) \
	{ \
		UNUSED; \
		args[0] = get(args[0]) < get(args[1]); \
		return 0; \
	} \
	HELPER(prefix##_gt_s) \
	{ \
		UNUSED; \
		args[0] = sget(args[0]) > sget(args[1]); \
		return 0; \
	} \
	HELPER(prefix##_gt_u) \
	{ \
		UNUSED; \
		args[0] = get(args[0]) > get(args[1]); \
		return 0; \
	} \
	HELPER(prefix##_le_s) \
	{ \
		UNUSED; \
		args[0] = sget(args[0]) <= sget(args[1]); \
		return 0; \
	} \
	HELPER(prefix##_le_u) \
	{ \
		UNUSED; \
		args[0] = get(args[0]) <= get(args[1]); \
		return 0; \
	} \
	HELPER(prefix##_ge_s) \
	{ \
		UNUSED; \
		args[0] = sget(args[0]) >= sget(args[1]); \
		return 0; \
	} \
	HELPER(prefix##_ge_u) \
	{ \
		UNUSED; \
		args[0] = get(args[0]) >= get(args[1]); \
		return 0; \
	} \
	HELPER(prefix##_eqz) \
	{ \
		UNUSED; \
		args[0] = get(args[0]) == 0; \
		return 0; \
	}
COMPARISONS(i32, (uint32_t), (int32_t))
COMPARISONS(i64, (uint64_t), (int64_t))

HELPER(i32_wrap)
{
	UNUSED;
	args[0] = (uint32_t)args[0];
	return 0;
}
HELPER(i64_extend_s)
{
	UNUSED;
	args[0] = (uint64_t)(int64_t)(int32_t)args[0];
	return 0;
}
HELPER(i32_extend8)
{
	UNUSED;
	args[0] = (uint32_t)(int8_t)args[0];
	return 0;
}
HELPER(i32_extend16)
{
	UNUSED;
	args[0] = (uint32_t)(int16_t)args[0];
	return 0;
}
HELPER(i64_extend8)
{
	UNUSED;
	args[0] = (uint64_t)(int8_t)args[0];
	return 0;
}
HELPER(i64_extend16)
{
	UNUSED;
	args[0] = (uint64_t)(int16_t)args[0];
	return 0;
}
HELPER(same64)
{
	UNUSED;
	(void)args;
	return 0;
}

/* ---- floating point ---- */

/*
 * Rounding to an integer on the bits, independent of any mode. up: 1 towards +, -1 towards -, 0 towards zero, 2 nearest
 * even.
 */
#define ROUNDING(name, type, mantissa, bias, sign_bit) \
	static type name(type bits, int up) \
	{ \
		int exponent = (int)(bits >> mantissa & (2 * bias + 1)) - bias; \
		type sign = bits & sign_bit, one = (type)bias << mantissa, unit, mask; \
		if (exponent >= mantissa || !(bits & ~sign_bit)) \
			return bits; \
		if (exponent < 0) { \
			type rest = bits & ~sign_bit; \
			if ((up == 1 && !sign) || (up == -1 && sign)) \
				return sign | one; \
			if (up == 2 && rest > one - ((type)1 << mantissa)) \
				return sign | one; \
			return sign; \
		} \
		unit = (type)1 << (mantissa - exponent); \
		mask = unit - 1; \
		if (!(bits & mask)) \
			return bits; \
		if (up == 2) { \
			type half = unit >> 1, rest = bits & mask; \
			bits &= ~mask; \
			if (rest > half || (rest == half && (exponent ? bits & unit : (type)1))) \
				bits += unit; \
			return bits; \
		} \
		if ((up == 1 && !sign) || (up == -1 && sign)) \
			bits += mask; \
		return bits & ~mask; \
	}
ROUNDING(round32, uint32_t, 23, 127, 0x80000000u)
ROUNDING(round64, uint64_t, 52, 1023, 0x8000000000000000u)

#define IS_NAN32(bits) (((uint32_t)(bits)&0x7FFFFFFFu) > 0x7F800000u)
#define IS_NAN64(bits) (((bits)&0x7FFFFFFFFFFFFFFFu) > 0x7FF0000000000000u)

#define ROUND(name, up) \
	HELPER(f32_##name) \
	{ \
		UNUSED; \
		args[0] = IS_NAN32(args[0]) ? NAN32 : round32((uint32_t)args[0], up); \
		return 0; \
	} \
	HELPER(f64_##name) \
	{ \
		UNUSED; \
		args[0] = IS_NAN64(args[0]) ? NAN64 : round64(args[0], up); \
		return 0; \
	}
ROUND(ceil, 1)
ROUND(floor, -1)
ROUND(trunc, 0)
ROUND(nearest, 2)

#define ARITHMETIC(name, operator) \
	HELPER(f32_##name) \
	{ \
		UNUSED; \
		args[0] = bits32(f32(args[0]) operator f32(args[1])); \
		return 0; \
	} \
	HELPER(f64_##name) \
	{ \
		UNUSED; \
		args[0] = bits64(f64(args[0]) operator f64(args[1])); \
		return 0; \
	}
ARITHMETIC(add, +)
ARITHMETIC(sub, -)
ARITHMETIC(mul, *)

/* Division by zero is as IEEE 754 says, but not for C. */
__attribute__((no_sanitize("undefined"))) HELPER(f32_div)
{
	UNUSED;
	args[0] = bits32(f32(args[0]) / f32(args[1]));
	return 0;
}
__attribute__((no_sanitize("undefined"))) HELPER(f64_div)
{
	UNUSED;
	args[0] = bits64(f64(args[0]) / f64(args[1]));
	return 0;
}

#define FCOMPARE(name, operator) \
	HELPER(f32_##name) \
	{ \
		UNUSED; \
		args[0] = f32(args[0]) operator f32(args[1]); \
		return 0; \
	} \
	HELPER(f64_##name) \
	{ \
		UNUSED; \
		args[0] = f64(args[0]) operator f64(args[1]); \
		return 0; \
	}
FCOMPARE(eq, ==)
FCOMPARE(ne, !=)
FCOMPARE(lt, <)
FCOMPARE(gt, >)
FCOMPARE(le, <=)
FCOMPARE(ge, >=)

HELPER(f32_sqrt)
{
	UNUSED;
	args[0] = bits32(__builtin_sqrtf(f32(args[0])));
	return 0;
}
HELPER(f64_sqrt)
{
	UNUSED;
	args[0] = bits64(__builtin_sqrt(f64(args[0])));
	return 0;
}
HELPER(f32_abs)
{
	UNUSED;
	args[0] = (uint32_t)args[0] & 0x7FFFFFFFu;
	return 0;
}
HELPER(f64_abs)
{
	UNUSED;
	args[0] &= 0x7FFFFFFFFFFFFFFFu;
	return 0;
}
HELPER(f32_neg)
{
	UNUSED;
	args[0] = (uint32_t)args[0] ^ 0x80000000u;
	return 0;
}
HELPER(f64_neg)
{
	UNUSED;
	args[0] ^= 0x8000000000000000u;
	return 0;
}
HELPER(f32_copysign)
{
	UNUSED;
	args[0] = ((uint32_t)args[0] & 0x7FFFFFFFu) | ((uint32_t)args[1] & 0x80000000u);
	return 0;
}
HELPER(f64_copysign)
{
	UNUSED;
	args[0] = (args[0] & 0x7FFFFFFFFFFFFFFFu) | (args[1] & 0x8000000000000000u);
	return 0;
}

HELPER(f32_min)
{
	uint32_t a = (uint32_t)args[0], b = (uint32_t)args[1];
	UNUSED;
	if (IS_NAN32(a) || IS_NAN32(b))
		args[0] = NAN32;
	else
		args[0] = f32(a) == f32(b) ? a | b : f32(a) < f32(b) ? a : b; /* equal: the same, or two zeros */
	return 0;
}

HELPER(f32_max)
{
	uint32_t a = (uint32_t)args[0], b = (uint32_t)args[1];
	UNUSED;
	if (IS_NAN32(a) || IS_NAN32(b))
		args[0] = NAN32;
	else
		args[0] = f32(a) == f32(b) ? a & b : f32(a) > f32(b) ? a : b;
	return 0;
}

HELPER(f64_min)
{
	uint64_t a = args[0], b = args[1];
	UNUSED;
	if (IS_NAN64(a) || IS_NAN64(b))
		args[0] = NAN64;
	else
		args[0] = f64(a) == f64(b) ? a | b : f64(a) < f64(b) ? a : b;
	return 0;
}

HELPER(f64_max)
{
	uint64_t a = args[0], b = args[1];
	UNUSED;
	if (IS_NAN64(a) || IS_NAN64(b))
		args[0] = NAN64;
	else
		args[0] = f64(a) == f64(b) ? a & b : f64(a) > f64(b) ? a : b;
	return 0;
}

/* ---- conversions ---- */

/* Bounds are exact in the source type; below and above them the conversion does not fit. f32 is exact in f64. */
#define TRUNCATE(name, get, unsigned_type, type, low_ok, high, minimum, maximum) \
	HELPER(name) \
	{ \
		double v = get(args[0]); \
		UNUSED; \
		if (v != v) \
			return WX_TRAP_CONVERSION; \
		if (!(v low_ok && v < high)) \
			return WX_TRAP_OVERFLOW; \
		args[0] = (unsigned_type)(type)v; \
		return 0; \
	} \
	HELPER(name##_sat) \
	{ \
		double v = get(args[0]); \
		UNUSED; \
		if (v != v) \
			args[0] = 0; \
		else if (!(v low_ok)) \
			args[0] = minimum; \
		else if (v < high) \
			args[0] = (unsigned_type)(type)v; \
		else \
			args[0] = maximum; \
		return 0; \
	}
TRUNCATE(i32_f32_s, f32, uint32_t, int32_t, > -2147483649.0, 2147483648.0, 0x80000000u, 0x7FFFFFFFu)
TRUNCATE(i32_f64_s, f64, uint32_t, int32_t, > -2147483649.0, 2147483648.0, 0x80000000u, 0x7FFFFFFFu)
TRUNCATE(i32_f32_u, f32, uint32_t, uint32_t, > -1.0, 4294967296.0, 0, 0xFFFFFFFFu)
TRUNCATE(i32_f64_u, f64, uint32_t, uint32_t, > -1.0, 4294967296.0, 0, 0xFFFFFFFFu)
TRUNCATE(i64_f32_s, f32, uint64_t, int64_t, >= -9223372036854775808.0, 9223372036854775808.0, 0x8000000000000000u,
	0x7FFFFFFFFFFFFFFFu)
TRUNCATE(i64_f64_s, f64, uint64_t, int64_t, >= -9223372036854775808.0, 9223372036854775808.0, 0x8000000000000000u,
	0x7FFFFFFFFFFFFFFFu)
TRUNCATE(i64_f32_u, f32, uint64_t, uint64_t, > -1.0, 18446744073709551616.0, 0, 0xFFFFFFFFFFFFFFFFu)
TRUNCATE(i64_f64_u, f64, uint64_t, uint64_t, > -1.0, 18446744073709551616.0, 0, 0xFFFFFFFFFFFFFFFFu)

#define CONVERT(name, type) \
	HELPER(f32_##name) \
	{ \
		UNUSED; \
		args[0] = bits32((float)(type)args[0]); \
		return 0; \
	} \
	HELPER(f64_##name) \
	{ \
		UNUSED; \
		args[0] = bits64((double)(type)args[0]); \
		return 0; \
	}
CONVERT(i32_s, int32_t)
CONVERT(i32_u, uint32_t)
CONVERT(i64_s, int64_t)
CONVERT(i64_u, uint64_t)
HELPER(f32_demote)
{
	UNUSED;
	args[0] = bits32((float)f64(args[0]));
	return 0;
}
HELPER(f64_promote)
{
	UNUSED;
	args[0] = bits64((double)f32(args[0]));
	return 0;
}

/* ---- memory, tables, references ---- */

static struct wx_instance *instance_of(struct wx_context *ctx)
{
	return wx_context_instance(ctx);
}

static struct wx_linear *memory_of(struct wx_context *ctx)
{
	return (struct wx_linear *)((uintptr_t *)(void *)ctx)[WX_CTX_MEMORY];
}

static struct wx_table *table_of(struct wx_context *ctx, uint64_t index)
{
	return wx_instance_table(instance_of(ctx), (uint32_t)index);
}

/* Those that may take long end a call that was interrupted meanwhile. */
static uint32_t done(struct wx_context *ctx)
{
	return instance_of(ctx)->runtime->interrupt ? WX_TRAP_INTERRUPTED : WX_TRAP_NONE;
}

static uint32_t done_or(struct wx_context *ctx, int trap)
{
	return trap ? (uint32_t)trap : done(ctx);
}

/* Words that a loop over so many bytes would move. */
static void meter_bytes(struct wx_context *ctx, uint32_t bytes)
{
	struct wx_meter *meter = instance_of(ctx)->runtime->meter;
	meter->left = (int32_t)((uint32_t)meter->left - bytes / 4);
}

HELPER(memory_size)
{
	args[0] = memory_of(ctx)->pages;
	return 0;
}

HELPER(memory_grow)
{
	args[0] = wx_memory_grow(memory_of(ctx), (uint32_t)args[0]);
	return 0;
}

HELPER(memory_copy)
{
	struct wx_linear *m = memory_of(ctx);
	uint32_t to = (uint32_t)args[0], from = (uint32_t)args[1], size = (uint32_t)args[2];
	if (to > m->size || size > m->size - to || from > m->size || size > m->size - from)
		return WX_TRAP_MEMORY;
	if (size)
		memmove(m->base + to, m->base + from, size);
	meter_bytes(ctx, size);
	return done(ctx);
}

HELPER(memory_fill)
{
	struct wx_linear *m = memory_of(ctx);
	uint32_t to = (uint32_t)args[0], size = (uint32_t)args[2];
	if (to > m->size || size > m->size - to)
		return WX_TRAP_MEMORY;
	if (size)
		memset(m->base + to, (uint8_t)args[1], size);
	meter_bytes(ctx, size);
	return done(ctx);
}

HELPER(memory_init)
{
	int trap = wx_instance_memory_init(
		instance_of(ctx), (uint32_t)args[3], (uint32_t)args[0], (uint32_t)args[1], (uint32_t)args[2]);
	if (!trap)
		meter_bytes(ctx, (uint32_t)args[2]);
	return done_or(ctx, trap);
}

HELPER(data_drop)
{
	wx_instance_drop(instance_of(ctx), 1, (uint32_t)args[0]);
	return 0;
}

HELPER(elem_drop)
{
	wx_instance_drop(instance_of(ctx), 0, (uint32_t)args[0]);
	return 0;
}

HELPER(table_get)
{
	uintptr_t value;
	if (!wx_table_get(table_of(ctx, args[1]), (uint32_t)args[0], &value))
		return WX_TRAP_TABLE;
	args[0] = value;
	return 0;
}

HELPER(table_set)
{
	return wx_table_set(table_of(ctx, args[2]), (uint32_t)args[0], (uintptr_t)args[1]) ? 0 : WX_TRAP_TABLE;
}

HELPER(table_size)
{
	args[0] = table_of(ctx, args[0])->size;
	return 0;
}

HELPER(table_grow)
{
	args[0] = wx_table_grow(table_of(ctx, args[2]), (uint32_t)args[1], (uintptr_t)args[0]);
	return 0;
}

HELPER(table_fill)
{
	struct wx_table *t = table_of(ctx, args[3]);
	uint32_t to = (uint32_t)args[0], count = (uint32_t)args[2];
	if (to > t->size || count > t->size - to)
		return WX_TRAP_TABLE;
	while (count--)
		t->elements[to++] = (uintptr_t)args[1];
	return done(ctx);
}

HELPER(table_copy)
{
	struct wx_table *d = table_of(ctx, args[3]), *s = table_of(ctx, args[4]);
	uint32_t to = (uint32_t)args[0], from = (uint32_t)args[1], count = (uint32_t)args[2];
	if (to > d->size || count > d->size - to || from > s->size || count > s->size - from)
		return WX_TRAP_TABLE;
	if (count)
		memmove(d->elements + to, s->elements + from, (size_t)count * sizeof(uintptr_t));
	return done(ctx);
}

HELPER(table_init)
{
	return done_or(ctx,
		wx_instance_table_init(instance_of(ctx), (uint32_t)args[4], (uint32_t)args[3], (uint32_t)args[0],
			(uint32_t)args[1], (uint32_t)args[2]));
}

HELPER(ref_func)
{
	struct wx_funcref *f = wx_instance_function(instance_of(ctx), (uint32_t)args[0]);
	if (!f)
		return WX_TRAP_STACK; /* out of memory */
	args[0] = (uintptr_t)f;
	return 0;
}

HELPER(ref_is_null)
{
	UNUSED;
	args[0] = (uintptr_t)args[0] == 0;
	return 0;
}

const void *const wx_helpers[256] = {
#define AT(op, name) [WX_OP_##op] = (const void *)name
	AT(TABLE_GET, table_get), AT(TABLE_SET, table_set), AT(MEMORY_SIZE, memory_size), AT(MEMORY_GROW, memory_grow),
	AT(I32_EQZ, i32_eqz), AT(I32_EQ, i32_eq), AT(I32_NE, i32_ne), AT(I32_LT_S, i32_lt_s), AT(I32_LT_U, i32_lt_u),
	AT(I32_GT_S, i32_gt_s), AT(I32_GT_U, i32_gt_u), AT(I32_LE_S, i32_le_s), AT(I32_LE_U, i32_le_u),
	AT(I32_GE_S, i32_ge_s), AT(I32_GE_U, i32_ge_u), AT(I64_EQZ, i64_eqz), AT(I64_EQ, i64_eq), AT(I64_NE, i64_ne),
	AT(I64_LT_S, i64_lt_s), AT(I64_LT_U, i64_lt_u), AT(I64_GT_S, i64_gt_s), AT(I64_GT_U, i64_gt_u),
	AT(I64_LE_S, i64_le_s), AT(I64_LE_U, i64_le_u), AT(I64_GE_S, i64_ge_s), AT(I64_GE_U, i64_ge_u), AT(F32_EQ, f32_eq),
	AT(F32_NE, f32_ne), AT(F32_LT, f32_lt), AT(F32_GT, f32_gt), AT(F32_LE, f32_le), AT(F32_GE, f32_ge),
	AT(F64_EQ, f64_eq), AT(F64_NE, f64_ne), AT(F64_LT, f64_lt), AT(F64_GT, f64_gt), AT(F64_LE, f64_le),
	AT(F64_GE, f64_ge), AT(I32_CLZ, i32_clz), AT(I32_CTZ, i32_ctz), AT(I32_POPCNT, i32_popcnt), AT(I32_ADD, i32_add),
	AT(I32_SUB, i32_sub), AT(I32_MUL, i32_mul), AT(I32_DIV_S, i32_div_s), AT(I32_DIV_U, i32_div_u),
	AT(I32_REM_S, i32_rem_s), AT(I32_REM_U, i32_rem_u), AT(I32_AND, i32_and), AT(I32_OR, i32_or), AT(I32_XOR, i32_xor),
	AT(I32_SHL, i32_shl), AT(I32_SHR_S, i32_shr_s), AT(I32_SHR_U, i32_shr_u), AT(I32_ROTL, i32_rotl),
	AT(I32_ROTR, i32_rotr), AT(I64_CLZ, i64_clz), AT(I64_CTZ, i64_ctz), AT(I64_POPCNT, i64_popcnt),
	AT(I64_ADD, i64_add), AT(I64_SUB, i64_sub), AT(I64_MUL, i64_mul), AT(I64_DIV_S, i64_div_s),
	AT(I64_DIV_U, i64_div_u), AT(I64_REM_S, i64_rem_s), AT(I64_REM_U, i64_rem_u), AT(I64_AND, i64_and),
	AT(I64_OR, i64_or), AT(I64_XOR, i64_xor), AT(I64_SHL, i64_shl), AT(I64_SHR_S, i64_shr_s), AT(I64_SHR_U, i64_shr_u),
	AT(I64_ROTL, i64_rotl), AT(I64_ROTR, i64_rotr), AT(F32_ABS, f32_abs), AT(F32_NEG, f32_neg), AT(F32_CEIL, f32_ceil),
	AT(F32_FLOOR, f32_floor), AT(F32_TRUNC, f32_trunc), AT(F32_NEAREST, f32_nearest), AT(F32_SQRT, f32_sqrt),
	AT(F32_ADD, f32_add), AT(F32_SUB, f32_sub), AT(F32_MUL, f32_mul), AT(F32_DIV, f32_div), AT(F32_MIN, f32_min),
	AT(F32_MAX, f32_max), AT(F32_COPYSIGN, f32_copysign), AT(F64_ABS, f64_abs), AT(F64_NEG, f64_neg),
	AT(F64_CEIL, f64_ceil), AT(F64_FLOOR, f64_floor), AT(F64_TRUNC, f64_trunc), AT(F64_NEAREST, f64_nearest),
	AT(F64_SQRT, f64_sqrt), AT(F64_ADD, f64_add), AT(F64_SUB, f64_sub), AT(F64_MUL, f64_mul), AT(F64_DIV, f64_div),
	AT(F64_MIN, f64_min), AT(F64_MAX, f64_max), AT(F64_COPYSIGN, f64_copysign), AT(I32_WRAP_I64, i32_wrap),
	AT(I32_TRUNC_F32_S, i32_f32_s), AT(I32_TRUNC_F32_U, i32_f32_u), AT(I32_TRUNC_F64_S, i32_f64_s),
	AT(I32_TRUNC_F64_U, i32_f64_u), AT(I64_EXTEND_I32_S, i64_extend_s), AT(I64_EXTEND_I32_U, i32_wrap),
	AT(I64_TRUNC_F32_S, i64_f32_s), AT(I64_TRUNC_F32_U, i64_f32_u), AT(I64_TRUNC_F64_S, i64_f64_s),
	AT(I64_TRUNC_F64_U, i64_f64_u), AT(F32_CONVERT_I32_S, f32_i32_s), AT(F32_CONVERT_I32_U, f32_i32_u),
	AT(F32_CONVERT_I64_S, f32_i64_s), AT(F32_CONVERT_I64_U, f32_i64_u), AT(F32_DEMOTE_F64, f32_demote),
	AT(F64_CONVERT_I32_S, f64_i32_s), AT(F64_CONVERT_I32_U, f64_i32_u), AT(F64_CONVERT_I64_S, f64_i64_s),
	AT(F64_CONVERT_I64_U, f64_i64_u), AT(F64_PROMOTE_F32, f64_promote), AT(I32_REINTERPRET_F32, i32_wrap),
	AT(I64_REINTERPRET_F64, same64), AT(F32_REINTERPRET_I32, i32_wrap), AT(F64_REINTERPRET_I64, same64),
	AT(I32_EXTEND8_S, i32_extend8), AT(I32_EXTEND16_S, i32_extend16), AT(I64_EXTEND8_S, i64_extend8),
	AT(I64_EXTEND16_S, i64_extend16), AT(I64_EXTEND32_S, i64_extend_s), AT(REF_IS_NULL, ref_is_null),
	AT(REF_FUNC, ref_func), AT(I32_TRUNC_SAT_F32_S, i32_f32_s_sat), AT(I32_TRUNC_SAT_F32_U, i32_f32_u_sat),
	AT(I32_TRUNC_SAT_F64_S, i32_f64_s_sat), AT(I32_TRUNC_SAT_F64_U, i32_f64_u_sat),
	AT(I64_TRUNC_SAT_F32_S, i64_f32_s_sat), AT(I64_TRUNC_SAT_F32_U, i64_f32_u_sat),
	AT(I64_TRUNC_SAT_F64_S, i64_f64_s_sat), AT(I64_TRUNC_SAT_F64_U, i64_f64_u_sat), AT(MEMORY_INIT, memory_init),
	AT(DATA_DROP, data_drop), AT(MEMORY_COPY, memory_copy), AT(MEMORY_FILL, memory_fill), AT(TABLE_INIT, table_init),
	AT(ELEM_DROP, elem_drop), AT(TABLE_COPY, table_copy), AT(TABLE_GROW, table_grow), AT(TABLE_SIZE, table_size),
	AT(TABLE_FILL, table_fill)
};
