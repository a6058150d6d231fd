/*
 * Encoders of Thumb-2 and VFP instructions, named by what they do; each chooses the shortest encoding.
 * T1 .. T4 are the encodings of the ARM Architecture Reference Manual, ARMv7-A/R and ARMv7-M.
 *
 * `as` may be NULL: then nothing is written. All return the number of bytes.
 * Unless said otherwise an instruction may change the flags.
 */
#ifndef WX_THUMB2_ENCODE_H
#define WX_THUMB2_ENCODE_H

#include "../assembler.h"

enum { R12 = 12, SP = 13, LR = 14, PC = 15, D15 = 15 };

typedef enum {
	CC_EQ,
	CC_NE,
	CC_CS,
	CC_CC,
	CC_MI,
	CC_PL,
	CC_VS,
	CC_VC,
	CC_HI,
	CC_LS,
	CC_GE,
	CC_LT,
	CC_GT,
	CC_LE,
	CC_AL,
	CC_NEVER
} cc_code;

typedef enum { OP_AND, OP_BIC, OP_ORR, OP_ORN, OP_EOR, OP_ADD = 8, OP_ADC = 10, OP_SBC, OP_SUB = 13, OP_RSB } alu_op;
typedef enum { SHIFT_LSL, SHIFT_LSR, SHIFT_ASR, SHIFT_ROR } shift_op;

static inline unsigned t16(wx_asm *as, uint32_t v)
{
	if (as)
		wx_asm_u16(as, (uint16_t)v);
	return 2;
}

/* Two halfwords, the first in the upper half of v, as the manual draws them. */
static inline unsigned t32(wx_asm *as, uint32_t v)
{
	if (as)
		wx_asm_u32(as, v >> 16 | v << 16);
	return 4;
}

static inline bool low(unsigned r)
{
	return r < 8;
}

static inline unsigned count_leading(uint32_t v)
{
	return v ? (unsigned)__builtin_clz(v) : 32;
}

static inline unsigned count_trailing(uint32_t v)
{
	return v ? (unsigned)__builtin_ctz(v) : 32;
}

static inline bool power_of_2(uint32_t v)
{
	return v && !(v & (v - 1));
}

/* 1s in one run */
static inline bool one_run(uint32_t v)
{
	return v && power_of_2((v >> count_trailing(v)) + 1);
}

#define NO_IMMEDIATE 0xFFFFFFFFu

/* i:imm3:imm8 in its places of the instruction */
static inline uint32_t immediate12(uint32_t v)
{
	return (v & 0x800) << 15 | (v & 0x700) << 4 | (v & 0xFF);
}

/* ThumbExpandImm: a "modified immediate", in its places, or NO_IMMEDIATE. */
static inline uint32_t modified(uint32_t v)
{
	if (v < 256)
		return v;
	uint32_t b = v & 0xFF, c = v >> 8 & 0xFF;
	if (v == (b | b << 16))
		return immediate12(0x100 | b);
	if (v == (c << 8 | c << 24))
		return immediate12(0x200 | c);
	if (v == b * 0x01010101u)
		return immediate12(0x300 | b);
	unsigned lead = count_leading(v); /* at most 23 */
	if (v & (0x00FFFFFFu >> lead))
		return NO_IMMEDIATE;
	return immediate12((8 + lead) << 7 | (v >> (24 - lead) & 0x7F));
}

static inline uint32_t shift_field(unsigned n)
{
	return (n & 0x1C) << 10 | (n & 3) << 6;
}

/* ---- moves ---- */

/* MOV T1: keeps the flags */
static inline unsigned mov(wx_asm *as, unsigned d, unsigned s)
{
	return d == s ? 0 : t16(as, 0x4600 | (d & 8) << 4 | s << 3 | (d & 7));
}

static inline unsigned movw(wx_asm *as, unsigned d, uint32_t v)
{
	return t32(as, 0xF2400000 | (v & 0xF000) << 4 | immediate12(v & 0xFFF) | d << 8);
}

