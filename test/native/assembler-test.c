/*
 * The assembler of the selected ISA (native/isa/assembler.h): every function, over registers, immediates and values, is
 * emitted, run, and compared with a model in C. ISA-specific parts are in test/native/assembler-<isa>.h.
 *
 * test/native/native.test.ts builds and runs it for each ISA: `node tools/test.mjs native`. With `--dump FILE` it
 * writes the code, for a disassembler to find what is no instruction.
 *
 * Prints "ok NAME COUNT" for each group and "FAIL ..." for what differs; exit status 1 when anything did.
 */
#include <fenv.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define WX_OPCODE_TABLE
#include "isa/assembler.h"
#include "abi/context.h"
#include "abi/image.h"

#include ISA_TEST

/* Registers that callers may not expect results in, and that an epilogue may change */
#ifndef ISA_TEST_NO_RESULT
#define ISA_TEST_NO_RESULT 0u
#endif

/* ---- harness ---- */

#define CODE_SIZE (1u << 20)
#define IMAGE_SIZE (1u << 16)

static uint8_t *code_area;
static uint32_t code_used;
static wx_asm as_;
#define as (&as_)
static wx_site sites[4096];
static uint32_t failures, checks;
static FILE *dump;
static bool dump_paused; /* not code only */
static uintptr_t context[64];
static uint64_t area[64];
static struct {
	uint8_t *base;
	uintptr_t limit, size;
} memory_words;

static uint64_t random_state;

