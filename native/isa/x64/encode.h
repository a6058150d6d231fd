/* x86-64 instructions: what bytes they are. Used by assembler.c. */
#ifndef WX_X64_ENCODE_H
#define WX_X64_ENCODE_H

#include "../assembler.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R12 = 12, R13, R14, R15 };

#define SCRATCH RCX
#define X15 WX_FP(15)

/* An instruction: opcode byte, opcode map, mandatory prefix, operand size, byte operands. */
#define M0F 0x100u
#define M3A 0x200u
#define P66 0x1000u
#define PF3 0x2000u
#define PF2 0x3000u
#define W 0x4000u
#define BYTE_RM 0x8000u
#define BYTE_REG 0x10000u

#define OP_LEA 0x8D
#define OP_LOAD 0x8B
#define OP_STORE 0x89
#define OP_MOVAPS (M0F | 0x28)
#define OP_XORPS (M0F | 0x57)
#define OP_ORPS (M0F | 0x56)
#define OP_ANDPS (M0F | 0x54)
#define OP_ANDNPS (M0F | 0x55)
#define OP_MOVD (P66 | M0F | 0x6E) /* xmm, general */
#define OP_MOVD_OUT (P66 | M0F | 0x7E) /* xmm in reg, general in rm */
#define OP_TEST 0x85
#define OP_CMP 0x39 /* cmp rm, reg */
#define OP_IMUL (M0F | 0xAF)

/* arithmetic groups: opcode = 8 * n + 1 with registers, /n with an immediate */
enum { ADD = 0, OR = 1, AND = 4, SUB = 5, XOR = 6, CMP = 7 };
enum { ROL = 0, ROR = 1, SHL = 4, SHR = 5, SAR = 7 };

/* condition codes; the last two need two jumps */
enum {
	CC_O,
	CC_NO,
	CC_B,
	CC_AE,
	CC_E,
	CC_NE,
	CC_BE,
	CC_A,
	CC_S,
	CC_NS,
	CC_P,
	CC_NP,
	CC_L,
	CC_GE,
	CC_LE,
	CC_G,
	CC_FEQ,
	CC_FNE
};

static inline void u8(wx_asm *as, unsigned v)
{
	wx_asm_u8(as, (uint8_t)v);
}

static inline void opcode(wx_asm *as, uint32_t op, unsigned reg, unsigned index, unsigned rm)
{
	static const uint8_t mandatory[] = { 0, 0x66, 0xF3, 0xF2 };
	unsigned p = op >> 12 & 3;
	if (p)
		u8(as, mandatory[p]);
	unsigned rex = (op & W ? 8u : 0) | (reg & 8) >> 1 | (index & 8) >> 2 | (rm & 8) >> 3;
	if (rex || (op & BYTE_REG && reg >= RSP) || (op & BYTE_RM && rm >= RSP))
		u8(as, 0x40 | rex);
	if (op & (M0F | M3A))
		u8(as, 0x0F);
	if (op & M3A)
		u8(as, 0x3A);
	u8(as, op);
}

/* register, register */
static inline void rr(wx_asm *as, uint32_t op, unsigned reg, unsigned rm)
{
	reg &= 15;
	rm &= 15;
	opcode(as, op, reg, 0, rm);
	u8(as, 0xC0 | (reg & 7) << 3 | (rm & 7));
}

static inline bool fits8(int64_t v)
{
	return v >= -128 && v <= 127;
}

static inline bool fits32(int64_t v)
{
	return v >= INT32_MIN && v <= INT32_MAX;
}

static inline unsigned mod_of(unsigned base, int32_t disp)
{
	return disp == 0 && (base & 7) != RBP ? 0 : fits8(disp) ? 0x40 : 0x80;
}

static inline void displacement(wx_asm *as, unsigned mod, int32_t disp)
{
	if (mod == 0x40)
		u8(as, (uint8_t)disp);
	else if (mod == 0x80)
		wx_asm_u32(as, (uint32_t)disp);
}

/* register, [base + disp] */
static inline void rm(wx_asm *as, uint32_t op, unsigned reg, unsigned base, int32_t disp)
{
	unsigned mod = mod_of(base, disp);
	reg &= 15;
	base &= 15;
	opcode(as, op, reg, 0, base);
	u8(as, mod | (reg & 7) << 3 | (base & 7));
	if ((base & 7) == RSP)
		u8(as, 0x24);
	displacement(as, mod, disp);
}