static inline unsigned movt(wx_asm *as, unsigned d, uint32_t v)
{
	return t32(as, 0xF2C00000 | (v & 0xF000) << 4 | immediate12(v & 0xFFF) | d << 8);
}

/* S: flags are wanted */
static inline unsigned alu_modified(wx_asm *as, alu_op op, bool s, unsigned d, unsigned a, uint32_t m)
{
	return t32(as, 0xF0000000 | (uint32_t)op << 21 | (uint32_t)s << 20 | a << 16 | d << 8 | m);
}

/* `keep`: leaves the flags alone */
static inline unsigned constant(wx_asm *as, unsigned d, uint32_t v, bool keep)
{
	if (v < 256 && low(d) && !keep)
		return t16(as, 0x2000 | d << 8 | v); /* MOV T1 */
	if (modified(v) != NO_IMMEDIATE)
		return alu_modified(as, OP_ORR, false, d, PC, modified(v)); /* MOV T2 */
	if (modified(~v) != NO_IMMEDIATE)
		return alu_modified(as, OP_ORN, false, d, PC, modified(~v)); /* MVN T1 */
	if (v < 0x10000)
		return movw(as, d, v);
	if (low(d) && !keep) {
		unsigned z = count_trailing(v);
		if (v >> z < 0x10000)
			return movw(as, d, v >> z) + t16(as, z << 6 | d << 3 | d);
		if (~v < 0x10000)
			return movw(as, d, ~v) + t16(as, 0x43C0 | d << 3 | d); /* MVN T1 */
		if ((v & 0xFFFF) < 256)
			return t16(as, 0x2000 | d << 8 | (v & 0xFF)) + movt(as, d, v >> 16);
		uint32_t above = (v + 255) & ~255u, below = v & ~255u;
		if (modified(below) != NO_IMMEDIATE)
			/* ADD T2 */
			return alu_modified(as, OP_ORR, false, d, PC, modified(below)) + t16(as, 0x3000 | d << 8 | (v & 255));
		if (modified(~below) != NO_IMMEDIATE)
			return alu_modified(as, OP_ORN, false, d, PC, modified(~below)) + t16(as, 0x3000 | d << 8 | (v & 255));
		if (modified(above) != NO_IMMEDIATE)
			/* SUB T2 */
			return alu_modified(as, OP_ORR, false, d, PC, modified(above)) + t16(as, 0x3800 | d << 8 | (above - v));
		if (modified(~above) != NO_IMMEDIATE)
			return alu_modified(as, OP_ORN, false, d, PC, modified(~above)) + t16(as, 0x3800 | d << 8 | (above - v));
	}
	return movw(as, d, v & 0xFFFF) + movt(as, d, v >> 16);
}

/* ---- arithmetic ---- */

static inline unsigned alu_shifted(
	wx_asm *as, alu_op op, bool s, unsigned d, unsigned a, unsigned b, shift_op shift, unsigned n)
{
	return t32(as,
		0xEA000000 | (uint32_t)op << 21 | (uint32_t)s << 20 | a << 16 | d << 8 | shift_field(n) | (uint32_t)shift << 4 |
			b);
}

/* d = a op b. The 16-bit forms set the flags as well. */
static inline unsigned alu(wx_asm *as, alu_op op, bool s, unsigned d, unsigned a, unsigned b)
{
	static const uint8_t narrow[] = { 0, 14, 12, 0xFF, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 5, 6, 0xFF, 0xFF, 0xFF };
	if (d == b && op != OP_SUB && op != OP_SBC && op != OP_BIC && op != OP_ORN && op != OP_RSB) {
		unsigned swap = a;
		a = b;
		b = swap;
	}
	if (low(d) && low(a) && low(b)) {
		if (op == OP_ADD || op == OP_SUB)
			return t16(as, (op == OP_ADD ? 0x1800 : 0x1A00) | b << 6 | a << 3 | d); /* T1 */
		if (d == a && narrow[op] != 0xFF)
			return t16(as, 0x4000 | (uint32_t)narrow[op] << 6 | b << 3 | d); /* T1 */
	}
	if (op == OP_ADD && !s && d == a)
		return t16(as, 0x4400 | (d & 8) << 4 | b << 3 | (d & 7)); /* ADD T2 */
	return alu_shifted(as, op, s, d, a, b, SHIFT_LSL, 0);
}