static uint64_t random64(void)
{
	random_state += 0x9E3779B97F4A7C15u;
	uint64_t z = random_state;
	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

static uint32_t below(uint32_t n)
{
	return (uint32_t)(random64() % n);
}

static void fail(const char *format, ...)
{
	failures++;
	if (failures > 50)
		return;
	va_list ap;
	va_start(ap, format);
	printf("FAIL ");
	vprintf(format, ap);
	printf("\n");
	va_end(ap);
	if (as->code && as->size && as->size <= 96) {
		printf("     code:");
		for (uint32_t i = 0; i < as->size; i++)
			printf(" %02x", as->code[i]);
		printf("\n");
	}
}

static void group(const char *name)
{
	static uint32_t before;
	printf("%s %s %u\n", failures == before ? "ok" : "FAIL", name, checks);
	fflush(stdout);
	before = failures;
	checks = 0;
}

/*
 * Functions are being tested, whose return address is in the register of ISA_LINK; pieces of code use it like others.
 */
static bool in_functions;

/* Begin a piece of code. */
static void begin(void)
{
	if (CODE_SIZE - code_used < 8192)
		code_used = 0;
	memset(as, 0, sizeof *as);
	as->code = code_area + code_used;
	as->capacity = 8192;
	as->sites = sites;
	as->site_capacity = sizeof sites / sizeof *sites;
	as->leaf = true;
	as->free = in_functions ? ISA_LINK : 0;
	as->wasm = 77;
}

/* Emission of one interface function: must keep to its room. */
#define EMIT(call) \
	do { \
		uint32_t emit_from_ = as->size; \
		call; \
		if (as->size - emit_from_ > WX_ASM_ROOM) \
			fail("%s: %u bytes", #call, as->size - emit_from_); \
	} while (0)

static void flush_code(const uint8_t *p, uint32_t size)
{
	__builtin___clear_cache((char *)p, (char *)p + size);
}

/* End a piece that falls through: make it return. */
static const uint8_t *finish(void)
{
	isa_return(as);
	if (as->failed)
		fail("assembler failed");
	code_used += (as->size + 63) & ~63u;
	flush_code(as->code, as->size);
	if (dump && !dump_paused && below(50) == 0)
		fwrite(as->code, 1, as->size, dump);
	return as->code;
}

static machine m, before;

static void randomize(void)
{
	for (unsigned i = 0; i < 16; i++) {
		m.general[i] = (__typeof__(m.general[0]))random64();
		m.floating[i] = random64();
	}
	m.general[ISA_CTX] = (uintptr_t)context;
}

static uint32_t allocatable(void)
{
	return (ISA_CALLER_SAVED | ISA_CALLEE_SAVED) & ~(in_functions ? ISA_LINK : 0u);
}

/* Let some registers that no operand is in be scratch for the assembler. */
static void free_some(uint32_t operands)
{
	as->free = below(2) ? (uint32_t)random64() & 0xFFFF & allocatable() & ~operands : 0;
	as->copied = as->free; /* what is left of it must be kept */
	as->saved = (uint32_t)random64() & (ISA_CALLEE_SAVED | ISA_LINK);
	as->leaf = below(2);
}

/* All registers outside of `changed` must be what they were. */
static void check_kept(uint32_t changed, const char *what)
{
	changed |= ISA_TEST_SCRATCH | ISA_TEST_FIXED | (as->free & ~as->copied) | (in_functions ? ISA_LINK : 0);
	for (unsigned i = 0; i < 16; i++) {
		if (!(changed >> i & 1) && m.general[i] != before.general[i])
			fail("%s: register %u changed from %llx to %llx", what, i, (unsigned long long)before.general[i],
				(unsigned long long)m.general[i]);
		if (!(changed >> (16 + i) & 1) && m.floating[i] != before.floating[i])
			fail("%s: fp register %u changed from %llx to %llx", what, i, (unsigned long long)before.floating[i],
				(unsigned long long)m.floating[i]);
	}
}

static uint32_t mask_of(wx_reg r)
{
	return (r.r < 32 ? 1u << r.r : 0) | (r.h < 32 ? 1u << r.h : 0);
}

static void run(const uint8_t *code)
{
	before = m;
	isa_set_link(&m, in_functions);
	isa_run(&m, (const void *)isa_code_address(code));
	checks++;
}

static bool is_fp(wx_type t)
{
	return t == WX_F32 || t == WX_F64;
}

static bool is_wide(wx_type t)
{
	return t == WX_I64 || t == WX_F64 || (t == WX_REF && ISA_WORD == 8);
}

static void put(wx_type t, wx_reg r, uint64_t v)
{
	if (WX_IS_FP(r.r))
		m.floating[r.r - 16] = is_wide(t) ? v : ((random64() << 32) | (uint32_t)v);
	else if (r.h != WX_NO_REG) {
		m.general[r.r] = (uint32_t)v;
		m.general[r.h] = (__typeof__(m.general[0]))(v >> 32);
	} else
		m.general[r.r] = (__typeof__(m.general[0]))(is_wide(t) ? v : (uint32_t)v);
}

static uint64_t get(wx_type t, wx_reg r)
{
	if (WX_IS_FP(r.r))
		return is_wide(t) ? m.floating[r.r - 16] : (uint32_t)m.floating[r.r - 16];
	if (r.h != WX_NO_REG)
		return (uint32_t)m.general[r.r] | (uint64_t)m.general[r.h] << 32;
	return m.general[r.r]; /* an i32 with high bits is wrong */
}

/* Registers (or pairs) that a value of that type may lie in. */
static uint32_t candidates(wx_type t, wx_reg *list)
{
	uint32_t n = 0, mask = allocatable();
	unsigned from = is_fp(t) ? 16 : 0;
	if (t == WX_I64 && ISA_WORD == 4) {
		unsigned low = WX_NO_REG;
		for (unsigned i = 0; i < 16; i++) {
			if (!(mask >> i & 1))
				continue;
			if (low == WX_NO_REG)
				low = i;
			else {
				list[n++] = (wx_reg){ (uint8_t)low, (uint8_t)i };
				low = WX_NO_REG;
			}
		}
		return n;
	}
	for (unsigned i = from; i < from + 16; i++)
		if (mask >> i & 1)
			list[n++] = (wx_reg){ (uint8_t)i, WX_NO_REG };
	return n;
}

static wx_reg any(wx_type t)
{
	wx_reg list[16];
	return list[below(candidates(t, list))];
}

/* A register of that type that shares nothing with those. */
static wx_reg other(wx_type t, uint32_t taken)
{
	wx_reg r;
	unsigned tries = 0;
	do
		r = any(t);
	while (mask_of(r) & taken && ++tries < 1000);
	return r;
}

static wx_operand in_register(wx_reg r)
{
	return (wx_operand){ .reg = r };
}

static wx_operand immediate(uint64_t v)
{
	return (wx_operand){ .immediate = true, .reg = { WX_NO_REG, WX_NO_REG }, .value = v };
}

static bool same_reg(wx_reg a, wx_reg b)
{
	return a.r == b.r && a.h == b.h;
}

/* ---- values ---- */

static const uint64_t int_values[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 31, 32, 33, 63, 64, 100, 127, 128, 129,
	255, 256, 257, 511, 1000, 1024, 4095, 4096, 32767, 32768, 65535, 65536, 0xFFFFF, 0xFF0000, 0x12345678, 0x7FFFFFFF,
	0x80000000, 0x80000001, 0xFFFF0000, 0xFF00FF00, 0xFFFFFF7F, 0xFFFFFF80, 0xFFFFFF81, 0xFFFFFF00, 0xFFFFFFFE,
	0xFFFFFFFF, 0x100000000, 0x100000001, 0x1FFFFFFFF, 0x8000000000, 0x7FFFFFFF00000000, 0x7FFFFFFFFFFFFFFF,
	0x8000000000000000, 0x8000000000000001, 0xFFFFFFFF00000000, 0xFFFFFFFF7FFFFFFF, 0xFFFFFFFF80000000,
	0xFFFFFFFFFFFFFF80, 0xFFFFFFFFFFFFFF7F, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFE, 0x0123456789ABCDEF,
	0xFEDCBA9876543210, 0xFF, 0xFF00, 0x00FF00FF, 0x5555555555555555, 0xAAAAAAAAAAAAAAAA,
	/* between two floats, halfway, and beside that */
	0x1000001, 0x1000003, 0xFFFFFF7F, 0xFFFFFF81, 0x20000000000001, 0x20000000000003, 0x7FFFFFBFFFFFFFFF,
	0x7FFFFFC000000001, 0x7FFFFFFFFFFFFDFF, 0x7FFFFFFFFFFFFE01, 0x8000000000000400, 0x8000000000000401,
	0x8000000000000BFF, 0x8000000000000C00, 0x8000008000000000, 0x8000008000000001, 0x8000017FFFFFFFFF,
	0x8000018000000000, 0xFFFFFFFFFFFFFBFF, 0xFFFFFFFFFFFFFC01, 0xFFFFFF7FFFFFFFFF, 0xFFFFFF8000000001 };
#define INT_VALUES (sizeof int_values / sizeof *int_values)

static uint64_t f64_bits(double v)
{
	uint64_t b;
	memcpy(&b, &v, 8);
	return b;
}

static uint64_t f32_bits(float v)
{
	uint32_t b;
	memcpy(&b, &v, 4);
	return b;
}

static double f64_of(uint64_t b)
{
	double v;
	memcpy(&v, &b, 8);
	return v;
}

static float f32_of(uint64_t b)
{
	uint32_t w = (uint32_t)b;
	float v;
	memcpy(&v, &w, 4);
	return v;
}

static uint64_t f64_values[256], f32_values[256];
static uint32_t f64_count, f32_count;

static void add_f64(uint64_t b)
{
	f64_values[f64_count++] = b;
	f64_values[f64_count++] = b ^ 1ull << 63;
}

static void add_f32(uint32_t b)
{
	f32_values[f32_count++] = b;
	f32_values[f32_count++] = b ^ 1u << 31;
}

static void make_values(void)
{
	static const double doubles[] = { 0, 1, 0.5, 1.5, 2.5, 0.49999999999999994, 0.9999999999999999, 3.7, 1e10, 1e300,
		127, 128, 255.5, 2147483646.5, 2147483647, 2147483647.5, 2147483647.9999998, 2147483648.0, 2147483648.5,
		2147483649.0, 4294967294.5, 4294967295.0, 4294967295.5, 4294967295.9999995, 4294967296.0, 9007199254740991.0,
		9007199254740992.0, 4503599627370495.5, 4503599627370496.5, 9223372036854774784.0, 9223372036854775808.0,
		9223372036854777856.0, 18446744073709549568.0, 18446744073709551616.0, 1.1754943508222875e-38,
		3.4028234663852886e38, 3.4028235677973366e38, 1.401298464324817e-45, 7.006492321624085e-46, 7e-46, 16777216,
		16777217, 33554433 };
	static const float floats[] = { 0, 1, 0.5f, 1.5f, 2.5f, 0.49999997f, 0.99999994f, 3.7f, 127, 128, 255.5f,
		8388607.5f, 8388608, 16777215, 16777216, 2147483520.0f, 2147483648.0f, 2147483904.0f, 4294967040.0f,
		4294967296.0f, 9223371487098961920.0f, 9223372036854775808.0f, 18446742974197923840.0f, 18446744073709551616.0f,
		1e30f };
	for (unsigned i = 0; i < sizeof doubles / sizeof *doubles; i++)
		add_f64(f64_bits(doubles[i]));
	for (unsigned i = 0; i < sizeof floats / sizeof *floats; i++)
		add_f32((uint32_t)f32_bits(floats[i]));
	static const uint64_t special64[] = { 1, 0xFFFFFFFFFFFFF, 0x10000000000000, 0x7FEFFFFFFFFFFFFF, 0x7FF0000000000000,
		0x7FF0000000000001, 0x7FF4000000000000, 0x7FF8000000000000, 0x7FF8000000000001, 0x7FFC123456789ABC,
		0x7FFFFFFFFFFFFFFF };
	static const uint32_t special32[] = { 1, 0x7FFFFF, 0x800000, 0x7F7FFFFF, 0x7F800000, 0x7F800001, 0x7FA00000,
		0x7FC00000, 0x7FC00001, 0x7FE12345, 0x7FFFFFFF };
	for (unsigned i = 0; i < sizeof special64 / sizeof *special64; i++)
		add_f64(special64[i]);
	for (unsigned i = 0; i < sizeof special32 / sizeof *special32; i++)
		add_f32(special32[i]);
}

static bool is_nan(wx_type t, uint64_t b)
{
	return t == WX_F64 ? (b & INT64_MAX) > 0x7FF0000000000000 : (b & INT32_MAX) > 0x7F800000;
}

static bool is_quiet(wx_type t, uint64_t b)
{
	return t == WX_F64 ? b >> 51 & 1 : b >> 22 & 1;
}

static uint64_t canonical(wx_type t)
{
	return t == WX_F64 ? 0x7FF8000000000000 : 0x7FC00000;
}

static uint64_t random_value(wx_type t)
{
	uint64_t v;
	switch (t) {
	case WX_F32:
		if (below(2))
			return f32_values[below(f32_count)];
		v = (uint32_t)random64();
		if (below(2))
			v = f32_bits((float)(int32_t)v / (float)(1 << below(30)));
		return v;
	case WX_F64:
		if (below(2))
			return f64_values[below(f64_count)];
		v = random64();
		if (below(2))
			v = f64_bits((double)(int64_t)v / (double)(1ull << below(63)));
		return v;
	default:
		v = int_values[below(INT_VALUES)];
		if (below(2))
			v = random64() >> below(64);
		if (below(4) == 0)
			v = 0 - v;
		return is_wide(t) ? v : (uint32_t)v;
	}
}

/* ---- model ---- */

static wx_type type_of(uint8_t b)
{
	return b == 0x7F ? WX_I32 : b == 0x7E ? WX_I64 : b == 0x7D ? WX_F32 : WX_F64;
}

/* What must come out: these bits, or (nan) any quiet NaN. */
typedef struct {
	uint64_t bits;
	bool nan;
	bool undefined; /* not to be executed */
} expectation;

static expectation bits_(uint64_t b)
{
	return (expectation){ b, false, false };
}

static expectation float_(wx_type t, uint64_t b)
{
	return (expectation){ b, is_nan(t, b), false };
}

static const expectation undefined_ = { 0, false, true };

static expectation model_int(unsigned op, unsigned bits, uint64_t a, uint64_t b)
{
	uint64_t mask = bits == 64 ? UINT64_MAX : UINT32_MAX;
	int64_t sa = bits == 64 ? (int64_t)a : (int32_t)a, sb = bits == 64 ? (int64_t)b : (int32_t)b;
	int64_t least = bits == 64 ? INT64_MIN : INT32_MIN;
	unsigned n = (unsigned)b & (bits - 1);
	uint64_t r;
	switch (op) {
	case WX_OP_I32_ADD: r = a + b; break;
	case WX_OP_I32_SUB: r = a - b; break;
	case WX_OP_I32_MUL: r = a * b; break;
	case WX_OP_I32_DIV_S:
		if (b == 0 || (sa == least && sb == -1))
			return undefined_;
		r = (uint64_t)(sa / sb);
		break;
	case WX_OP_I32_DIV_U:
		if (b == 0)
			return undefined_;
		r = a / b;
		break;
	case WX_OP_I32_REM_S:
		if (b == 0)
			return undefined_;
		r = sb == -1 ? 0 : (uint64_t)(sa % sb);
		break;
	case WX_OP_I32_REM_U:
		if (b == 0)
			return undefined_;
		r = a % b;
		break;
	case WX_OP_I32_AND: r = a & b; break;
	case WX_OP_I32_OR: r = a | b; break;
	case WX_OP_I32_XOR: r = a ^ b; break;
	case WX_OP_I32_SHL: r = a << n; break;
	case WX_OP_I32_SHR_S: r = (uint64_t)(sa >> n); break;
	case WX_OP_I32_SHR_U: r = a >> n; break;
	case WX_OP_I32_ROTL: r = n ? a << n | a >> (bits - n) : a; break;
	case WX_OP_I32_ROTR: r = n ? a >> n | a << (bits - n) : a; break;
	default: return undefined_;
	}
	return bits_(r & mask);
}

#define MIN_MAX(F, signbit) \
	if (x != x || y != y) \
		return (expectation){ 0, true, false }; \
	if (x == y) \
		return bits_(max ? a & b : a | b); \
	return bits_((max ? x > y : x < y) ? a : b)

static expectation min_max_32(bool max, uint64_t a, uint64_t b)
{
	float x = f32_of(a), y = f32_of(b);
	MIN_MAX(float, 31);
}

static expectation min_max_64(bool max, uint64_t a, uint64_t b)
{
	double x = f64_of(a), y = f64_of(b);
	MIN_MAX(double, 63);
}

static expectation model_binary(uint8_t op, uint64_t a, uint64_t b)
{
	if (op >= WX_OP_I32_ADD && op <= WX_OP_I32_ROTR)
		return model_int(op, 32, a, b);
	if (op >= WX_OP_I64_ADD && op <= WX_OP_I64_ROTR)
		return model_int(op - WX_OP_I64_ADD + WX_OP_I32_ADD, 64, a, b);
	volatile float x = f32_of(a), y = f32_of(b);
	volatile double u = f64_of(a), v = f64_of(b);
	switch (op) {
	case WX_OP_F32_ADD: return float_(WX_F32, f32_bits(x + y));
	case WX_OP_F32_SUB: return float_(WX_F32, f32_bits(x - y));
	case WX_OP_F32_MUL: return float_(WX_F32, f32_bits(x * y));
	case WX_OP_F32_DIV: return float_(WX_F32, f32_bits(x / y));
	case WX_OP_F32_MIN: return min_max_32(false, a, b);
	case WX_OP_F32_MAX: return min_max_32(true, a, b);
	case WX_OP_F32_COPYSIGN: return bits_((a & INT32_MAX) | (b & 1u << 31));
	case WX_OP_F64_ADD: return float_(WX_F64, f64_bits(u + v));
	case WX_OP_F64_SUB: return float_(WX_F64, f64_bits(u - v));
	case WX_OP_F64_MUL: return float_(WX_F64, f64_bits(u * v));
	case WX_OP_F64_DIV: return float_(WX_F64, f64_bits(u / v));
	case WX_OP_F64_MIN: return min_max_64(false, a, b);
	case WX_OP_F64_MAX: return min_max_64(true, a, b);
	case WX_OP_F64_COPYSIGN: return bits_((a & INT64_MAX) | (b & 1ull << 63));
	default: return undefined_;
	}
}

/* Unsigned 64 bits to a float of `digits` significant bits, by integers only: nearest, ties to even. */
static double rounded(uint64_t v, unsigned digits)
{
	unsigned shift = 0;
	while (shift < 64 && v >> shift >> digits)
		shift++;
	if (shift) {
		uint64_t rest = v & ((1ull << shift) - 1), half = 1ull << (shift - 1);
		v >>= shift;
		if (rest > half || (rest == half && v & 1))
			v++;
	}
	return ldexp((double)v, (int)shift);
}

static double rounded_s(int64_t v, unsigned digits)
{
	return v < 0 ? -rounded(0 - (uint64_t)v, digits) : rounded((uint64_t)v, digits);
}

static expectation model_trunc(bool saturate, bool wide, bool is_signed, double v)
{
	double low = is_signed ? (wide ? -0x1p63 : -0x1p31) : 0,
		   high = wide ? (is_signed ? 0x1p63 : 0x1p64) : (is_signed ? 0x1p31 : 0x1p32);
	double t = trunc(v);
	uint64_t mask = wide ? UINT64_MAX : UINT32_MAX;
	if (v != v)
		return saturate ? bits_(0) : undefined_;
	if (t < low)
		return saturate ? bits_(is_signed ? (wide ? 1ull << 63 : 1ull << 31) : 0) : undefined_;
	if (t >= high)
		return saturate ? bits_(is_signed ? mask >> 1 : mask) : undefined_;
	return bits_((t < 0 ? (uint64_t)(int64_t)t : (uint64_t)t) & mask);
}

static expectation model_unary(uint8_t op, uint64_t s)
{
	volatile float x = f32_of(s);
	volatile double u = f64_of(s);
	uint64_t n = 0;
	switch (op) {
	case WX_OP_I32_CLZ: return bits_((uint32_t)s ? (unsigned)__builtin_clz((uint32_t)s) : 32);
	case WX_OP_I32_CTZ: return bits_((uint32_t)s ? (unsigned)__builtin_ctz((uint32_t)s) : 32);
	case WX_OP_I64_CLZ: return bits_(s ? (unsigned)__builtin_clzll(s) : 64);
	case WX_OP_I64_CTZ: return bits_(s ? (unsigned)__builtin_ctzll(s) : 64);
	case WX_OP_I32_POPCNT:
	case WX_OP_I64_POPCNT:
		for (; s; s &= s - 1)
			n++;
		return bits_(n);
	case WX_OP_I32_WRAP_I64:
	case WX_OP_I64_EXTEND_I32_U: return bits_((uint32_t)s);
	case WX_OP_I64_EXTEND_I32_S:
	case WX_OP_I64_EXTEND32_S: return bits_((uint64_t)(int32_t)s);
	case WX_OP_I32_EXTEND8_S: return bits_((uint32_t)(int8_t)s);
	case WX_OP_I32_EXTEND16_S: return bits_((uint32_t)(int16_t)s);
	case WX_OP_I64_EXTEND8_S: return bits_((uint64_t)(int8_t)s);
	case WX_OP_I64_EXTEND16_S: return bits_((uint64_t)(int16_t)s);
	case WX_OP_F32_ABS: return bits_(s & INT32_MAX);
	case WX_OP_F64_ABS: return bits_(s & INT64_MAX);
	case WX_OP_F32_NEG: return bits_(s ^ 1u << 31);
	case WX_OP_F64_NEG: return bits_(s ^ 1ull << 63);
	case WX_OP_F32_CEIL: return float_(WX_F32, f32_bits(ceilf(x)));
	case WX_OP_F32_FLOOR: return float_(WX_F32, f32_bits(floorf(x)));
	case WX_OP_F32_TRUNC: return float_(WX_F32, f32_bits(truncf(x)));
	case WX_OP_F32_NEAREST: return float_(WX_F32, f32_bits(rintf(x)));
	case WX_OP_F32_SQRT: return float_(WX_F32, f32_bits(sqrtf(x)));
	case WX_OP_F64_CEIL: return float_(WX_F64, f64_bits(ceil(u)));
	case WX_OP_F64_FLOOR: return float_(WX_F64, f64_bits(floor(u)));
	case WX_OP_F64_TRUNC: return float_(WX_F64, f64_bits(trunc(u)));
	case WX_OP_F64_NEAREST: return float_(WX_F64, f64_bits(rint(u)));
	case WX_OP_F64_SQRT: return float_(WX_F64, f64_bits(sqrt(u)));
	case WX_OP_F32_DEMOTE_F64: return float_(WX_F32, f32_bits((float)u));
	case WX_OP_F64_PROMOTE_F32: return float_(WX_F64, f64_bits((double)x));
	case WX_OP_I32_REINTERPRET_F32:
	case WX_OP_I64_REINTERPRET_F64:
	case WX_OP_F32_REINTERPRET_I32:
	case WX_OP_F64_REINTERPRET_I64: return bits_(s);
	case WX_OP_F32_CONVERT_I32_S: return bits_(f32_bits((float)rounded_s((int32_t)s, 24)));
	case WX_OP_F32_CONVERT_I32_U: return bits_(f32_bits((float)rounded((uint32_t)s, 24)));
	case WX_OP_F32_CONVERT_I64_S: return bits_(f32_bits((float)rounded_s((int64_t)s, 24)));
	case WX_OP_F32_CONVERT_I64_U: return bits_(f32_bits((float)rounded(s, 24)));
	case WX_OP_F64_CONVERT_I32_S: return bits_(f64_bits(rounded_s((int32_t)s, 53)));
	case WX_OP_F64_CONVERT_I32_U: return bits_(f64_bits(rounded((uint32_t)s, 53)));
	case WX_OP_F64_CONVERT_I64_S: return bits_(f64_bits(rounded_s((int64_t)s, 53)));
	case WX_OP_F64_CONVERT_I64_U: return bits_(f64_bits(rounded(s, 53)));
	case WX_OP_I32_TRUNC_F32_S: return model_trunc(false, false, true, x);
	case WX_OP_I32_TRUNC_F32_U: return model_trunc(false, false, false, x);
	case WX_OP_I32_TRUNC_F64_S: return model_trunc(false, false, true, u);
	case WX_OP_I32_TRUNC_F64_U: return model_trunc(false, false, false, u);
	case WX_OP_I64_TRUNC_F32_S: return model_trunc(false, true, true, x);
	case WX_OP_I64_TRUNC_F32_U: return model_trunc(false, true, false, x);
	case WX_OP_I64_TRUNC_F64_S: return model_trunc(false, true, true, u);
	case WX_OP_I64_TRUNC_F64_U: return model_trunc(false, true, false, u);
	case WX_OP_I32_TRUNC_SAT_F32_S: return model_trunc(true, false, true, x);
	case WX_OP_I32_TRUNC_SAT_F32_U: return model_trunc(true, false, false, x);
	case WX_OP_I32_TRUNC_SAT_F64_S: return model_trunc(true, false, true, u);
	case WX_OP_I32_TRUNC_SAT_F64_U: return model_trunc(true, false, false, u);
	case WX_OP_I64_TRUNC_SAT_F32_S: return model_trunc(true, true, true, x);
	case WX_OP_I64_TRUNC_SAT_F32_U: return model_trunc(true, true, false, x);
	case WX_OP_I64_TRUNC_SAT_F64_S: return model_trunc(true, true, true, u);
	case WX_OP_I64_TRUNC_SAT_F64_U: return model_trunc(true, true, false, u);
	default: return undefined_;
	}
}

static bool model_compare(wx_cond c, wx_type t, uint64_t a, uint64_t b)
{
	if (is_fp(t)) {
		double x = t == WX_F32 ? (double)f32_of(a) : f64_of(a), y = t == WX_F32 ? (double)f32_of(b) : f64_of(b);
		switch (c) {
		case WX_F_EQ: return x == y;
		case WX_F_NE: return x != y;
		case WX_F_LT: return x < y;
		case WX_F_GT: return x > y;
		case WX_F_LE: return x <= y;
		case WX_F_GE: return x >= y;
		case WX_F_NLT: return !(x < y);
		case WX_F_NGT: return !(x > y);
		case WX_F_NLE: return !(x <= y);
		default: return !(x >= y);
		}
	}
	int64_t sa = is_wide(t) ? (int64_t)a : (int32_t)a, sb = is_wide(t) ? (int64_t)b : (int32_t)b;
	switch (c) {
	case WX_EQ: return a == b;
	case WX_NE: return a != b;
	case WX_LT_S: return sa < sb;
	case WX_GE_S: return sa >= sb;
	case WX_GT_S: return sa > sb;
	case WX_LE_S: return sa <= sb;
	case WX_LT_U: return a < b;
	case WX_GE_U: return a >= b;
	case WX_GT_U: return a > b;
	default: return a <= b;
	}
}

static void expect(wx_type t, wx_reg d, expectation e, bool canonicalized, const char *what, uint64_t a, uint64_t b)
{
	uint64_t got = get(t, d);
	bool good = e.nan ? (canonicalized ? got == canonical(t) : is_nan(t, got) && is_quiet(t, got)) : got == e.bits;
	if (!good)
		fail("%s(%llx, %llx): got %llx, expected %llx%s", what, (unsigned long long)a, (unsigned long long)b,
			(unsigned long long)got, (unsigned long long)e.bits, e.nan ? " nan" : "");
}

/* Bit operations, which leave the rest of a NaN alone. */
static bool keeps_nan(unsigned op)
{
	switch (op) {
	case WX_OP_F32_ABS:
	case WX_OP_F32_NEG:
	case WX_OP_F32_COPYSIGN:
	case WX_OP_F64_ABS:
	case WX_OP_F64_NEG:
	case WX_OP_F64_COPYSIGN:
	case WX_OP_F32_REINTERPRET_I32:
	case WX_OP_F64_REINTERPRET_I64: return true;
	default: return false;
	}
}

/*
 * Is wx_asm_canonical to follow? ISA_TEST_DEFAULT_NAN: the machine's arithmetic gives canonical NaNs by itself, and
 * wx_asm_canonical does nothing.
 */
static bool canonicalize(unsigned op, wx_type t)
{
#ifdef ISA_TEST_DEFAULT_NAN
	return is_fp(t) && !keeps_nan(op);
#else
	(void)keeps_nan;
	(void)op;
	return is_fp(t) && below(2);
#endif
}

/* ---- groups ---- */

static const wx_type types[] = { WX_I32, WX_I64, WX_F32, WX_F64, WX_REF };

static void test_move(void)
{
	for (unsigned i = 0; i < 5; i++) {
		wx_type t = types[i];
		wx_reg list[16];
		uint32_t n = candidates(t, list);
		for (uint32_t d = 0; d < n; d++)
			for (uint32_t s = 0; s < n; s++) {
				begin();
				EMIT(wx_asm_move(as, t, list[d], list[s]));
				if (d == s && as->size)
					fail("move to itself");
				const uint8_t *code = finish();
				for (unsigned k = 0; k < 4; k++) {
					randomize();
					uint64_t v = random_value(t);
					put(t, list[s], v);
					run(code);
					expect(t, list[d], bits_(is_wide(t) ? v : (uint32_t)v), false, "move", v, 0);
					check_kept(mask_of(list[d]), "move");
				}
			}
		for (uint32_t d = 0; d < n; d++)
			for (unsigned k = 0; k < 300; k++) {
				uint64_t v = k < INT_VALUES ? int_values[k] : random_value(t);
				if (!is_wide(t))
					v = (uint32_t)v;
				begin();
				EMIT(wx_asm_const(as, t, list[d], v));
				const uint8_t *code = finish();
				randomize();
				run(code);
				expect(t, list[d], bits_(v), false, "const", v, 0);
				check_kept(mask_of(list[d]), "const");
			}
	}
	group("move, const");
}

static void test_load_store(void)
{
	static const uint32_t offsets[] = { 0, 4, 8, 16, 120, 124, 128, 132, 248, 252, 256, 508, 1016, 1020, 1024, 1028,
		4088, 4092, 4096, 4100, 65532, 65536, 1048568, 1048576 };
	static uint64_t block[(1 << 17) + 64];
	for (unsigned i = 0; i < 5; i++) {
		wx_type t = types[i];
		wx_reg list[16], bases[17];
		uint32_t n = candidates(t, list), base_count = candidates(WX_I32, bases);
		bases[base_count++] = (wx_reg){ ISA_SP, WX_NO_REG };
		bases[base_count++] = (wx_reg){ ISA_CTX, WX_NO_REG };
		for (uint32_t r = 0; r < n; r++)
			for (uint32_t b = 0; b < base_count; b++)
				for (unsigned o = 0; o < sizeof offsets / sizeof *offsets; o++)
					for (unsigned store = 0; store < 3; store++) {
						uint8_t base = bases[b].r;
						uint32_t offset = offsets[o];
						bool sp = base == ISA_SP;
						if (sp && (offset + 1 <= ISA_TEST_SP_FIRST || offset > 4096))
							continue;
						if (store && mask_of(list[r]) >> base & 1)
							continue;
						uint64_t v = random_value(t);
						begin();
						free_some(mask_of(list[r]) | 1u << base);
						if (store == 2)
							EMIT(wx_asm_store_const(as, t, v, base, offset));
						else if (store)
							EMIT(wx_asm_store(as, t, list[r], base, offset));
						else if (sp) { /* what was stored there comes back */
							wx_reg from = other(t, mask_of(list[r]));
							as->free &= ~mask_of(from);
							randomize();
							put(t, from, v);
							EMIT(wx_asm_store(as, t, from, base, offset));
							EMIT(wx_asm_load(as, t, list[r], base, offset));
						} else
							EMIT(wx_asm_load(as, t, list[r], base, offset));
						const uint8_t *code = finish();
						uint8_t *cell = (uint8_t *)block + offset;
						uint32_t size = is_wide(t) ? 8 : 4;
						memset(cell, 0x5A, 16);
						if (!(sp && !store))
							randomize();
						if (store)
							put(t, list[r], v);
						else
							memcpy(cell, &v, size);
						if (!sp)
							m.general[base] = (uintptr_t)block;
						run(code);
						if (!store) {
							expect(t, list[r], bits_(is_wide(t) ? v : (uint32_t)v), false, "load", offset, base);
							check_kept(mask_of(list[r]), "load");
						} else {
							uint64_t got = 0;
							if (sp)
								cell = (uint8_t *)(uintptr_t)m.sp + offset;
							memcpy(&got, cell, size);
							if (got != v || (!sp && cell[size] != 0x5A))
								fail("store to %u + %u: got %llx, expected %llx", base, offset, (unsigned long long)got,
									(unsigned long long)v);
							check_kept(0, "store");
						}
					}
	}
	group("load, store, store_const");
}

static bool divides(unsigned op)
{
	return (op >= WX_OP_I32_DIV_S && op <= WX_OP_I32_REM_U) || (op >= WX_OP_I64_DIV_S && op <= WX_OP_I64_REM_U);
}

static void test_binary(void)
{
	for (unsigned op = WX_OP_I32_ADD; op <= WX_OP_F64_COPYSIGN; op++) {
		const wx_op_row *row = &wx_op_info[op];
		if (row->npop != 2 || !wx_asm_has((uint8_t)op))
			continue;
		wx_type t = type_of(row->push);
		wx_reg list[16];
		uint32_t n = candidates(t, list);
		for (uint32_t d = 0; d < n; d++)
			for (uint32_t a = 0; a < n; a++)
				for (uint32_t b = 0; b < n; b++) {
					if (divides(op) && (mask_of(list[a]) | mask_of(list[b])) & ISA_DIVISION)
						continue;
					bool canon = canonicalize(op, t);
					begin();
					free_some(mask_of(list[d]) | mask_of(list[a]) | mask_of(list[b]));
					EMIT(wx_asm_binary(as, (uint8_t)op, list[d], list[a], in_register(list[b])));
					if (canon)
						EMIT(wx_asm_canonical(as, t, list[d]));
					const uint8_t *code = finish();
					bool all = n < 6 || below(16) == 0;
					uint32_t values = is_fp(t) ? (t == WX_F32 ? f32_count : f64_count) : INT_VALUES;
					const uint64_t *table = is_fp(t) ? (t == WX_F32 ? f32_values : f64_values) : int_values;
					for (uint32_t k = 0; k < (all ? values * values : 40); k++) {
						uint64_t x = all ? table[k / values] : random_value(t),
								 y = all ? table[k % values] : random_value(t);
						if (!is_wide(t)) {
							x = (uint32_t)x;
							y = (uint32_t)y;
						}
						if (a == b)
							y = x;
						expectation e = model_binary((uint8_t)op, x, y);
						if (e.undefined)
							continue;
						randomize();
						put(t, list[a], x);
						put(t, list[b], y);
						run(code);
						if (canon && !e.nan && is_nan(t, e.bits)) { /* copysign, of a NaN */
							e.nan = true;
						}
						expect(t, list[d], e, canon, row->name, x, y);
						check_kept(mask_of(list[d]) | (divides(op) ? ISA_DIVISION : 0), row->name);
					}
				}
		if (is_fp(t))
			continue;
		for (uint32_t k = 0; k < INT_VALUES + 200; k++) {
			uint64_t y = k < INT_VALUES ? int_values[k] : random_value(t);
			if (!is_wide(t))
				y = (uint32_t)y;
			for (uint32_t d = 0; d < n; d++) {
				for (unsigned s = 0; s < 2; s++) {
					wx_reg a = s ? list[d] : any(t);
					if (divides(op) && mask_of(a) & ISA_DIVISION)
						continue;
					begin();
					free_some(mask_of(list[d]) | mask_of(a));
					EMIT(wx_asm_binary(as, (uint8_t)op, list[d], a, immediate(y)));
					const uint8_t *code = finish();
					for (uint32_t v = 0; v < INT_VALUES + 10; v++) {
						uint64_t x = v < INT_VALUES ? int_values[v] : random_value(t);
						if (!is_wide(t))
							x = (uint32_t)x;
						expectation e = model_binary((uint8_t)op, x, y);
						if (e.undefined)
							continue;
						randomize();
						put(t, a, x);
						run(code);
						expect(t, list[d], e, false, row->name, x, y);
						check_kept(mask_of(list[d]) | (divides(op) ? ISA_DIVISION : 0), row->name);
					}
				}
			}
		}
	}
	group("binary");
}

/* Registers that are not allocatable, as sources: addresses in the frame and in the context, the size of memory. */
static void test_fixed(void)
{
	const uint8_t add = ISA_WORD == 8 ? WX_OP_I64_ADD : WX_OP_I32_ADD,
				  shift = ISA_WORD == 8 ? WX_OP_I64_SHR_U : WX_OP_I32_SHR_U;
	const wx_type word = ISA_WORD == 8 ? WX_I64 : WX_I32;
	wx_reg list[16], scratch = { ISA_CALL_SCRATCH, WX_NO_REG };
	uint32_t n = candidates(WX_REF, list);
	list[n++] = scratch;
	for (unsigned i = 0; i < 4000; i++) {
		wx_reg d = list[below(n)];
		uint32_t v = i < 300 ? 4 * i : (uint32_t)random64() >> (12 + below(20));
		unsigned form = below(4);
		wx_reg s = { form == 0 ? ISA_SP : form == 1 ? ISA_CTX : ISA_MEMORY_LIMIT, WX_NO_REG };
		begin();
		if (form < 2)
			EMIT(wx_asm_binary(as, add, d, s, immediate(v)));
		else if (form == 2)
			EMIT(wx_asm_binary(as, shift, d, s, immediate(v & 31)));
		else
			EMIT(wx_asm_move(as, word, d, s));
		/* the scratch register is read by a store at once */
		EMIT(wx_asm_store(as, word, d, ISA_CTX, 32 * ISA_WORD));
		const uint8_t *code = finish();
		randomize();
		uintptr_t size = m.general[ISA_MEMORY_LIMIT];
		run(code);
		uintptr_t e = form == 0 ? (uintptr_t)m.sp + v
			: form == 1         ? (uintptr_t)context + v
			: form == 2         ? size >> (v & 31)
								: size;
		if (context[32] != e)
			fail("fixed register, form %u: got %llx, expected %llx", form, (unsigned long long)context[32],
				(unsigned long long)e);
		check_kept(mask_of(d), "fixed register");
	}
	group("fixed registers");
}

/* The second operand in memory: in the frame, where a store has just put it, or at an index of linear memory. */
static void test_memory_operand(void)
{
	static uint64_t cell;
	for (unsigned i = 0; i < 40000; i++) {
		unsigned op = below(256);
		bool compares = op > WX_OP_I32_EQZ && op <= WX_OP_F64_GE && op != WX_OP_I64_EQZ;
		wx_type t = type_of(wx_op_info[op].pop[0]);
		wx_cond c = is_fp(t) ? (wx_cond)(WX_F_EQ + below(10)) : (wx_cond)below(10);
		if (compares ? !wx_asm_has_memory_compare(c) : !wx_asm_has_memory_operand((uint8_t)op))
			continue;
		wx_reg d = any(compares ? WX_I32 : t), a = any(t), index = any(WX_I32), from = other(t, mask_of(a));
		bool frame = below(3) == 0, selects = compares && below(2), canon = !compares && canonicalize(op, t);
		wx_operand b = { .memory = true,
			.base = frame ? ISA_SP : ISA_MEMORY,
			.index = frame || below(4) == 0 ? WX_NO_REG : index.r,
			.scale = (uint8_t)below(4),
			.reg = { WX_NO_REG, WX_NO_REG } };
		b.value = frame ? ISA_TEST_SP_FIRST + 8 * below(20)
			: below(2)  ? below(100)
						: (uint32_t)random_value(WX_I32) >> 1;
		begin();
		if (frame)
			EMIT(wx_asm_store(as, t, from, ISA_SP, (uint32_t)b.value));
		wx_reg x = any(WX_I32), y = any(WX_I32);
		if (selects)
			EMIT(wx_asm_select(as, c, t, a, b, WX_I32, d, x, y));
		else if (compares)
			EMIT(wx_asm_set(as, c, t, d, a, b));
		else
			EMIT(wx_asm_binary(as, (uint8_t)op, d, a, b));
		if (canon)
			EMIT(wx_asm_canonical(as, t, d));
		const uint8_t *code = finish();
		for (unsigned k = 0; k < 20; k++) {
			randomize();
			uint32_t vx = (uint32_t)random_value(WX_I32), vy = (uint32_t)random_value(WX_I32);
			put(WX_I32, index, (uint32_t)random_value(WX_I32));
			put(WX_I32, x, vx);
			put(WX_I32, y, vy);
			uint64_t va = random_value(t), vb = random_value(t);
			if (below(4) == 0)
				vb = va;
			if (!is_wide(t)) {
				va = (uint32_t)va;
				vb = (uint32_t)vb;
			}
			put(t, a, va);
			if (frame)
				put(t, from, vb);
			/* x and y may be the register of a wide a */
			if (selects && (get(WX_I64, x) >> 32 || get(WX_I64, y) >> 32))
				continue;
			vx = (uint32_t)get(WX_I32, x);
			vy = (uint32_t)get(WX_I32, y);
			memset(&cell, 0x5A, sizeof cell);
			memcpy(&cell, &vb, is_wide(t) ? 8 : 4);
			m.general[ISA_MEMORY] = (uintptr_t)&cell - (uintptr_t)b.value -
				(b.index == WX_NO_REG ? 0 : m.general[b.index] << b.scale);
			run(code);
			char what[64];
			snprintf(what, sizeof what, "%s with an operand in memory", wx_op_info[op].name);
			expectation e = compares
				? bits_(selects ? (model_compare(c, t, va, vb) ? vx : vy) : model_compare(c, t, va, vb))
				: model_binary((uint8_t)op, va, vb);
			expect(compares ? WX_I32 : t, d, e, canon, what, va, vb);
			check_kept(mask_of(d), what);
		}
	}
	group("operands in memory");
}

static void test_unary(void)
{
	for (unsigned op = 0; op < 256; op++) {
		const wx_op_row *row = &wx_op_info[op];
		if (row->npop != 1 || model_unary((uint8_t)op, 0).undefined || !wx_asm_has((uint8_t)op))
			continue;
		wx_type t = type_of(row->push), st = type_of(row->pop[0]);
		wx_reg list[16], from[16];
		uint32_t n = candidates(t, list), sn = candidates(st, from);
		for (uint32_t d = 0; d < n; d++)
			for (uint32_t s = 0; s < sn; s++) {
				uint32_t shared = mask_of(list[d]) & mask_of(from[s]);
				if (ISA_WORD == 4 && shared && t != st && (t == WX_I64 || st == WX_I64) && from[s].r != list[d].r)
					continue;
				bool canon = canonicalize(op, t);
				begin();
				EMIT(wx_asm_unary(as, (uint8_t)op, list[d], from[s]));
				if (canon)
					EMIT(wx_asm_canonical(as, t, list[d]));
				const uint8_t *code = finish();
				uint32_t values = is_fp(st) ? (st == WX_F32 ? f32_count : f64_count) : INT_VALUES;
				const uint64_t *table = is_fp(st) ? (st == WX_F32 ? f32_values : f64_values) : int_values;
				for (uint32_t k = 0; k < values + 200; k++) {
					uint64_t x = k < values ? table[k] : random_value(st);
					if (!is_wide(st))
						x = (uint32_t)x;
					expectation e = model_unary((uint8_t)op, x);
					if (e.undefined)
						continue;
					randomize();
					put(st, from[s], x);
					run(code);
					if (canon && is_nan(t, e.bits))
						e.nan = true;
					expect(t, list[d], e, canon, row->name, x, 0);
					check_kept(mask_of(list[d]), row->name);
				}
			}
	}
	group("unary, canonical");
}

/* A random compare: registers, operand, code for it in one of several forms. */
typedef struct {
	wx_type t;
	wx_cond c;
	wx_reg a;
	wx_operand b;
	uint64_t imm;
} comparison;

static wx_cond any_cond(wx_type t)
{
	return is_fp(t) ? (wx_cond)(WX_F_EQ + below(10)) : (wx_cond)below(10);
}

static comparison any_comparison(void)
{
	comparison k;
	k.t = types[below(5)];
	k.c = k.t == WX_REF ? (wx_cond)below(2) : any_cond(k.t);
	k.a = any(k.t);
	k.imm = random_value(k.t);
	k.b = !is_fp(k.t) && below(2) ? immediate(k.imm) : in_register(any(k.t));
	return k;
}

/* Put operands; returns whether the relation holds. */
static bool put_comparison(const comparison *k, uint64_t *x, uint64_t *y)
{
	*x = random_value(k->t);
	*y = k->b.immediate ? k->imm : random_value(k->t);
	if (below(4) == 0)
		*x = *y;
	if (below(4) == 0)
		*x = *y + (below(2) ? 1 : -1u);
	if (!is_wide(k->t))
		*x = (uint32_t)*x;
	put(k->t, k->a, *x);
	if (!k->b.immediate) {
		if (same_reg(k->a, k->b.reg))
			*y = *x;
		else
			put(k->t, k->b.reg, *y);
	}
	return model_compare(k->c, k->t, *x, *y);
}

static uint32_t mask_of_comparison(const comparison *k)
{
	return mask_of(k->a) | mask_of(k->b.reg);
}

/* Registers that a pair d may be: whole source pairs or disjoint from them. */
static bool fits_pairs(wx_type t, wx_reg d, const comparison *k)
{
	if (ISA_WORD == 8)
		return true;
	if (d.h == WX_NO_REG && k->a.h == WX_NO_REG)
		return true;
	uint32_t md = mask_of(d);
	(void)t;
	return (same_reg(d, k->a) || !(md & mask_of(k->a))) &&
		(k->b.immediate || same_reg(d, k->b.reg) || !(md & mask_of(k->b.reg)));
}

static void test_set(void)
{
	for (unsigned i = 0; i < 60000; i++) {
		comparison k = any_comparison();
		wx_reg d = any(WX_I32);
		begin();
		EMIT(wx_asm_set(as, k.c, k.t, d, k.a, k.b));
		const uint8_t *code = finish();
		for (unsigned j = 0; j < 40; j++) {
			uint64_t x, y;
			randomize();
			bool holds = put_comparison(&k, &x, &y);
			run(code);
			char what[32];
			snprintf(what, sizeof what, "set cond %d type %d", k.c, k.t);
			expect(WX_I32, d, bits_(holds), false, what, x, y);
			check_kept(mask_of(d), what);
		}
	}
	group("set");
}

static void test_select(void)
{
	for (unsigned i = 0; i < 60000; i++) {
		comparison k = any_comparison();
		wx_type vt = types[below(5)];
		wx_reg d = any(vt), x = any(vt), y = any(vt);
		if (below(3) == 0)
			x = d;
		else if (below(3) == 0)
			y = d;
		if (!fits_pairs(vt, d, &k))
			continue;
		begin();
		EMIT(wx_asm_select(as, k.c, k.t, k.a, k.b, vt, d, x, y));
		const uint8_t *code = finish();
		for (unsigned j = 0; j < 40; j++) {
			uint64_t a, b;
			randomize();
			uint64_t vx = random_value(vt), vy = random_value(vt);
			put(vt, x, vx);
			put(vt, y, vy);
			/* operands last, and x and y read back: they may be the same registers */
			bool holds = put_comparison(&k, &a, &b);
			vx = get(vt, x);
			vy = get(vt, y);
			if (vt == WX_I32 && ISA_WORD == 8 && (vx >> 32 || vy >> 32))
				continue;
			run(code);
			char what[64];
			snprintf(what, sizeof what, "select cond %d type %d of %d", k.c, k.t, vt);
			expect(vt, d, bits_(holds ? vx : vy), false, what, a, b);
			check_kept(mask_of(d), what);
		}
	}
	group("select");
}

static void test_branch(void)
{
	for (unsigned i = 0; i < 60000; i++) {
		comparison k = any_comparison();
		wx_reg d = other(WX_I32, mask_of_comparison(&k));
		unsigned form = below(3), filler = below(3) ? below(8) : 40 + below(20);
		begin();
		if (form == 0) { /* forward, a chain of three */
			EMIT(wx_asm_const(as, WX_I32, d, 1));
			uint32_t chain = 0;
			EMIT(chain = wx_asm_branch(as, k.c, k.t, k.a, k.b, chain));
			EMIT(chain = wx_asm_branch(as, k.c, k.t, k.a, k.b, chain));
			EMIT(wx_asm_const(as, WX_I32, d, 0));
			EMIT(chain = wx_asm_jump(as, chain));
			EMIT(wx_asm_const(as, WX_I32, d, 2));
			for (unsigned f = 0; f < filler; f++)
				wx_asm_const(as, WX_I32, d, 3);
			wx_asm_link(as, chain, as->size);
		} else if (form == 1) { /* backward: skip over the target, come back to it */
			EMIT(wx_asm_const(as, WX_I32, d, 0));
			uint32_t over = wx_asm_jump(as, 0);
			uint32_t target = as->size;
			EMIT(wx_asm_const(as, WX_I32, d, 1));
			uint32_t out = wx_asm_jump(as, 0);
			for (unsigned f = 0; f < filler; f++)
				wx_asm_const(as, WX_I32, d, 3);
			wx_asm_link(as, over, as->size);
			EMIT(wx_asm_branch_back(as, k.c, k.t, k.a, k.b, target));
			wx_asm_link(as, out, as->size);
		} else { /* jump back */
			EMIT(wx_asm_const(as, WX_I32, d, 0));
			uint32_t over = wx_asm_jump(as, 0);
			uint32_t target = as->size;
			EMIT(wx_asm_const(as, WX_I32, d, 1));
			uint32_t out = wx_asm_jump(as, 0);
			for (unsigned f = 0; f < filler; f++)
				wx_asm_const(as, WX_I32, d, 3);
			wx_asm_link(as, over, as->size);
			out = wx_asm_branch(as, wx_cond_not(k.c), k.t, k.a, k.b, out);
			EMIT(wx_asm_jump_back(as, target));
			wx_asm_link(as, out, as->size);
		}
		const uint8_t *code = finish();
		for (unsigned j = 0; j < 40; j++) {
			uint64_t x, y;
			randomize();
			bool holds = put_comparison(&k, &x, &y);
			run(code);
			char what[64];
			snprintf(what, sizeof what, "branch form %u cond %d type %d", form, k.c, k.t);
			expect(WX_I32, d, bits_(holds), false, what, x, y);
			check_kept(mask_of(d), what);
		}
	}
	group("branch, jump, link");
}

static void test_table(void)
{
	for (unsigned i = 0; i < 3000; i++) {
		uint32_t count = 1 + below(i % 10 == 0 ? 300 : 12);
		wx_reg index = any(WX_I32), d = other(WX_I32, mask_of(index));
		begin();
		uint32_t at = as->size, targets[320], out = 0;
		uint32_t table = wx_asm_table(as, index.r, count);
		if (as->size - at > WX_TABLE_ROOM(count))
			fail("table of %u: %u bytes", count, as->size - at);
		for (uint32_t j = 0; j < count; j++) {
			targets[j] = as->size;
			EMIT(wx_asm_const(as, WX_I32, d, j * 7 + 1));
			EMIT(out = wx_asm_jump(as, out));
		}
		wx_asm_link(as, out, as->size);
		for (uint32_t j = count; j-- > 0;)
			wx_asm_table_entry(as, table, j, targets[j]);
		const uint8_t *code = finish();
		for (uint32_t j = 0; j < count; j++) {
			randomize();
			put(WX_I32, index, j);
			run(code);
			expect(WX_I32, d, bits_(j * 7 + 1), false, "table", j, count);
			check_kept(mask_of(d) | mask_of(index), "table");
		}
	}
	group("table");
}

static void test_memory(void)
{
	static uint8_t buffer[64];
	static const uint32_t offsets[] = { 0, 1, 2, 3, 4, 7, 8, 31, 32, 60, 62, 63, 64, 120, 124, 127, 128, 252, 255, 256,
		508, 510, 1020, 1021, 1024, 4090, 4091, 4095, 4096, 65535, 65536, 0xFFFFF, 0x7FFFFFF7, 0x7FFFFFFF, 0x80000000,
		0xFFFFFFFF };
	for (unsigned op = WX_OP_I32_LOAD; op <= WX_OP_I64_STORE32; op++) {
		const wx_op_row *row = &wx_op_info[op];
		bool store = op >= WX_OP_I32_STORE;
		wx_type t = type_of(store ? row->pop[1] : row->push);
		uint32_t size = 1u << row->size;
		wx_reg list[16], addresses[17];
		uint32_t n = candidates(t, list), an = candidates(WX_I32, addresses);
		addresses[an++] = (wx_reg){ WX_NO_REG, WX_NO_REG };
		for (uint32_t r = 0; r < n; r++)
			for (uint32_t a = 0; a < an; a++)
				for (unsigned o = 0; o < sizeof offsets / sizeof *offsets; o++) {
					bool aligned = below(2);
					if (store && mask_of(list[r]) & mask_of(addresses[a]) && t != WX_I32)
						continue;
					if (mask_of(list[r]) & mask_of(addresses[a]) && list[r].h != WX_NO_REG)
						continue;
					wx_address place = { .reg = addresses[a].r, .pointer = WX_NO_REG, .offset = offsets[o] };
					uint8_t scale = (uint8_t)below(4);
					bool folded = false;
					if (place.reg != WX_NO_REG && below(2) &&
						wx_asm_has_scaled_address((uint8_t)op, scale, place.offset, aligned)) {
						place.scale = scale;
						place.wraps = below(2);
						folded = true;
					}
					begin();
					wx_reg pointer = any(WX_I32);
					if (!folded && below(2) && wx_asm_has_pointer((uint8_t)op, place.offset, aligned) &&
						!(mask_of(pointer) & mask_of(list[r]))) {
						place.pointer = pointer.r;
						place.reg = WX_NO_REG;
					}
					free_some(mask_of(list[r]) | mask_of(addresses[a]) | mask_of(pointer));
					if (store)
						EMIT(wx_asm_memory_store(as, (uint8_t)op, list[r], place, aligned));
					else
						EMIT(wx_asm_memory_load(as, (uint8_t)op, list[r], place, aligned));
					const uint8_t *code = finish();
					for (unsigned k = 0; k < 6; k++) {
						uint64_t v = random_value(t), got = 0, e;
						uint32_t at = aligned ? 16 : 16 + below(8);
						uint32_t address = addresses[a].r == WX_NO_REG ? 0
							: k == 0                                   ? 0
																	   : (uint32_t)(random64() >> below(32));
						if (folded && !place.wraps && ((uint64_t)address << scale) + offsets[o] > UINT32_MAX)
							address = 0;
						randomize();
						if (store)
							put(t, list[r], v);
						if (addresses[a].r != WX_NO_REG)
							m.general[addresses[a].r] = address;
						if (store)
							v = get(t, list[r]);
						/* so that base + address + offset is in the buffer */
						m.general[ISA_MEMORY] = (uintptr_t)buffer + at - address - offsets[o];
						if (place.pointer != WX_NO_REG)
							m.general[place.pointer] = (uintptr_t)buffer + at - offsets[o];
						if (folded)
							m.general[ISA_MEMORY] = (uintptr_t)buffer + at -
								(uint32_t)((address << place.scale) + offsets[o]);
						for (unsigned i = 0; i < 64; i++)
							buffer[i] = (uint8_t)random64();
						uint8_t copy[64];
						memcpy(copy, buffer, 64);
						if (!store)
							memcpy(&got, buffer + at, size);
						run(code);
						if (store) {
							memcpy(copy + at, &v, size);
							if (memcmp(copy, buffer, 64))
								fail("%s offset %x: memory differs", row->name, offsets[o]);
							check_kept(0, row->name);
							continue;
						}
						bool is_signed = strstr(row->name, "_s") != NULL;
						e = got;
						if (is_signed) {
							unsigned shift = 64 - 8 * size;
							e = (uint64_t)((int64_t)(got << shift) >> shift);
							if (t == WX_I32)
								e = (uint32_t)e;
						}
						expect(t, list[r], bits_(e), false, row->name, address, offsets[o]);
						check_kept(mask_of(list[r]), row->name);
					}
				}
	}
	group("memory");
}

/* ---- images: vectors, functions, calls ---- */

static uint8_t *image;
static uint32_t image_used, helper_calls;
static void *helpers[256];

static void reset_image(void)
{
	wx_asm v;
	memset(&v, 0, sizeof v);
	v.code = image + WX_IMAGE_VECTORS;
	v.capacity = 1024;
	wx_asm_vectors(&v);
	if (v.failed || v.size < WX_TRAP_COUNT * ISA_VECTOR_SIZE)
		fail("vectors");
	if (dump && !dump_paused)
		fwrite(v.code, 1, v.size, dump);
	image_used = (WX_IMAGE_VECTORS + v.size + ISA_CODE_ALIGN - 1) & ~(ISA_CODE_ALIGN - 1u);
}

typedef struct {
	uint32_t image; /* offset of its start */
	uint32_t near_entry; /* image offset */
	uint32_t frame;
	int32_t return_slot;
	wx_site sites[64];
	uint32_t site_count;
} placed;

/* Finish the function in `as` and put it into the image. */
static placed place(const wx_frame *frame, uint32_t returns)
{
	placed p;
	memset(&p, 0, sizeof p);
	p.image = image_used;
	wx_finished done = wx_asm_finish(as, frame, p.image, returns);
	uint32_t start = done.start, near_entry = done.near_entry;
	p.frame = done.frame_bytes;
	p.return_slot = done.return_slot;
	if (as->failed) {
		fail("finish failed");
		return p;
	}
	if (start + near_entry > WX_ASM_HEAD)
		fail("head too long");
	uint32_t size = as->size - start;
	memcpy(image + image_used, as->code + start, size);
	if (dump && !dump_paused)
		fwrite(as->code + start, 1, size, dump);
	p.near_entry = p.image + near_entry;
	for (uint32_t i = 0; i < as->site_count && p.site_count < 64; i++)
		p.sites[p.site_count++] = as->sites[i];
	image_used = (image_used + size + ISA_CODE_ALIGN - 1) & ~(ISA_CODE_ALIGN - 1u);
	flush_code(image, image_used);
	return p;
}

static void begin_function(void)
{
	begin();
	for (unsigned i = 0; i < WX_ASM_HEAD; i++)
		wx_asm_u8(as, 0);
}

static void set_context(void)
{
	memset(context, 0, sizeof context);
	context[WX_CTX_MEMORY] = (uintptr_t)&memory_words;
	context[WX_CTX_HELPERS] = (uintptr_t)helpers;
	context[WX_CTX_ARGS] = (uintptr_t)area;
	context[WX_CTX_TRAP_EXIT] = (uintptr_t)isa_trap_exit;
	context[WX_CTX_IMAGE] = (uintptr_t)image;
}

static void run_image(uint32_t at)
{
	flush_code(image, IMAGE_SIZE);
	run(image + at);
}

/* Was the trap taken at a site of that kind of this function? */
static void check_trap(const placed *p, uint8_t kind, const char *what)
{
	if (m.trap != kind) {
		fail("%s: trap %u, expected %u", what, (unsigned)m.trap, kind);
		return;
	}
	uint64_t at = isa_trap_site(&m) - (uintptr_t)image - p->image;
	for (uint32_t i = 0; i < p->site_count; i++)
		if (p->sites[i].at == at &&
			(p->sites[i].kind == WX_SITE_TRAP ? p->sites[i].data == kind : p->sites[i].kind == WX_SITE_TRAP_VALUE))
			return;
	fail("%s: no site at %llx", what, (unsigned long long)at);
}

static uint32_t shifted(uint8_t shift, uint32_t v, unsigned n)
{
	switch (shift) {
	case WX_OP_I32_SHL: return v << n;
	case WX_OP_I32_SHR_U: return v >> n;
	case WX_OP_I32_SHR_S: return (uint32_t)((int32_t)v >> n);
	default: return n ? v >> n | v << (32 - n) : v;
	}
}

/* Shifts that other instructions fold, sums, bit fields. */
static void test_folded(void)
{
	static const uint8_t shifts[] = { WX_OP_I32_SHL, WX_OP_I32_SHR_U, WX_OP_I32_SHR_S, WX_OP_I32_ROTR };
	static const uint8_t operations[] = { WX_OP_I32_ADD, WX_OP_I32_SUB, WX_OP_I32_AND, WX_OP_I32_OR, WX_OP_I32_XOR };
	for (unsigned i = 0; i < 20000; i++) {
		wx_reg d = any(WX_I32), a = any(WX_I32), b = any(WX_I32);
		uint8_t shift = shifts[below(4)], n = (uint8_t)(1 + below(31)), op = operations[below(5)],
				lsb = (uint8_t)below(32), width = (uint8_t)(1 + below(32 - lsb));
		unsigned form = below(3);
		bool is_signed = below(2);
		uint32_t addend = 0;
		begin();
		if (form == 0) {
			if (!wx_asm_has_shifted(op, shift, n))
				continue;
			EMIT(wx_asm_binary_shifted(as, op, d, a, b, shift, n));
		} else if (form == 1) {
			if (below(2)) {
				shift = below(2) ? WX_OP_I32_SHL : 0;
				n = shift ? (uint8_t)(1 + below(3)) : 0;
				addend = (uint32_t)random_value(WX_I32);
			}
			EMIT(wx_asm_scaled(as, d, b, shift, n, addend));
		} else {
			EMIT(wx_asm_bit_field(as, is_signed, d, b, lsb, width));
		}
		const uint8_t *code = finish();
		randomize();
		uint32_t x = (uint32_t)random_value(WX_I32), y = (uint32_t)random_value(WX_I32), e;
		put(WX_I32, a, x);
		put(WX_I32, b, y);
		x = (uint32_t)get(WX_I32, a);
		run(code);
		if (form == 0)
			e = (uint32_t)model_binary(op, x, shifted(shift, y, n)).bits;
		else if (form == 1)
			e = shifted(shift, y, n) + addend;
		else
			e = is_signed ? (uint32_t)((int32_t)(y << (32 - lsb - width)) >> (32 - width))
						  : y << (32 - lsb - width) >> (32 - width);
		expect(WX_I32, d, bits_(e), false, "folded", x, y);
		check_kept(mask_of(d), "folded");
	}
	group("shifts and sums in other instructions");
}

/* A sum with a product is the product, rounded, and then the sum. */
static void test_accumulate(void)
{
	static const struct {
		wx_type t;
		uint8_t product, sum, difference;
	} widths[] = {
		{ WX_I32, WX_OP_I32_MUL, WX_OP_I32_ADD, WX_OP_I32_SUB },
		{ WX_F32, WX_OP_F32_MUL, WX_OP_F32_ADD, WX_OP_F32_SUB },
		{ WX_F64, WX_OP_F64_MUL, WX_OP_F64_ADD, WX_OP_F64_SUB },
	};
	for (unsigned i = 0; i < 20000; i++) {
		unsigned k = below(3);
		wx_type t = widths[k].t;
		wx_reg a = any(t), b = any(t), c = any(t), d = t == WX_I32 ? any(t) : c;
		bool subtract = below(2);
		if (!wx_asm_has_multiply_add(widths[k].product))
			continue;
		begin();
		EMIT(wx_asm_accumulate(as, widths[k].product, subtract, d, a, b, c));
		const uint8_t *code = finish();
		randomize();
		put(t, a, random_value(t));
		put(t, b, random_value(t));
		put(t, c, random_value(t));
		uint64_t x = get(t, a), y = get(t, b), z = get(t, c);
		run(code);
		expect(t, d,
			model_binary(
				subtract ? widths[k].difference : widths[k].sum, z, model_binary(widths[k].product, x, y).bits),
			canonicalize(widths[k].sum, t), "product and sum", x, y);
		check_kept(mask_of(d), "product and sum");
	}
	group("products in sums");
}

static void test_check(void)
{
	static const uint64_t ends[] = { 1, 2, 4, 8, 9, WX_MEMORY_SLACK - 1, WX_MEMORY_SLACK, WX_MEMORY_SLACK + 1, 127, 128,
		129, 255, 256, 257, 4095, 4096, 65535, 65536, 65537, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF,
		0x100000000, 0x100000001, 0x100000007 };
	static const uint64_t sizes[] = { 0, 1, 2, 8, WX_MEMORY_SLACK, WX_MEMORY_SLACK + 5, 128, 256, 4096, 65536, 131072,
		0x7FFF0000, 0x80000000, 0xFFFF0000, 0x100000000 };
	for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++)
		for (unsigned form = 0; form < 4; form++)
			for (unsigned r = 0; r < 6; r++) {
				uint64_t end = ends[i];
				bool small = form & 1;
				uint8_t slack = form & 2 ? WX_MEMORY_SLACK : 0;
				if (slack && !small && end <= slack)
					continue;
				wx_reg address = r ? any(WX_I32) : (wx_reg){ WX_NO_REG, WX_NO_REG };
				reset_image();
				begin_function();
				as->slack = slack;
				EMIT(wx_asm_check(as, WX_TRAP_MEMORY, address, end, small));
				wx_frame frame = { 0 };
				placed p = place(&frame, 0);
				for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++) {
					uint64_t size = sizes[s];
					if ((small && end > size) || size < slack || size > UINTPTR_MAX)
						continue;
					for (unsigned k = 0; k < 24; k++) {
						uint32_t at = k < 12 ? (uint32_t)(size - end + k - 6)
							: k < 16         ? k - 12
							: k < 20         ? 19 - k + 0xFFFFFFFC
											 : (uint32_t)(random64() >> below(32));
						if (!r)
							at = 0;
						randomize();
						set_context();
						if (r)
							m.general[address.r] = at;
						m.general[ISA_MEMORY_LIMIT] = (__typeof__(m.general[0]))(size - slack);
						run_image(p.near_entry);
						bool traps = at + end > size;
						if (traps)
							check_trap(&p, WX_TRAP_MEMORY, "check");
						else if (m.trap)
							fail("check: %x + %llx in %llx trapped", at, (unsigned long long)end,
								(unsigned long long)size);
						else
							check_kept(0, "check");
					}
				}
			}
	group("check");
}

