/*
 * The assembler interface for ARMv7 Thumb-2 with VFP. Encodings: encode.h; branches and tables until a function is
 * finished: relax.h.
 */

#include "../assembler.h"
#include "../../abi/context.h"
#include "encode.h"
#include "../../abi/image.h"
#include "../../abi/meter.h"
#include "relax.h"

/* The FPU computes in double precision, too. Define as 0 for Cortex-M4F. */
#ifndef WX_THUMB2_DOUBLE
#if defined(__ARM_FP) && !(__ARM_FP & 8)
#define WX_THUMB2_DOUBLE 0
#else
#define WX_THUMB2_DOUBLE 1
#endif
#endif

/* Behind the trap vectors lies the helper vector: operation in r0. */
#define HELPER_VECTOR (WX_IMAGE_VECTORS + WX_TRAP_COUNT * ISA_VECTOR_SIZE)
#define BL_PLACE 0xF000F800u
#define MOV_R12_LR 0x46F4u

static unsigned fp(unsigned r)
{
	return r & 15;
}

/* lr is free, and its change costs nothing. */
static bool lr_is_spare(wx_asm *as)
{
	bool spare = !as->leaf && as->free >> LR & 1;
	if (spare)
		as->copied &= ~(1u << LR);
	return spare;
}

static uint32_t bit(unsigned r)
{
	return 1u << r;
}

static uint32_t bits(wx_reg r)
{
	return bit(r.r) | bit(r.h);
}

typedef struct {
	unsigned r;
	bool kept; /* its value is in d15 meanwhile */
} second_scratch;

/* A second scratch register outside a set, until give_second: a free one, else any. */
static second_scratch take_second(wx_asm *as, uint32_t used)
{
	uint32_t mask = as->free & ~used & (ISA_CALLER_SAVED | as->saved) & 0xFFFF;
	second_scratch s = { count_trailing(mask & ~as->copied ? mask & ~as->copied : mask), false };
	if (!mask) {
		s = (second_scratch){ count_trailing(~used), true };
		vmov_to(as, D15, false, s.r);
		return s;
	}
	if (s.r == LR)
		as->leaf = false;
	as->copied &= ~bit(s.r);
	return s;
}

static void give_second(wx_asm *as, second_scratch s)
{
	if (s.kept)
		vmov_from(as, s.r, D15, false);
}

static uint32_t high_word(uint64_t v)
{
	return (uint32_t)(v >> 32);
}

/* ---- data movement ---- */

/* Keeps the flags. */
static void move_fp(wx_asm *as, wx_type t, unsigned d, unsigned s)
{
	if (d == s)
		return;
	if (t == WX_F64 && !WX_THUMB2_DOUBLE) {
		vfp(as, VMOV, d, 0, s);
		vfp(as, VMOV | VFP_D | VFP_M, d, 0, s);
		return;
	}
	vfp(as, VMOV | (t == WX_F64 ? VFP_DOUBLE : 0), d, 0, s);
}

void wx_asm_move(wx_asm *as, wx_type t, wx_reg d, wx_reg s)
{
	if (WX_IS_FP(d.r)) {
		move_fp(as, t, fp(d.r), fp(s.r));
		return;
	}
	mov(as, d.r, s.r);
	if (t == WX_I64)
		mov(as, d.h, s.h);
}

/*
 * VFPExpandImm: the 8 bits of a float that VMOV T2 loads, or -1. By the upper word of the double, whose lower one is 0.
 */
static int vfp_immediate(uint32_t v, bool is_double)
{
	unsigned fraction = is_double ? 20 : 23, repeat = is_double ? 8 : 5;
	uint32_t exponent = v >> (fraction + 2) & ((1u << (repeat + 1)) - 1); /* not b, then b, b, ... */
	if (v & ((1u << (fraction - 4)) - 1))
		return -1;
	if (exponent != 1u << repeat && exponent != (1u << repeat) - 1)
		return -1;
	return (int)(v >> 24 & 0x80) | (int)((exponent & 1) << 6) | (int)(v >> (fraction - 4) & 0x3F);
}

static void constant_f32(wx_asm *as, unsigned d, uint32_t bits)
{
	int imm = vfp_immediate(bits, false);
	if (imm >= 0) {
		t32(as, 0xEEB00A00 | ((uint32_t)imm & 0xF0) << 12 | d << 12 | ((uint32_t)imm & 15));
		return;
	}
	constant(as, R12, bits, false);
	vmov_to(as, d, false, R12);
}

/* The double is an integer of 32 bits. */
static bool integral(uint32_t l, uint32_t h, uint32_t *value)
{
	uint32_t exponent = h >> 20 & 0x7FF;
	if (exponent < 1023 || exponent > 1023 + 30)
		return false;
	uint64_t mantissa = (uint64_t)((h & 0xFFFFF) | 0x100000) << 32 | l;
	unsigned drop = 52 - (exponent - 1023);
	if (mantissa & ((1ull << drop) - 1))
		return false;
	*value = (uint32_t)(mantissa >> drop);
	if (h >> 31)
		*value = 0u - *value;
	return true;
}

static void constant_f64(wx_asm *as, unsigned d, uint64_t bits)
{
	uint32_t l = (uint32_t)bits, h = high_word(bits), value;
	int imm = vfp_immediate(h, true);
	if (WX_THUMB2_DOUBLE && !l && imm >= 0) {
		t32(as, 0xEEB00B00 | ((uint32_t)imm & 0xF0) << 12 | d << 12 | ((uint32_t)imm & 15));
		return;
	}
	if (l == h) {
		constant(as, R12, l, false);
		vmov_to_double(as, d, R12, R12);
		return;
	}
	if (WX_THUMB2_DOUBLE && integral(l, h, &value) && constant(NULL, R12, value, false) == 4) {
		constant(as, R12, value, false);
		vmov_to(as, d, false, R12);
		vfp(as, VCVT_FROM_S32 | VFP_DOUBLE, d, 0, d);
		return;
	}
	if (lr_is_spare(as)) {
		constant(as, R12, l, false);
		constant(as, LR, h, false);
		vmov_to_double(as, d, R12, LR);
		return;
	}
	constant(as, R12, l, false);
	vmov_to(as, d, false, R12);
	constant(as, R12, h, false);
	vmov_to(as, d, true, R12);
}

void wx_asm_const(wx_asm *as, wx_type t, wx_reg d, uint64_t bits)
{
	if (WX_IS_FP(d.r)) {
		if (t == WX_F64)
			constant_f64(as, fp(d.r), bits);
		else
			constant_f32(as, fp(d.r), (uint32_t)bits);
		return;
	}
	constant(as, d.r, (uint32_t)bits, false);
	if (t == WX_I64) {
		if (low(d.h) && low(d.r) && high_word(bits) == (uint32_t)bits &&
			constant(NULL, d.h, high_word(bits), false) > 2)
			mov(as, d.h, d.r);
		else
			constant(as, d.h, high_word(bits), false);
	}
}

/*
 * Bring base + index + *offset (index may be WX_NO_REG) into the form register + *offset, *offset <= max, using tmp if
 * need be; tmp may be base or index. max 1020: word offsets. r12 is used in the place of tmp where that one still holds
 * an operand.
 */
static unsigned locate(wx_asm *as, unsigned tmp, unsigned base, unsigned index, uint32_t *offset, uint32_t max)
{
	bool words = max <= 1020;
	uint32_t lo = *offset, hi = 0;
	if (lo > max || (words && lo & 3)) {
		lo = words ? (lo & 3 ? 0 : lo & 0x3FC) : lo & 0xFFF;
		if (lo > max)
			lo = 0;
		hi = *offset - lo;
	}
	if (!hi) {
		if (index == WX_NO_REG)
			return base;
		alu(as, OP_ADD, false, tmp, base, index);
		return tmp;
	}
	if (hi < 4096 || modified(hi) != NO_IMMEDIATE) {
		add_constant(as, tmp, index != WX_NO_REG ? index : base, hi);
		if (index != WX_NO_REG)
			alu(as, OP_ADD, false, tmp, tmp, base);
		*offset = lo;
		return tmp;
	}
	unsigned t = tmp == base || tmp == index ? R12 : tmp;
	constant(as, t, *offset, false);
	alu(as, OP_ADD, false, t, t, base);
	if (index != WX_NO_REG)
		alu(as, OP_ADD, false, t, t, index);
	*offset = 0;
	return t;
}

/* A general register to or from base + index + offset. Stores use `spare` for addresses. */
static void access_word(
	wx_asm *as, bool load, access_kind k, unsigned t, unsigned base, unsigned index, uint32_t offset, unsigned spare)
{
	unsigned tmp = load ? t : spare;
	if (index == WX_NO_REG) {
		if (offset < 4096) {
			access_offset(as, load, k, t, base, offset);
			return;
		}
		if (tmp == base)
			tmp = R12;
		if (modified(offset & ~0xFFFu) == NO_IMMEDIATE || constant(NULL, tmp, offset, false) < 4) {
			constant(as, tmp, offset, false);
			access_index(as, load, k, t, base, tmp);
			return;
		}
	} else {
		if (!offset) {
			access_index(as, load, k, t, base, index);
			return;
		}
		if (offset >= 4096 && modified(offset) != NO_IMMEDIATE) {
			add_constant(as, tmp, index, offset);
			access_index(as, load, k, t, base, tmp);
			return;
		}
		unsigned other = tmp == index || tmp == base ? R12 : tmp;
		if (offset >= 4096 &&
			(modified(offset & ~0xFFFu) == NO_IMMEDIATE || constant(NULL, other, offset, false) <= 4)) {
			constant(as, other, offset, false);
			alu(as, OP_ADD, false, other, other, index);
			access_index(as, load, k, t, base, other);
			return;
		}
	}
	base = locate(as, tmp, base, index, &offset, 4095);
	access_offset(as, load, k, t, base, offset);
}

static void access_pair(wx_asm *as, bool load, wx_reg t, unsigned base, unsigned index, uint32_t offset, bool aligned)
{
	unsigned tmp = load ? t.h : R12;
	bool both = aligned && !(offset & 3);
	if (both && index == WX_NO_REG && offset > 1020 && offset < 4092)
		both = false; /* two loads are as good as an addition and one */
	base = locate(as, tmp, base, index, &offset, both ? 1020 : 4091);
	if (both) {
		access_double(as, load, t.r, t.h, base, offset);
		return;
	}
	if (load && base == t.r) {
		access_offset(as, load, M_WORD, t.h, base, offset + 4);
		access_offset(as, load, M_WORD, t.r, base, offset);
		return;
	}
	access_offset(as, load, M_WORD, t.r, base, offset);
	access_offset(as, load, M_WORD, t.h, base, offset + 4);
}

static void access_float(
	wx_asm *as, bool load, bool is_double, unsigned v, unsigned base, unsigned index, uint32_t offset, bool aligned)
{
	uint32_t used = bit(base) | (index != WX_NO_REG ? bit(index) : 0);
	if (aligned) {
		base = locate(as, R12, base, index, &offset, 1020);
		access_vfp(as, load, is_double, v, base, offset);
		return;
	}
	if (!is_double) {
		if (load) {
			access_word(as, true, M_WORD, R12, base, index, offset, R12);
			vmov_to(as, v, false, R12);
		} else if ((index == WX_NO_REG && offset < 4096) || (index != WX_NO_REG && !offset)) {
			vmov_from(as, R12, v, false);
			access_word(as, false, M_WORD, R12, base, index, offset, R12);
		} else {
			second_scratch second = take_second(as, used);
			vmov_from(as, second.r, v, false);
			access_word(as, false, M_WORD, second.r, base, index, offset, R12);
			give_second(as, second);
		}
		return;
	}
	second_scratch second = take_second(as, used);
	unsigned t = second.r;
	base = locate(as, R12, base, index, &offset, 4091);
	if (load) {
		access_offset(as, true, M_WORD, t, base, offset + 4);
		access_offset(as, true, M_WORD, R12, base, offset);
		vmov_to_double(as, v, R12, t);
	} else if (base != R12) {
		vmov_from_double(as, R12, t, v);
		access_offset(as, false, M_WORD, R12, base, offset);
		access_offset(as, false, M_WORD, t, base, offset + 4);
	} else {
		vmov_from(as, t, v, false);
		access_offset(as, false, M_WORD, t, base, offset);
		vmov_from(as, t, v, true);
		access_offset(as, false, M_WORD, t, base, offset + 4);
	}
	give_second(as, second);
}

