/*
 * The assembler interface for baseline x86-64 with SSE4.1 (round) and popcnt. Encodings: encode.h.
 *
 * Invariant: a register that holds an i32 holds it zero-extended to 64 bits. All 32-bit operations do so by themselves;
 * whoever brings values in from outside (entry of the run time, results of host calls, arguments in registers) must
 * too. Linear memory relies on it: an address register is used as it is.
 *
 * Scratch: rcx first (large immediates, checks, shifts), then rax, in division rdx, and xmm15. rax is changed only by
 * division, conversions, set, select, clz, trap kinds and helper calls: a status or a call target in rax survives
 * moves, loads, stores and constants. Flags hold nothing between two calls of the interface.
 */

#include "../assembler.h"
#include "../../abi/context.h"
#include "../../abi/image.h"
#include "../../abi/meter.h"
#include "encode.h"

/* Behind the trap vectors lies the helper vector: operation in al. */
#define HELPER_VECTOR (WX_IMAGE_VECTORS + WX_TRAP_COUNT * ISA_VECTOR_SIZE)

/* ---- data movement ---- */

void wx_asm_move(wx_asm *as, wx_type t, wx_reg d, wx_reg s)
{
	if (WX_IS_FP(d.r) && WX_IS_FP(s.r))
		move_fp(as, d.r, s.r);
	else if (WX_IS_FP(d.r))
		rr(as, width(t) | OP_MOVD, d.r, s.r);
	else if (WX_IS_FP(s.r))
		rr(as, width(t) | OP_MOVD_OUT, s.r, d.r);
	else {
		uint32_t at = as->size;
		move(as, width(t), d.r, s.r);
		wx_asm_keep_flags(as, at, d.r);
	}
}

void wx_asm_const(wx_asm *as, wx_type t, wx_reg d, uint64_t bits)
{
	if (width(t) == 0)
		bits = (uint32_t)bits;
	if (!WX_IS_FP(d.r))
		constant(as, d.r, bits);
	else if (bits == 0)
		rr(as, OP_XORPS, d.r, d.r);
	else {
		constant(as, SCRATCH, bits);
		rr(as, (bits > UINT32_MAX ? W : 0) | OP_MOVD, d.r, SCRATCH);
	}
}

void wx_asm_load(wx_asm *as, wx_type t, wx_reg d, uint8_t base, uint32_t offset)
{
	if (WX_IS_FP(d.r))
		rm(as, scalar(width(t) ? WX_F64 : WX_F32) | M0F | 0x10, d.r, base, (int32_t)offset);
	else
		rm(as, width(t) | OP_LOAD, d.r, base, (int32_t)offset);
}

void wx_asm_store(wx_asm *as, wx_type t, wx_reg s, uint8_t base, uint32_t offset)
{
	if (WX_IS_FP(s.r))
		rm(as, scalar(width(t) ? WX_F64 : WX_F32) | M0F | 0x11, s.r, base, (int32_t)offset);
	else {
		uint32_t at = as->size;
		rm(as, width(t) | OP_STORE, s.r, base, (int32_t)offset);
		wx_asm_keep_flags(as, at, WX_NO_REG);
	}
}

void wx_asm_load_words(wx_asm *as, uint8_t first, uint8_t second, uint8_t base, uint32_t offset)
{
	rm(as, W | OP_LOAD, first, base, (int32_t)offset);
	rm(as, W | OP_LOAD, second, base, (int32_t)offset + ISA_WORD);
}

void wx_asm_load_word_at(wx_asm *as, uint8_t d, uint8_t base, uint8_t index)
{
	rmx(as, W | OP_LOAD, d, base, index, 3, 0);
}

void wx_asm_store_const(wx_asm *as, wx_type t, uint64_t bits, uint8_t base, uint32_t offset)
{
	if (width(t) && !fits32((int64_t)bits)) {
		constant(as, SCRATCH, bits);
		rm(as, W | OP_STORE, SCRATCH, base, (int32_t)offset);
	} else {
		rm(as, width(t) | 0xC7, 0, base, (int32_t)offset);
		wx_asm_u32(as, (uint32_t)bits);
	}
}

/* ---- arithmetic ---- */

/* op register, operand in memory; 0: there is none */
static uint32_t memory_form(uint8_t op)
{
	static const uint32_t integer[] = { 0x03, 0x2B, OP_IMUL, 0, 0, 0, 0, 0x23, 0x0B, 0x33 };
	static const uint8_t floating[] = { 0x58, 0x5C, 0x59, 0x5E };
	if (op >= WX_OP_I32_ADD && op <= WX_OP_I32_XOR)
		return integer[op - WX_OP_I32_ADD];
	if (op >= WX_OP_I64_ADD && op <= WX_OP_I64_XOR && integer[op - WX_OP_I64_ADD])
		return W | integer[op - WX_OP_I64_ADD];
	if (op >= WX_OP_F32_ADD && op <= WX_OP_F32_DIV)
		return PF3 | M0F | floating[op - WX_OP_F32_ADD];
	if (op >= WX_OP_F64_ADD && op <= WX_OP_F64_DIV)
		return PF2 | M0F | floating[op - WX_OP_F64_ADD];
	return 0;
}

/* op register, operand */
static void from_memory(wx_asm *as, uint32_t op, unsigned reg, const wx_operand *b)
{
	if (b->index == WX_NO_REG)
		rm(as, op, reg, b->base, (int32_t)b->value);
	else
		rmx(as, op, reg, b->base, b->index, b->scale, (int32_t)b->value);
}

bool wx_asm_has(uint8_t op)
{
	return (op >= WX_OP_I32_EQZ && op <= WX_OP_I64_EXTEND32_S) ||
		(op >= WX_OP_I32_TRUNC_SAT_F32_S && op <= WX_OP_I64_TRUNC_SAT_F64_U);
}

bool wx_asm_has_memory_operand(uint8_t op)
{
	return memory_form(op) != 0;
}

bool wx_asm_has_memory_compare(wx_cond c)
{
	/* "less" exchanges its operands */
	return c <= WX_F_NE || c == WX_F_GT || c == WX_F_GE || c == WX_F_NGT || c == WX_F_NGE;
}

/* d = a n b for add, or, and, xor: commutative, registers. */
static void alu(wx_asm *as, uint32_t w, unsigned n, unsigned d, unsigned a, unsigned b)
{
	if (d == b) {
		b = a;
		a = d;
	}
	move(as, w, d, a);
	rr(as, w | (8 * n + 1), b, d);
	sets_flags(as, w, d);
}

static void add_reg(wx_asm *as, uint32_t w, unsigned d, unsigned a, unsigned b)
{
	if (d == a || d == b) {
		alu(as, w, ADD, d, a, b);
		return;
	}
	if ((a & 7) == RBP || b == RSP) { /* a base without displacement, an index that can be one */
		unsigned r = a;
		a = b;
		b = r;
	}
	rmx(as, w | OP_LEA, d, a, b, 0, 0);
}

static void add_imm(wx_asm *as, uint32_t w, unsigned d, unsigned a, int32_t v)
{
	if (v == 0)
		move(as, w, d, a);
	else if (d != a)
		rm(as, w | OP_LEA, d, a, v);
	else if (v == 128)
		alu_imm(as, w, SUB, d, -128);
	else
		alu_imm(as, w, ADD, d, v);
}

static void sub_reg(wx_asm *as, uint32_t w, unsigned d, unsigned a, unsigned b)
{
	if (a == b) {
		constant(as, d, 0);
		return;
	}
	if (d == b) {
		rr(as, w | 0xF7, 3, d); /* neg */
		rr(as, w | 0x01, a, d);
	} else {
		move(as, w, d, a);
		rr(as, w | 0x29, b, d);
	}
	sets_flags(as, w, d);
}

static unsigned log2_of(uint64_t v)
{
	unsigned n = 0;
	while (v >>= 1)
		n++;
	return n;
}

static bool power_of_2(uint64_t v)
{
	return v != 0 && (v & (v - 1)) == 0;
}

static void shift(wx_asm *as, uint32_t w, unsigned n, unsigned d, unsigned a, unsigned count)
{
	if (n == SHL && count == 1) {
		add_reg(as, w, d, a, a);
		return;
	}
	move(as, w, d, a);
	shift_imm(as, w, n, d, count);
}