static inline unsigned negate(wx_asm *as, unsigned d, unsigned a)
{
	if (low(d) && low(a))
		return t16(as, 0x4240 | a << 3 | d); /* RSB T1 */
	return alu_modified(as, OP_RSB, false, d, a, 0);
}

static inline unsigned invert(wx_asm *as, unsigned d, unsigned a)
{
	if (low(d) && low(a))
		return t16(as, 0x43C0 | a << 3 | d); /* MVN T1 */
	return t32(as, 0xEA6F0000 | d << 8 | a); /* MVN T2 */
}

/* d = a + v with flags, in one instruction; 0: there is none. The carry is that of the addition (v != 0). */
static inline unsigned add_flags(wx_asm *as, unsigned d, unsigned a, uint32_t v)
{
	uint32_t minus = 0u - v;
	if (low(d) && low(a)) {
		if (v < 8)
			return t16(as, 0x1C00 | v << 6 | a << 3 | d); /* ADD T1 */
		if (minus < 8)
			return t16(as, 0x1E00 | minus << 6 | a << 3 | d); /* SUB T1 */
		if (d == a && v < 256)
			return t16(as, 0x3000 | d << 8 | v); /* ADD T2 */
		if (d == a && minus < 256)
			return t16(as, 0x3800 | d << 8 | minus); /* SUB T2 */
	}
	if (modified(v) != NO_IMMEDIATE)
		return alu_modified(as, OP_ADD, true, d, a, modified(v));
	if (modified(minus) != NO_IMMEDIATE)
		return alu_modified(as, OP_SUB, true, d, a, modified(minus));
	return 0;
}

/* d = a + v */
static inline unsigned add_constant(wx_asm *as, unsigned d, unsigned a, uint32_t v)
{
	uint32_t minus = 0u - v;
	if (!v)
		return mov(as, d, a);
	if (a != SP && add_flags(NULL, d, a, v))
		return add_flags(as, d, a, v);
	if (v < 4096)
		return t32(as, 0xF2000000 | a << 16 | d << 8 | immediate12(v)); /* ADDW T4 */
	if (minus < 4096)
		return t32(as, 0xF2A00000 | a << 16 | d << 8 | immediate12(minus)); /* SUBW T4 */
	if (a == SP && modified(v) != NO_IMMEDIATE)
		return alu_modified(as, OP_ADD, false, d, a, modified(v));
	if (d != a)
		return constant(as, d, v, false) + alu(as, OP_ADD, false, d, d, a);
	if (d != R12)
		return constant(as, R12, v, false) + alu(as, OP_ADD, false, d, a, R12);
	unsigned bytes = 0; /* r12 += v: byte by byte */
	for (unsigned i = 0; i < 32; i += 8)
		if (v >> i & 0xFF)
			bytes += alu_modified(as, OP_ADD, false, d, d, modified(v & 0xFFu << i));
	return bytes;
}

static inline unsigned shift_constant(wx_asm *as, shift_op op, unsigned d, unsigned a, unsigned n)
{
	if (!n)
		return mov(as, d, a);
	if (op != SHIFT_ROR && low(d) && low(a))
		return t16(as, (uint32_t)op << 11 | n << 6 | a << 3 | d); /* T1 */
	return t32(as, 0xEA4F0000 | d << 8 | shift_field(n) | (uint32_t)op << 4 | a);
}

/* By the low byte of n. */
static inline unsigned shift_register(wx_asm *as, shift_op op, unsigned d, unsigned a, unsigned n)
{
	static const uint8_t narrow[] = { 2, 3, 4, 7 };
	if (d == a && low(d) && low(n))
		return t16(as, 0x4000 | (uint32_t)narrow[op] << 6 | n << 3 | d); /* T1 */
	return t32(as, 0xFA00F000 | (uint32_t)op << 21 | a << 16 | d << 8 | n); /* T2 */
}