static void access_value(wx_asm *as, bool load, wx_type t, wx_reg r, unsigned base, uint32_t offset)
{
	if (WX_IS_FP(r.r))
		access_float(as, load, t == WX_F64, fp(r.r), base, WX_NO_REG, offset, !(offset & 3));
	else if (t == WX_I64)
		access_pair(as, load, r, base, WX_NO_REG, offset, true);
	else
		access_word(as, load, M_WORD, r.r, base, WX_NO_REG, offset, R12);
}

void wx_asm_load(wx_asm *as, wx_type t, wx_reg d, uint8_t base, uint32_t offset)
{
	access_value(as, true, t, d, base, offset);
}

void wx_asm_store(wx_asm *as, wx_type t, wx_reg s, uint8_t base, uint32_t offset)
{
	access_value(as, false, t, s, base, offset);
}

void wx_asm_load_words(wx_asm *as, uint8_t first, uint8_t second, uint8_t base, uint32_t offset)
{
	access_double(as, true, first, second, base, offset);
}

void wx_asm_load_word_at(wx_asm *as, uint8_t d, uint8_t base, uint8_t index)
{
	access_scaled(as, true, M_WORD, d, base, index, 2);
}

void wx_asm_store_const(wx_asm *as, wx_type t, uint64_t bits, uint8_t base, uint32_t offset)
{
	unsigned b = base;
	if (offset > 4091) {
		/* What is free for the generator may already hold an argument. */
		second_scratch second = take_second(as, bit(base) | (ISA_CALLER_SAVED & ~ISA_LINK));
		b = locate(as, second.r, b, WX_NO_REG, &offset, 4091);
		wx_asm_store_const(as, t, bits, (uint8_t)b, offset);
		give_second(as, second);
		return;
	}
	bool wide = t == WX_I64 || t == WX_F64, same = high_word(bits) == (uint32_t)bits;
	constant(as, R12, (uint32_t)bits, false);
	if (wide && !(offset & 3) && offset <= 1020 && (same || (b != LR && lr_is_spare(as)))) {
		if (!same)
			constant(as, LR, high_word(bits), false);
		access_double(as, false, R12, same ? R12 : LR, b, offset);
		return;
	}
	access_offset(as, false, M_WORD, R12, b, offset);
	if (!wide)
		return;
	if (!same)
		constant(as, R12, high_word(bits), false);
	access_offset(as, false, M_WORD, R12, b, offset + 4);
}

/* ---- arithmetic ---- */

bool wx_asm_has(uint8_t op)
{
	if ((op >= WX_OP_F64_EQ && op <= WX_OP_F64_GE) || (op >= WX_OP_F64_SQRT && op <= WX_OP_F64_MAX))
		return WX_THUMB2_DOUBLE;
	switch (op) {
	case WX_OP_I64_DIV_S:
	case WX_OP_I64_DIV_U:
	case WX_OP_I64_REM_S:
	case WX_OP_I64_REM_U:
	case WX_OP_F32_CEIL:
	case WX_OP_F32_FLOOR:
	case WX_OP_F32_TRUNC:
	case WX_OP_F32_NEAREST:
	case WX_OP_F64_CEIL:
	case WX_OP_F64_FLOOR:
	case WX_OP_F64_TRUNC:
	case WX_OP_F64_NEAREST:
	case WX_OP_I64_TRUNC_F32_S:
	case WX_OP_I64_TRUNC_F32_U:
	case WX_OP_I64_TRUNC_F64_S:
	case WX_OP_I64_TRUNC_F64_U:
	case WX_OP_I64_TRUNC_SAT_F32_S:
	case WX_OP_I64_TRUNC_SAT_F32_U:
	case WX_OP_I64_TRUNC_SAT_F64_S:
	case WX_OP_I64_TRUNC_SAT_F64_U:
	case WX_OP_F32_CONVERT_I64_S:
	case WX_OP_F32_CONVERT_I64_U:
	case WX_OP_F64_CONVERT_I64_S:
	case WX_OP_F64_CONVERT_I64_U: return false;
	case WX_OP_I32_TRUNC_F64_S:
	case WX_OP_I32_TRUNC_F64_U:
	case WX_OP_I32_TRUNC_SAT_F64_S:
	case WX_OP_I32_TRUNC_SAT_F64_U:
	case WX_OP_F32_DEMOTE_F64:
	case WX_OP_F64_PROMOTE_F32:
	case WX_OP_F64_CONVERT_I32_S:
	case WX_OP_F64_CONVERT_I32_U: return WX_THUMB2_DOUBLE;
	default:
		return (op >= WX_OP_I32_EQZ && op <= WX_OP_I64_EXTEND32_S) ||
			(op >= WX_OP_I32_TRUNC_SAT_F32_S && op <= WX_OP_I32_TRUNC_SAT_F64_U);
	}
}

bool wx_asm_has_memory_operand(uint8_t op)
{
	(void)op;
	return false;
}

bool wx_asm_has_memory_compare(wx_cond c)
{
	(void)c;
	return false;
}

/* A register for a constant operand beside a: d if it is free. */
static unsigned beside(unsigned d, unsigned a)
{
	return d != a ? d : R12;
}

static void and_constant(wx_asm *as, unsigned d, unsigned a, uint32_t v)
{
	if (!v) {
		constant(as, d, 0, false);
	} else if (v == 0xFFFFFFFF) {
		mov(as, d, a);
	} else if (v == 0xFF || v == 0xFFFF) {
		extend(as, v == 0xFF ? EXTEND_U8 : EXTEND_U16, d, a);
	} else if (modified(v) != NO_IMMEDIATE) {
		alu_modified(as, OP_AND, false, d, a, modified(v));
	} else if (modified(~v) != NO_IMMEDIATE) {
		alu_modified(as, OP_BIC, false, d, a, modified(~v));
	} else if (v & 1 && one_run(v)) {
		ubfx(as, d, a, 0, 32 - count_leading(v));
	} else if (one_run(~v) && (d == a || !(~v & 1))) {
		mov(as, d, a);
		bfc(as, d, count_trailing(~v), 32 - count_leading(~v) - count_trailing(~v));
	} else if (one_run(~v) && low(d) && low(a)) {
		shift_constant(as, SHIFT_LSR, d, a, count_trailing(v));
		shift_constant(as, SHIFT_LSL, d, d, count_trailing(v));
	} else if (one_run(~v)) {
		mov(as, d, a);
		bfc(as, d, 0, count_trailing(v));
	} else if (one_run(v)) {
		unsigned lsb = count_trailing(v);
		ubfx(as, d, a, lsb, 32 - count_leading(v) - lsb);
		shift_constant(as, SHIFT_LSL, d, d, lsb);
	} else {
		unsigned t = beside(d, a);
		constant(as, t, v, false);
		alu(as, OP_AND, false, d, a, t);
	}
}

static void or_constant(wx_asm *as, unsigned d, unsigned a, uint32_t v)
{
	if (!v) {
		mov(as, d, a);
	} else if (v == 0xFFFFFFFF) {
		constant(as, d, v, false);
	} else if (modified(v) != NO_IMMEDIATE) {
		alu_modified(as, OP_ORR, false, d, a, modified(v));
	} else if (modified(~v) != NO_IMMEDIATE) {
		alu_modified(as, OP_ORN, false, d, a, modified(~v));
	} else {
		unsigned t = beside(d, a);
		constant(as, t, v, false);
		alu(as, OP_ORR, false, d, a, t);
	}
}

static void xor_constant(wx_asm *as, unsigned d, unsigned a, uint32_t v)
{
	if (!v) {
		mov(as, d, a);
	} else if (v == 0xFFFFFFFF) {
		invert(as, d, a);
	} else if (modified(v) != NO_IMMEDIATE) {
		alu_modified(as, OP_EOR, false, d, a, modified(v));
	} else {
		unsigned t = beside(d, a);
		constant(as, t, v, false);
		alu(as, OP_EOR, false, d, a, t);
	}
}

static void multiply_constant(wx_asm *as, unsigned d, unsigned a, uint32_t v)
{
	unsigned t = beside(d, a), z = count_trailing(v);
	uint32_t u = z < 32 ? v >> z : 0;
	if (!v) {
		constant(as, d, 0, false);
	} else if (power_of_2(v)) {
		shift_constant(as, SHIFT_LSL, d, a, z);
	} else if (v == 0xFFFFFFFF) {
		negate(as, d, a);
	} else if (power_of_2(v - 1)) {
		alu_shifted(as, OP_ADD, false, d, a, a, SHIFT_LSL, count_trailing(v - 1));
	} else if (power_of_2(v + 1)) {
		alu_shifted(as, OP_RSB, false, d, a, a, SHIFT_LSL, count_trailing(v + 1));
	} else if (power_of_2(1 - v)) {
		alu_shifted(as, OP_SUB, false, d, a, a, SHIFT_LSL, count_trailing(1 - v));
	} else if (power_of_2(0u - v)) {
		shift_constant(as, SHIFT_LSL, d, a, z);
		negate(as, d, d);
	} else if (constant(NULL, t, v, false) > 4 && (power_of_2(u - 1) || power_of_2(u + 1))) {
		multiply_constant(as, d, a, u); /* once: u is odd */
		shift_constant(as, SHIFT_LSL, d, d, z);
	} else {
		constant(as, t, v, false);
		multiply(as, d, a, t);
	}
}

static void divide_remainder(wx_asm *as, uint8_t op, unsigned d, unsigned a, unsigned b)
{
	bool is_signed = op == WX_OP_I32_DIV_S || op == WX_OP_I32_REM_S;
	if (op == WX_OP_I32_DIV_S || op == WX_OP_I32_DIV_U) {
		divide(as, is_signed, d, a, b);
		return;
	}
	second_scratch t = { d != a && d != b ? d : R12, false };
	if (b == R12) /* a constant, and d == a */
		t = take_second(as, bit(a));
	divide(as, is_signed, t.r, a, b);
	multiply_add(as, true, d, t.r, b, a);
	give_second(as, t);
}

static void binary32_constant(wx_asm *as, uint8_t op, unsigned d, unsigned a, uint32_t v)
{
	unsigned t = beside(d, a);
	switch (op) {
	case WX_OP_I32_ADD: add_constant(as, d, a, v); return;
	case WX_OP_I32_SUB: add_constant(as, d, a, 0u - v); return;
	case WX_OP_I32_MUL: multiply_constant(as, d, a, v); return;
	case WX_OP_I32_AND: and_constant(as, d, a, v); return;
	case WX_OP_I32_OR: or_constant(as, d, a, v); return;
	case WX_OP_I32_XOR: xor_constant(as, d, a, v); return;
	case WX_OP_I32_SHL: shift_constant(as, SHIFT_LSL, d, a, v & 31); return;
	case WX_OP_I32_SHR_S: shift_constant(as, SHIFT_ASR, d, a, v & 31); return;
	case WX_OP_I32_SHR_U: shift_constant(as, SHIFT_LSR, d, a, v & 31); return;
	case WX_OP_I32_ROTL: shift_constant(as, SHIFT_ROR, d, a, (32 - v) & 31); return;
	case WX_OP_I32_ROTR: shift_constant(as, SHIFT_ROR, d, a, v & 31); return;
	case WX_OP_I32_DIV_U:
		if (power_of_2(v)) {
			shift_constant(as, SHIFT_LSR, d, a, count_trailing(v));
			return;
		}
		break;
	case WX_OP_I32_REM_U:
		if (power_of_2(v)) {
			and_constant(as, d, a, v - 1);
			return;
		}
		break;
	case WX_OP_I32_DIV_S:
		if (v == 1) {
			mov(as, d, a);
			return;
		}
		if (v == 0xFFFFFFFF) {
			negate(as, d, a);
			return;
		}
		if (v == 2) { /* add the sign bit */
			alu_shifted(as, OP_ADD, false, d, a, a, SHIFT_LSR, 31);
			shift_constant(as, SHIFT_ASR, d, d, 1);
			return;
		}
		break;
	case WX_OP_I32_REM_S:
		if (v == 1 || v == 0xFFFFFFFF) {
			constant(as, d, 0, false);
			return;
		}
		break;
	default: return;
	}
	if ((op == WX_OP_I32_REM_S || op == WX_OP_I32_REM_U) && d != a) {
		/* the constant in d, the quotient in r12 */
		constant(as, d, v, false);
		divide(as, op == WX_OP_I32_REM_S, R12, a, d);
		multiply_add(as, true, d, R12, d, a);
		return;
	}
	constant(as, t, v, false);
	divide_remainder(as, op, d, a, t);
}