static void test_trap(void)
{
	for (unsigned i = 0; i < 20000; i++) {
		comparison k = any_comparison();
		uint8_t kind = (uint8_t)(1 + below(WX_TRAP_COUNT - 1));
		wx_reg d = other(WX_I32, mask_of_comparison(&k));
		if (i % 100 == 0)
			reset_image();
		else
			image_used = IMAGE_SIZE / 2;
		begin_function();
		bool always = below(20) == 0;
		if (always)
			EMIT(wx_asm_trap(as, kind));
		else
			EMIT(wx_asm_trap_if(as, kind, k.c, k.t, k.a, k.b));
		EMIT(wx_asm_const(as, WX_I32, d, 5));
		wx_frame frame = { .frame = 4 * below(20),
			.saved = below(2) ? ISA_CALLEE_SAVED : mask_of(d) & ISA_CALLEE_SAVED };
		if (ISA_LINK && below(2)) {
			EMIT(wx_asm_const(as, WX_I32, (wx_reg){ (uint8_t)__builtin_ctz(ISA_LINK | 1u << 31), WX_NO_REG }, 6));
			frame.saved |= ISA_LINK;
		}
		placed p = place(&frame, 0);
		for (unsigned j = 0; j < 20; j++) {
			uint64_t x, y;
			randomize();
			set_context();
			bool traps = put_comparison(&k, &x, &y) || always;
			run_image(p.near_entry);
			if (traps) {
				check_trap(&p, kind, "trap_if");
				if (isa_trap_caller_sp(&m, p.frame) != isa_caller_sp(&m))
					fail("trap: sp");
				uintptr_t back;
				if (p.return_slot >= 0) {
					memcpy(&back, (void *)(isa_caller_sp(&m) - p.frame + (uint32_t)p.return_slot), sizeof back);
					if (back != isa_return_address(&m))
						fail("trap: return slot");
				}
#ifdef ISA_LEAF_LINK
				else if (m.general[ISA_LEAF_LINK] != isa_return_address(&m))
					fail("trap: link");
#endif
			} else if (m.trap)
				fail("trap_if cond %d type %d (%llx, %llx) trapped", k.c, k.t, (unsigned long long)x,
					(unsigned long long)y);
			else {
				if (!(mask_of(d) & (ISA_CALLEE_SAVED | ISA_TEST_NO_RESULT)))
					expect(WX_I32, d, bits_(5), false, "after trap_if", x, y);
				check_kept(mask_of(d) & ~ISA_CALLEE_SAVED, "trap_if");
			}
		}
	}
	group("trap_if, trap");
}