static inline unsigned ubfx(wx_asm *as, unsigned d, unsigned a, unsigned lsb, unsigned width)
{
	return t32(as, 0xF3C00000 | a << 16 | d << 8 | shift_field(lsb) | (width - 1));
}

static inline unsigned sbfx(wx_asm *as, unsigned d, unsigned a, unsigned lsb, unsigned width)
{
	return t32(as, 0xF3400000 | a << 16 | d << 8 | shift_field(lsb) | (width - 1));
}

static inline unsigned bfc(wx_asm *as, unsigned d, unsigned lsb, unsigned width)
{
	return t32(as, 0xF36F0000 | d << 8 | shift_field(lsb) | (lsb + width - 1));
}

typedef enum { EXTEND_S16, EXTEND_S8, EXTEND_U16, EXTEND_U8 } extend_op;

static inline unsigned extend(wx_asm *as, extend_op op, unsigned d, unsigned a)
{
	static const uint32_t wide[] = { 0xFA0FF080, 0xFA4FF080, 0xFA1FF080, 0xFA5FF080 };
	if (low(d) && low(a))
		return t16(as, 0xB200 | (uint32_t)op << 6 | a << 3 | d); /* T1 */
	return t32(as, wide[op] | d << 8 | a); /* T2 */
}

static inline unsigned clz(wx_asm *as, unsigned d, unsigned a)
{
	return t32(as, 0xFAB0F080 | a << 16 | d << 8 | a);
}

static inline unsigned rbit(wx_asm *as, unsigned d, unsigned a)
{
	return t32(as, 0xFA90F0A0 | a << 16 | d << 8 | a);
}

static inline unsigned multiply(wx_asm *as, unsigned d, unsigned a, unsigned b)
{
	if (low(d) && low(a) && low(b) && (d == a || d == b))
		return t16(as, 0x4340 | (d == a ? b : a) << 3 | d); /* T1 */
	return t32(as, 0xFB00F000 | a << 16 | d << 8 | b); /* T2 */
}

/* d = c + a * b; subtract: c - a * b */
static inline unsigned multiply_add(wx_asm *as, bool subtract, unsigned d, unsigned a, unsigned b, unsigned c)
{
	return t32(as, 0xFB000000 | a << 16 | c << 12 | d << 8 | (uint32_t)subtract << 4 | b);
}

static inline unsigned umull(wx_asm *as, unsigned l, unsigned h, unsigned a, unsigned b)
{
	return t32(as, 0xFBA00000 | a << 16 | l << 12 | h << 8 | b);
}

static inline unsigned divide(wx_asm *as, bool is_signed, unsigned d, unsigned a, unsigned b)
{
	return t32(as, (is_signed ? 0xFB90F0F0 : 0xFBB0F0F0) | a << 16 | d << 8 | b);
}

/* ---- compares ---- */

static inline unsigned compare_registers(wx_asm *as, unsigned a, unsigned b)
{
	if (low(a) && low(b))
		return t16(as, 0x4280 | b << 3 | a); /* CMP T1 */
	return t16(as, 0x4500 | (a & 8) << 4 | b << 3 | (a & 7)); /* CMP T2 */
}

/* In one instruction; 0: there is none. */
static inline unsigned compare_one(wx_asm *as, unsigned a, uint32_t v)
{
	uint32_t minus = 0u - v;
	if (low(a) && v < 256)
		return t16(as, 0x2800 | a << 8 | v); /* CMP T1 */
	if (modified(v) != NO_IMMEDIATE)
		return t32(as, 0xF1B00F00 | a << 16 | modified(v)); /* CMP T2 */
	if (modified(minus) != NO_IMMEDIATE)
		return t32(as, 0xF1100F00 | a << 16 | modified(minus)); /* CMN T1 */
	return 0;
}