static void shift32(wx_asm *as, shift_op op, unsigned d, unsigned a, unsigned b)
{
	alu_modified(as, OP_AND, false, R12, b, 31);
	shift_register(as, op, d, a, R12);
}

static void binary32(wx_asm *as, uint8_t op, unsigned d, unsigned a, unsigned b)
{
	unsigned t;
	switch (op) {
	case WX_OP_I32_ADD: alu(as, OP_ADD, false, d, a, b); return;
	case WX_OP_I32_SUB: alu(as, OP_SUB, false, d, a, b); return;
	case WX_OP_I32_MUL: multiply(as, d, a, b); return;
	case WX_OP_I32_AND: alu(as, OP_AND, false, d, a, b); return;
	case WX_OP_I32_OR: alu(as, OP_ORR, false, d, a, b); return;
	case WX_OP_I32_XOR: alu(as, OP_EOR, false, d, a, b); return;
	case WX_OP_I32_SHL: shift32(as, SHIFT_LSL, d, a, b); return;
	case WX_OP_I32_SHR_S: shift32(as, SHIFT_ASR, d, a, b); return;
	case WX_OP_I32_SHR_U: shift32(as, SHIFT_LSR, d, a, b); return;
	case WX_OP_I32_ROTL:
		t = beside(d, a);
		negate(as, t, b);
		shift_register(as, SHIFT_ROR, d, a, t);
		return;
	case WX_OP_I32_ROTR: /* modulo 32 by itself */ shift_register(as, SHIFT_ROR, d, a, b); return;
	case WX_OP_I32_DIV_S:
	case WX_OP_I32_DIV_U:
	case WX_OP_I32_REM_S:
	case WX_OP_I32_REM_U: divide_remainder(as, op, d, a, b); return;
	default: return;
	}
}

/* d = a + v */
static void add64_constant(wx_asm *as, wx_reg d, wx_reg a, uint64_t v)
{
	uint32_t l = (uint32_t)v, h = high_word(v);
	if (!l) {
		mov(as, d.r, a.r);
		add_constant(as, d.h, a.h, h);
		return;
	}
	if (!add_flags(as, d.r, a.r, l)) {
		constant(as, R12, l, false);
		alu(as, OP_ADD, true, d.r, a.r, R12);
	}
	if (modified(h) != NO_IMMEDIATE) {
		alu_modified(as, OP_ADC, false, d.h, a.h, modified(h));
	} else if (modified(~h) != NO_IMMEDIATE) {
		alu_modified(as, OP_SBC, false, d.h, a.h, modified(~h));
	} else {
		unsigned t = beside(d.h, a.h);
		constant(as, t, h, true);
		alu(as, OP_ADC, false, d.h, a.h, t);
	}
}

/* n = 0 .. 63 */
static void shift64_constant(wx_asm *as, shift_op op, wx_reg d, wx_reg a, unsigned n)
{
	bool left = op == SHIFT_LSL;
	/* bits move from f to t */
	unsigned from = left ? a.r : a.h, to = left ? a.h : a.r, d_from = left ? d.r : d.h, d_to = left ? d.h : d.r;
	if (!n) {
		mov(as, d.r, a.r);
		mov(as, d.h, a.h);
	} else if (n >= 32) {
		if (op == SHIFT_ASR) {
			shift_constant(as, op, d_to, from, n - 32);
			shift_constant(as, op, d_from, from, 31);
		} else {
			shift_constant(as, op, d_to, from, n - 32);
			constant(as, d_from, 0, false);
		}
	} else if (n == 1 && left) {
		alu(as, OP_ADD, true, d.r, a.r, a.r);
		alu(as, OP_ADC, false, d.h, a.h, a.h);
	} else if (n == 1) {
		if (low(d.h) && low(a.h))
			shift_constant(as, op, d.h, a.h, 1);
		else
			t32(as, 0xEA5F0040 | d.h << 8 | (uint32_t)op << 4 | a.h); /* with flags */
		t32(as, 0xEA4F0030 | d.r << 8 | a.r); /* RRX T1 */
	} else {
		shift_constant(as, left ? SHIFT_LSL : SHIFT_LSR, d_to, to, n);
		alu_shifted(as, OP_ORR, false, d_to, d_to, from, left ? SHIFT_LSR : SHIFT_LSL, 32 - n);
		shift_constant(as, op, d_from, from, n);
	}
}

/* n = 0 .. 63, to the left */
static void rotate64_constant(wx_asm *as, wx_reg d, wx_reg a, unsigned n)
{
	unsigned h = a.h, m = n & 31;
	if (!n || (n == 32 && d.r != a.r)) {
		mov(as, d.r, n ? a.h : a.r);
		mov(as, d.h, n ? a.r : a.h);
		return;
	}
	if (d.h == a.h)
		mov(as, h = R12, a.h);
	if (n == 32) {
		mov(as, d.h, a.r);
		mov(as, d.r, h);
		return;
	}
	if (n < 32) {
		shift_constant(as, SHIFT_LSL, d.h, a.h, m);
		alu_shifted(as, OP_ORR, false, d.h, d.h, a.r, SHIFT_LSR, 32 - m);
		shift_constant(as, SHIFT_LSL, d.r, a.r, m);
		alu_shifted(as, OP_ORR, false, d.r, d.r, h, SHIFT_LSR, 32 - m);
	} else {
		shift_constant(as, SHIFT_LSR, d.h, a.h, 32 - m);
		alu_shifted(as, OP_ORR, false, d.h, d.h, a.r, SHIFT_LSL, m);
		shift_constant(as, SHIFT_LSR, d.r, a.r, 32 - m);
		alu_shifted(as, OP_ORR, false, d.r, d.r, h, SHIFT_LSL, m);
	}
}

/* Shifts by a register take its low byte: 32 and more give 0, and so does 32 - n for n > 32. */
static void shift64(wx_asm *as, shift_op op, wx_reg d, wx_reg a, unsigned n)
{
	bool left = op == SHIFT_LSL;
	unsigned from = left ? a.r : a.h, to = left ? a.h : a.r, d_from = left ? d.r : d.h, d_to = left ? d.h : d.r;
	second_scratch second = { d_from, false };
	if (d.r == a.r)
		second = take_second(as, bits(a) | bit(n));
	unsigned t = second.r;
	alu_modified(as, OP_AND, false, R12, n, 63);
	alu_modified(as, OP_RSB, false, t, R12, 32);
	shift_register(as, left ? SHIFT_LSR : SHIFT_LSL, t, from, t);
	shift_register(as, left ? SHIFT_LSL : SHIFT_LSR, d_to, to, R12);
	alu(as, OP_ORR, false, d_to, d_to, t);
	alu_modified(as, OP_SUB, true, t, R12, 32);
	it_block(as, CC_PL, 1, 0);
	shift_register(as, op, d_to, from, t);
	shift_register(as, op, d_from, from, R12);
	give_second(as, second);
}

/* Both words are turned by n mod 32; then the bits that belong to the other one change places, of n >= 32 the rest. */
static void rotate64(wx_asm *as, bool left, wx_reg d, wx_reg a, unsigned n)
{
	second_scratch second = take_second(as, bits(d) | bits(a) | bit(n));
	unsigned mask = second.r;
	alu_modified(as, OP_AND, false, R12, n, 31);
	constant(as, mask, 0xFFFFFFFF, false);
	shift_register(as, left ? SHIFT_LSL : SHIFT_LSR, mask, mask, R12);
	if (left)
		alu_modified(as, OP_RSB, false, R12, R12, 32);
	t32(as, 0xF0100F00 | n << 16 | modified(32)); /* TST T1 */
	it_block(as, CC_EQ, 1, 0);
	invert(as, mask, mask);
	shift_register(as, SHIFT_ROR, d.r, a.r, R12);
	shift_register(as, SHIFT_ROR, d.h, a.h, R12);
	alu(as, OP_EOR, false, R12, d.r, d.h);
	alu(as, OP_AND, false, R12, R12, mask);
	alu(as, OP_EOR, false, d.r, d.r, R12);
	alu(as, OP_EOR, false, d.h, d.h, R12);
	give_second(as, second);
}

static void multiply64(wx_asm *as, wx_reg d, wx_reg a, wx_reg b)
{
	multiply(as, R12, a.r, b.h);
	multiply_add(as, false, R12, a.h, b.r, R12);
	umull(as, d.r, d.h, a.r, b.r);
	alu(as, OP_ADD, false, d.h, d.h, R12);
}

static void negate64(wx_asm *as, wx_reg d, wx_reg a)
{
	if (low(d.r) && low(a.r))
		negate(as, d.r, a.r);
	else
		alu_modified(as, OP_RSB, true, d.r, a.r, 0);
	alu_shifted(as, OP_SBC, false, d.h, a.h, a.h, SHIFT_LSL, 1); /* h - 2 h - borrow */
}

static void multiply64_constant(wx_asm *as, wx_reg d, wx_reg a, uint64_t v)
{
	uint32_t l = (uint32_t)v, h = high_word(v);
	if (!v) {
		constant(as, d.r, 0, false);
		constant(as, d.h, 0, false);
		return;
	}
	if (!(v & (v - 1))) {
		shift64_constant(as, SHIFT_LSL, d, a, l ? count_trailing(l) : 32 + count_trailing(h));
		return;
	}
	if (v == ~0ull) {
		negate64(as, d, a);
		return;
	}
	if (!h && d.r != a.r) {
		constant(as, R12, l, false);
		umull(as, d.r, d.h, a.r, R12);
		multiply_add(as, false, d.h, a.h, R12, d.h);
		return;
	}
	second_scratch second = take_second(as, bits(d) | bits(a));
	unsigned product = second.r, t = d.r != a.r ? d.h : product;
	/* product = a.h * l + a.r * h */
	if (h && h != 0xFFFFFFFF) {
		constant(as, t, h, false);
		multiply(as, product, a.r, t);
		constant(as, R12, l, false);
		multiply_add(as, false, product, a.h, R12, product);
	} else {
		constant(as, R12, l, false);
		multiply(as, product, a.h, R12);
		if (h)
			alu(as, OP_SUB, false, product, product, a.r);
	}
	umull(as, d.r, d.h, a.r, R12);
	alu(as, OP_ADD, false, d.h, d.h, product);
	give_second(as, second);
}

static void binary64_constant(wx_asm *as, uint8_t op, wx_reg d, wx_reg a, uint64_t v)
{
	uint32_t l = (uint32_t)v, h = high_word(v);
	switch (op) {
	case WX_OP_I64_ADD: add64_constant(as, d, a, v); return;
	case WX_OP_I64_SUB: add64_constant(as, d, a, 0 - v); return;
	case WX_OP_I64_MUL: multiply64_constant(as, d, a, v); return;
	case WX_OP_I64_AND:
		and_constant(as, d.r, a.r, l);
		and_constant(as, d.h, a.h, h);
		return;
	case WX_OP_I64_OR:
		or_constant(as, d.r, a.r, l);
		or_constant(as, d.h, a.h, h);
		return;
	case WX_OP_I64_XOR:
		xor_constant(as, d.r, a.r, l);
		xor_constant(as, d.h, a.h, h);
		return;
	case WX_OP_I64_SHL: shift64_constant(as, SHIFT_LSL, d, a, l & 63); return;
	case WX_OP_I64_SHR_S: shift64_constant(as, SHIFT_ASR, d, a, l & 63); return;
	case WX_OP_I64_SHR_U: shift64_constant(as, SHIFT_LSR, d, a, l & 63); return;
	case WX_OP_I64_ROTL: rotate64_constant(as, d, a, l & 63); return;
	case WX_OP_I64_ROTR: rotate64_constant(as, d, a, (64 - l) & 63); return;
	default: return;
	}
}

static void logic64(wx_asm *as, alu_op op, wx_reg d, wx_reg a, wx_reg b)
{
	alu(as, op, false, d.r, a.r, b.r);
	alu(as, op, false, d.h, a.h, b.h);
}

static void binary64(wx_asm *as, uint8_t op, wx_reg d, wx_reg a, wx_reg b)
{
	switch (op) {
	case WX_OP_I64_ADD:
		alu(as, OP_ADD, true, d.r, a.r, b.r);
		alu(as, OP_ADC, false, d.h, a.h, b.h);
		return;
	case WX_OP_I64_SUB:
		alu(as, OP_SUB, true, d.r, a.r, b.r);
		alu(as, OP_SBC, false, d.h, a.h, b.h);
		return;
	case WX_OP_I64_MUL: multiply64(as, d, a, b); return;
	case WX_OP_I64_AND: logic64(as, OP_AND, d, a, b); return;
	case WX_OP_I64_OR: logic64(as, OP_ORR, d, a, b); return;
	case WX_OP_I64_XOR: logic64(as, OP_EOR, d, a, b); return;
	case WX_OP_I64_SHL: shift64(as, SHIFT_LSL, d, a, b.r); return;
	case WX_OP_I64_SHR_S: shift64(as, SHIFT_ASR, d, a, b.r); return;
	case WX_OP_I64_SHR_U: shift64(as, SHIFT_LSR, d, a, b.r); return;
	case WX_OP_I64_ROTL:
	case WX_OP_I64_ROTR: rotate64(as, op == WX_OP_I64_ROTL, d, a, b.r); return;
	default: return;
	}
}