/* A C function called as a helper: changes every register that C may, and checks where it is. */
static uint32_t helper(void *ctx, uint64_t *args)
{
	helper_calls++;
	volatile double v[16];
	for (unsigned i = 0; i < 16; i++)
		v[i] = (double)(random64() >> 12);
	double s = 0;
	for (unsigned i = 0; i < 16; i++)
		s += v[i] * v[15 - i];
	if (s == 1)
		helper_calls += 1000;
#ifdef ISA_TEST_CLOBBER
	ISA_TEST_CLOBBER();
#endif
	if (ctx != context || args != area)
		fail("helper: arguments");
	area[0] = area[0] * 2 + area[1];
	return (uint32_t)area[2];
}

static uint32_t wrong_helper(void *ctx, uint64_t *args)
{
	(void)ctx;
	(void)args;
	fail("another helper was called");
	return 0;
}

static wx_reg argument(unsigned i)
{
	static const uint8_t gp[] = ISA_GP_ARGS;
	return (wx_reg){ gp[i], WX_NO_REG };
}

/*
 * Functions with all kinds of frames: changes the registers it saves, keeps values in its frame over a helper call,
 * returns in the middle, calls another function of the kind, and all callee-saved registers come back.
 */
static void test_frames(void)
{
	uint32_t callee_saved[16], n = 0;
	for (unsigned i = 0; i < 32; i++)
		if (ISA_CALLEE_SAVED >> i & 1)
			callee_saved[n++] = i;
	for (unsigned i = 0; i < 6000; i++) {
		reset_image();
		placed p[3];
		static const uint32_t sizes[] = { 0, 4, 8, 12, 16, 24, 32, 60, 64, 100, 124, 128, 132, 256, 500, 504, 508, 512,
			516, 1020, 1024, 2000, 4000, 4100 };
		uint32_t saved_sum = 0;
		for (unsigned f = 0; f < 3; f++) {
			wx_frame frame = {
				.frame = sizes[below(sizeof sizes / sizeof *sizes)], .far_entry = below(2), .has_memory = below(2)
			};
			for (uint32_t j = 0; j < n; j++)
				if (below(3) == 0)
					frame.saved |= 1u << callee_saved[j];
			if (below(3) == 0) {
				if (frame.frame < 16)
					frame.frame = 16;
				frame.save_context = true;
				frame.context_slot = frame.frame >= 24 ? 8 : 0;
			}
			saved_sum |= frame.saved;
			begin_function();
			wx_reg x = argument(0), y = argument(1);
			uint32_t returns = 0;
			/* f(x, y): x = x + y + 1; return early when x < 0; write the frame's ends; call the function before */
			wx_asm_binary(as, WX_OP_I32_ADD, x, x, in_register(y));
			wx_asm_binary(as, WX_OP_I32_ADD, x, x, immediate(1));
			uint32_t on = wx_asm_branch(as, WX_GE_S, WX_I32, x, immediate(0), 0);
			wx_asm_const(as, WX_I32, x, 4321);
			returns = wx_asm_jump(as, returns);
			wx_asm_link(as, on, as->size);
			for (uint32_t j = 0; j < n; j++)
				if (frame.saved >> callee_saved[j] & 1)
					wx_asm_const(as, callee_saved[j] < 16 ? WX_I32 : WX_F64,
						(wx_reg){ (uint8_t)callee_saved[j], WX_NO_REG }, random64() & UINT32_MAX);
			bool calls = f && below(4), helps = below(2);
			uint32_t low = frame.save_context ? frame.context_slot + ISA_WORD : 0;
			bool room = frame.frame >= low + 4;
			if (room) {
				wx_asm_store(as, WX_I32, x, ISA_SP, low);
				wx_asm_store_const(as, WX_I32, 0x12345678, ISA_SP, frame.frame - 4);
				wx_asm_store(as, WX_I32, x, ISA_SP, low);
			}
			uint32_t returns_at = 0;
			(void)returns_at;
			if (calls)
				EMIT(wx_asm_call(as, p[f - 1].near_entry));
			if (helps) {
				/* keep x in the area over the helper: area[0] = area[0] * 2 + area[1] */
				wx_reg r = argument(2);
				wx_asm_load(as, WX_REF, r, ISA_CTX, WX_CTX_ARGS * ISA_WORD);
				wx_asm_store(as, WX_I32, x, r.r, 24);
				EMIT(wx_asm_call_helper(as, WX_OP_MEMORY_FILL));
				EMIT(wx_asm_trap_status(as));
				wx_asm_load(as, WX_REF, r, ISA_CTX, WX_CTX_ARGS * ISA_WORD);
				wx_asm_load(as, WX_I32, x, r.r, 24);
			}
			if (room && !calls) {
				wx_asm_load(as, WX_I32, x, ISA_SP, low);
			}
			if (frame.save_context)
				wx_asm_load(as, WX_REF, (wx_reg){ ISA_CTX, WX_NO_REG }, ISA_SP, frame.context_slot);
			p[f] = place(&frame, returns);
			if (p[f].frame % ISA_FRAME_ALIGN && !as->leaf)
				fail("frame not aligned");
		}
		for (unsigned j = 0; j < 6; j++) {
			randomize();
			set_context();
			uint8_t bytes[4];
			memory_words.base = bytes;
			memory_words.limit = 0;
			memory_words.size = 4;
			area[0] = 1;
			area[1] = 2;
			area[2] = j == 5 ? WX_TRAP_TABLE : 0;
			unsigned f = below(3);
			bool far_ = below(2);
			uint32_t x = (uint32_t)random64() >> 4, y = (uint32_t)random64() >> 4;
			if (below(4) == 0)
				y |= 0x80000000;
			put(WX_I32, argument(0), x);
			put(WX_I32, argument(1), y);
			helper_calls = 0;
			run_image(far_ ? p[f].image : p[f].near_entry);
			if (m.trap) {
				if (j != 5 || !helper_calls || m.trap != WX_TRAP_TABLE)
					fail("frames: trap %u", (unsigned)m.trap);
				continue;
			}
			uint32_t e = x + y + 1;
			if ((int32_t)e < 0)
				e = 4321;
			if ((int32_t)(x + y + 1) < 0 || f == 0)
				expect(WX_I32, argument(0), bits_(e), false, "frames", x, y);
			uint32_t changed = ISA_CALLER_SAVED | 1u << ISA_FP_SCRATCH;
			if (far_ || f)
				changed |= 1u << ISA_MEMORY | 1u << ISA_MEMORY_LIMIT;
			check_kept(changed, "frames");
		}
		(void)saved_sum;
	}
	group("frames, calls, helpers");
}