/* v is zero-extended when w is 0 */
static void mul_imm(wx_asm *as, uint32_t w, unsigned d, unsigned a, uint64_t v)
{
	int64_t s = w ? (int64_t)v : (int32_t)(uint32_t)v;
	if (v == 0)
		constant(as, d, 0);
	else if (s == -1) {
		move(as, w, d, a);
		rr(as, w | 0xF7, 3, d);
	} else if (power_of_2(v))
		shift(as, w, SHL, d, a, log2_of(v));
	else if (v == 3 || v == 5 || v == 9)
		rmx(as, w | OP_LEA, d, a, a, log2_of(v - 1), 0);
	else if (fits32(s)) {
		rr(as, w | (fits8(s) ? 0x6B : 0x69), d, a);
		if (fits8(s))
			u8(as, (uint8_t)s);
		else
			wx_asm_u32(as, (uint32_t)s);
	} else {
		constant(as, SCRATCH, v);
		move(as, w, d, a);
		rr(as, w | OP_IMUL, d, SCRATCH);
	}
}

static void logic_imm(wx_asm *as, uint32_t w, unsigned n, unsigned d, unsigned a, uint64_t v)
{
	int64_t s = w ? (int64_t)v : (int32_t)(uint32_t)v;
	if (n == AND) {
		if (v == 0)
			constant(as, d, 0);
		else if (s == -1)
			move(as, w, d, a);
		else if (v == 0xFF)
			rr(as, M0F | 0xB6 | BYTE_RM, d, a);
		else if (v == 0xFFFF)
			rr(as, M0F | 0xB7, d, a);
		else if (v == UINT32_MAX)
			rr(as, OP_STORE, a, d);
		else if (v < UINT32_MAX) { /* the high word becomes 0 */
			move(as, 0, d, a);
			alu_imm(as, 0, AND, d, (int32_t)(uint32_t)v);
		} else if (fits32(s)) {
			move(as, w, d, a);
			alu_imm(as, w, AND, d, (int32_t)s);
		} else {
			constant(as, SCRATCH, v);
			alu(as, w, AND, d, a, SCRATCH);
		}
		return;
	}
	if (v == 0)
		move(as, w, d, a);
	else if (s == -1 && n == XOR) {
		move(as, w, d, a);
		rr(as, w | 0xF7, 2, d); /* not */
	} else if (s == -1)
		constant(as, d, v);
	else if (fits32(s)) {
		move(as, w, d, a);
		alu_imm(as, w, n, d, (int32_t)s);
	} else {
		constant(as, SCRATCH, v);
		alu(as, w, n, d, a, SCRATCH);
	}
}

/* d = a - q * v, q in a scratch register */
static void remainder_of(wx_asm *as, unsigned d, unsigned a, unsigned q, uint32_t v)
{
	mul_imm(as, 0, q, q, v);
	sub_reg(as, 0, d, a, q);
}

/*
 * 32 bits by a constant that is neither 0 nor a power of 2: the product with ceil(2^64 / v) has the quotient in its
 * high word.
 */
static void divide_unsigned_32(wx_asm *as, bool rem, unsigned d, unsigned a, uint32_t v)
{
	constant(as, RAX, UINT64_MAX / v + 1);
	rr(as, W | 0xF7, 4, a); /* mul */
	if (rem)
		remainder_of(as, d, a, RDX, v);
	else
		move(as, 0, d, RDX);
}

/* The same signed, |v| >= 3: floor(a * ceil(2^(31 + k) / |v|) / 2^(31 + k)), 1 more if a is negative. */
static void divide_signed_32(wx_asm *as, bool rem, unsigned d, unsigned a, int32_t v)
{
	uint32_t n = v < 0 ? 0u - (uint32_t)v : (uint32_t)v;
	unsigned k = log2_of(n) + 1;
	rr(as, W | 0x63, RAX, a); /* movsxd */
	constant(as, RCX, (1ull << (31 + k)) / n + 1);
	move(as, 0, RDX, a);
	shift_imm(as, 0, SAR, RDX, 31);
	rr(as, W | OP_IMUL, RAX, RCX);
	shift_imm(as, W, SAR, RAX, 31 + k);
	rr(as, 0x29, RDX, RAX);
	if (rem)
		remainder_of(as, d, a, RAX, n);
	else {
		move(as, 0, d, RAX);
		if (v < 0)
			rr(as, 0xF7, 3, d);
	}
}

static void divide_signed(wx_asm *as, uint32_t w, bool rem, unsigned d, unsigned a, const wx_operand *b)
{
	unsigned bits = w ? 64 : 32;
	unsigned divisor = b->reg.r;
	if (b->immediate) {
		int64_t v = w ? (int64_t)b->value : (int32_t)(uint32_t)b->value;
		if (v == 1 || v == -1) {
			if (rem)
				constant(as, d, 0);
			else
				mul_imm(as, w, d, a, w ? (uint64_t)v : (uint32_t)v);
			return;
		}
		uint64_t n = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
		if (power_of_2(n) && n != 1ull << (bits - 1)) {
			unsigned k = log2_of(n);
			move(as, w, RAX, a);
			opcode(as, w | 0x99, 0, 0, 0); /* cdq, cqo */
			shift_imm(as, w, SHR, RDX, bits - k); /* what makes the shift round towards zero */
			rr(as, w | 0x01, RDX, RAX);
			if (rem) {
				logic_imm(as, w, AND, RAX, RAX, n - 1);
				sub_reg(as, w, RAX, RAX, RDX);
			} else
				shift_imm(as, w, SAR, RAX, k);
			if (!rem && v < 0)
				rr(as, w | 0xF7, 3, RAX);
			move(as, w, d, RAX);
			return;
		}
		if (!w && v != 0 && v != INT32_MIN) {
			divide_signed_32(as, rem, d, a, (int32_t)v);
			return;
		}
		constant(as, RCX, b->value);
		divisor = RCX;
	}
	move(as, w, RAX, a);
	uint32_t done = 0;
	bool guard = rem && !b->immediate; /* idiv of the least number by -1 overflows */
	if (guard) {
		rr(as, 0x31, RDX, RDX);
		alu_imm(as, w, CMP, divisor, -1);
		done = skip_if(as, CC_E);
	}
	opcode(as, w | 0x99, 0, 0, 0);
	rr(as, w | 0xF7, 7, divisor);
	if (guard)
		here(as, done);
	move(as, w, d, rem ? RDX : RAX);
}

static void divide_unsigned(wx_asm *as, uint32_t w, bool rem, unsigned d, unsigned a, const wx_operand *b)
{
	unsigned divisor = b->reg.r;
	if (b->immediate) {
		if (power_of_2(b->value)) {
			if (rem)
				logic_imm(as, w, AND, d, a, b->value - 1);
			else
				shift(as, w, SHR, d, a, log2_of(b->value));
			return;
		}
		if (!w && b->value != 0) {
			divide_unsigned_32(as, rem, d, a, (uint32_t)b->value);
			return;
		}
		constant(as, RCX, b->value);
		divisor = RCX;
	}
	move(as, w, RAX, a);
	rr(as, 0x31, RDX, RDX);
	rr(as, w | 0xF7, 6, divisor);
	move(as, w, d, rem ? RDX : RAX);
}

static void min_max(wx_asm *as, wx_type t, bool max, unsigned d, unsigned a, unsigned b)
{
	if (d == b) {
		b = a;
		a = d;
	}
	move_fp(as, d, a);
	rr(as, (t == WX_F64 ? P66 : 0) | M0F | 0x2E, d, b); /* ucomis */
	uint32_t differ = skip_if(as, CC_NE);
	uint32_t unordered = skip_if(as, CC_P);
	rr(as, max ? OP_ANDPS : OP_ORPS, d, b); /* equal: bits differ in zeros only */
	uint32_t done = skip(as);
	here(as, unordered);
	rr(as, scalar(t) | M0F | 0x58, d, b); /* add makes a quiet NaN */
	uint32_t done2 = skip(as);
	here(as, differ);
	rr(as, scalar(t) | M0F | (max ? 0x5F : 0x5D), d, b);
	here(as, done);
	here(as, done2);
}

static void all_ones(wx_asm *as, unsigned x)
{
	rr(as, P66 | M0F | 0x76, x, x); /* pcmpeqd */
}