/* register, [base + index << scale + disp]; index is not rsp */
static inline void rmx(
	wx_asm *as, uint32_t op, unsigned reg, unsigned base, unsigned index, unsigned scale, int32_t disp)
{
	unsigned mod = mod_of(base, disp);
	reg &= 15;
	base &= 15;
	index &= 15;
	opcode(as, op, reg, index, base);
	u8(as, mod | (reg & 7) << 3 | 4);
	u8(as, scale << 6 | (index & 7) << 3 | (base & 7));
	displacement(as, mod, disp);
}

/* register, [index << scale + disp]; index is not rsp */
static inline void rmi(wx_asm *as, uint32_t op, unsigned reg, unsigned index, unsigned scale, int32_t disp)
{
	reg &= 15;
	index &= 15;
	opcode(as, op, reg, index, 0);
	u8(as, (reg & 7) << 3 | 4);
	u8(as, scale << 6 | (index & 7) << 3 | 5);
	wx_asm_u32(as, (uint32_t)disp);
}

/* The instruction just written has set zero and sign by its result in r. */
static inline void sets_flags(wx_asm *as, uint32_t w, unsigned r)
{
	wx_asm_set_flags(as, r, CC_NE, w != 0);
}

/* group 1: op rm, imm32 */
static inline void alu_imm(wx_asm *as, uint32_t w, unsigned n, unsigned r, int32_t v)
{
	bool is8 = fits8(v);
	rr(as, w | (is8 ? 0x83 : 0x81), n, r);
	if (is8)
		u8(as, (uint8_t)v);
	else
		wx_asm_u32(as, (uint32_t)v);
	if (n != CMP)
		sets_flags(as, w, r);
}

static inline void shift_imm(wx_asm *as, uint32_t w, unsigned n, unsigned r, unsigned count)
{
	if (count == 0)
		return;
	rr(as, w | (count == 1 ? 0xD1 : 0xC1), n, r);
	if (count != 1)
		u8(as, count);
}

/* shift of each lane: n 2 right, 6 left */
static inline void lane_shift(wx_asm *as, wx_type t, unsigned n, unsigned x, unsigned count)
{
	rr(as, P66 | M0F | (t == WX_F64 ? 0x73 : 0x72), n, x);
	u8(as, count);
}

/* Constant into a general register, flags unharmed. */
static inline void constant_mov(wx_asm *as, unsigned r, uint64_t v)
{
	r &= 15;
	if (v <= UINT32_MAX) {
		opcode(as, 0xB8 | (r & 7), 0, 0, r);
		wx_asm_u32(as, (uint32_t)v);
	} else if (fits32((int64_t)v)) {
		rr(as, W | 0xC7, 0, r);
		wx_asm_u32(as, (uint32_t)v);
	} else {
		opcode(as, W | 0xB8 | (r & 7), 0, 0, r);
		wx_asm_u32(as, (uint32_t)v);
		wx_asm_u32(as, (uint32_t)(v >> 32));
	}
}

static inline void constant(wx_asm *as, unsigned r, uint64_t v)
{
	if (v == 0)
		rr(as, 0x31, r, r);
	else
		constant_mov(as, r, v);
}

static inline void move(wx_asm *as, uint32_t w, unsigned d, unsigned s)
{
	if (d != s)
		rr(as, w | OP_STORE, s, d);
}

static inline void move_fp(wx_asm *as, unsigned d, unsigned s)
{
	if (d != s)
		rr(as, OP_MOVAPS, d, s);
}

/* Short forward jump within one sequence. */
static inline uint32_t skip_if(wx_asm *as, unsigned cc)
{
	u8(as, 0x70 | cc);
	u8(as, 0);
	return as->size;
}

static inline uint32_t skip(wx_asm *as)
{
	u8(as, 0xEB);
	u8(as, 0);
	return as->size;
}

static inline void here(wx_asm *as, uint32_t from)
{
	wx_asm_label(as);
	if (!as->failed)
		as->code[from - 1] = (uint8_t)(as->size - from);
}

/* A relative branch whose rel32 field is at `field`: set it to reach the offset `target`. */
static inline void patch(wx_asm *as, uint32_t field, uint32_t target)
{
	wx_asm_put32(as, field, target - (field + 4));
}

static inline uint32_t width(wx_type t)
{
	return t == WX_I32 || t == WX_F32 ? 0 : W;
}

static inline uint32_t scalar(wx_type t)
{
	return t == WX_F32 ? PF3 : PF2;
}

#endif
