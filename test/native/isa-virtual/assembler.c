/*
 * The assembler interface for the virtual machine: an instruction for each function, and a check of all that the
 * generator promises: registers of their masks, pairs where there must be pairs, destinations that may be written
 * while sources are read, types and operations that a machine without floating-point registers is asked for.
 */

#include <stdio.h>
#include <stdlib.h>

#include "abi/context.h"
#include "abi/image.h"
#include "encode.h"
#include "isa/assembler.h"

static _Noreturn void broken(const char *function, const char *what)
{
	fprintf(stderr, "FAIL %s: %s\n", function, what);
	abort();
}

#define REQUIRE(condition, what) \
	do { \
		if (!(condition)) \
			broken(__func__, what); \
	} while (0)

/* ---- what may come ---- */

#define ROLES (1u << ISA_SP | 1u << ISA_CTX | 1u << ISA_MEMORY | 1u << ISA_MEMORY_LIMIT | 1u << ISA_CALL_SCRATCH)
#define SOURCES (WX_ALLOCATABLE | ROLES)
#define DESTINATIONS (WX_ALLOCATABLE | 1u << ISA_CTX | 1u << ISA_CALL_SCRATCH)

static bool among(uint32_t mask, uint8_t r)
{
	return r < WX_REGISTERS && mask >> r & 1;
}

/* A value's registers; a single one may be half of a pair. */
static bool fits(uint32_t mask, wx_type t, wx_reg reg)
{
	if (t != WX_I32 && t != WX_I64)
		return false;
	if (!wx_is_pair(t))
		return among(mask, reg.r);
	return among(mask, reg.r) && among(mask, reg.h) && reg.r != reg.h;
}

/* d is the source, or has no register in common with it; a single register may be any. */
static bool apart(wx_type t, wx_reg d, wx_type of, wx_reg s)
{
	if (!wx_is_pair(t) || (d.r == s.r && (!wx_is_pair(of) || d.h == s.h)))
		return true;
	return d.r != s.r && d.h != s.r && (!wx_is_pair(of) || (d.r != s.h && d.h != s.h));
}

static wx_type popped(uint8_t op, unsigned number)
{
	return wx_machine_type((wx_type)(0x7F - wx_op_info[op].pop[number]));
}

static wx_type pushed(uint8_t op)
{
	return wx_machine_type((wx_type)(0x7F - wx_op_info[op].push));
}

#define SOURCE(t, reg) REQUIRE(fits(SOURCES, t, reg), "source")
#define DESTINATION(t, reg) REQUIRE(fits(DESTINATIONS, t, reg), "destination")
#define BASE(r) REQUIRE(among(SOURCES, r), "base")

/* ---- writing ---- */

static uint32_t emit(wx_asm *as, instruction i)
{
	uint32_t at = as->size, words[sizeof i / 4];
	__builtin_memcpy(words, &i, sizeof i);
	for (unsigned k = 0; k < sizeof i / 4; k++)
		wx_asm_u32(as, words[k]);
	return at;
}

#define TARGET_AT ((uint32_t)offsetof(instruction, target))

static void set_target(wx_asm *as, uint32_t at, uint32_t target)
{
	wx_asm_put32(as, at + TARGET_AT, target - at);
}

static void operand(instruction *i, wx_operand b)
{
	i->b = b.reg.r;
	i->bh = b.reg.h;
	if (!b.immediate)
		return;
	i->flags |= FLAG_IMMEDIATE;
	i->low = (uint32_t)b.value;
	i->high = (uint32_t)(b.value >> 32);
}

/* ---- data movement ---- */

void wx_asm_move(wx_asm *as, wx_type t, wx_reg d, wx_reg s)
{
	SOURCE(t, s);
	DESTINATION(t, d);
	REQUIRE(apart(t, d, t, s), "halves exchanged");
	emit(as, (instruction){ .code = MOVE, .type = t, .d = d.r, .dh = d.h, .a = s.r, .ah = s.h });
}