static void copysign_(wx_asm *as, wx_type t, unsigned d, unsigned a, unsigned b)
{
	unsigned bits = t == WX_F64 ? 63 : 31;
	if (a == b) {
		move_fp(as, d, a);
		return;
	}
	all_ones(as, X15);
	if (d == b) {
		lane_shift(as, t, 6, X15, bits);
		rr(as, OP_ANDPS, d, X15);
		rr(as, OP_ANDNPS, X15, a);
	} else {
		move_fp(as, d, a);
		lane_shift(as, t, 2, X15, 1);
		rr(as, OP_ANDPS, d, X15);
		rr(as, OP_ANDNPS, X15, b);
	}
	rr(as, OP_ORPS, d, X15);
}

static void binary_fp(wx_asm *as, wx_type t, unsigned op, unsigned d, unsigned a, unsigned b)
{
	static const uint8_t code[] = { 0x58, 0x5C, 0x59, 0x5E }; /* add sub mul div */
	if (op == WX_OP_F32_COPYSIGN) {
		copysign_(as, t, d, a, b);
		return;
	}
	if (op == WX_OP_F32_MIN || op == WX_OP_F32_MAX) {
		min_max(as, t, op == WX_OP_F32_MAX, d, a, b);
		return;
	}
	if (d == b && d != a) {
		if (op == WX_OP_F32_ADD || op == WX_OP_F32_MUL)
			b = a;
		else {
			move_fp(as, X15, b);
			b = X15;
			move_fp(as, d, a);
		}
	} else
		move_fp(as, d, a);
	rr(as, scalar(t) | M0F | code[op - WX_OP_F32_ADD], d, b);
}

/* Where d is part of the operand's address, the operand is loaded first. */
static wx_operand apart(wx_asm *as, wx_type t, unsigned d, wx_operand b)
{
	if (!b.memory || b.index != d)
		return b;
	bool floating = t == WX_F32 || t == WX_F64;
	unsigned r = floating ? X15 : SCRATCH;
	from_memory(as, floating ? scalar(t) | M0F | 0x10 : width(t) | OP_LOAD, r, &b);
	return (wx_operand){ .reg = { (uint8_t)(floating ? WX_FP(15) : SCRATCH), WX_NO_REG } };
}

void wx_asm_binary(wx_asm *as, uint8_t op, wx_reg dr, wx_reg ar, wx_operand b)
{
	if (b.memory) {
		wx_type t = op >= WX_OP_F64_ADD ? WX_F64 : op >= WX_OP_F32_ADD ? WX_F32 : op >= WX_OP_I64_ADD ? WX_I64 : WX_I32;
		if (dr.r != ar.r)
			b = apart(as, t, dr.r, b);
		if (b.memory) {
			wx_asm_move(as, t, dr, ar);
			from_memory(as, memory_form(op), dr.r, &b);
			if (!WX_IS_FP(dr.r) && (memory_form(op) & ~W) != OP_IMUL)
				sets_flags(as, width(t), dr.r);
			return;
		}
	}
	if (op >= WX_OP_F32_ADD && op <= WX_OP_F32_COPYSIGN) {
		binary_fp(as, WX_F32, op, dr.r, ar.r, b.reg.r);
		return;
	}
	if (op >= WX_OP_F64_ADD && op <= WX_OP_F64_COPYSIGN) {
		binary_fp(as, WX_F64, op - WX_OP_F64_ADD + WX_OP_F32_ADD, dr.r, ar.r, b.reg.r);
		return;
	}
	unsigned d = dr.r, a = ar.r, n = 0;
	uint32_t w = 0;
	if (op >= WX_OP_I64_ADD) {
		op = (uint8_t)(op - WX_OP_I64_ADD + WX_OP_I32_ADD);
		w = W;
	} else if (b.immediate)
		b.value = (uint32_t)b.value;
	bool imm32 = b.immediate && (!w || fits32((int64_t)b.value));
	int32_t v = (int32_t)(uint32_t)b.value;
	switch (op) {
	case WX_OP_I32_SUB:
		if (imm32 && (v != INT32_MIN || !w)) {
			add_imm(as, w, d, a, (int32_t)(0u - (uint32_t)v));
			break;
		}
		if (b.immediate) {
			constant(as, SCRATCH, b.value);
			b.reg.r = SCRATCH;
		}
		sub_reg(as, w, d, a, b.reg.r);
		break;
	case WX_OP_I32_ADD:
		if (imm32) {
			add_imm(as, w, d, a, v);
			break;
		}
		if (b.immediate) {
			constant(as, SCRATCH, b.value);
			b.reg.r = SCRATCH;
		}
		add_reg(as, w, d, a, b.reg.r);
		break;
	case WX_OP_I32_MUL:
		if (b.immediate)
			mul_imm(as, w, d, a, b.value);
		else if (d == b.reg.r)
			rr(as, w | OP_IMUL, d, a);
		else {
			move(as, w, d, a);
			rr(as, w | OP_IMUL, d, b.reg.r);
		}
		break;
	case WX_OP_I32_AND: n = AND; goto logic;
	case WX_OP_I32_OR: n = OR; goto logic;
	case WX_OP_I32_XOR:
		n = XOR;
	logic:
		if (b.immediate)
			logic_imm(as, w, n, d, a, b.value);
		else
			alu(as, w, n, d, a, b.reg.r);
		break;
	case WX_OP_I32_DIV_S:
	case WX_OP_I32_REM_S: divide_signed(as, w, op == WX_OP_I32_REM_S, d, a, &b); break;
	case WX_OP_I32_DIV_U:
	case WX_OP_I32_REM_U: divide_unsigned(as, w, op == WX_OP_I32_REM_U, d, a, &b); break;
	case WX_OP_I32_SHL:
	case WX_OP_I32_SHR_S:
	case WX_OP_I32_SHR_U:
	case WX_OP_I32_ROTL:
	case WX_OP_I32_ROTR: {
		static const uint8_t group[] = { SHL, SAR, SHR, ROL, ROR };
		n = group[op - WX_OP_I32_SHL];
		if (b.immediate)
			shift(as, w, n, d, a, (unsigned)b.value & (w ? 63 : 31));
		else {
			move(as, 0, RCX, b.reg.r);
			move(as, w, d, a);
			rr(as, w | 0xD3, n, d);
		}
		break;
	}
	default: break;
	}
}

bool wx_asm_worth_folding(uint8_t shift, uint8_t amount)
{
	return shift == WX_OP_I32_SHL && amount <= 3;
}

bool wx_asm_has_immediate(uint8_t op, uint32_t b)
{
	(void)op;
	(void)b;
	return true;
}

bool wx_asm_worth_hoisting(uint32_t b)
{
	(void)b;
	return false;
}

bool wx_asm_has_multiply_add(uint8_t op)
{
	(void)op;
	return false;
}

bool wx_asm_needs_factor_register(uint32_t factor)
{
	(void)factor;
	return false;
}

void wx_asm_accumulate(wx_asm *as, uint8_t op, bool subtract, wx_reg d, wx_reg a, wx_reg b, wx_reg c)
{
	(void)as, (void)op, (void)subtract, (void)d, (void)a, (void)b, (void)c;
}

bool wx_asm_has_shifted(uint8_t op, uint8_t shift, uint8_t amount)
{
	return op == WX_OP_I32_ADD && wx_asm_worth_folding(shift, amount);
}

void wx_asm_binary_shifted(wx_asm *as, uint8_t op, wx_reg d, wx_reg a, wx_reg b, uint8_t shift, uint8_t amount)
{
	(void)op;
	(void)shift;
	rmx(as, OP_LEA, d.r, a.r, b.r, amount, 0);
}

void wx_asm_scaled(wx_asm *as, wx_reg d, wx_reg s, uint8_t shift, uint8_t amount, uint32_t addend)
{
	wx_operand n = { .immediate = true, .value = shift ? amount : addend };
	if (!shift)
		wx_asm_binary(as, WX_OP_I32_ADD, d, s, n);
	else if (!wx_asm_worth_folding(shift, amount) || (d.r == s.r && !addend))
		wx_asm_binary(as, shift, d, s, n);
	else if (amount == 1)
		rmx(as, OP_LEA, d.r, s.r, s.r, 0, (int32_t)addend);
	else
		rmi(as, OP_LEA, d.r, s.r, amount, (int32_t)addend);
}

bool wx_asm_has_bit_field(void)
{
	return false;
}

void wx_asm_bit_field(wx_asm *as, bool is_signed, wx_reg d, wx_reg s, uint8_t lsb, uint8_t width)
{
	wx_operand left = { .immediate = true, .value = 32u - lsb - width },
			   right = { .immediate = true, .value = 32u - width };
	wx_asm_binary(as, WX_OP_I32_SHL, d, s, left);
	wx_asm_binary(as, is_signed ? WX_OP_I32_SHR_S : WX_OP_I32_SHR_U, d, d, right);
}