/* Equal operands differ at most in their sign: it decides for them as if a were smaller when negative. */
static void minimum(wx_asm *as, bool maximum, bool is_double, unsigned d, unsigned a, unsigned b)
{
	uint32_t size = is_double ? VFP_DOUBLE : 0;
	if (d == a) { /* both ways the same */
		a = b;
		b = d;
	}
	vfp(as, VCMP | size, a, 0, b);
	vmrs(as);
	it_block(as, CC_EQ, 2, 0);
	vmov_from(as, R12, a, is_double);
	t32(as, 0xF1BC0F00); /* cmp r12, #0 */
	if (d == b) {
		it_block(as, maximum ? CC_GE : CC_MI, 1, 0);
		vfp(as, VMOV | size, d, 0, a);
	} else {
		it_block(as, CC_MI, 2, 2);
		vfp(as, VMOV | size, d, 0, maximum ? b : a);
		vfp(as, VMOV | size, d, 0, maximum ? a : b);
	}
	it_block(as, CC_VS, 1, 0);
	vfp(as, VADD | size, d, a, b);
}

static void copy_sign(wx_asm *as, bool is_double, unsigned d, unsigned a, unsigned b)
{
	if (is_double && !WX_THUMB2_DOUBLE) {
		second_scratch second = take_second(as, 0);
		unsigned t = second.r;
		vmov_from(as, R12, b, true);
		vmov_from(as, t, a, true);
		shift_constant(as, SHIFT_LSR, R12, R12, 31);
		t32(as, 0xF36C70DF | t << 8); /* bfi t, r12, #31, #1 */
		if (d != a)
			vfp(as, VMOV, d, 0, a);
		vmov_to(as, d, true, t);
		give_second(as, second);
		return;
	}
	uint32_t size = is_double ? VFP_DOUBLE : 0;
	vmov_from(as, R12, b, is_double);
	vfp(as, VABS | size, d, 0, a);
	t32(as, 0xF1BC0F00); /* cmp r12, #0 */
	it_block(as, CC_MI, 1, 0);
	vfp(as, VNEG | size, d, 0, d);
}

static void binary_fp(wx_asm *as, unsigned op, bool is_double, unsigned d, unsigned a, unsigned b)
{
	uint32_t size = is_double ? VFP_DOUBLE : 0;
	switch (op) {
	case WX_OP_F32_ADD: vfp(as, VADD | size, d, a, b); return;
	case WX_OP_F32_SUB: vfp(as, VSUB | size, d, a, b); return;
	case WX_OP_F32_MUL: vfp(as, VMUL | size, d, a, b); return;
	case WX_OP_F32_DIV: vfp(as, VDIV | size, d, a, b); return;
	case WX_OP_F32_MIN:
	case WX_OP_F32_MAX: minimum(as, op == WX_OP_F32_MAX, is_double, d, a, b); return;
	case WX_OP_F32_COPYSIGN: copy_sign(as, is_double, d, a, b); return;
	default: return;
	}
}

void wx_asm_binary(wx_asm *as, uint8_t op, wx_reg d, wx_reg a, wx_operand b)
{
	if (op >= WX_OP_F64_ADD && op <= WX_OP_F64_COPYSIGN)
		binary_fp(as, WX_OP_F32_ADD + (op - WX_OP_F64_ADD), true, fp(d.r), fp(a.r), fp(b.reg.r));
	else if (op >= WX_OP_F32_ADD && op <= WX_OP_F32_COPYSIGN)
		binary_fp(as, op, false, fp(d.r), fp(a.r), fp(b.reg.r));
	else if (op >= WX_OP_I64_ADD && op <= WX_OP_I64_ROTR && b.immediate)
		binary64_constant(as, op, d, a, b.value);
	else if (op >= WX_OP_I64_ADD && op <= WX_OP_I64_ROTR)
		binary64(as, op, d, a, b.reg);
	else if (b.immediate)
		binary32_constant(as, op, d.r, a.r, (uint32_t)b.value);
	else
		binary32(as, op, d.r, a.r, b.reg.r);
}

static bool is_modified(uint32_t v)
{
	return modified(v) != NO_IMMEDIATE;
}

bool wx_asm_worth_hoisting(uint32_t v)
{
	return !is_modified(v) && !is_modified(~v);
}

bool wx_asm_has_immediate(uint8_t op, uint32_t v)
{
	switch (op) {
	case WX_OP_I32_EQ: return compare_one(NULL, R12, v);
	case WX_OP_I32_ADD:
	case WX_OP_I32_SUB: return v < 4096 || 0u - v < 4096 || is_modified(v) || is_modified(0u - v);
	case WX_OP_I32_AND: return is_modified(v) || is_modified(~v) || v == 0xFFFF || (v & 1 && one_run(v)) || one_run(~v);
	case WX_OP_I32_OR: return is_modified(v) || is_modified(~v);
	case WX_OP_I32_XOR: return is_modified(v) || v == 0xFFFFFFFF;
	case WX_OP_I32_MUL: return !wx_asm_needs_factor_register(v);
	case WX_OP_I32_DIV_S:
	case WX_OP_I32_REM_S: return v == 1 || v == 2 || v == 0xFFFFFFFF;
	case WX_OP_I32_DIV_U:
	case WX_OP_I32_REM_U: return power_of_2(v);
	default: return true;
	}
}

static shift_op shift_of(uint8_t shift)
{
	return shift == WX_OP_I32_SHL  ? SHIFT_LSL
		: shift == WX_OP_I32_SHR_U ? SHIFT_LSR
		: shift == WX_OP_I32_SHR_S ? SHIFT_ASR
								   : SHIFT_ROR;
}

bool wx_asm_worth_folding(uint8_t shift, uint8_t amount)
{
	(void)shift;
	(void)amount;
	return true;
}

bool wx_asm_has_shifted(uint8_t op, uint8_t shift, uint8_t amount)
{
	(void)shift;
	(void)amount;
	return op == WX_OP_I32_ADD || op == WX_OP_I32_SUB || op == WX_OP_I32_AND || op == WX_OP_I32_OR ||
		op == WX_OP_I32_XOR;
}

void wx_asm_binary_shifted(wx_asm *as, uint8_t op, wx_reg d, wx_reg a, wx_reg b, uint8_t shift, uint8_t amount)
{
	alu_op operation = op == WX_OP_I32_ADD ? OP_ADD
		: op == WX_OP_I32_SUB              ? OP_SUB
		: op == WX_OP_I32_AND              ? OP_AND
		: op == WX_OP_I32_OR               ? OP_ORR
										   : OP_EOR;
	alu_shifted(as, operation, false, d.r, a.r, b.r, shift_of(shift), amount);
}

bool wx_asm_has_multiply_add(uint8_t op)
{
	return op == WX_OP_I32_MUL || op == WX_OP_F32_MUL || (op == WX_OP_F64_MUL && WX_THUMB2_DOUBLE);
}

bool wx_asm_needs_factor_register(uint32_t v)
{
	return v && v != 0xFFFFFFFF && !power_of_2(v) && !power_of_2(v - 1) && !power_of_2(v + 1) && !power_of_2(1 - v);
}

void wx_asm_accumulate(wx_asm *as, uint8_t op, bool subtract, wx_reg d, wx_reg a, wx_reg b, wx_reg c)
{
	if (op == WX_OP_I32_MUL)
		multiply_add(as, subtract, d.r, a.r, b.r, c.r);
	else
		vfp(as, (subtract ? VMLS : VMLA) | (op == WX_OP_F64_MUL ? VFP_DOUBLE : 0), fp(d.r), fp(a.r), fp(b.r));
}

void wx_asm_scaled(wx_asm *as, wx_reg d, wx_reg s, uint8_t shift, uint8_t amount, uint32_t addend)
{
	if (shift)
		shift_constant(as, shift_of(shift), d.r, s.r, amount);
	if (addend || !shift)
		add_constant(as, d.r, shift ? d.r : s.r, addend);
}

bool wx_asm_has_bit_field(void)
{
	return true;
}

void wx_asm_bit_field(wx_asm *as, bool is_signed, wx_reg d, wx_reg s, uint8_t lsb, uint8_t width)
{
	if (!lsb && (width == 8 || width == 16))
		extend(as, is_signed ? (width == 8 ? EXTEND_S8 : EXTEND_S16) : width == 8 ? EXTEND_U8 : EXTEND_U16, d.r, s.r);
	else if (lsb + width == 32)
		shift_constant(as, is_signed ? SHIFT_ASR : SHIFT_LSR, d.r, s.r, lsb);
	else if (is_signed)
		sbfx(as, d.r, s.r, lsb, width);
	else
		ubfx(as, d.r, s.r, lsb, width);
}

static void count_zeros64(wx_asm *as, bool trailing, wx_reg d, wx_reg s)
{
	unsigned first = s.h;
	if (trailing) {
		rbit(as, R12, s.r);
		rbit(as, d.r, s.h);
		clz(as, d.r, d.r);
		first = R12;
	} else {
		clz(as, d.r, s.r);
	}
	add_constant(as, d.r, d.r, 32);
	compare_constant(as, first, 0, false);
	it_block(as, CC_NE, 1, 0);
	clz(as, d.r, first);
	constant(as, d.h, 0, false);
}

/* Bits set in each group of four */
static void count_bits4(wx_asm *as, unsigned d, unsigned s)
{
	shift_constant(as, SHIFT_LSR, R12, s, 1);
	alu_modified(as, OP_AND, false, R12, R12, modified(0x55555555));
	alu(as, OP_SUB, false, d, s, R12);
	alu_modified(as, OP_AND, false, R12, d, modified(0x33333333));
	shift_constant(as, SHIFT_LSR, d, d, 2);
	alu_modified(as, OP_AND, false, d, d, modified(0x33333333));
	alu(as, OP_ADD, false, d, d, R12);
}

/* The sum of the bytes */
static void add_bytes(wx_asm *as, unsigned d)
{
	constant(as, R12, 0x01010101, false);
	multiply(as, d, d, R12);
	shift_constant(as, SHIFT_LSR, d, d, 24);
}

static void count_bits32(wx_asm *as, unsigned d, unsigned s)
{
	count_bits4(as, d, s);
	alu_shifted(as, OP_ADD, false, d, d, d, SHIFT_LSR, 4);
	alu_modified(as, OP_AND, false, d, d, modified(0x0F0F0F0F));
	add_bytes(as, d);
}

static void count_bits64(wx_asm *as, wx_reg d, wx_reg s)
{
	count_bits4(as, d.r, s.r);
	count_bits4(as, d.h, s.h);
	alu(as, OP_ADD, false, d.r, d.r, d.h);
	alu_modified(as, OP_AND, false, R12, d.r, modified(0x0F0F0F0F));
	shift_constant(as, SHIFT_LSR, d.r, d.r, 4);
	alu_modified(as, OP_AND, false, d.r, d.r, modified(0x0F0F0F0F));
	alu(as, OP_ADD, false, d.r, d.r, R12);
	add_bytes(as, d.r);
	constant(as, d.h, 0, false);
}

/* VCVT rounds towards zero and saturates, NaN becomes 0. */
static void truncate_float(wx_asm *as, uint32_t op, bool is_double, unsigned d, unsigned s)
{
	vfp(as, op | (is_double ? VFP_DOUBLE : 0), D15, 0, s);
	vmov_from(as, d, D15, false);
}

static void sign_f64(wx_asm *as, bool negative, unsigned d, unsigned s)
{
	if (WX_THUMB2_DOUBLE) {
		vfp(as, (negative ? VNEG : VABS) | VFP_DOUBLE, d, 0, s);
		return;
	}
	vmov_from(as, R12, s, true);
	alu_modified(as, negative ? OP_EOR : OP_BIC, false, R12, R12, modified(0x80000000));
	if (d != s)
		vfp(as, VMOV, d, 0, s);
	vmov_to(as, d, true, R12);
}