void wx_asm_const(wx_asm *as, wx_type t, wx_reg d, uint64_t bits)
{
	DESTINATION(t, d);
	emit(as,
		(instruction){
			.code = CONSTANT, .type = t, .d = d.r, .dh = d.h, .low = (uint32_t)bits, .high = (uint32_t)(bits >> 32) });
}

void wx_asm_load(wx_asm *as, wx_type t, wx_reg d, uint8_t base, uint32_t offset)
{
	DESTINATION(t, d);
	BASE(base);
	REQUIRE(offset <= 1u << 20, "offset");
	emit(as, (instruction){ .code = LOAD, .type = t, .d = d.r, .dh = d.h, .a = base, .offset = offset });
}

void wx_asm_store(wx_asm *as, wx_type t, wx_reg s, uint8_t base, uint32_t offset)
{
	SOURCE(t, s);
	BASE(base);
	REQUIRE(offset <= 1u << 20, "offset");
	emit(as, (instruction){ .code = STORE, .type = t, .d = s.r, .dh = s.h, .a = base, .offset = offset });
}

void wx_asm_load_words(wx_asm *as, uint8_t first, uint8_t second, uint8_t base, uint32_t offset)
{
	REQUIRE(
		among(DESTINATIONS, first) && among(DESTINATIONS, second) && first != second && first != base, "destinations");
	BASE(base);
	emit(as, (instruction){ .code = LOAD_WORDS, .d = first, .dh = second, .a = base, .offset = offset });
}

void wx_asm_load_word_at(wx_asm *as, uint8_t d, uint8_t base, uint8_t index)
{
	REQUIRE(among(DESTINATIONS, d), "destination");
	BASE(base);
	BASE(index);
	emit(as, (instruction){ .code = LOAD_WORD_AT, .d = d, .a = base, .b = index });
}

void wx_asm_store_const(wx_asm *as, wx_type t, uint64_t bits, uint8_t base, uint32_t offset)
{
	REQUIRE(t == WX_I32 || t == WX_I64, "type");
	BASE(base);
	emit(as,
		(instruction){ .code = STORE_CONSTANT,
			.type = t,
			.a = base,
			.offset = offset,
			.low = (uint32_t)bits,
			.high = (uint32_t)(bits >> 32) });
}

/* ---- arithmetic ---- */

static bool is_integer(uint8_t value_type)
{
	return value_type == 0x7F || value_type == 0x7E;
}