static void sign_extend(wx_asm *as, uint32_t w, uint32_t op, unsigned d, unsigned s)
{
	rr(as, w | op, d, s);
}

/* Some SSE instructions keep the rest of d: cut the dependence on its old value. */
static void fresh(wx_asm *as, unsigned d, unsigned s)
{
	if (d != s)
		rr(as, OP_XORPS, d, d);
}

static void compare_fp(wx_asm *as, wx_type t, unsigned a, unsigned b)
{
	rr(as, (t == WX_F64 ? P66 : 0) | M0F | 0x2E, a, b);
}

/* xmm15 = s - 2^63 */
static void less_2_63(wx_asm *as, wx_type t, unsigned s)
{
	constant_mov(as, RAX, t == WX_F64 ? 0xC3E0000000000000u : 0xDF000000u);
	rr(as, (t == WX_F64 ? W : 0) | OP_MOVD, X15, RAX);
	rr(as, scalar(t) | M0F | 0x58, X15, s);
}

/* Float to integer for values in range. Out of it, cvtt gives the least number of its width. */
static void truncate_float(wx_asm *as, wx_type from, wx_type to, bool is_signed, unsigned d, unsigned s)
{
	uint32_t cvtt = scalar(from) | M0F | 0x2C;
	if (to == WX_I32) {
		rr(as, cvtt | (is_signed ? 0 : W), d, s);
		return;
	}
	rr(as, cvtt | W, d, s);
	if (is_signed)
		return;
	less_2_63(as, from, s); /* d | (cvtt(s - 2^63) & d >> 63) */
	rr(as, cvtt | W, RAX, X15);
	move(as, W, RCX, d);
	shift_imm(as, W, SAR, RCX, 63);
	rr(as, W | 0x21, RCX, RAX);
	rr(as, W | 0x09, RAX, d);
}

static void truncate_sat(wx_asm *as, wx_type from, wx_type to, bool is_signed, unsigned d, unsigned s)
{
	uint32_t cvtt = scalar(from) | M0F | 0x2C, w = width(to);
	if (is_signed) {
		rr(as, cvtt | w, d, s);
		alu_imm(as, w, CMP, d, 1); /* overflows for the least number only */
		uint32_t done = skip_if(as, CC_NO);
		rr(as, OP_XORPS, X15, X15);
		compare_fp(as, from, X15, s);
		uint32_t done2 = skip_if(as, CC_A);
		constant_mov(as, d, w ? INT64_MAX : INT32_MAX);
		uint32_t done3 = skip_if(as, CC_NP);
		constant(as, d, 0);
		here(as, done);
		here(as, done2);
		here(as, done3);
		return;
	}
	uint32_t done, done2 = 0;
	rr(as, cvtt | W, d, s);
	if (w) {
		rr(as, W | OP_TEST, d, d);
		done = skip_if(as, CC_NS);
		less_2_63(as, from, s);
		rr(as, cvtt | W, d, X15);
		rr(as, W | OP_TEST, d, d);
		uint32_t over = skip_if(as, CC_S);
		rr(as, W | M0F | 0xBA, 7, d); /* btc 63 */
		u8(as, 63);
		done2 = skip(as);
		here(as, over);
	} else {
		rr(as, OP_STORE, d, RAX);
		rr(as, W | OP_CMP, RAX, d);
		done = skip_if(as, CC_E);
	}
	rr(as, OP_XORPS, X15, X15);
	compare_fp(as, from, X15, s);
	constant_mov(as, d, 0);
	uint32_t done3 = skip_if(as, CC_AE);
	uint32_t done4 = skip_if(as, CC_P);
	alu_imm(as, w, OR, d, -1);
	here(as, done);
	if (w)
		here(as, done2);
	here(as, done3);
	here(as, done4);
}

static void convert(wx_asm *as, wx_type from, wx_type to, bool is_signed, unsigned d, unsigned s)
{
	uint32_t cvt = scalar(to) | M0F | 0x2A;
	rr(as, OP_XORPS, d, d);
	if (from == WX_I32 || is_signed) {
		rr(as, cvt | (from == WX_I32 && is_signed ? 0 : W), d, s);
		return;
	}
	rr(as, W | OP_TEST, s, s);
	uint32_t large = skip_if(as, CC_S);
	rr(as, cvt | W, d, s);
	uint32_t done = skip(as);
	here(as, large); /* half of it, the lost bit kept for rounding */
	move(as, W, RCX, s);
	move(as, 0, RAX, s);
	shift_imm(as, W, SHR, RCX, 1);
	alu_imm(as, 0, AND, RAX, 1);
	rr(as, W | 0x09, RAX, RCX);
	rr(as, cvt | W, d, RCX);
	rr(as, scalar(to) | M0F | 0x58, d, d);
	here(as, done);
}

void wx_asm_unary(wx_asm *as, uint8_t op, wx_reg dr, wx_reg sr)
{
	unsigned d = dr.r, s = sr.r;
	wx_type t = WX_F32;
	uint32_t w = 0;
	if (op >= WX_OP_F64_ABS && op <= WX_OP_F64_SQRT) {
		op = (uint8_t)(op - WX_OP_F64_ABS + WX_OP_F32_ABS);
		t = WX_F64;
	} else if (op >= WX_OP_I64_CLZ && op <= WX_OP_I64_POPCNT) {
		op = (uint8_t)(op - WX_OP_I64_CLZ + WX_OP_I32_CLZ);
		w = W;
	}
	switch (op) {
	case WX_OP_I32_CLZ:
		if (w) {
			rr(as, W | M0F | 0xBD, RCX, s); /* bsr: zero flag for 0 */
			constant_mov(as, d, 127);
			rr(as, M0F | 0x40 | CC_NE, d, RCX);
			alu_imm(as, 0, XOR, d, 63);
		} else {
			rmx(as, W | OP_LEA, RCX, s, s, 0, 1); /* 2 s + 1 is not 0 */
			rr(as, W | M0F | 0xBD, RCX, RCX);
			constant_mov(as, d, 32);
			rr(as, 0x29, RCX, d);
		}
		break;
	case WX_OP_I32_CTZ:
		rr(as, w | M0F | 0xBC, RCX, s);
		constant_mov(as, d, w ? 64 : 32);
		rr(as, M0F | 0x40 | CC_NE, d, RCX);
		break;
	case WX_OP_I32_POPCNT:
		if (d != s)
			rr(as, 0x31, d, d); /* some processors wait for the old d */
		rr(as, w | PF3 | M0F | 0xB8, d, s);
		break;
	case WX_OP_I32_WRAP_I64: rr(as, OP_STORE, s, d); break;
	case WX_OP_I64_EXTEND_I32_U: move(as, 0, d, s); break;
	case WX_OP_I32_EXTEND8_S: sign_extend(as, 0, M0F | 0xBE | BYTE_RM, d, s); break;
	case WX_OP_I32_EXTEND16_S: sign_extend(as, 0, M0F | 0xBF, d, s); break;
	case WX_OP_I64_EXTEND8_S: sign_extend(as, W, M0F | 0xBE | BYTE_RM, d, s); break;
	case WX_OP_I64_EXTEND16_S: sign_extend(as, W, M0F | 0xBF, d, s); break;
	case WX_OP_I64_EXTEND_I32_S:
	case WX_OP_I64_EXTEND32_S: sign_extend(as, W, 0x63, d, s); break;
	case WX_OP_F32_ABS:
	case WX_OP_F32_NEG: {
		unsigned mask = d == s ? X15 : d;
		all_ones(as, mask);
		lane_shift(as, t, op == WX_OP_F32_ABS ? 2 : 6, mask, op == WX_OP_F32_ABS ? 1 : t == WX_F64 ? 63 : 31);
		rr(as, op == WX_OP_F32_ABS ? OP_ANDPS : OP_XORPS, d, mask == d ? s : mask);
		break;
	}
	case WX_OP_F32_CEIL:
	case WX_OP_F32_FLOOR:
	case WX_OP_F32_TRUNC:
	case WX_OP_F32_NEAREST: {
		static const uint8_t mode[] = { 10, 9, 11, 8 };
		fresh(as, d, s);
		rr(as, P66 | M3A | (t == WX_F64 ? 0x0B : 0x0A), d, s);
		u8(as, mode[op - WX_OP_F32_CEIL]);
		break;
	}
	case WX_OP_F32_SQRT:
		fresh(as, d, s);
		rr(as, scalar(t) | M0F | 0x51, d, s);
		break;
	case WX_OP_F32_DEMOTE_F64:
		fresh(as, d, s);
		rr(as, PF2 | M0F | 0x5A, d, s);
		break;
	case WX_OP_F64_PROMOTE_F32:
		fresh(as, d, s);
		rr(as, PF3 | M0F | 0x5A, d, s);
		break;
	case WX_OP_I32_REINTERPRET_F32:
	case WX_OP_F32_REINTERPRET_I32: wx_asm_move(as, WX_I32, dr, sr); break;
	case WX_OP_I64_REINTERPRET_F64:
	case WX_OP_F64_REINTERPRET_I64: wx_asm_move(as, WX_I64, dr, sr); break;
	case WX_OP_F32_CONVERT_I32_S:
	case WX_OP_F32_CONVERT_I32_U: convert(as, WX_I32, WX_F32, op == WX_OP_F32_CONVERT_I32_S, d, s); break;
	case WX_OP_F32_CONVERT_I64_S:
	case WX_OP_F32_CONVERT_I64_U: convert(as, WX_I64, WX_F32, op == WX_OP_F32_CONVERT_I64_S, d, s); break;
	case WX_OP_F64_CONVERT_I32_S:
	case WX_OP_F64_CONVERT_I32_U: convert(as, WX_I32, WX_F64, op == WX_OP_F64_CONVERT_I32_S, d, s); break;
	case WX_OP_F64_CONVERT_I64_S:
	case WX_OP_F64_CONVERT_I64_U: convert(as, WX_I64, WX_F64, op == WX_OP_F64_CONVERT_I64_S, d, s); break;
	case WX_OP_I32_TRUNC_F32_S:
	case WX_OP_I32_TRUNC_F32_U: truncate_float(as, WX_F32, WX_I32, op == WX_OP_I32_TRUNC_F32_S, d, s); break;
	case WX_OP_I32_TRUNC_F64_S:
	case WX_OP_I32_TRUNC_F64_U: truncate_float(as, WX_F64, WX_I32, op == WX_OP_I32_TRUNC_F64_S, d, s); break;
	case WX_OP_I64_TRUNC_F32_S:
	case WX_OP_I64_TRUNC_F32_U: truncate_float(as, WX_F32, WX_I64, op == WX_OP_I64_TRUNC_F32_S, d, s); break;
	case WX_OP_I64_TRUNC_F64_S:
	case WX_OP_I64_TRUNC_F64_U: truncate_float(as, WX_F64, WX_I64, op == WX_OP_I64_TRUNC_F64_S, d, s); break;
	case WX_OP_I32_TRUNC_SAT_F32_S:
	case WX_OP_I32_TRUNC_SAT_F32_U:
	case WX_OP_I32_TRUNC_SAT_F64_S:
	case WX_OP_I32_TRUNC_SAT_F64_U:
	case WX_OP_I64_TRUNC_SAT_F32_S:
	case WX_OP_I64_TRUNC_SAT_F32_U:
	case WX_OP_I64_TRUNC_SAT_F64_S:
	case WX_OP_I64_TRUNC_SAT_F64_U: {
		unsigned n = op - WX_OP_I32_TRUNC_SAT_F32_S;
		truncate_sat(as, n & 2 ? WX_F64 : WX_F32, n & 4 ? WX_I64 : WX_I32, !(n & 1), d, s);
		break;
	}
	default: break;
	}
}