void wx_asm_unary(wx_asm *as, uint8_t op, wx_reg d, wx_reg s)
{
	unsigned fd = fp(d.r), fs = fp(s.r);
	switch (op) {
	case WX_OP_I32_CLZ: clz(as, d.r, s.r); return;
	case WX_OP_I32_CTZ:
		rbit(as, d.r, s.r);
		clz(as, d.r, d.r);
		return;
	case WX_OP_I32_POPCNT: count_bits32(as, d.r, s.r); return;
	case WX_OP_I64_CLZ:
	case WX_OP_I64_CTZ: count_zeros64(as, op == WX_OP_I64_CTZ, d, s); return;
	case WX_OP_I64_POPCNT: count_bits64(as, d, s); return;
	case WX_OP_I32_WRAP_I64: mov(as, d.r, s.r); return;
	case WX_OP_I32_EXTEND8_S: extend(as, EXTEND_S8, d.r, s.r); return;
	case WX_OP_I32_EXTEND16_S: extend(as, EXTEND_S16, d.r, s.r); return;
	case WX_OP_I64_EXTEND8_S:
	case WX_OP_I64_EXTEND16_S:
		extend(as, op == WX_OP_I64_EXTEND8_S ? EXTEND_S8 : EXTEND_S16, d.r, s.r);
		shift_constant(as, SHIFT_ASR, d.h, d.r, 31);
		return;
	case WX_OP_I64_EXTEND32_S:
	case WX_OP_I64_EXTEND_I32_S:
		mov(as, d.r, s.r);
		shift_constant(as, SHIFT_ASR, d.h, d.r, 31);
		return;
	case WX_OP_I64_EXTEND_I32_U:
		mov(as, d.r, s.r);
		constant(as, d.h, 0, false);
		return;
	case WX_OP_F32_ABS: vfp(as, VABS, fd, 0, fs); return;
	case WX_OP_F32_NEG: vfp(as, VNEG, fd, 0, fs); return;
	case WX_OP_F64_ABS:
	case WX_OP_F64_NEG: sign_f64(as, op == WX_OP_F64_NEG, fd, fs); return;
	case WX_OP_F32_SQRT: vfp(as, VSQRT, fd, 0, fs); return;
	case WX_OP_F64_SQRT: vfp(as, VSQRT | VFP_DOUBLE, fd, 0, fs); return;
	case WX_OP_I32_TRUNC_F32_S:
	case WX_OP_I32_TRUNC_SAT_F32_S: truncate_float(as, VCVT_TO_S32, false, d.r, fs); return;
	case WX_OP_I32_TRUNC_F32_U:
	case WX_OP_I32_TRUNC_SAT_F32_U: truncate_float(as, VCVT_TO_U32, false, d.r, fs); return;
	case WX_OP_I32_TRUNC_F64_S:
	case WX_OP_I32_TRUNC_SAT_F64_S: truncate_float(as, VCVT_TO_S32, true, d.r, fs); return;
	case WX_OP_I32_TRUNC_F64_U:
	case WX_OP_I32_TRUNC_SAT_F64_U: truncate_float(as, VCVT_TO_U32, true, d.r, fs); return;
	case WX_OP_F32_CONVERT_I32_S:
	case WX_OP_F32_CONVERT_I32_U:
	case WX_OP_F64_CONVERT_I32_S:
	case WX_OP_F64_CONVERT_I32_U:
		vmov_to(as, fd, false, s.r);
		vfp(as,
			(op == WX_OP_F32_CONVERT_I32_S || op == WX_OP_F64_CONVERT_I32_S ? VCVT_FROM_S32 : VCVT_FROM_U32) |
				(op >= WX_OP_F64_CONVERT_I32_S ? VFP_DOUBLE : 0),
			fd, 0, fd);
		return;
	case WX_OP_F32_DEMOTE_F64: vfp(as, VCVT_SINGLE_DOUBLE, fd, 0, fs); return;
	case WX_OP_F64_PROMOTE_F32: vfp(as, VCVT_DOUBLE_SINGLE, fd, 0, fs); return;
	case WX_OP_I32_REINTERPRET_F32: vmov_from(as, d.r, fs, false); return;
	case WX_OP_I64_REINTERPRET_F64: vmov_from_double(as, d.r, d.h, fs); return;
	case WX_OP_F32_REINTERPRET_I32: vmov_to(as, fd, false, s.r); return;
	case WX_OP_F64_REINTERPRET_I64: vmov_to_double(as, fd, s.r, s.h); return;
	default: return;
	}
}

/* FPSCR.DN is set. */
void wx_asm_canonical(wx_asm *as, wx_type t, wx_reg d)
{
	(void)as;
	(void)t;
	(void)d;
}

/* ---- compare, select, branch ---- */

static cc_code integer_code(wx_cond c)
{
	static const uint8_t codes[] = { CC_EQ, CC_NE, CC_LT, CC_GE, CC_GT, CC_LE, CC_CC, CC_CS, CC_HI, CC_LS };
	return c <= WX_LE_U ? (cc_code)codes[c] : CC_AL;
}

/* After VCMP: less N; equal Z C; greater C; unordered C V */
static cc_code float_code(wx_cond c)
{
	switch (c) {
	case WX_EQ:
	case WX_F_EQ: return CC_EQ;
	case WX_NE:
	case WX_F_NE: return CC_NE;
	case WX_LT_S:
	case WX_F_LT: return CC_MI;
	case WX_GT_S:
	case WX_F_GT: return CC_GT;
	case WX_LE_S:
	case WX_F_LE: return CC_LS;
	case WX_GE_S:
	case WX_F_GE: return CC_GE;
	case WX_F_NLT: return CC_PL;
	case WX_F_NGT: return CC_LE;
	case WX_F_NLE: return CC_HI;
	case WX_F_NGE: return CC_LT;
	default: return CC_AL;
	}
}

static wx_cond swapped(wx_cond c)
{
	static const uint8_t codes[] = { WX_EQ, WX_NE, WX_GT_S, WX_LE_S, WX_LT_S, WX_GE_S, WX_GT_U, WX_LE_U, WX_LT_U,
		WX_GE_U };
	return c <= WX_LE_U ? (wx_cond)codes[c] : c;
}

static uint64_t minus_1(wx_type t)
{
	return t == WX_I64 ? ~0ull : 0xFFFFFFFFu;
}

/* The relation with the constant next to it, where there is one; *c and *v become x > v for x >= v + 1 and so on. */
static bool neighbour(wx_type t, wx_cond *c, uint64_t *v)
{
	uint64_t ones = minus_1(t), top = (ones >> 1) + 1;
	switch (*c) {
	case WX_LT_S:
	case WX_GE_S: /* x < v: x <= v - 1 */
		if (*v == top)
			return false;
		*c = *c == WX_LT_S ? WX_LE_S : WX_GT_S;
		*v = (*v - 1) & ones;
		return true;
	case WX_LE_S:
	case WX_GT_S:
		if (*v == top - 1)
			return false;
		*c = *c == WX_LE_S ? WX_LT_S : WX_GE_S;
		*v = (*v + 1) & ones;
		return true;
	case WX_LT_U:
	case WX_GE_U:
		if (!*v)
			return false;
		*c = *c == WX_LT_U ? WX_LE_U : WX_GT_U;
		*v = *v - 1;
		return true;
	case WX_LE_U:
	case WX_GT_U:
		if (*v == ones)
			return false;
		*c = *c == WX_LE_U ? WX_LT_U : WX_GE_U;
		*v = *v + 1;
		return true;
	default: return false;
	}
}

/*
 * Always or never true whatever x is: CC_AL, CC_NEVER; else CC_EQ. Relations that only 0 fulfils or fails become == 0,
 * != 0.
 */
static cc_code simplify(wx_type t, wx_cond *c, uint64_t *v)
{
	uint64_t ones = minus_1(t), top = (ones >> 1) + 1, x = *v;
	switch (*c) {
	case WX_LT_U:
	case WX_GE_U:
		if (!x)
			return *c == WX_LT_U ? CC_NEVER : CC_AL;
		if (x == 1) {
			*c = *c == WX_LT_U ? WX_EQ : WX_NE;
			*v = 0;
		}
		break;
	case WX_LE_U:
	case WX_GT_U:
		if (x == ones)
			return *c == WX_GT_U ? CC_NEVER : CC_AL;
		if (!x)
			*c = *c == WX_LE_U ? WX_EQ : WX_NE;
		break;
	case WX_LT_S:
	case WX_GE_S:
		if (x == top)
			return *c == WX_LT_S ? CC_NEVER : CC_AL;
		break;
	case WX_LE_S:
	case WX_GT_S:
		if (x == top - 1)
			return *c == WX_GT_S ? CC_NEVER : CC_AL;
		break;
	default: break;
	}
	return CC_EQ;
}

static cc_code compare32_constant(wx_asm *as, wx_cond c, unsigned a, uint32_t v)
{
	uint64_t x = v;
	cc_code known = simplify(WX_I32, &c, &x);
	if (known != CC_EQ)
		return known;
	wx_cond other = c;
	uint64_t y = x;
	if (x && neighbour(WX_I32, &other, &y)) {
		unsigned bytes = compare_constant(NULL, a, (uint32_t)x, false),
				 bytes_other = compare_constant(NULL, a, (uint32_t)y, false);
		if (bytes_other < bytes || !y) {
			c = other;
			x = y;
		}
	}
	if (!x && (c == WX_EQ || c == WX_NE) && wx_asm_flags_tell(as, a, false))
		return (cc_code)(as->flags_true ^ (c == WX_EQ));
	compare_constant(as, a, (uint32_t)x, false);
	if (!x)
		wx_asm_set_flags(as, a, CC_NE, false);
	return integer_code(c);
}

static cc_code compare64_constant(wx_asm *as, wx_cond c, wx_reg a, uint64_t v)
{
	cc_code known = simplify(WX_I64, &c, &v);
	if (known != CC_EQ)
		return known;
	uint32_t l, h;
	if (c == WX_EQ || c == WX_NE) {
		l = (uint32_t)v;
		h = high_word(v);
		if (!v) {
			alu_shifted(as, OP_ORR, true, R12, a.r, a.h, SHIFT_LSL, 0);
			return integer_code(c);
		}
		compare_constant(as, a.r, l, false);
		if (compare_one(NULL, a.h, h)) {
			it_block(as, CC_EQ, 1, 0);
			compare_one(as, a.h, h);
		} else {
			constant(as, R12, h, true);
			it_block(as, CC_EQ, 1, 0);
			compare_registers(as, a.h, R12);
		}
		return integer_code(c);
	}
	if (c == WX_GT_S || c == WX_LE_S || c == WX_GT_U || c == WX_LE_U)
		neighbour(WX_I64, &c, &v);
	/* only <, >= now */
	l = (uint32_t)v;
	h = high_word(v);
	if (!l) {
		compare_constant(as, a.h, h, false);
		return integer_code(c);
	}
	compare_constant(as, a.r, l, false);
	if (modified(h) != NO_IMMEDIATE) {
		alu_modified(as, OP_SBC, true, R12, a.h, modified(h));
	} else if (modified(~h) != NO_IMMEDIATE) {
		alu_modified(as, OP_ADC, true, R12, a.h, modified(~h));
	} else {
		constant(as, R12, h, true);
		alu_shifted(as, OP_SBC, true, R12, a.h, R12, SHIFT_LSL, 0);
	}
	return integer_code(c);
}

static cc_code compare64(wx_asm *as, wx_cond c, wx_reg a, wx_reg b)
{
	if (c == WX_EQ || c == WX_NE) {
		compare_registers(as, a.r, b.r);
		it_block(as, CC_EQ, 1, 0);
		compare_registers(as, a.h, b.h);
		return integer_code(c);
	}
	if (c == WX_GT_S || c == WX_LE_S || c == WX_GT_U || c == WX_LE_U) {
		wx_reg swap = a;
		a = b;
		b = swap;
		c = swapped(c);
	}
	compare_registers(as, a.r, b.r);
	alu_shifted(as, OP_SBC, true, R12, a.h, b.h, SHIFT_LSL, 0);
	return integer_code(c);
}

static cc_code compare_fp(wx_asm *as, wx_cond c, wx_type t, unsigned a, wx_operand b)
{
	uint32_t size = t == WX_F64 ? VFP_DOUBLE : 0, m = fp(b.reg.r);
	if (b.immediate) {
		if (!(b.value << (t == WX_F64 ? 1 : 33))) {
			vfp(as, VCMP_ZERO | size, a, 0, 0);
			vmrs(as);
			return float_code(c);
		}
		m = D15;
		wx_asm_const(as, t, (wx_reg){ WX_FP(D15), WX_NO_REG }, b.value);
	}
	vfp(as, VCMP | size, a, 0, m);
	vmrs(as);
	return float_code(c);
}