/* Integers, without 64-bit division, and of floats what is a change of one bit. */
bool wx_asm_has(uint8_t op)
{
	const wx_op_row *row = &wx_op_info[op];
	switch (op) {
	case WX_OP_F32_ABS:
	case WX_OP_F32_NEG:
	case WX_OP_F32_COPYSIGN:
	case WX_OP_F64_ABS:
	case WX_OP_F64_NEG:
	case WX_OP_F64_COPYSIGN: return true;
	case WX_OP_I64_DIV_S:
	case WX_OP_I64_DIV_U:
	case WX_OP_I64_REM_S:
	case WX_OP_I64_REM_U: return false;
	default:
		return op >= WX_OP_I32_EQZ && op <= WX_OP_I64_EXTEND32_S && is_integer(row->push) && is_integer(row->pop[0]);
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

void wx_asm_binary(wx_asm *as, uint8_t op, wx_reg d, wx_reg a, wx_operand b)
{
	wx_type of = popped(op, 0), t = pushed(op);
	REQUIRE(wx_asm_has(op) && wx_op_info[op].npop == 2, "operation");
	REQUIRE(!b.memory && (!b.immediate || is_integer(wx_op_info[op].pop[0])), "operand");
	SOURCE(of, a);
	DESTINATION(t, d);
	REQUIRE(apart(t, d, of, a), "destination overlaps a source");
	if (!b.immediate) {
		SOURCE(of, b.reg);
		REQUIRE(apart(t, d, of, b.reg), "destination overlaps a source");
	}
	instruction i = { .code = BINARY, .op = op, .d = d.r, .dh = d.h, .a = a.r, .ah = a.h };
	operand(&i, b);
	emit(as, i);
}

static bool is_short(uint32_t b)
{
	return b + 2048 < 4096;
}

bool wx_asm_has_immediate(uint8_t op, uint32_t b)
{
	return op != WX_OP_I32_MUL && is_short(b);
}

bool wx_asm_worth_hoisting(uint32_t b)
{
	return !is_short(b);
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
	(void)as;
	(void)op;
	(void)subtract;
	(void)d;
	(void)a;
	(void)b;
	(void)c;
	broken(__func__, "there is no such instruction");
}

bool wx_asm_worth_folding(uint8_t shift, uint8_t amount)
{
	return shift == WX_OP_I32_SHL && amount <= 3;
}

bool wx_asm_has_shifted(uint8_t op, uint8_t shift, uint8_t amount)
{
	return op == WX_OP_I32_ADD && wx_asm_worth_folding(shift, amount);
}

void wx_asm_binary_shifted(wx_asm *as, uint8_t op, wx_reg d, wx_reg a, wx_reg b, uint8_t shift, uint8_t amount)
{
	REQUIRE(wx_asm_has_shifted(op, shift, amount), "operation");
	SOURCE(WX_I32, a);
	SOURCE(WX_I32, b);
	DESTINATION(WX_I32, d);
	emit(as, (instruction){ .code = SHIFTED, .op = shift, .amount = amount, .low = op, .d = d.r, .a = a.r, .b = b.r });
}

void wx_asm_scaled(wx_asm *as, wx_reg d, wx_reg s, uint8_t shift, uint8_t amount, uint32_t addend)
{
	REQUIRE(!shift || wx_asm_worth_folding(shift, amount), "shift");
	SOURCE(WX_I32, s);
	DESTINATION(WX_I32, d);
	emit(as, (instruction){ .code = SCALED, .op = shift, .amount = amount, .low = addend, .d = d.r, .a = s.r });
}

bool wx_asm_has_bit_field(void)
{
	return false;
}

void wx_asm_bit_field(wx_asm *as, bool is_signed, wx_reg d, wx_reg s, uint8_t lsb, uint8_t width)
{
	(void)as;
	(void)is_signed;
	(void)d;
	(void)s;
	(void)lsb;
	(void)width;
	broken(__func__, "there is no such instruction");
}

void wx_asm_unary(wx_asm *as, uint8_t op, wx_reg d, wx_reg s)
{
	wx_type of = popped(op, 0), t = pushed(op);
	REQUIRE(wx_asm_has(op) && wx_op_info[op].npop == 1, "operation");
	SOURCE(of, s);
	DESTINATION(t, d);
	REQUIRE(apart(t, d, of, s), "destination overlaps a source");
	emit(as, (instruction){ .code = UNARY, .op = op, .d = d.r, .dh = d.h, .a = s.r, .ah = s.h });
}

void wx_asm_canonical(wx_asm *as, wx_type t, wx_reg d)
{
	(void)as;
	(void)t;
	(void)d;
	broken(__func__, "floats come from helpers, in canonical form");
}

/* ---- compare, select, branch ---- */

static instruction comparison(enum code code, wx_cond c, wx_type t, wx_reg a, wx_operand b)
{
	REQUIRE(c < WX_F_EQ && !b.memory, "relation");
	SOURCE(t, a);
	if (!b.immediate)
		SOURCE(t, b.reg);
	instruction i = { .code = (uint8_t)code, .condition = (uint8_t)c, .type = (uint8_t)t, .a = a.r, .ah = a.h };
	operand(&i, b);
	return i;
}

void wx_asm_set(wx_asm *as, wx_cond c, wx_type t, wx_reg d, wx_reg a, wx_operand b)
{
	instruction i = comparison(SET, c, t, a, b);
	DESTINATION(WX_I32, d);
	i.d = d.r;
	emit(as, i);
}

void wx_asm_select(wx_asm *as, wx_cond c, wx_type t, wx_reg a, wx_operand b, wx_type vt, wx_reg d, wx_reg x, wx_reg y)
{
	instruction i = comparison(SELECT, c, t, a, b);
	SOURCE(vt, x);
	SOURCE(vt, y);
	DESTINATION(vt, d);
	REQUIRE(apart(vt, d, vt, x) && apart(vt, d, vt, y), "destination overlaps a source");
	i.op = (uint8_t)vt;
	i.d = d.r;
	i.dh = d.h;
	i.x = x.r;
	i.xh = x.h;
	i.y = y.r;
	i.yh = y.h;
	emit(as, i);
}

static uint32_t chained(wx_asm *as, instruction i, uint32_t chain)
{
	i.target = (int32_t)chain;
	return emit(as, i);
}

uint32_t wx_asm_jump(wx_asm *as, uint32_t chain)
{
	return chained(as, (instruction){ .code = JUMP }, chain);
}

uint32_t wx_asm_branch(wx_asm *as, wx_cond c, wx_type t, wx_reg a, wx_operand b, uint32_t chain)
{
	return chained(as, comparison(BRANCH, c, t, a, b), chain);
}

void wx_asm_link(wx_asm *as, uint32_t chain, uint32_t target)
{
	wx_asm_label(as);
	while (chain && !as->failed) {
		uint32_t next = wx_asm_get32(as, chain + TARGET_AT);
		REQUIRE(next < chain, "chain");
		set_target(as, chain, target);
		chain = next;
	}
}

void wx_asm_jump_back(wx_asm *as, uint32_t target)
{
	set_target(as, emit(as, (instruction){ .code = JUMP }), target);
}

void wx_asm_branch_back(wx_asm *as, wx_cond c, wx_type t, wx_reg a, wx_operand b, uint32_t target)
{
	set_target(as, emit(as, comparison(BRANCH, c, t, a, b)), target);
}

static void trap_site(wx_asm *as, wx_site_kind site, uint8_t kind, instruction i)
{
	wx_asm_site(as, site, emit(as, i), kind);
}

void wx_asm_trap_if(wx_asm *as, uint8_t kind, wx_cond c, wx_type t, wx_reg a, wx_operand b)
{
	REQUIRE(kind && kind < WX_TRAP_COUNT, "trap kind");
	trap_site(as, WX_SITE_TRAP, kind, comparison(TRAP, c, t, a, b));
}

void wx_asm_trap(wx_asm *as, uint8_t kind)
{
	REQUIRE(kind && kind < WX_TRAP_COUNT, "trap kind");
	trap_site(as, WX_SITE_TRAP, kind, (instruction){ .code = TRAP, .flags = FLAG_ALWAYS });
}

void wx_asm_trap_status(wx_asm *as)
{
	trap_site(as, WX_SITE_TRAP_VALUE, 0, (instruction){ .code = TRAP, .flags = FLAG_STATUS });
}

uint32_t wx_asm_table(wx_asm *as, uint8_t index, uint32_t count)
{
	REQUIRE(among(DESTINATIONS, index), "index");
	uint32_t at = emit(as, (instruction){ .code = TABLE, .a = index, .low = count });
	for (uint32_t i = 0; i < count; i++)
		wx_asm_u32(as, 0);
	return at;
}

void wx_asm_table_entry(wx_asm *as, uint32_t table, uint32_t i, uint32_t target)
{
	wx_asm_label(as);
	wx_asm_put32(as, table + ISA_TABLE_HEAD + 4 * i, target - table);
}

/* ---- linear memory ---- */

void wx_asm_check(wx_asm *as, uint8_t kind, wx_reg address, uint64_t end, bool small)
{
	(void)small;
	REQUIRE(end && end <= 0x100000000u + 135, "end");
	REQUIRE(address.r == WX_NO_REG || among(SOURCES, address.r), "address");
	trap_site(as, WX_SITE_TRAP, kind,
		(instruction){
			.code = CHECK, .a = address.r, .low = (uint32_t)end, .high = (uint32_t)(end >> 32), .offset = as->slack });
}

bool wx_asm_has_scaled_address(uint8_t op, uint8_t scale, uint32_t offset, bool aligned)
{
	(void)aligned;
	return wx_op_info[op].flags & WX_OPF_ACCESS && !scale && offset < 2048;
}

bool wx_asm_has_pointer(uint8_t op, uint32_t offset, bool aligned)
{
	(void)aligned;
	return wx_op_info[op].flags & WX_OPF_ACCESS && offset < 2048;
}

void wx_asm_pointer(wx_asm *as, uint8_t d, uint8_t address)
{
	REQUIRE(among(DESTINATIONS, d) && among(SOURCES, address), "register");
	emit(as, (instruction){ .code = POINTER, .d = d, .a = address });
}

uint32_t wx_asm_page_of(uint8_t op, uint32_t address, bool aligned)
{
	(void)op;
	(void)address;
	(void)aligned;
	return 0;
}

static void access(wx_asm *as, enum code code, uint8_t op, wx_reg r, wx_address address, bool aligned)
{
	REQUIRE(is_integer(code == MEMORY_LOAD ? wx_op_info[op].push : wx_op_info[op].pop[1]), "access of a float");
	REQUIRE(address.reg == WX_NO_REG || (among(SOURCES, address.reg) && address.pointer == WX_NO_REG), "address");
	REQUIRE(address.pointer == WX_NO_REG || among(SOURCES, address.pointer), "pointer");
	REQUIRE((!address.scale && !address.wraps) || wx_asm_has_scaled_address(op, address.scale, address.offset, aligned),
		"scale");
	emit(as,
		(instruction){ .code = (uint8_t)code,
			.op = op,
			.d = r.r,
			.dh = r.h,
			.a = address.reg,
			.x = address.pointer,
			.amount = address.scale,
			.flags = (aligned ? FLAG_ALIGNED : 0) | (address.wraps ? FLAG_WRAPS : 0),
			.offset = address.offset });
}

void wx_asm_memory_load(wx_asm *as, uint8_t op, wx_reg d, wx_address address, bool aligned)
{
	DESTINATION(pushed(op), d);
	access(as, MEMORY_LOAD, op, d, address, aligned);
}

void wx_asm_memory_store(wx_asm *as, uint8_t op, wx_reg s, wx_address address, bool aligned)
{
	SOURCE(popped(op, 1), s);
	access(as, MEMORY_STORE, op, s, address, aligned);
}

/* ---- calls ---- */

void wx_asm_call(wx_asm *as, uint32_t target)
{
	as->leaf = false;
	wx_asm_site(as, WX_SITE_CALL, emit(as, (instruction){ .code = CALL }), target);
}

void wx_asm_call_register(wx_asm *as, uint8_t r)
{
	BASE(r);
	as->leaf = false;
	emit(as, (instruction){ .code = CALL_REGISTER, .a = r });
	wx_asm_site(as, WX_SITE_CALL_OTHER, as->size, 0);
}

void wx_asm_call_helper(wx_asm *as, uint8_t op)
{
	as->leaf = false;
	emit(as, (instruction){ .code = CALL_HELPER, .op = op });
	wx_asm_site(as, WX_SITE_CALL_OTHER, as->size, 0);
}

void wx_asm_memory_size(wx_asm *as, wx_reg d)
{
	DESTINATION(WX_I32, d);
	emit(as, (instruction){ .code = MEMORY_SIZE, .d = d.r });
}

void wx_asm_reload_memory(wx_asm *as)
{
	emit(as, (instruction){ .code = RELOAD_MEMORY, .low = as->slack });
}

void wx_asm_meter(wx_asm *as, uint32_t cost)
{
	REQUIRE(cost && cost <= 65535, "cost");
	as->leaf = false;
	emit(as, (instruction){ .code = METER, .low = cost });
	wx_asm_site(as, WX_SITE_CALL_OTHER, as->size, 0);
}

uint32_t wx_asm_count(const wx_asm *as, uint32_t from)
{
	return (as->size - from) / sizeof(instruction);
}

void wx_asm_tail(wx_asm *as, uint32_t target)
{
	wx_asm_site(as, WX_SITE_TAIL, emit(as, (instruction){ .code = TAIL }), target);
}

void wx_asm_tail_register(wx_asm *as)
{
	wx_asm_site(as, WX_SITE_TAIL_REG, emit(as, (instruction){ .code = TAIL_REGISTER }), 0);
}

/* ---- function frame ---- */

typedef struct {
	uint32_t saved; /* registers in it */
	uint32_t total;
} layout;

static layout plan(const wx_asm *as, const wx_frame *frame)
{
	layout l = { .saved = frame->saved & ISA_CALLEE_SAVED };
	if (!as->leaf || l.saved || frame->saved & ISA_LINK)
		l.saved |= ISA_LINK;
	uint32_t words = (uint32_t)__builtin_popcount(l.saved);
	l.total = (frame->frame + ISA_WORD * words + ISA_FRAME_ALIGN - 1) & ~(ISA_FRAME_ALIGN - 1u);
	return l;
}

static void set_frame(wx_asm *as, uint32_t at, const layout *l)
{
	wx_asm_put32(as, at + (uint32_t)offsetof(instruction, low), l->saved);
	wx_asm_put32(as, at + (uint32_t)offsetof(instruction, high), l->total);
}

wx_finished wx_asm_finish(wx_asm *as, const wx_frame *frame, uint32_t image, uint32_t returns)
{
	REQUIRE(as->failed || (image % ISA_CODE_ALIGN == 0 && as->size >= WX_ASM_HEAD), "image offset, head");
	REQUIRE(!(frame->saved & ~(ISA_CALLEE_SAVED | ISA_LINK)), "saved registers");
	layout l = plan(as, frame);
	uint32_t end = emit(as, (instruction){ .code = LEAVE, .low = l.saved, .high = l.total });
	wx_asm_link(as, returns, end);
	bool check = wx_checks_stack(frame, l.total), far = frame->far_entry && frame->has_memory;
	uint32_t overflow = as->size;
	if (check)
		wx_asm_trap(as, WX_TRAP_STACK);
	if (as->failed)
		return (wx_finished){ 0 };

	wx_finished done = { .start = WX_ASM_HEAD - (far ? 2 : 1) * (uint32_t)sizeof(instruction),
		.near_entry = far ? sizeof(instruction) : 0,
		.frame_bytes = l.total,
		.return_slot = l.saved & ISA_LINK ? (int32_t)l.total - ISA_WORD : -1 };
	wx_asm head = { .code = as->code + done.start, .capacity = WX_ASM_HEAD - done.start, .slack = as->slack };
	if (far)
		wx_asm_reload_memory(&head);
	emit(&head,
		(instruction){ .code = ENTER,
			.flags = (check ? FLAG_CHECK : 0) | (frame->save_context ? FLAG_CONTEXT : 0),
			.low = l.saved,
			.high = l.total,
			.offset = frame->context_slot,
			.target = (int32_t)(overflow - (WX_ASM_HEAD - (uint32_t)sizeof(instruction))) });

	uint32_t base = image - done.start; /* image offset of the buffer's start */
	for (uint32_t i = 0; i < as->site_count; i++) {
		wx_site *site = &as->sites[i];
		uint32_t target = site->data == WX_CALL_SELF ? image + done.near_entry : site->data;
		switch (site->kind) {
		case WX_SITE_TRAP:
		case WX_SITE_TRAP_VALUE:
			set_target(as, site->at, WX_IMAGE_VECTORS + site->data * ISA_VECTOR_SIZE - base);
			site->at += sizeof(instruction);
			break;
		case WX_SITE_CALL:
			set_target(as, site->at, target - base);
			site->at += sizeof(instruction);
			break;
		case WX_SITE_TAIL: set_target(as, site->at, target - base); /* fall through */
		case WX_SITE_TAIL_REG: set_frame(as, site->at, &l); break;
		default: break;
		}
		site->at -= done.start;
	}
	return as->failed ? (wx_finished){ 0 } : done;
}

void wx_asm_vectors(wx_asm *as)
{
	for (uint8_t kind = 0; kind < WX_TRAP_COUNT; kind++)
		emit(as, (instruction){ .code = VECTOR, .amount = kind });
}

void wx_asm_jump_slot(uint8_t *slot, uint32_t from, uint32_t target)
{
	instruction i = { .code = JUMP, .target = (int32_t)(target - from) };
	__builtin_memcpy(slot, &i, sizeof i);
}