static void test_overflow(void)
{
	static const uint32_t sizes[] = { 0, 16, 400, 480, 512, 560, 1024, 4096, 65536, 1 << 20 };
	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (unsigned calls = 0; calls < 2; calls++)
			for (unsigned k = 0; k < 40; k++) {
				reset_image();
				begin_function();
				placed leaf = place(&(wx_frame){ .unchecked = WX_STACK_UNCHECKED }, 0);
				begin_function();
				if (calls)
					wx_asm_call(as, leaf.near_entry);
				wx_asm_const(as, WX_I32, argument(0), 99);
				static const uint32_t callees[] = { 0, 8, 300, WX_STACK_UNCHECKED, WX_STACK_UNKNOWN },
									  most[] = { 0, 512, WX_STACK_UNCHECKED };
				wx_frame frame = { .frame = sizes[i],
					.saved = below(2) ? ISA_CALLEE_SAVED : 0,
					.callees = callees[below(5)],
					.unchecked = most[below(3)] };
				placed p = place(&frame, 0);
				uint64_t taken = (uint64_t)p.frame + frame.callees;
				bool is_checked = taken > frame.unchecked;
				randomize();
				set_context();
				/* the limit near the sp that the function would have */
				uintptr_t sp = (uintptr_t)m.sp;
				if (!sp) {
					run_image(leaf.near_entry);
					sp = (uintptr_t)m.sp;
					randomize();
				}
				int32_t slack = (int32_t)below(2000) - 1000;
				uint32_t below_entry = p.frame - ISA_WORD * (ISA_WORD == 8);
				context[WX_CTX_STACK_LIMIT] = k == 0 ? UINTPTR_MAX
					: k == 1                         ? 0
													 : sp - below_entry + (uintptr_t)(intptr_t)slack;
				bool must = is_checked && k != 1 && (k == 0 || slack > (int32_t)below_entry);
				bool must_not = !is_checked || k == 1 || (k > 1 && slack <= 0);
				if (p.frame > ISA_TEST_STACK && !(k == 0 || slack > 0))
					continue;
				if (is_checked && p.frame > WX_STACK_PLAIN && k > 1)
					must = slack > 0;
				if (k == 1 && p.frame > ISA_TEST_STACK && p.frame > 1 << 19)
					continue;
				run_image(p.near_entry);
				if (must && m.trap != WX_TRAP_STACK)
					fail("overflow: frame %u did not trap", p.frame);
				if (must_not && m.trap)
					fail("overflow: frame %u trapped", p.frame);
				if (m.trap) {
					check_trap(&p, WX_TRAP_STACK, "overflow");
#ifdef ISA_LEAF_LINK
					if (m.general[ISA_LEAF_LINK] != isa_return_address(&m))
						fail("overflow: link");
#endif
					check_kept(1u << ISA_STATUS, "overflow");
				} else
					expect(WX_I32, argument(0), bits_(99), false, "overflow", 0, 0);
			}
	group("stack overflow");
}