/* Sets the flags and returns the condition; CC_AL and CC_NEVER when known. */
static cc_code compare(wx_asm *as, wx_cond c, wx_type t, wx_reg a, wx_operand b)
{
	if (t == WX_F32 || t == WX_F64)
		return compare_fp(as, c, t, fp(a.r), b);
	if (t == WX_I64)
		return b.immediate ? compare64_constant(as, c, a, b.value) : compare64(as, c, a, b.reg);
	if (b.immediate)
		return compare32_constant(as, c, a.r, (uint32_t)b.value);
	compare_registers(as, a.r, b.reg.r);
	return integer_code(c);
}

/* d = 1 where the flags say cc, else 0 */
static void set_by_flags(wx_asm *as, cc_code cc, unsigned d)
{
	if (cc >= CC_AL) {
		constant(as, d, cc == CC_AL, false);
	} else if (low(d) && (cc == CC_CC || cc == CC_CS)) {
		alu(as, OP_SBC, true, d, d, d); /* 0 with carry, else -1 */
		if (cc == CC_CC)
			negate(as, d, d);
		else
			add_constant(as, d, d, 1);
	} else {
		it_block(as, cc, 2, 2);
		constant_in_block(as, d, 1);
		constant_in_block(as, d, 0);
		wx_asm_set_flags(as, d, cc, false);
	}
}

/* d is 0 where the flags say equal; any other value becomes 1. */
static void set_not_zero(wx_asm *as, unsigned d)
{
	it_block(as, CC_NE, 1, 0);
	constant_in_block(as, d, 1);
	wx_asm_set_flags(as, d, CC_NE, false);
}

static void set_if_zero(wx_asm *as, unsigned d, unsigned a)
{
	clz(as, d, a);
	shift_constant(as, SHIFT_LSR, d, d, 5);
}

static void set_sign(wx_asm *as, bool negative, unsigned d, unsigned a)
{
	if (!negative) {
		invert(as, d, a);
		a = d;
	}
	shift_constant(as, SHIFT_LSR, d, a, 31);
}

/* Prefer < and >=, whose unsigned forms are the carry. */
static void prefer_less(wx_type t, wx_cond *c, uint64_t *v)
{
	if (*c == WX_GT_S || *c == WX_LE_S || *c == WX_GT_U || *c == WX_LE_U)
		neighbour(t, c, v);
}

static bool set32_constant(wx_asm *as, wx_cond c, unsigned d, unsigned a, uint64_t v)
{
	if (simplify(WX_I32, &c, &v) != CC_EQ)
		return false;
	prefer_less(WX_I32, &c, &v);
	if (!v && c == WX_EQ) {
		set_if_zero(as, d, a);
	} else if (!v && c == WX_NE) {
		if (d == a)
			compare_constant(as, a, 0, false);
		else if (low(d) && low(a))
			t16(as, a << 3 | d); /* MOV T2, with flags */
		else
			t32(as, 0xEA5F0000 | d << 8 | a); /* MOV T3, with flags */
		set_not_zero(as, d);
	} else if (!v && (c == WX_LT_S || c == WX_GE_S)) {
		set_sign(as, c == WX_LT_S, d, a);
	} else if (c == WX_NE && add_flags(NULL, d, a, 0u - (uint32_t)v)) {
		add_flags(as, d, a, 0u - (uint32_t)v);
		set_not_zero(as, d);
	} else if (low(d) && (c == WX_LT_U || c == WX_GE_U)) {
		compare_constant(as, a, (uint32_t)v, false);
		set_by_flags(as, integer_code(c), d);
	} else {
		return false;
	}
	return true;
}

static void set32(wx_asm *as, wx_cond c, unsigned d, unsigned a, unsigned b)
{
	if (c == WX_NE && low(d) && low(a) && low(b)) {
		alu(as, OP_SUB, true, d, a, b);
		set_not_zero(as, d);
		return;
	}
	if (c == WX_EQ && low(d) && low(a) && low(b)) {
		alu(as, OP_SUB, true, d, a, b);
		set_if_zero(as, d, d);
		return;
	}
	if (low(d) && (c == WX_GT_U || c == WX_LE_U)) {
		unsigned swap = a;
		a = b;
		b = swap;
		c = swapped(c);
	}
	compare_registers(as, a, b);
	set_by_flags(as, integer_code(c), d);
}

static bool set64_constant(wx_asm *as, wx_cond c, unsigned d, wx_reg a, uint64_t v)
{
	if (simplify(WX_I64, &c, &v) != CC_EQ)
		return false;
	prefer_less(WX_I64, &c, &v);
	if (v)
		return false;
	if (c == WX_EQ) {
		alu(as, OP_ORR, false, d, a.r, a.h);
		set_if_zero(as, d, d);
	} else if (c == WX_NE) {
		alu(as, OP_ORR, true, d, a.r, a.h);
		set_not_zero(as, d);
	} else if (c == WX_LT_S || c == WX_GE_S) {
		set_sign(as, c == WX_LT_S, d, a.h);
	} else {
		return false;
	}
	return true;
}

void wx_asm_set(wx_asm *as, wx_cond c, wx_type t, wx_reg d, wx_reg a, wx_operand b)
{
	if ((t == WX_I32 || t == WX_REF) && !b.immediate) {
		set32(as, c, d.r, a.r, b.reg.r);
		return;
	}
	if ((t == WX_I32 || t == WX_REF) && set32_constant(as, c, d.r, a.r, (uint32_t)b.value))
		return;
	if (t == WX_I64 && b.immediate && set64_constant(as, c, d.r, a, b.value))
		return;
	set_by_flags(as, compare(as, c, t, a, b), d.r);
}

void wx_asm_select(wx_asm *as, wx_cond c, wx_type t, wx_reg a, wx_operand b, wx_type vt, wx_reg d, wx_reg x, wx_reg y)
{
	if (x.r == y.r && (vt != WX_I64 || x.h == y.h)) {
		wx_asm_move(as, vt, d, x);
		return;
	}
	cc_code cc = compare(as, c, t, a, b);
	if (cc >= CC_AL) {
		wx_asm_move(as, vt, d, cc == CC_AL ? x : y);
		return;
	}
	uint32_t at = as->size;
	/* words of one value, in one block */
	unsigned words = vt == WX_I64 || (vt == WX_F64 && !WX_THUMB2_DOUBLE) ? 2 : 1;
	if (d.r == y.r) {
		it_block(as, cc, words, 0);
		wx_asm_move(as, vt, d, x);
	} else if (d.r == x.r) {
		it_block(as, (cc_code)(cc ^ 1), words, 0);
		wx_asm_move(as, vt, d, y);
	} else {
		it_block(as, cc, 2 * words, words == 2 ? 12 : 2);
		wx_asm_move(as, vt, d, x);
		wx_asm_move(as, vt, d, y);
	}
	if (vt != WX_I64)
		wx_asm_keep_flags(as, at, d.r);
}

static uint32_t branch(wx_asm *as, cc_code cc, uint32_t target)
{
	uint32_t at = as->size;
	if (at >= MAX_CODE || target >= MAX_CODE)
		as->failed = true;
	wx_asm_u32(as, open_branch(cc, target));
	return as->failed ? 0 : at;
}

/*
 * Behind a jump nothing runs on: stubs for the traps before it can lie there, within reach of short branches. Called
 * when the oldest would soon be out of reach. Distances are those of the longest forms.
 */
#define STUBS_WANTED 60u
#define STUBS_REACH 305u
#define STUBS_MOST 24u

static void place_stubs(wx_asm *as)
{
	uint32_t first = as->site_count, oldest = as->size, count = 0;
	while (first && as->size - as->sites[first - 1].at <= STUBS_REACH && count < STUBS_MOST) {
		const wx_site *site = &as->sites[--first];
		uint32_t word = wx_asm_get32(as, site->at);
		if (site->kind > WX_SITE_TRAP_VALUE || !is_open_branch(word) || open_target(word))
			continue;
		oldest = site->at;
		count++;
	}
	if (as->size - oldest < STUBS_WANTED)
		return;
	for (uint32_t i = first; i < as->site_count && !as->failed; i++) {
		uint32_t at = as->sites[i].at, word = wx_asm_get32(as, at);
		if (as->sites[i].kind > WX_SITE_TRAP_VALUE || !is_open_branch(word) || open_target(word))
			continue;
		wx_asm_put32(as, at, open_branch(open_condition(word), as->size));
		t16(as, FILLER);
		t32(as, BL_PLACE);
	}
}

uint32_t wx_asm_jump(wx_asm *as, uint32_t chain)
{
	chain = branch(as, CC_AL, chain);
	place_stubs(as);
	return chain;
}

uint32_t wx_asm_branch(wx_asm *as, wx_cond c, wx_type t, wx_reg a, wx_operand b, uint32_t chain)
{
	cc_code cc = compare(as, c, t, a, b);
	return cc == CC_NEVER ? chain : branch(as, cc, chain);
}

void wx_asm_link(wx_asm *as, uint32_t chain, uint32_t target)
{
	wx_asm_label(as);
	while (chain && !as->failed) {
		uint32_t word = wx_asm_get32(as, chain), next = open_target(word);
		if (!is_open_branch(word) || next >= chain || target >= MAX_CODE) {
			as->failed = true;
			return;
		}
		wx_asm_put32(as, chain, open_branch(open_condition(word), target));
		chain = next;
	}
}

void wx_asm_jump_back(wx_asm *as, uint32_t target)
{
	branch(as, CC_AL, target);
	place_stubs(as);
}

void wx_asm_branch_back(wx_asm *as, wx_cond c, wx_type t, wx_reg a, wx_operand b, uint32_t target)
{
	cc_code cc = compare(as, c, t, a, b);
	if (cc != CC_NEVER)
		branch(as, cc, target);
}

static void trap_branch(wx_asm *as, wx_site_kind site, uint8_t kind, cc_code cc)
{
	if (cc == CC_NEVER)
		return;
	if (cc == CC_AL) {
		wx_asm_trap(as, kind);
		return;
	}
	wx_asm_site(as, site, as->size, kind);
	branch(as, cc, 0);
}

void wx_asm_trap_if(wx_asm *as, uint8_t kind, wx_cond c, wx_type t, wx_reg a, wx_operand b)
{
	trap_branch(as, WX_SITE_TRAP, kind, compare(as, c, t, a, b));
}

/* Calls the vector in line; a leaf function needs the filler. */
void wx_asm_trap(wx_asm *as, uint8_t kind)
{
	t16(as, FILLER);
	wx_asm_site(as, WX_SITE_TRAP, as->size, kind);
	t32(as, BL_PLACE);
	place_stubs(as);
}

void wx_asm_trap_status(wx_asm *as)
{
	compare_constant(as, ISA_STATUS, 0, false);
	trap_branch(as, WX_SITE_TRAP_VALUE, WX_TRAP_NONE, CC_NE);
}

uint32_t wx_asm_table(wx_asm *as, uint8_t index, uint32_t count)
{
	uint32_t table = as->size;
	if (count > 0xFFFF)
		as->failed = true;
	wx_asm_u32(as, TABLE_MARK | index | count << 16);
	wx_asm_u32(as, 0);
	for (uint32_t i = 0; i < count && !as->failed; i++)
		wx_asm_u32(as, 0);
	return table;
}

void wx_asm_table_entry(wx_asm *as, uint32_t table, uint32_t i, uint32_t target)
{
	wx_asm_put32(as, table + 8 + 4 * i, target);
}

/* ---- linear memory ---- */