void wx_asm_canonical(wx_asm *as, wx_type t, wx_reg d)
{
	compare_fp(as, t, d.r, d.r);
	uint32_t done = skip_if(as, CC_NP);
	all_ones(as, d.r);
	lane_shift(as, t, 6, d.r, t == WX_F64 ? 52 : 23);
	lane_shift(as, t, 2, d.r, 1);
	here(as, done);
}

/* ---- compare, select, branch ---- */

/* Set the flags for a cond b; returns the condition code. */
static unsigned compare(wx_asm *as, wx_cond c, wx_type t, wx_reg a, wx_operand b)
{
	if (t == WX_F32 || t == WX_F64) {
		/* "less" by exchange, so that unordered (all flags set) falls on the right side */
		static const uint8_t code[] = { CC_FEQ, CC_FNE, CC_A, CC_A, CC_AE, CC_AE, CC_BE, CC_BE, CC_B, CC_B };
		unsigned n = c >= WX_F_EQ ? c - WX_F_EQ : c & 1;
		bool exchange = n >= 2 && !(n & 1);
		if (b.memory) {
			from_memory(as, (t == WX_F64 ? P66 : 0) | M0F | 0x2E, a.r, &b);
			return code[n];
		}
		compare_fp(as, t, exchange ? b.reg.r : a.r, exchange ? a.r : b.reg.r);
		if (a.r == b.reg.r && n < 2)
			return n ? CC_P : CC_NP;
		return code[n];
	}
	static const uint8_t code[] = { CC_E, CC_NE, CC_L, CC_GE, CC_G, CC_LE, CC_B, CC_AE, CC_A, CC_BE };
	uint32_t w = width(t);
	if (b.immediate) {
		int64_t v = w ? (int64_t)b.value : (int32_t)(uint32_t)b.value;
		if (v == 0 && c <= WX_NE && wx_asm_flags_tell(as, a.r, w != 0))
			return as->flags_true ^ (c == WX_EQ);
		if (v == 0) {
			rr(as, w | OP_TEST, a.r, a.r);
			sets_flags(as, w, a.r);
		} else if (fits32(v))
			alu_imm(as, w, CMP, a.r, (int32_t)v);
		else {
			constant(as, SCRATCH, b.value);
			rr(as, w | OP_CMP, SCRATCH, a.r);
		}
	} else if (b.memory)
		from_memory(as, w | 0x3B, a.r, &b);
	else
		rr(as, w | OP_CMP, b.reg.r, a.r);
	return code[c <= WX_LE_U ? c : c & 1];
}

static void set_byte(wx_asm *as, unsigned cc, unsigned r)
{
	rr(as, M0F | BYTE_RM | 0x90 | cc, 0, r);
}

void wx_asm_set(wx_asm *as, wx_cond c, wx_type t, wx_reg d, wx_reg a, wx_operand b)
{
	bool floating = t == WX_F32 || t == WX_F64;
	b = apart(as, t, d.r, b);
	if (!floating && b.immediate && (width(t) ? b.value : (uint32_t)b.value) == 0 && c == WX_LT_S) {
		shift(as, width(t), SHR, d.r, a.r, width(t) ? 63 : 31);
		return;
	}
	if (floating || (d.r != a.r && (b.immediate || b.memory || d.r != b.reg.r))) {
		rr(as, 0x31, d.r, d.r);
		unsigned cc = compare(as, c, t, a, b);
		if (cc < CC_FEQ) {
			set_byte(as, cc, d.r);
			wx_asm_set_flags(as, d.r, cc, false);
		} else { /* ordered and equal: the byte beside is 0, so the rest of rax does not matter */
			set_byte(as, CC_NP, RAX);
			set_byte(as, CC_E, d.r);
			rr(as, 0x21, RAX, d.r);
			if (cc == CC_FNE)
				alu_imm(as, 0, XOR, d.r, 1);
		}
		return;
	}
	unsigned cc = compare(as, c, t, a, b);
	set_byte(as, cc, RAX);
	rr(as, M0F | 0xB6, d.r, RAX);
	wx_asm_set_flags(as, d.r, cc, false);
}

static void cmov(wx_asm *as, uint32_t w, unsigned cc, unsigned d, unsigned s)
{
	rr(as, w | M0F | 0x40 | cc, d, s);
}