static void test_tail(void)
{
	for (unsigned i = 0; i < 2000; i++) {
		reset_image();
		begin_function();
		wx_asm_binary(as, WX_OP_I32_ADD, argument(0), argument(0), immediate(1000));
		placed target = place(&(wx_frame){ .frame = 4 * below(10), .saved = below(2) ? ISA_CALLEE_SAVED : 0 }, 0);
		begin_function();
		uint32_t on = wx_asm_branch(as, WX_EQ, WX_I32, argument(0), immediate(1), 0);
		wx_asm_binary(as, WX_OP_I32_ADD, argument(0), argument(0), immediate(1));
		EMIT(wx_asm_tail(as, target.near_entry));
		wx_asm_link(as, on, as->size);
		wx_asm_load(as, WX_REF, (wx_reg){ ISA_TAIL, WX_NO_REG }, ISA_CTX, 40 * ISA_WORD);
		EMIT(wx_asm_tail_register(as));
		if (below(2))
			as->leaf = false;
		wx_frame frame = { .frame = 4 * below(below(2) ? 4 : 200) };
		if (below(2))
			frame.saved = (uint32_t)random64() & ISA_CALLEE_SAVED;
		placed p = place(&frame, 0);
		wx_asm_jump_slot(image + image_used, image_used, p.near_entry);
		uint32_t slot = image_used;
		image_used += ISA_CODE_ALIGN > ISA_JUMP_SIZE ? ISA_CODE_ALIGN : ISA_JUMP_SIZE;
		/* counts its argument down by calling itself, then by tail calls of itself */
		begin_function();
		uint32_t out = wx_asm_branch(as, WX_EQ, WX_I32, argument(0), immediate(0), 0);
		wx_asm_binary(as, WX_OP_I32_SUB, argument(0), argument(0), immediate(1));
		wx_asm_binary(as, WX_OP_I32_ADD, argument(1), argument(1), immediate(3));
		if (i & 1)
			EMIT(wx_asm_tail(as, WX_CALL_SELF));
		else
			EMIT(wx_asm_call(as, WX_CALL_SELF));
		wx_asm_link(as, out, as->size);
		placed self = place(
			&(wx_frame){ .frame = frame.frame, .saved = frame.saved, .far_entry = below(2), .has_memory = true }, 0);
		randomize();
		set_context();
		put(WX_I32, argument(0), 5);
		put(WX_I32, argument(1), 100);
		run_image(self.near_entry);
		expect(WX_I32, argument(1), bits_(115), false, "self call", i & 1, 0);
		check_kept(ISA_CALLER_SAVED, "self call");
		/* a caller, by register and directly */
		begin_function();
		wx_asm_call(as, slot);
		wx_asm_load(as, WX_REF, (wx_reg){ ISA_CALL_SCRATCH, WX_NO_REG }, ISA_CTX, 41 * ISA_WORD);
		EMIT(wx_asm_call_register(as, ISA_CALL_SCRATCH));
		placed caller = place(&(wx_frame){ .frame = 8 }, 0);
		if (caller.site_count < 2)
			fail("tail: sites of the caller");
		for (uint32_t x = 0; x < 4; x++) {
			randomize();
			set_context();
			context[40] = isa_code_address(image + target.near_entry);
			context[41] = isa_code_address(image + target.near_entry);
			put(WX_I32, argument(0), x);
			run_image(caller.near_entry);
			if (m.trap)
				fail("tail: trap");
			expect(WX_I32, argument(0), bits_(x == 1 ? 2001 : x + 2001), false, "tail", x, 0);
			check_kept(ISA_CALLER_SAVED, "tail");
		}
	}
	group("tail calls, jump slots, call_register");
}