void wx_asm_check(wx_asm *as, uint8_t kind, wx_reg address, uint64_t end, bool small)
{
	cc_code cc;
	uint32_t beyond = (uint32_t)end - as->slack; /* what the access needs more than the slack */
	if (address.r == WX_NO_REG) {
		if (end > 0xFFFFFFFF) {
			wx_asm_trap(as, kind);
			return;
		}
		if (small || !end)
			return;
		compare_constant(as, ISA_MEMORY_LIMIT, beyond, false);
		cc = CC_CC;
	} else if (end > 0x100000000) {
		wx_asm_trap(as, kind);
		return;
	} else if (end < as->slack) {
		compare_registers(as, address.r, ISA_MEMORY_LIMIT);
		wx_asm_site(as, WX_SITE_CHECK, as->size, kind | (uint32_t)address.r << 8 | (as->slack - (uint32_t)end) << 16);
		branch(as, CC_HI, 0);
		return;
	} else if (!beyond && small) {
		compare_registers(as, address.r, ISA_MEMORY_LIMIT);
		cc = CC_HI;
	} else if (beyond == 1) {
		compare_registers(as, address.r, ISA_MEMORY_LIMIT);
		cc = CC_CS;
	} else if (small && (beyond < 4096 || modified(beyond) != NO_IMMEDIATE)) {
		add_constant(as, R12, ISA_MEMORY_LIMIT, 0u - beyond);
		compare_registers(as, address.r, R12);
		cc = CC_HI;
	} else if (small) {
		constant(as, R12, beyond, false);
		alu(as, OP_SUB, false, R12, ISA_MEMORY_LIMIT, R12);
		compare_registers(as, address.r, R12);
		cc = CC_HI;
	} else {
		/* address + beyond - 1 carries, or is not below the limit */
		if (!add_flags(as, R12, address.r, beyond - 1)) {
			constant(as, R12, beyond - 1, false);
			alu(as, OP_ADD, true, R12, address.r, R12);
		}
		it_block(as, CC_CC, 1, 0);
		compare_registers(as, R12, ISA_MEMORY_LIMIT);
		cc = CC_CS;
	}
	trap_branch(as, WX_SITE_TRAP, kind, cc);
}

bool wx_asm_has_scaled_address(uint8_t op, uint8_t scale, uint32_t offset, bool aligned)
{
	switch (op) {
	case WX_OP_F32_LOAD:
	case WX_OP_F64_LOAD:
	case WX_OP_F32_STORE:
	case WX_OP_F64_STORE:
	case WX_OP_I64_LOAD:
	case WX_OP_I64_STORE: return scale && aligned && offset <= 1020 && !(offset & 3);
	default: return scale && offset < 4096;
	}
}

uint32_t wx_asm_page_of(uint8_t op, uint32_t address, bool aligned)
{
	bool words = op == WX_OP_F32_LOAD || op == WX_OP_F64_LOAD || op == WX_OP_F32_STORE || op == WX_OP_F64_STORE ||
		op == WX_OP_I64_LOAD || op == WX_OP_I64_STORE;
	uint32_t most = !words ? 4095 : aligned ? 1020 : 4091, page = address & ~4095u;
	if (address - page > most)
		page = address & ~1023u;
	return address - page <= most && modified(page) != NO_IMMEDIATE ? page : 0;
}

bool wx_asm_has_pointer(uint8_t op, uint32_t offset, bool aligned)
{
	switch (op) {
	case WX_OP_F32_LOAD:
	case WX_OP_F64_LOAD:
	case WX_OP_F32_STORE:
	case WX_OP_F64_STORE: return aligned ? offset <= 1020 && !(offset & 3) : offset && offset < 4092;
	case WX_OP_I64_LOAD:
	case WX_OP_I64_STORE: return aligned ? offset <= 1020 && !(offset & 3) : offset < 4092;
	default: return offset && offset < 4096;
	}
}

void wx_asm_pointer(wx_asm *as, uint8_t d, uint8_t address)
{
	alu(as, OP_ADD, false, d, ISA_MEMORY, address);
}

/* Base and index of an access; a scaled index that no instruction takes is added to the base first. */
static unsigned index_of(wx_asm *as, unsigned *base, wx_address address)
{
	if (address.pointer != WX_NO_REG)
		*base = address.pointer;
	if (!address.scale)
		return address.reg;
	alu_shifted(as, OP_ADD, false, R12, *base, address.reg, SHIFT_LSL, address.scale);
	*base = R12;
	return WX_NO_REG;
}

void wx_asm_memory_load(wx_asm *as, uint8_t op, wx_reg d, wx_address address, bool aligned)
{
	static const uint8_t kinds[] = { M_S8, M_U8, M_S16, M_U16 };
	uint32_t offset = address.offset;
	if (address.scale && !offset && op >= WX_OP_I32_LOAD && op <= WX_OP_I32_LOAD16_U &&
		(op == WX_OP_I32_LOAD || op >= WX_OP_I32_LOAD8_S)) {
		access_scaled(as, true, op == WX_OP_I32_LOAD ? M_WORD : (access_kind)kinds[op - WX_OP_I32_LOAD8_S], d.r,
			ISA_MEMORY, address.reg, address.scale);
		return;
	}
	unsigned base = ISA_MEMORY, index = index_of(as, &base, address);
	switch (op) {
	case WX_OP_I32_LOAD:
	case WX_OP_I64_LOAD32_S:
	case WX_OP_I64_LOAD32_U: access_word(as, true, M_WORD, d.r, base, index, offset, R12); break;
	case WX_OP_I64_LOAD: access_pair(as, true, d, base, index, offset, aligned); return;
	case WX_OP_F32_LOAD:
	case WX_OP_F64_LOAD: access_float(as, true, op == WX_OP_F64_LOAD, fp(d.r), base, index, offset, aligned); return;
	default:
		if (op < WX_OP_I32_LOAD8_S || op > WX_OP_I64_LOAD16_U)
			return;
		access_word(as, true, (access_kind)kinds[(op - WX_OP_I32_LOAD8_S) & 3], d.r, base, index, offset, R12);
		break;
	}
	if (op < WX_OP_I64_LOAD8_S)
		return;
	if (op == WX_OP_I64_LOAD8_S || op == WX_OP_I64_LOAD16_S || op == WX_OP_I64_LOAD32_S)
		shift_constant(as, SHIFT_ASR, d.h, d.r, 31);
	else
		constant(as, d.h, 0, false);
}

void wx_asm_memory_store(wx_asm *as, uint8_t op, wx_reg s, wx_address address, bool aligned)
{
	uint32_t offset = address.offset;
	if (address.scale && !offset && (op == WX_OP_I32_STORE || op == WX_OP_I32_STORE8 || op == WX_OP_I32_STORE16)) {
		access_scaled(as, false,
			op == WX_OP_I32_STORE        ? M_WORD
				: op == WX_OP_I32_STORE8 ? M_U8
										 : M_U16,
			s.r, ISA_MEMORY, address.reg, address.scale);
		return;
	}
	unsigned base = ISA_MEMORY, index = index_of(as, &base, address);
	switch (op) {
	case WX_OP_I32_STORE:
	case WX_OP_I64_STORE32: access_word(as, false, M_WORD, s.r, base, index, offset, R12); return;
	case WX_OP_I64_STORE: access_pair(as, false, s, base, index, offset, aligned); return;
	case WX_OP_F32_STORE:
	case WX_OP_F64_STORE: access_float(as, false, op == WX_OP_F64_STORE, fp(s.r), base, index, offset, aligned); return;
	case WX_OP_I32_STORE8:
	case WX_OP_I64_STORE8: access_word(as, false, M_U8, s.r, base, index, offset, R12); return;
	case WX_OP_I32_STORE16:
	case WX_OP_I64_STORE16: access_word(as, false, M_U16, s.r, base, index, offset, R12); return;
	default: return;
	}
}

/* ---- calls ---- */

void wx_asm_call(wx_asm *as, uint32_t target)
{
	as->leaf = false;
	wx_asm_site(as, WX_SITE_CALL, as->size, target);
	t32(as, BL_PLACE);
}

void wx_asm_call_register(wx_asm *as, uint8_t r)
{
	as->leaf = false;
	t16(as, 0x4780 | (uint32_t)r << 3); /* BLX T1 */
	wx_asm_site(as, WX_SITE_CALL_OTHER, as->size, 0);
}

/* Through the image's helper vector. */
void wx_asm_call_helper(wx_asm *as, uint8_t op)
{
	constant(as, ISA_STATUS, op, false);
	wx_asm_call(as, HELPER_VECTOR);
}

static void load_context(wx_asm *as, unsigned d, enum wx_field field)
{
	access_offset(as, true, M_WORD, d, ISA_CTX, (uint32_t)field * ISA_WORD);
}

void wx_asm_memory_size(wx_asm *as, wx_reg d)
{
	load_context(as, d.r, WX_CTX_MEMORY);
	access_offset(as, true, M_WORD, d.r, d.r, 2 * ISA_WORD);
}

void wx_asm_reload_memory(wx_asm *as)
{
	load_context(as, R12, WX_CTX_MEMORY);
	if (as->slack) {
		access_double(as, true, ISA_MEMORY, ISA_MEMORY_LIMIT, R12, 0);
		return;
	}
	access_offset(as, true, M_WORD, ISA_MEMORY, R12, 0);
	access_offset(as, true, M_WORD, ISA_MEMORY_LIMIT, R12, 2 * ISA_WORD);
}

void wx_asm_meter(wx_asm *as, uint32_t cost)
{
	load_context(as, R12, WX_CTX_METER);
	access_offset(as, true, M_WORD, LR, R12, 0);
	if (cost > 255)
		alu_modified(as, OP_SUB, false, LR, LR, modified(cost & 0xFF00));
	alu_modified(as, OP_SUB, true, LR, LR, modified(cost & 0xFF));
	access_offset(as, false, M_WORD, LR, R12, 0);
	t16(as, branch_narrow(CC_PL, 4)); /* over the next two instructions, of 6 bytes */
	access_offset(as, true, M_WORD, R12, R12, offsetof(struct wx_meter, entry));
	wx_asm_call_register(as, R12);
}

uint32_t wx_asm_count(const wx_asm *as, uint32_t from)
{
	return wx_relax_count(as, from);
}

/* Room for the epilogue, which wx_asm_finish puts there. */
#define MAX_EPILOGUE 24u

static void tail(wx_asm *as)
{
	for (unsigned i = 0; i < MAX_EPILOGUE; i += 2)
		t16(as, FILLER);
}

void wx_asm_tail(wx_asm *as, uint32_t target)
{
	tail(as);
	wx_asm_site(as, WX_SITE_TAIL, as->size, target);
	t32(as, BL_PLACE);
	place_stubs(as);
}

void wx_asm_tail_register(wx_asm *as)
{
	tail(as);
	wx_asm_site(as, WX_SITE_TAIL_REG, as->size, 0);
	t16(as, 0x4700 | ISA_TAIL << 3); /* BX T1 */
	place_stubs(as);
}

/* ---- function frame ---- */

/*
 * From the sp inside the function upwards: `sub` bytes of locals, d8-d14, pushed registers. Small frames are pushed as
 * r2 and r3, which no result uses.
 */
typedef struct {
	uint32_t pushed; /* mask, without r2, r3, lr */
	bool link;
	unsigned filled; /* r3, or r2 and r3, are pushed too */
	unsigned fp_first, fp_count;
	uint32_t sub;
	uint32_t total;
} layout;

#define MAX_FRAME 0x1FFFFCu

static void adjust_sp(wx_asm *as, bool sub, uint32_t n)
{
	if (!n)
		return;
	if (n <= 508) {
		t16(as, (sub ? 0xB080 : 0xB000) | n >> 2); /* T1, T2 */
		return;
	}
	if (modified(n) != NO_IMMEDIATE) {
		alu_modified(as, sub ? OP_SUB : OP_ADD, false, SP, SP, modified(n));
		return;
	}
	if (n >= 0x100000)
		alu_modified(as, sub ? OP_SUB : OP_ADD, false, SP, SP, modified(0x100000));
	if (n & 0xFF000)
		alu_modified(as, sub ? OP_SUB : OP_ADD, false, SP, SP, modified(n & 0xFF000));
	if (n & 0xFFF)
		t32(as, (sub ? 0xF2AD0D00 : 0xF20D0D00) | immediate12(n & 0xFFF)); /* T4, T3 */
}

static uint32_t filled_mask(const layout *l)
{
	return l->filled == 2 ? 12 : l->filled == 1 ? 8 : 0;
}

static void prologue(wx_asm *as, const layout *l)
{
	uint32_t mask = l->pushed | filled_mask(l);
	if (!(mask & ~0xFFu) && (mask || l->link))
		t16(as, 0xB400 | (uint32_t)l->link << 8 | mask); /* PUSH T1 */
	else if (mask)
		t32(as, 0xE92D0000 | (uint32_t)l->link << 14 | mask); /* T2 */
	if (l->fp_count)
		t32(as, 0xED2D0B00 | l->fp_first << 12 | 2 * l->fp_count); /* VPUSH T1 */
	adjust_sp(as, true, l->sub);
}