void wx_asm_select(
	wx_asm *as, wx_cond c, wx_type t, wx_reg a, wx_operand b, wx_type vt, wx_reg dr, wx_reg xr, wx_reg yr)
{
	unsigned d = dr.r, x = xr.r, y = yr.r;
	if (x == y) {
		wx_asm_move(as, vt, dr, xr);
		return;
	}
	unsigned cc = compare(as, c, t, a, b);
	if (cc == CC_FNE) {
		unsigned r = x;
		x = y;
		y = r;
		cc = CC_FEQ;
	}
	if (vt == WX_F32 || vt == WX_F64) {
		if (cc == CC_FEQ) {
			unsigned r = d == y ? X15 : d;
			move_fp(as, r, x);
			uint32_t other = skip_if(as, CC_P);
			uint32_t done = skip_if(as, CC_E);
			here(as, other);
			move_fp(as, r, y);
			here(as, done);
			move_fp(as, d, r);
			return;
		}
		if (d == y) {
			y = x;
			x = d;
			cc ^= 1;
		}
		move_fp(as, d, x);
		uint32_t done = skip_if(as, cc);
		move_fp(as, d, y);
		here(as, done);
		return;
	}
	uint32_t w = width(vt), at = as->size;
	if (cc == CC_FEQ) {
		unsigned r = d == y ? SCRATCH : d;
		move(as, w, r, x);
		cmov(as, w, CC_NE, r, y);
		cmov(as, w, CC_P, r, y);
		move(as, w, d, r);
		return;
	}
	if (d == x) {
		x = y;
		cc ^= 1;
	} else
		move(as, w, d, y);
	cmov(as, w, cc, d, x);
	wx_asm_keep_flags(as, at, d);
}

/* jcc rel32 that joins a chain */
static uint32_t jump_if(wx_asm *as, unsigned cc, uint32_t chain)
{
	u8(as, 0x0F);
	u8(as, 0x80 | cc);
	wx_asm_u32(as, chain);
	return as->size - 4;
}

uint32_t wx_asm_jump(wx_asm *as, uint32_t chain)
{
	u8(as, 0xE9);
	wx_asm_u32(as, chain);
	return as->size - 4;
}

uint32_t wx_asm_branch(wx_asm *as, wx_cond c, wx_type t, wx_reg a, wx_operand b, uint32_t chain)
{
	unsigned cc = compare(as, c, t, a, b);
	if (cc == CC_FEQ) {
		uint32_t past = skip_if(as, CC_P);
		chain = jump_if(as, CC_E, chain);
		here(as, past);
		return chain;
	}
	if (cc == CC_FNE) {
		chain = jump_if(as, CC_P, chain);
		cc = CC_NE;
	}
	return jump_if(as, cc, chain);
}

void wx_asm_link(wx_asm *as, uint32_t chain, uint32_t target)
{
	wx_asm_label(as);
	while (chain && !as->failed) {
		uint32_t next = wx_asm_get32(as, chain);
		patch(as, chain, target);
		chain = next;
	}
}

void wx_asm_jump_back(wx_asm *as, uint32_t target)
{
	int32_t rel = (int32_t)(target - (as->size + 2));
	if (fits8(rel)) {
		u8(as, 0xEB);
		u8(as, (uint8_t)rel);
	} else {
		u8(as, 0xE9);
		wx_asm_u32(as, target - (as->size + 4));
	}
}

static void jump_if_back(wx_asm *as, unsigned cc, uint32_t target)
{
	int32_t rel = (int32_t)(target - (as->size + 2));
	if (fits8(rel)) {
		u8(as, 0x70 | cc);
		u8(as, (uint8_t)rel);
	} else {
		u8(as, 0x0F);
		u8(as, 0x80 | cc);
		wx_asm_u32(as, target - (as->size + 4));
	}
}

void wx_asm_branch_back(wx_asm *as, wx_cond c, wx_type t, wx_reg a, wx_operand b, uint32_t target)
{
	unsigned cc = compare(as, c, t, a, b);
	if (cc == CC_FEQ) {
		uint32_t past = skip_if(as, CC_P);
		jump_if_back(as, CC_E, target);
		here(as, past);
		return;
	}
	if (cc == CC_FNE) {
		jump_if_back(as, CC_P, target);
		cc = CC_NE;
	}
	jump_if_back(as, cc, target);
}

static void trap_if(wx_asm *as, wx_site_kind site, uint8_t kind, unsigned cc)
{
	wx_asm_site(as, site, as->size, kind);
	jump_if(as, cc, 0);
}

void wx_asm_trap_if(wx_asm *as, uint8_t kind, wx_cond c, wx_type t, wx_reg a, wx_operand b)
{
	unsigned cc = compare(as, c, t, a, b);
	if (cc == CC_FEQ) {
		uint32_t past = skip_if(as, CC_P);
		trap_if(as, WX_SITE_TRAP, kind, CC_E);
		here(as, past);
		return;
	}
	if (cc == CC_FNE) {
		trap_if(as, WX_SITE_TRAP, kind, CC_P);
		cc = CC_NE;
	}
	trap_if(as, WX_SITE_TRAP, kind, cc);
}

/* Calls the vector in line: nothing comes back. */
void wx_asm_trap(wx_asm *as, uint8_t kind)
{
	wx_asm_site(as, WX_SITE_TRAP, as->size, kind);
	u8(as, 0xE8);
	wx_asm_u32(as, 0);
}

void wx_asm_trap_status(wx_asm *as)
{
	rr(as, OP_TEST, RAX, RAX);
	trap_if(as, WX_SITE_TRAP_VALUE, WX_TRAP_NONE, CC_NE);
}

uint32_t wx_asm_table(wx_asm *as, uint8_t index, uint32_t count)
{
	opcode(as, W | OP_LEA, SCRATCH, 0, 0);
	u8(as, 0x05 | SCRATCH << 3); /* [rip + disp32]: the table follows movsxd (4), add (3), jmp (2) */
	wx_asm_u32(as, 9);
	rmx(as, W | 0x63, index, SCRATCH, index, 2, 0);
	rr(as, W | 0x01, index, SCRATCH);
	rr(as, 0xFF, 4, SCRATCH);
	uint32_t table = as->size;
	for (uint32_t i = 0; i < count && !as->failed; i++)
		wx_asm_u32(as, 0);
	return table;
}

void wx_asm_table_entry(wx_asm *as, uint32_t table, uint32_t i, uint32_t target)
{
	wx_asm_put32(as, table + 4 * i, target - table);
}

/* ---- linear memory ---- */

void wx_asm_check(wx_asm *as, uint8_t kind, wx_reg address, uint64_t end, bool small)
{
	unsigned cc = CC_A;
	int64_t beyond = (int64_t)end - as->slack; /* what the access needs more than the slack */
	if (address.r == WX_NO_REG) {
		cc = CC_B;
		if (beyond <= 0)
			return;
		if (fits32(beyond))
			alu_imm(as, W, CMP, ISA_MEMORY_LIMIT, (int32_t)beyond);
		else {
			constant(as, SCRATCH, (uint64_t)beyond);
			rr(as, W | OP_CMP, SCRATCH, ISA_MEMORY_LIMIT);
		}
	} else if (beyond < 0) {
		rr(as, W | OP_CMP, ISA_MEMORY_LIMIT, address.r);
		trap_if(as, WX_SITE_CHECK, kind, CC_A);
		as->sites[as->site_count - 1].data |= (uint32_t)address.r << 8 | (uint32_t)-beyond << 16;
		return;
	} else if (!beyond) {
		rr(as, W | OP_CMP, ISA_MEMORY_LIMIT, address.r);
	} else if (beyond == 1) {
		cc = CC_AE;
		rr(as, W | OP_CMP, ISA_MEMORY_LIMIT, address.r);
	} else if (small && beyond <= INT32_MAX) { /* limit - beyond does not depend on the address */
		rm(as, W | OP_LEA, SCRATCH, ISA_MEMORY_LIMIT, -(int32_t)beyond);
		rr(as, W | OP_CMP, SCRATCH, address.r);
	} else {
		if (beyond <= INT32_MAX)
			rm(as, W | OP_LEA, SCRATCH, address.r, (int32_t)beyond);
		else {
			constant(as, SCRATCH, (uint64_t)beyond);
			rr(as, W | 0x01, address.r, SCRATCH);
		}
		rr(as, W | OP_CMP, ISA_MEMORY_LIMIT, SCRATCH);
	}
	trap_if(as, WX_SITE_TRAP, kind, cc);
}

bool wx_asm_has_scaled_address(uint8_t op, uint8_t scale, uint32_t offset, bool aligned)
{
	(void)op;
	(void)aligned;
	return scale || offset;
}

/* Every instruction has 31 bits of displacement. */
uint32_t wx_asm_page_of(uint8_t op, uint32_t address, bool aligned)
{
	(void)op;
	(void)address;
	(void)aligned;
	return 0;
}

bool wx_asm_has_pointer(uint8_t op, uint32_t offset, bool aligned)
{
	(void)op;
	(void)offset;
	(void)aligned;
	return false;
}