/* Through r12 where need be, which must not be a. `keep`: only the comparison itself changes the flags */
static inline unsigned compare_constant(wx_asm *as, unsigned a, uint32_t v, bool keep)
{
	if (compare_one(NULL, a, v))
		return compare_one(as, a, v);
	return constant(as, R12, v, keep) + compare_registers(as, a, R12);
}

/* A block of 1 to 4 instructions; bit i of `other`: instruction i (from 1) has the opposite condition. */
static inline unsigned it_block(wx_asm *as, cc_code cc, unsigned count, unsigned other)
{
	unsigned mask = 1u << (4 - count);
	for (unsigned i = 1; i < count; i++)
		mask |= ((cc & 1u) ^ (other >> i & 1)) << (4 - i);
	return t16(as, 0xBF00 | (uint32_t)cc << 4 | mask);
}

/* Inside a block MOV T1 does not set the flags. */
static inline unsigned constant_in_block(wx_asm *as, unsigned d, uint32_t small)
{
	if (low(d))
		return t16(as, 0x2000 | d << 8 | small);
	return alu_modified(as, OP_ORR, false, d, PC, small);
}

/* ---- memory ---- */

typedef enum { M_WORD, M_U8, M_S8, M_U16, M_S16 } access_kind;

/* offset 0 .. 4095 */
static inline unsigned access_offset(wx_asm *as, bool load, access_kind k, unsigned t, unsigned base, uint32_t offset)
{
	static const uint32_t wide[] = { 0xF8C00000, 0xF8800000, 0xF9800000, 0xF8A00000, 0xF9A00000 };
	static const uint16_t narrow[] = { 0x6000, 0x7000, 0, 0x8000, 0 };
	static const uint8_t scale[] = { 2, 0, 0, 1, 1 };
	if (low(t)) {
		unsigned n = scale[k];
		if (low(base) && narrow[k] && offset >> n < 32 && !(offset & ((1u << n) - 1)))
			return t16(as, narrow[k] | (uint32_t)load << 11 | offset >> n << 6 | base << 3 | t); /* T1 */
		if (base == SP && k == M_WORD && offset <= 1020 && !(offset & 3))
			return t16(as, 0x9000 | (uint32_t)load << 11 | t << 8 | offset >> 2); /* T2 */
	}
	return t32(as, wide[k] | (uint32_t)load << 20 | base << 16 | t << 12 | offset); /* immediate 12 */
}

static inline unsigned access_index(wx_asm *as, bool load, access_kind k, unsigned t, unsigned base, unsigned index)
{
	static const uint32_t wide[] = { 0xF8400000, 0xF8000000, 0xF9000000, 0xF8200000, 0xF9200000 };
	static const uint16_t narrow[2][5] = { { 0x5000, 0x5400, 0, 0x5200, 0 },
		{ 0x5800, 0x5C00, 0x5600, 0x5A00, 0x5E00 } };
	if (low(t) && low(base) && low(index) && narrow[load][k])
		return t16(as, narrow[load][k] | index << 6 | base << 3 | t); /* T1 */
	return t32(as, wide[k] | (uint32_t)load << 20 | base << 16 | t << 12 | index); /* T2 */
}

/* base + (index << n), n = 1 .. 3 */
static inline unsigned access_scaled(
	wx_asm *as, bool load, access_kind k, unsigned t, unsigned base, unsigned index, unsigned n)
{
	static const uint32_t wide[] = { 0xF8400000, 0xF8000000, 0xF9000000, 0xF8200000, 0xF9200000 };
	return t32(as, wide[k] | (uint32_t)load << 20 | base << 16 | t << 12 | n << 4 | index); /* T2 */
}

/* LDRD, STRD: offset a multiple of 4 up to 1020 */
static inline unsigned access_double(wx_asm *as, bool load, unsigned l, unsigned h, unsigned base, uint32_t offset)
{
	return t32(as, 0xE9C00000 | (uint32_t)load << 20 | base << 16 | l << 12 | h << 8 | offset >> 2);
}

/* ---- VFP ---- */