/*
 * Functions with many blocks that branch, jump, switch and trap to and fro, so that distances of all sizes occur. Each
 * block changes x (argument 0) and takes one of the fuel (argument 1), at whose end the function returns x.
 */
enum { FLOW_ON, FLOW_BRANCH, FLOW_JUMP, FLOW_TABLE, FLOW_TRAP, FLOW_CALL, FLOW_RETURN };
#define FLOW_BLOCKS 900
#define FLOW_TABLE_SIZE 64

typedef struct {
	uint8_t kind, cond, value, count, padding, constant;
	uint8_t checks, ends[3]; /* checks of memory */
	/* two paths meet right before the compare of a branch: 1 by the value of x, 2 always by the other path */
	uint8_t meet;
	uint16_t target;
	uint16_t targets[FLOW_TABLE_SIZE];
	uint32_t at, chain;
} flow_block;

static const wx_cond flow_conds[] = { WX_EQ, WX_NE, WX_LT_U, WX_GT_S };

static void test_flow(void)
{
	static flow_block blocks[FLOW_BLOCKS + 1];
	static struct {
		uint32_t table, entry, block;
	} fixups[FLOW_BLOCKS * FLOW_TABLE_SIZE];
	wx_reg x = argument(0), fuel = argument(1), index = argument(2);
	for (unsigned round = 0; round < 1500; round++) {
		uint32_t n = 2 +
			below(round % 8 == 0 ? FLOW_BLOCKS - 2
					: round % 2  ? 12
								 : 60),
				 fixup_count = 0, returns = 0, out = 0, near_ = 1 + below(below(2) ? n : 6),
				 padding = below(4) ? below(10) : below(100);
		bool calls = below(2), traps = below(2), tables = below(2);
		reset_image();
		begin_function();
		placed leaf = place(&(wx_frame){ 0 }, 0);
		code_used = 0;
		begin_function();
		as->capacity = 1u << 17;
		memset(blocks, 0, sizeof blocks);
		for (uint32_t i = 0; i < n; i++) {
			flow_block *b = &blocks[i];
			b->at = as->size;
			as->wasm = 1000 + i;
			wx_asm_link(as, b->chain, as->size);
			EMIT(wx_asm_binary(as, WX_OP_I32_SUB, fuel, fuel, immediate(1)));
			EMIT(out = wx_asm_branch(as, WX_EQ, WX_I32, fuel, immediate(0), out));
			b->constant = (uint8_t)random64();
			EMIT(wx_asm_binary(as, WX_OP_I32_MUL, x, x, immediate(5)));
			EMIT(wx_asm_binary(as, WX_OP_I32_ADD, x, x, immediate(b->constant)));
			b->padding = (uint8_t)(below(8) ? 0 : below(padding + 1));
			for (uint32_t k = 0; k < b->padding; k++)
				EMIT(wx_asm_binary(as, WX_OP_I32_XOR, x, x, immediate(k & 1 ? 0x1234567 : 0xFF)));
			b->checks = (uint8_t)(traps ? below(4) : 0);
			EMIT(wx_asm_binary(as, WX_OP_I32_SHR_U, index, x, immediate(24)));
			for (uint32_t k = 0; k < b->checks; k++) {
				b->ends[k] = (uint8_t)(below(2) ? 8 : 1 + below(20));
				if (below(4) == 0)
					EMIT(wx_asm_const(as, WX_F64, (wx_reg){ WX_FP(1), WX_NO_REG }, random64()));
				uint32_t over = below(4) ? 0 : wx_asm_branch(as, WX_EQ, WX_I32, index, immediate(b->value), 0);
				EMIT(wx_asm_check(as, WX_TRAP_MEMORY, index, b->ends[k], true));
				wx_asm_link(as, over, as->size);
			}
			EMIT(wx_asm_binary(as, WX_OP_I32_SHR_U, index, x, immediate(7)));
			b->kind = (uint8_t)(below(8) ? below(3) : FLOW_TABLE + below(4));
			if ((b->kind == FLOW_CALL && !calls) || (b->kind == FLOW_TRAP && !traps) ||
				(b->kind == FLOW_TABLE && !tables))
				b->kind = FLOW_ON;
			uint32_t from = i > near_ ? i - near_ : 0, to = i + near_ < n ? i + near_ : n - 1;
			b->target = (uint16_t)(from + below(to - from + 1));
			b->cond = (uint8_t)below(4);
			b->value = (uint8_t)below(4);
			flow_block *target = &blocks[b->target];
			bool back = b->target <= i;
			b->meet = b->kind == FLOW_BRANCH ? (uint8_t)below(4) : 0;
			uint32_t meet = 0;
			if (b->meet == 1)
				EMIT(meet = wx_asm_branch(as, WX_LT_U, WX_I32, x, immediate(0x40000000), 0));
			else if (b->meet == 2)
				EMIT(meet = wx_asm_branch(as, WX_EQ, WX_I32, index, in_register(index), 0));
			if (b->kind == FLOW_BRANCH || b->kind == FLOW_TRAP)
				EMIT(wx_asm_binary(as, WX_OP_I32_AND, index, index, immediate(b->kind == FLOW_TRAP ? 31 : 3)));
			wx_asm_link(as, meet, as->size);
			switch (b->kind) {
			case FLOW_BRANCH:
				if (back)
					EMIT(wx_asm_branch_back(as, flow_conds[b->cond], WX_I32, index, immediate(b->value), target->at));
				else
					EMIT(target->chain = wx_asm_branch(
							 as, flow_conds[b->cond], WX_I32, index, immediate(b->value), target->chain));
				break;
			case FLOW_JUMP:
				if (back)
					EMIT(wx_asm_jump_back(as, target->at));
				else
					EMIT(target->chain = wx_asm_jump(as, target->chain));
				break;
			case FLOW_TABLE:
				b->count = (uint8_t)(1u << below(7));
				EMIT(wx_asm_binary(as, WX_OP_I32_AND, index, index, immediate(b->count - 1u)));
				uint32_t table = wx_asm_table(as, index.r, b->count);
				for (uint32_t k = 0; k < b->count; k++) {
					b->targets[k] = (uint16_t)(below(4) ? (i + 1 < to ? i + 1 + below(to - i) : i)
														: from + below(to - from + 1));
					if (below(3) == 0 && k)
						b->targets[k] = b->targets[below(k)];
					if (b->targets[k] <= i)
						wx_asm_table_entry(as, table, k, blocks[b->targets[k]].at);
					else {
						fixups[fixup_count].table = table;
						fixups[fixup_count].entry = k;
						fixups[fixup_count++].block = b->targets[k];
					}
				}
				break;
			case FLOW_TRAP: EMIT(wx_asm_trap_if(as, WX_TRAP_TABLE, WX_EQ, WX_I32, index, immediate(b->value))); break;
			case FLOW_CALL: EMIT(wx_asm_call(as, leaf.near_entry)); break;
			case FLOW_RETURN: EMIT(returns = wx_asm_jump(as, returns)); break;
			}
		}
		for (uint32_t k = 0; k < fixup_count; k++)
			wx_asm_table_entry(as, fixups[k].table, fixups[k].entry, blocks[fixups[k].block].at);
		wx_asm_link(as, out, as->size);
		static const uint32_t frames[] = { 0, 4, 8, 16, 600 };
		wx_frame frame = { .frame = frames[below(5)], .saved = below(2) ? 0 : (uint32_t)random64() & ISA_CALLEE_SAVED };
		as->wasm = 1;
		if (image_used + as->size + 12 * as->site_count + 256 > IMAGE_SIZE)
			continue;
		placed p = place(&frame, returns);
		if (as->failed)
			continue;
		for (unsigned k = 0; k < 40; k++) {
			randomize();
			set_context();
			uint32_t vx = (uint32_t)random64(), vf = 1 + below(400), i = 0, trapped = UINT32_MAX, trap = WX_TRAP_TABLE;
			m.general[ISA_MEMORY_LIMIT] = 256 + 4;
			put(WX_I32, x, vx);
			put(WX_I32, fuel, vf);
			while (i < n) {
				const flow_block *b = &blocks[i];
				if (--vf == 0)
					break;
				vx = vx * 5 + b->constant;
				for (uint32_t j = 0; j < b->padding; j++)
					vx ^= j & 1 ? 0x1234567 : 0xFF;
				uint32_t vi = vx >> 7;
				for (uint32_t j = 0; j < b->checks; j++)
					if ((vx >> 24) + b->ends[j] > 256 + 4 && trapped == UINT32_MAX) {
						trapped = i;
						trap = WX_TRAP_MEMORY;
					}
				if (trapped != UINT32_MAX)
					break;
				i++;
				if (b->kind == FLOW_BRANCH &&
					model_compare(flow_conds[b->cond], WX_I32,
						b->meet == 2 || (b->meet == 1 && vx < 0x40000000) ? vi : vi & 3, b->value))
					i = b->target;
				else if (b->kind == FLOW_JUMP)
					i = b->target;
				else if (b->kind == FLOW_TABLE)
					i = b->targets[vi & (b->count - 1u)];
				else if (b->kind == FLOW_RETURN)
					break;
				else if (b->kind == FLOW_TRAP && (vi & 31) == b->value) {
					trapped = i - 1;
					break;
				}
			}
			run_image(p.near_entry);
			if (trapped == UINT32_MAX) {
				if (m.trap)
					fail("flow of %u blocks: trap", n);
				expect(WX_I32, x, bits_(vx), false, "flow", n, k);
				continue;
			}
			if (m.trap != trap) {
				fail("flow of %u blocks: no trap", n);
				continue;
			}
			uint64_t at = isa_trap_site(&m) - (uintptr_t)image - p.image;
			uint32_t found = 0;
			for (uint32_t j = 0; j < as->site_count; j++)
				if (as->sites[j].at == at && as->sites[j].kind == WX_SITE_TRAP)
					found = as->sites[j].wasm;
			if (found != 1000 + trapped)
				fail("flow of %u blocks: trap in block %u, its site says %u", n, trapped, found - 1000);
		}
	}
	group("flow");
}