void wx_asm_pointer(wx_asm *as, uint8_t d, uint8_t address)
{
	rmx(as, W | OP_LEA, d, ISA_MEMORY, address, 0, 0);
}

/* op register, [memory + address + offset] */
static void access_memory(wx_asm *as, uint32_t op, unsigned r, wx_address address)
{
	bool absolute = address.reg == WX_NO_REG;
	uint32_t offset = address.offset;
	if (address.wraps || (address.scale && offset > INT32_MAX)) {
		wx_asm_scaled(as, (wx_reg){ SCRATCH, WX_NO_REG }, (wx_reg){ address.reg, WX_NO_REG },
			address.scale ? WX_OP_I32_SHL : 0, address.scale, offset);
		rmx(as, op, r, ISA_MEMORY, SCRATCH, 0, 0);
		return;
	}
	if (offset > INT32_MAX) {
		constant(as, SCRATCH, offset);
		if (!absolute)
			rr(as, W | 0x01, address.reg, SCRATCH);
		rmx(as, op, r, ISA_MEMORY, SCRATCH, 0, 0);
	} else if (absolute)
		rm(as, op, r, ISA_MEMORY, (int32_t)offset);
	else
		rmx(as, op, r, ISA_MEMORY, address.reg, address.scale, (int32_t)offset);
}

void wx_asm_memory_load(wx_asm *as, uint8_t op, wx_reg d, wx_address address, bool aligned)
{
	static const uint32_t code[] = { OP_LOAD, W | OP_LOAD, PF3 | M0F | 0x10, PF2 | M0F | 0x10, M0F | 0xBE, M0F | 0xB6,
		M0F | 0xBF, M0F | 0xB7, W | M0F | 0xBE, M0F | 0xB6, W | M0F | 0xBF, M0F | 0xB7, W | 0x63, OP_LOAD };
	(void)aligned;
	if (op >= WX_OP_I32_LOAD && op <= WX_OP_I64_LOAD32_U)
		access_memory(as, code[op - WX_OP_I32_LOAD], d.r, address);
}

void wx_asm_memory_store(wx_asm *as, uint8_t op, wx_reg s, wx_address address, bool aligned)
{
	static const uint32_t code[] = { OP_STORE, W | OP_STORE, PF3 | M0F | 0x11, PF2 | M0F | 0x11, 0x88 | BYTE_REG,
		P66 | OP_STORE, 0x88 | BYTE_REG, P66 | OP_STORE, OP_STORE };
	(void)aligned;
	if (op >= WX_OP_I32_STORE && op <= WX_OP_I64_STORE32)
		access_memory(as, code[op - WX_OP_I32_STORE], s.r, address);
}

/* ---- calls ---- */

void wx_asm_call(wx_asm *as, uint32_t target)
{
	as->leaf = false;
	wx_asm_site(as, WX_SITE_CALL, as->size, target);
	u8(as, 0xE8);
	wx_asm_u32(as, 0);
}

void wx_asm_call_register(wx_asm *as, uint8_t r)
{
	as->leaf = false;
	rr(as, 0xFF, 2, r);
	wx_asm_site(as, WX_SITE_CALL_OTHER, as->size, 0);
}

/* Through the image's helper vector, which keeps xmm8-xmm11. */
void wx_asm_call_helper(wx_asm *as, uint8_t op)
{
	u8(as, 0xB0); /* mov al, op */
	u8(as, op);
	wx_asm_call(as, HELPER_VECTOR);
}

static int32_t field(enum wx_field f)
{
	return (int32_t)f * ISA_WORD;
}

void wx_asm_memory_size(wx_asm *as, wx_reg d)
{
	rm(as, W | OP_LOAD, d.r, ISA_CTX, field(WX_CTX_MEMORY));
	rm(as, W | OP_LOAD, d.r, d.r, 2 * ISA_WORD);
}

void wx_asm_reload_memory(wx_asm *as)
{
	rm(as, W | OP_LOAD, SCRATCH, ISA_CTX, field(WX_CTX_MEMORY));
	rm(as, W | OP_LOAD, ISA_MEMORY, SCRATCH, 0);
	rm(as, W | OP_LOAD, ISA_MEMORY_LIMIT, SCRATCH, as->slack ? ISA_WORD : 2 * ISA_WORD);
}

void wx_asm_meter(wx_asm *as, uint32_t cost)
{
	rm(as, W | OP_LOAD, ISA_STATUS, ISA_CTX, field(WX_CTX_METER));
	u8(as, 0x81); /* sub dword ptr [rax], cost */
	u8(as, 0x28);
	wx_asm_u32(as, cost);
	u8(as, 0x79); /* jns over the call */
	u8(as, 3);
	u8(as, 0xFF); /* call [rax + 8] */
	u8(as, 0x50);
	u8(as, offsetof(struct wx_meter, entry));
	as->leaf = false;
	wx_asm_site(as, WX_SITE_CALL_OTHER, as->size, 0);
}

uint32_t wx_asm_count(const wx_asm *as, uint32_t from)
{
	(void)as;
	(void)from;
	return 0;
}

void wx_asm_tail(wx_asm *as, uint32_t target)
{
	wx_asm_site(as, WX_SITE_TAIL, as->size, target);
	u8(as, 0xE9);
	wx_asm_u32(as, 0);
}

void wx_asm_tail_register(wx_asm *as)
{
	wx_asm_site(as, WX_SITE_TAIL_REG, as->size, 0);
	u8(as, 0xE9);
	wx_asm_u32(as, 0);
}

/* ---- function frame ---- */

static const uint8_t saved_general[] = { RBX, RBP, R12 };
#define SAVED_FP_FIRST WX_FP(8)
#define SAVED_FP_END WX_FP(12)

/* From the sp inside the function upwards: locals, saved xmm registers, padding | pushed registers | return address. */
typedef struct {
	uint32_t saved;
	uint32_t fp_at; /* where the xmm registers are */
	uint32_t sub; /* bytes below the pushed registers */
	uint32_t total;
} layout;

static void push(wx_asm *as, unsigned r)
{
	opcode(as, 0x50 | (r & 7), 0, 0, r);
}

static void pop(wx_asm *as, unsigned r)
{
	opcode(as, 0x58 | (r & 7), 0, 0, r);
}

static void fp_slots(wx_asm *as, const layout *l, uint32_t op)
{
	uint32_t at = l->fp_at;
	for (unsigned r = SAVED_FP_FIRST; r < SAVED_FP_END; r++)
		if (l->saved >> r & 1) {
			rm(as, PF2 | M0F | op, r, RSP, (int32_t)at);
			at += 8;
		}
}

static void prologue(wx_asm *as, const layout *l)
{
	for (unsigned i = 0; i < sizeof saved_general; i++)
		if (l->saved >> saved_general[i] & 1)
			push(as, saved_general[i]);
	if (l->sub == 8)
		push(as, RAX);
	else if (l->sub)
		add_imm(as, W, RSP, RSP, -(int32_t)l->sub);
	fp_slots(as, l, 0x11);
}

static void epilogue(wx_asm *as, const layout *l)
{
	fp_slots(as, l, 0x10);
	if (l->sub == 8)
		pop(as, RCX);
	else if (l->sub)
		add_imm(as, W, RSP, RSP, (int32_t)l->sub);
	for (unsigned i = sizeof saved_general; i-- > 0;)
		if (l->saved >> saved_general[i] & 1)
			pop(as, saved_general[i]);
}

/* Put the code piece in place of the jmp rel32 whose field is there, if it fits. */
static bool inline_at(wx_asm *as, uint32_t at, const wx_asm *piece)
{
	if (piece->failed || piece->size > 5 || at < 1 || at + 4 > as->size || as->code[at - 1] != 0xE9)
		return false;
	for (uint32_t i = 0; i < 5; i++)
		as->code[at - 1 + i] = i < piece->size ? piece->code[i] : 0xCC;
	return true;
}

/* A call of a trap vector, whose distance is still to be set. Returns where it is. */
static uint32_t trap_call(wx_asm *as)
{
	uint32_t at = as->size;
	u8(as, 0xE8);
	wx_asm_u32(as, 0);
	return at;
}