/* `leave`: to the caller; else with its return address in lr, r0-r3 as they are */
static void epilogue(wx_asm *as, const layout *l, bool leave)
{
	uint32_t mask = l->pushed | (leave ? filled_mask(l) : 0), link = leave ? 1u << PC : 1u << LR;
	unsigned filled = leave ? 0 : 4 * l->filled;
	if (!l->fp_count)
		adjust_sp(as, false, l->sub + filled);
	else
		adjust_sp(as, false, l->sub);
	if (l->fp_count) {
		t32(as, 0xECBD0B00 | l->fp_first << 12 | 2 * l->fp_count); /* VPOP T1 */
		adjust_sp(as, false, filled);
	}
	if (!l->link) {
		if (leave)
			t16(as, 0x4770); /* bx lr */
		return;
	}
	if (leave && !(mask & ~0xFFu))
		t16(as, 0xBD00 | mask); /* POP T1 */
	else if (mask)
		t32(as, 0xE8BD0000 | link | mask); /* POP T2 */
	else
		t32(as, 0xF85DEB04); /* POP T3: lr */
}

static layout plan(const wx_asm *as, const wx_frame *frame)
{
	layout l = { .pushed = frame->saved & ISA_CALLEE_SAVED & 0xFFFF };
	uint32_t words = (frame->frame + 3) / 4, fp_saved = frame->saved >> 16 & 0x7F00;
	if (fp_saved) {
		l.fp_first = count_trailing(fp_saved);
		l.fp_count = 32 - count_leading(fp_saved) - l.fp_first;
	}
	l.link = !as->leaf || l.pushed || frame->saved & ISA_LINK || (words && words <= 2 && !l.fp_count);
	unsigned pushed = (unsigned)__builtin_popcount(l.pushed) + l.link;
	bool pad = !as->leaf && (pushed + words) & 1;
	if (l.link && !l.fp_count && words + pad <= 2)
		l.filled = words + pad;
	else if (l.link && pad && !words)
		l.filled = 1;
	else
		l.sub = 4 * (words + pad);
	l.total = 4 * (pushed + l.filled + 2 * l.fp_count) + l.sub;
	return l;
}

/* CC if sp is below the limit, in r12, or less than n bytes above it. n <= MAX_FRAME */
static void compare_room(wx_asm *as, uint32_t n)
{
	uint32_t parts[3] = { n }, count = 1;
	if (modified(n) == NO_IMMEDIATE) { /* 8 bits each: it is a multiple of 4 */
		count = 0;
		for (uint32_t mask = 0x3FC; mask <= 0x3FC0000; mask <<= 8)
			if (n & mask)
				parts[count++] = n & mask;
	}
	alu_shifted(as, OP_SUB, true, R12, SP, R12, SHIFT_LSL, 0);
	it_block(as, CC_CS, count, 0);
	for (uint32_t i = 0; i + 1 < count; i++)
		alu_modified(as, OP_SUB, true, R12, R12, modified(parts[i]));
	compare_one(as, R12, parts[count - 1]);
}

/* The entries, with a branch to the overflow stub at that distance from the body; then from where they begin */
static void entries(
	wx_asm *head, const wx_frame *frame, const layout *l, bool check, uint32_t stub, uint32_t *near_entry)
{
	uint8_t code[64];
	wx_asm rest = { .code = code, .capacity = sizeof code };
	prologue(&rest, l);
	if (frame->save_context)
		access_word(&rest, false, M_WORD, ISA_CTX, SP, WX_NO_REG, frame->context_slot, R12);
	if (frame->far_entry && frame->has_memory)
		wx_asm_reload_memory(head);
	*near_entry = head->size;
	if (check) {
		load_context(head, R12, WX_CTX_STACK_LIMIT);
		if (l->total <= WX_STACK_PLAIN)
			compare_registers(head, SP, R12);
		else
			compare_room(head, l->total);
		if (stub + rest.size <= 254 + 2)
			t16(head, branch_narrow(CC_CC, (int32_t)(stub + rest.size) - 2));
		else
			t32(head, branch_wide(CC_CC, (int32_t)(stub + rest.size)));
	}
	for (uint32_t i = 0; i < rest.size; i++)
		wx_asm_u8(head, rest.code[i]);
	if (rest.failed)
		head->failed = true;
}

static void put16(wx_asm *as, uint32_t at, uint32_t v)
{
	as->code[at] = (uint8_t)v;
	as->code[at + 1] = (uint8_t)(v >> 8);
}

/* The tail site's epilogue ends at `at`. */
static void put_tail(wx_asm *as, const layout *l, uint32_t at)
{
	wx_asm piece = { .code = as->code + at - MAX_EPILOGUE, .capacity = MAX_EPILOGUE };
	epilogue(&piece, l, false);
	while (piece.size < MAX_EPILOGUE && !piece.failed)
		t16(&piece, FILLER);
	if (piece.failed)
		as->failed = true;
}

/* The access may still end within the slack: back behind the branch then. */
static void put_second_look(wx_asm *as, wx_site *site)
{
	uint32_t back = site->at + 4;
	wx_asm_link(as, site->at, as->size);
	alu(as, OP_SUB, false, R12, site->data >> 8 & 15, ISA_MEMORY_LIMIT);
	compare_constant(as, R12, site->data >> 16, false);
	branch(as, CC_LS, back);
	site->kind = WX_SITE_TRAP;
	site->data &= 0xFF;
}

/* A vector call; the site's place is behind it. */
static void put_stub(wx_asm *as, bool frameless, wx_site *site)
{
	if (frameless)
		t16(as, MOV_R12_LR);
	t32(as, BL_PLACE);
	site->at = as->size;
}

/* Shell sort by place. */
static void sort_sites(wx_asm *as)
{
	for (uint32_t gap = as->site_count / 2; gap; gap /= 2)
		for (uint32_t i = gap; i < as->site_count; i++) {
			wx_site site = as->sites[i];
			uint32_t j = i;
			for (; j >= gap && as->sites[j - gap].at > site.at; j -= gap)
				as->sites[j] = as->sites[j - gap];
			as->sites[j] = site;
		}
}

/* The jumps to the epilogue, which as one short instruction replaces them. */
static void put_returns(wx_asm *as, uint32_t returns, uint32_t last, uint32_t last_bytes)
{
	while (returns && !as->failed) {
		uint32_t word = wx_asm_get32(as, returns), next = open_target(word);
		if (!is_open_branch(word) || next >= returns || last >= MAX_CODE)
			as->failed = true;
		else if (open_condition(word) == CC_AL && last_bytes == 2 && returns + 4 != last)
			wx_asm_put32(as, returns, as->code[last] | (uint32_t)as->code[last + 1] << 8 | FILLER << 16);
		else
			wx_asm_put32(as, returns, open_branch(open_condition(word), last));
		returns = next;
	}
}

/* The site's stub or epilogue; then its place is the end of its instruction. */
static void put_site(wx_asm *as, const layout *l, wx_site *site)
{
	uint32_t word = wx_asm_get32(as, site->at);
	switch (site->kind) {
	case WX_SITE_CHECK:
		put_second_look(as, site);
		put_stub(as, !l->link, site);
		break;
	case WX_SITE_TRAP:
	case WX_SITE_TRAP_VALUE:
		if (is_open_branch(word) && !open_target(word)) {
			wx_asm_link(as, site->at, as->size);
			put_stub(as, !l->link, site);
			break;
		}
		if (is_open_branch(word))
			site->at = open_target(word) + 2;
		if (!l->link)
			put16(as, site->at - 2, MOV_R12_LR);
		site->at += 4;
		break;
	case WX_SITE_CALL: site->at += 4; break;
	case WX_SITE_TAIL:
	case WX_SITE_TAIL_REG:
		put_tail(as, l, site->at);
		site->at += site->kind == WX_SITE_TAIL ? 4 : 2;
		break;
	default: break;
	}
}

/* Everything at its final length. Returns where what was at `offset` is. */
static uint32_t shorten(wx_asm *as, uint32_t last, uint32_t last_bytes, uint32_t offset)
{
	relaxed r;
	wx_relax(&r, as, WX_ASM_HEAD, last, last_bytes);
	for (uint32_t i = 0; i < as->site_count; i++)
		as->sites[i].at = wx_relaxed_offset(&r, as->sites[i].at);
	offset = wx_relaxed_offset(&r, offset);
	wx_relax_compact(&r, as);
	return offset;
}

/* The entries, before the body. */
static void put_head(
	wx_asm *as, const wx_frame *frame, const layout *l, bool check, uint32_t overflow, wx_finished *done)
{
	uint8_t code[WX_ASM_HEAD];
	wx_asm head = { .code = code, .capacity = sizeof code, .slack = as->slack };
	entries(&head, frame, l, check, overflow - WX_ASM_HEAD, &done->near_entry);
	if (head.failed) {
		as->failed = true;
		return;
	}
	done->start = WX_ASM_HEAD - head.size;
	for (uint32_t i = 0; i < head.size; i++)
		as->code[done->start + i] = code[i];
}

/* Calls of vectors and functions; the sites' places are relative to the start. */
static void put_calls(wx_asm *as, uint32_t image, const wx_finished *done)
{
	uint32_t base = image - done->start; /* image offset of the buffer's start */
	for (uint32_t i = 0; i < as->site_count; i++) {
		wx_site *site = &as->sites[i];
		uint32_t target = site->data == WX_CALL_SELF ? image + done->near_entry : site->data;
		if (site->kind == WX_SITE_TRAP || site->kind == WX_SITE_TRAP_VALUE)
			target = WX_IMAGE_VECTORS + site->data * ISA_VECTOR_SIZE;
		if (site->kind <= WX_SITE_CALL || site->kind == WX_SITE_TAIL) {
			int32_t distance = (int32_t)(target - (base + site->at));
			if (distance < -0x1000000 || distance > 0xFFFFFE)
				as->failed = true;
			uint32_t v = branch_wide(CC_AL, distance) | (site->kind == WX_SITE_TAIL ? 0 : BRANCH_LINK);
			wx_asm_put32(as, site->at - 4, v >> 16 | v << 16);
		}
		site->at -= done->start;
	}
}

wx_finished wx_asm_finish(wx_asm *as, const wx_frame *frame, uint32_t image, uint32_t returns)
{
	if (frame->frame > MAX_FRAME - 256 || as->size < WX_ASM_HEAD || as->size & 1)
		as->failed = true;
	if (as->failed)
		return (wx_finished){ 0 };
	layout l = plan(as, frame);
	wx_finished done = { .frame_bytes = l.total, .return_slot = l.link ? (int32_t)l.total - 4 : -1 };

	uint32_t last = as->size;
	epilogue(as, &l, true);
	uint32_t last_bytes = as->size - last;
	put_returns(as, returns, last, last_bytes);
	for (uint32_t i = 0; i < as->site_count && !as->failed; i++)
		put_site(as, &l, &as->sites[i]);
	uint32_t overflow = as->size;
	bool check = wx_checks_stack(frame, l.total);
	if (check) {
		wx_asm_site(as, WX_SITE_TRAP, as->size, WX_TRAP_STACK);
		if (!as->failed)
			put_stub(as, true, &as->sites[as->site_count - 1]);
	}
	if (as->size >= MAX_CODE)
		as->failed = true;
	if (as->failed)
		return (wx_finished){ 0 };

	overflow = shorten(as, last, last_bytes, overflow);
	put_head(as, frame, &l, check, overflow, &done);
	if (as->failed)
		return (wx_finished){ 0 };
	put_calls(as, image, &done);
	sort_sites(as);
	return as->failed ? (wx_finished){ 0 } : done;
}

/* Behind the trap vectors: the helper vector, called with the operation in r0. */
void wx_asm_vectors(wx_asm *as)
{
	for (uint32_t kind = 0; kind < WX_TRAP_COUNT; kind++) {
		if (kind)
			constant(as, ISA_STATUS, kind, false);
		load_context(as, PC, WX_CTX_TRAP_EXIT);
		t16(as, 0xBF00);
		if (!kind)
			t16(as, 0xBF00);
	}
	load_context(as, R12, WX_CTX_HELPERS);
	t32(as, 0xF85CC020); /* ldr.w r12, [r12, r0, lsl #2] */
	mov(as, 0, ISA_CTX);
	load_context(as, 1, WX_CTX_ARGS);
	t16(as, 0x4760); /* bx r12 */
}

/* B T4 */
void wx_asm_jump_slot(uint8_t *slot, uint32_t from, uint32_t target)
{
	uint32_t v = branch_wide(CC_AL, (int32_t)(target - (from + 4)));
	slot[0] = (uint8_t)(v >> 16);
	slot[1] = (uint8_t)(v >> 24);
	slot[2] = (uint8_t)v;
	slot[3] = (uint8_t)(v >> 8);
}