/* In buffers of any size nothing is written beyond, and nothing crashes. */
static void test_room(void)
{
	static uint8_t small[1024];
	for (unsigned i = 0; i < 200000; i++) {
		uint32_t capacity = below(below(2) ? 300 : 60);
		memset(as, 0, sizeof *as);
		memset(small, 0xA5, sizeof small);
		as->code = small;
		as->capacity = capacity;
		as->sites = sites;
		as->site_capacity = below(4);
		uint32_t chain = 0;
		for (unsigned j = 0; j < WX_ASM_HEAD && below(4); j++)
			wx_asm_u8(as, 0);
		for (unsigned j = 0; j < 12; j++) {
			comparison k = any_comparison();
			wx_type t = types[below(5)];
			wx_reg d = any(t), s = any(t), x = any(WX_I32);
			uint8_t op = (uint8_t)random64();
			const wx_op_row *row = &wx_op_info[op];
			switch (below(22)) {
			case 0: wx_asm_move(as, t, d, s); break;
			case 1: wx_asm_const(as, t, d, random64()); break;
			case 2: wx_asm_load(as, t, d, x.r, (uint32_t)random64() >> 12); break;
			case 3: wx_asm_store(as, t, d, x.r, (uint32_t)random64() >> 12); break;
			case 4: wx_asm_store_const(as, t, random64(), x.r, 4 * below(1000)); break;
			case 5:
				if (op >= WX_OP_I32_ADD && op <= WX_OP_F64_COPYSIGN && row->npop == 2) {
					t = type_of(row->push);
					wx_asm_binary(as, op, any(t), any(t),
						!is_fp(t) && below(2) ? immediate(random_value(t)) : in_register(any(t)));
				}
				break;
			case 6:
				if (!model_unary(op, 0).undefined)
					wx_asm_unary(as, op, any(type_of(row->push)), any(type_of(row->pop[0])));
				break;
			case 7: wx_asm_canonical(as, WX_F64, any(WX_F64)); break;
			case 8: wx_asm_set(as, k.c, k.t, x, k.a, k.b); break;
			case 9: wx_asm_select(as, k.c, k.t, k.a, k.b, WX_I32, x, any(WX_I32), any(WX_I32)); break;
			case 10: chain = wx_asm_branch(as, k.c, k.t, k.a, k.b, chain); break;
			case 11: chain = wx_asm_jump(as, chain); break;
			case 12:
				wx_asm_link(as, chain, as->size);
				chain = 0;
				break;
			case 13: wx_asm_branch_back(as, k.c, k.t, k.a, k.b, 0); break;
			case 14: wx_asm_trap_if(as, 1, k.c, k.t, k.a, k.b); break;
			case 15: wx_asm_table_entry(as, wx_asm_table(as, x.r, 5), 3, 0); break;
			case 16: wx_asm_check(as, 2, x, random64() >> 31, below(2)); break;
			case 17:
				wx_asm_memory_load(as, WX_OP_I32_LOAD, x,
					(wx_address){ .reg = x.r, .pointer = WX_NO_REG, .offset = (uint32_t)random64() }, false);
				break;
			case 18:
				wx_asm_memory_store(as, WX_OP_I32_STORE, x,
					(wx_address){ .reg = x.r, .pointer = WX_NO_REG, .offset = (uint32_t)random64() }, false);
				break;
			case 19:
				wx_asm_call(as, 200);
				wx_asm_meter(as, 1 + below(65535));
				break;
			case 20: wx_asm_call_helper(as, 200); break;
			case 21:
				wx_asm_tail(as, 300);
				wx_asm_tail_register(as);
				wx_asm_trap_status(as);
				wx_asm_trap(as, 1);
				wx_asm_reload_memory(as);
				break;
			}
		}
		wx_frame frame = { .frame = 4 * below(1000),
			.saved = ISA_CALLEE_SAVED,
			.far_entry = true,
			.has_memory = true,
			.save_context = true };
		if (below(20) == 0)
			frame.frame = (uint32_t)random64() & ~3u;
		wx_finished done = wx_asm_finish(as, &frame, 4096, chain);
		if (as->size > capacity)
			fail("size beyond the buffer");
		for (uint32_t j = capacity; j < sizeof small; j++)
			if (small[j] != 0xA5) {
				fail("written beyond the buffer");
				break;
			}
		if (!as->failed && done.start > WX_ASM_HEAD)
			fail("start");
		checks++;
	}
	group("room");
}

int main(int argc, char **argv)
{
	random_state = 1;
	if (argc > 2 && !strcmp(argv[1], "--dump"))
		dump = fopen(argv[2], "wb");
	else if (argc > 1)
		random_state = strtoull(argv[1], NULL, 0);
	printf("seed %llu\n", (unsigned long long)random_state);
	code_area = mmap(NULL, CODE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	image = mmap(NULL, IMAGE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code_area == MAP_FAILED || image == MAP_FAILED) {
		printf("FAIL mmap\n");
		return 1;
	}
	for (unsigned i = 0; i < 256; i++)
		helpers[i] = (void *)(uintptr_t)(i == WX_OP_MEMORY_FILL ? helper : wrong_helper);
	set_context();
	make_values();
#ifdef ISA_TEST_HAS_ALL
	for (unsigned op = 0; op < 256; op++)
		if ((!model_unary((uint8_t)op, 0).undefined || !model_binary((uint8_t)op, 1, 1).undefined ||
				(op >= WX_OP_I32_EQZ && op <= WX_OP_F64_GE)) != wx_asm_has((uint8_t)op))
			fail("wx_asm_has(%u)", op);
#endif
	test_move();
	test_load_store();
	test_binary();
	test_fixed();
	test_unary();
	test_set();
	test_select();
	test_memory_operand();
	test_branch();
	dump_paused = true;
	test_table();
	dump_paused = false;
	test_memory();
	test_folded();
	test_accumulate();
	in_functions = true;
	test_check();
	test_trap();
	test_frames();
	test_overflow();
	test_tail();
	dump_paused = true;
	test_flow();
	test_room();
	if (dump)
		fclose(dump);
	if (failures)
		printf("FAIL %u\n", failures);
	return failures != 0;
}