static layout plan(const wx_asm *as, const wx_frame *frame)
{
	layout l = { frame->saved, (frame->frame + 7) & ~7u, 0, 0 };
	unsigned pushed = 0, fp = 0;
	for (unsigned i = 0; i < sizeof saved_general; i++)
		pushed += l.saved >> saved_general[i] & 1;
	for (unsigned r = SAVED_FP_FIRST; r < SAVED_FP_END; r++)
		fp += l.saved >> r & 1;
	l.sub = l.fp_at + 8 * fp;
	l.total = 8 + 8 * pushed + l.sub;
	if (!as->leaf && l.total & 15) { /* a leaf needs no alignment */
		l.sub += 8;
		l.total += 8;
	}
	return l;
}

/* The entries: far, then near. Returns the chain of branches to the overflow stub, 0: there is no check. */
static uint32_t entries(wx_asm *head, const wx_frame *frame, const layout *l, uint32_t *near_entry)
{
	if (frame->far_entry && frame->has_memory)
		wx_asm_reload_memory(head);
	*near_entry = head->size;
	uint32_t overflow = 0;
	if (wx_checks_stack(frame, l->total)) {
		if (l->total <= WX_STACK_PLAIN)
			rm(head, W | 0x3B, RSP, ISA_CTX, field(WX_CTX_STACK_LIMIT));
		else {
			move(head, W, RAX, RSP);
			rm(head, W | 0x2B, RAX, ISA_CTX, field(WX_CTX_STACK_LIMIT));
			overflow = jump_if(head, CC_B, 0);
			rr(head, W | 0x81, CMP, RAX);
			wx_asm_u32(head, l->total - 8); /* the return address is there already */
		}
		overflow = jump_if(head, CC_B, overflow);
	}
	prologue(head, l);
	if (frame->save_context)
		rm(head, W | OP_STORE, ISA_CTX, RSP, (int32_t)frame->context_slot);
	return overflow;
}

/* The epilogue, and the jumps to it: a short one replaces them. */
static void put_returns(wx_asm *as, const layout *l, uint32_t returns)
{
	uint8_t code[64];
	wx_asm leave = { .code = code, .capacity = sizeof code };
	uint32_t target = as->size;
	epilogue(as, l);
	u8(as, 0xC3);
	if (as->failed)
		return;
	leave.size = as->size - target;
	if (leave.size <= 5) {
		for (uint32_t i = 0; i < leave.size; i++)
			code[i] = as->code[target + i];
	}
	while (returns && !as->failed) {
		uint32_t next = wx_asm_get32(as, returns);
		if (!inline_at(as, returns, &leave))
			patch(as, returns, target);
		returns = next;
	}
}

/* Stack overflow: before the frame exists. */
static void put_overflow(wx_asm *as, const wx_asm *head, uint32_t start, uint32_t overflow)
{
	if (!overflow)
		return;
	uint32_t stub = as->size;
	wx_asm_site(as, WX_SITE_TRAP, stub, WX_TRAP_STACK);
	trap_call(as);
	while (overflow && !as->failed) {
		uint32_t next = wx_asm_get32(head, overflow);
		patch(as, start + overflow, stub);
		overflow = next;
	}
}

/* The epilogue of a tail call, in place of its jump if it fits; `base`: image offset of the buffer's start. */
static void put_tail(wx_asm *as, const layout *l, const wx_site *site, uint32_t base)
{
	uint8_t code[64];
	wx_asm leave = { .code = code, .capacity = sizeof code };
	epilogue(&leave, l);
	if (site->kind == WX_SITE_TAIL_REG) {
		rr(&leave, 0xFF, 4, ISA_TAIL);
		if (inline_at(as, site->at + 1, &leave))
			return;
	} else if (leave.size == 0) {
		patch(as, site->at + 1, site->data - base);
		return;
	}
	patch(as, site->at + 1, as->size);
	epilogue(as, l);
	if (site->kind == WX_SITE_TAIL_REG)
		rr(as, 0xFF, 4, ISA_TAIL);
	else {
		u8(as, 0xE9);
		wx_asm_u32(as, 0);
		patch(as, as->size - 4, site->data - base);
	}
}

/* The access may still end within the slack: back behind the branch then. Returns where the call of the vector is. */
static uint32_t put_second_look(wx_asm *as, wx_site *site)
{
	patch(as, site->at + 2, as->size);
	rm(as, W | OP_LEA, SCRATCH, ISA_MEMORY_LIMIT, (int32_t)(site->data >> 16));
	rr(as, W | OP_CMP, SCRATCH, site->data >> 8 & 15);
	jump_if_back(as, CC_BE, site->at + 6);
	site->kind = WX_SITE_TRAP;
	site->data &= 0xFF;
	return trap_call(as);
}

/* The site's stub and target; then its place is the return address. */
static void put_site(wx_asm *as, const layout *l, wx_site *site, uint32_t base)
{
	uint32_t at = site->at;
	switch (site->kind) {
	case WX_SITE_CHECK:
	case WX_SITE_TRAP:
	case WX_SITE_TRAP_VALUE:
		if (site->kind == WX_SITE_CHECK) {
			at = put_second_look(as, site);
		} else if (as->code[at] != 0xE8) { /* jcc rel32 to a stub */
			patch(as, at + 2, as->size);
			at = trap_call(as);
		}
		patch(as, at + 1, WX_IMAGE_VECTORS + site->data * ISA_VECTOR_SIZE - base);
		site->at = at + 5;
		break;
	case WX_SITE_CALL:
		patch(as, at + 1, site->data - base);
		site->at = at + 5;
		break;
	case WX_SITE_TAIL:
	case WX_SITE_TAIL_REG: put_tail(as, l, site, base); break;
	default: break;
	}
}

wx_finished wx_asm_finish(wx_asm *as, const wx_frame *frame, uint32_t image, uint32_t returns)
{
	if (frame->frame > 1u << 28 || as->size < WX_ASM_HEAD)
		as->failed = true;
	layout l = plan(as, frame);
	wx_finished done = { .frame_bytes = l.total, .return_slot = (int32_t)l.total - 8 };
	uint8_t code[WX_ASM_HEAD];
	wx_asm head = { .code = code, .capacity = sizeof code, .slack = as->slack };
	uint32_t overflow = entries(&head, frame, &l, &done.near_entry);
	if (head.failed)
		as->failed = true;
	if (as->failed)
		return (wx_finished){ 0 };
	done.start = WX_ASM_HEAD - head.size;
	for (uint32_t i = 0; i < head.size; i++)
		as->code[done.start + i] = code[i];

	put_returns(as, &l, returns);
	put_overflow(as, &head, done.start, overflow);
	for (uint32_t i = 0; i < as->site_count && !as->failed; i++) {
		wx_site *site = &as->sites[i];
		if (site->data == WX_CALL_SELF && (site->kind == WX_SITE_CALL || site->kind == WX_SITE_TAIL))
			site->data = image + done.near_entry;
		put_site(as, &l, site, image - done.start);
		site->at -= done.start;
	}
	return as->failed ? (wx_finished){ 0 } : done;
}

/*
 * Behind the trap vectors: the helper vector, called with the operation in al. Keeps xmm8-xmm11, of which values fill
 * the low halves.
 */
void wx_asm_vectors(wx_asm *as)
{
	for (uint32_t kind = 0; kind < WX_TRAP_COUNT; kind++) {
		uint32_t end = as->size + ISA_VECTOR_SIZE;
		if (kind)
			constant_mov(as, ISA_STATUS, kind);
		rm(as, 0xFF, 4, ISA_CTX, field(WX_CTX_TRAP_EXIT));
		while (as->size < end && !as->failed)
			u8(as, 0xCC);
	}
	layout l = { 0x0F000000, 0, 40, 48 };
	rr(as, M0F | 0xB6, RAX, RAX);
	prologue(as, &l);
	move(as, W, RDI, ISA_CTX);
	rm(as, W | OP_LOAD, RSI, ISA_CTX, field(WX_CTX_ARGS));
	rm(as, W | OP_LOAD, RCX, ISA_CTX, field(WX_CTX_HELPERS));
	rmx(as, 0xFF, 2, RCX, RAX, 3, 0);
	epilogue(as, &l);
	u8(as, 0xC3);
	while (as->size & (ISA_CODE_ALIGN - 1) && !as->failed)
		u8(as, 0xCC);
}

void wx_asm_jump_slot(uint8_t *slot, uint32_t from, uint32_t target)
{
	uint32_t rel = target - (from + 5);
	slot[0] = 0xE9;
	for (unsigned i = 0; i < 4; i++)
		slot[1 + i] = (uint8_t)(rel >> 8 * i);
	for (unsigned i = 5; i < ISA_JUMP_SIZE; i++)
		slot[i] = 0xCC;
}