/* Registers are d0-d15; a single lies in the even half. D, N, M select the odd half. */
#define VFP_D 0x00400000u
#define VFP_N 0x00000080u
#define VFP_M 0x00000020u
#define VFP_DOUBLE 0x00000100u

enum {
	VMLA = 0xEE000A00,
	VMLS = 0xEE000A40,
	VADD = 0xEE300A00,
	VSUB = 0xEE300A40,
	VMUL = 0xEE200A00,
	VDIV = 0xEE800A00,
	VMOV = 0xEEB00A40,
	VABS = 0xEEB00AC0,
	VNEG = 0xEEB10A40,
	VSQRT = 0xEEB10AC0,
	VCMP = 0xEEB40A40,
	VCMP_ZERO = 0xEEB50A40,
	VCVT_DOUBLE_SINGLE = 0xEEB70AC0,
	VCVT_SINGLE_DOUBLE = 0xEEB70BC0,
	VCVT_FROM_S32 = 0xEEB80AC0,
	VCVT_FROM_U32 = 0xEEB80A40,
	VCVT_TO_S32 = 0xEEBD0AC0,
	VCVT_TO_U32 = 0xEEBC0AC0
};

static inline unsigned vfp(wx_asm *as, uint32_t op, unsigned d, unsigned n, unsigned m)
{
	return t32(as, op | n << 16 | d << 12 | m);
}

static inline unsigned vmrs(wx_asm *as)
{
	return t32(as, 0xEEF1FA10); /* APSR_nzcv */
}

/* single <- general; `odd`: the upper half of the double */
static inline unsigned vmov_to(wx_asm *as, unsigned v, bool odd, unsigned r)
{
	return t32(as, 0xEE000A10 | v << 16 | r << 12 | (odd ? VFP_N : 0));
}

static inline unsigned vmov_from(wx_asm *as, unsigned r, unsigned v, bool odd)
{
	return t32(as, 0xEE100A10 | v << 16 | r << 12 | (odd ? VFP_N : 0));
}

static inline unsigned vmov_to_double(wx_asm *as, unsigned v, unsigned l, unsigned h)
{
	return t32(as, 0xEC400B10 | h << 16 | l << 12 | v);
}

static inline unsigned vmov_from_double(wx_asm *as, unsigned l, unsigned h, unsigned v)
{
	return t32(as, 0xEC500B10 | h << 16 | l << 12 | v);
}

/* VLDR, VSTR: offset a multiple of 4 up to 1020 */
static inline unsigned access_vfp(wx_asm *as, bool load, bool is_double, unsigned v, unsigned base, uint32_t offset)
{
	return t32(
		as, 0xED800A00 | (uint32_t)load << 20 | base << 16 | v << 12 | (is_double ? VFP_DOUBLE : 0) | offset >> 2);
}

/* ---- branches ---- */

/* B T4 or T3 (conditional); distance from the branch + 4 */
static inline uint32_t branch_wide(cc_code cc, int32_t distance)
{
	uint32_t v = (uint32_t)distance, sign = v >> 31;
	if (cc < CC_AL)
		return 0xF0008000 | sign << 26 | (uint32_t)cc << 22 | (v >> 12 & 0x3F) << 16 | (v >> 18 & 1) << 13 |
			(v >> 19 & 1) << 11 | (v >> 1 & 0x7FF);
	uint32_t j1 = (v >> 23 & 1) ^ sign ^ 1, j2 = (v >> 22 & 1) ^ sign ^ 1;
	return 0xF0009000 | sign << 26 | (v >> 12 & 0x3FF) << 16 | j1 << 13 | j2 << 11 | (v >> 1 & 0x7FF);
}

#define BRANCH_LINK 0x4000u /* BL T1 differs from B T4 in this bit */

/* B T2 or T1 (conditional) */
static inline uint32_t branch_narrow(cc_code cc, int32_t distance)
{
	uint32_t v = (uint32_t)distance >> 1;
	return cc < CC_AL ? 0xD000 | (uint32_t)cc << 8 | (v & 0xFF) : 0xE000 | (v & 0x7FF);
}

#endif
