/*
 * The assembler interface: what the shared generator asks of an instruction set.
 *
 * One ISA is linked into a program. Each implements these functions, in this order, in
 * native/emit/<isa>/assembler.c, and describes its registers in native/emit/<isa>/isa.h.
 *
 * Values. An integer value lies in one general register, or in a pair on machines of 32 bits when it is i64.
 * A reference is a machine word. f32 and f64 lie in one floating-point register.
 *
 * Registers. 0..15 are the ISA's general registers by their own numbers, WX_FP(0..15) the floating-point ones.
 *
 * Destinations. `d` may equal any source, except that a pair never overlaps half of another pair: a pair `d` either
 * equals a source pair in both halves or shares no register with any source. Scratch registers (isa.h) are the
 * assembler's own: no value survives in them from one call of this interface to the next, unless said here.
 *
 * Room. The buffer grows as code is written. Where it cannot, `failed` is set and nothing is written: code never goes
 * past it. No function here emits more than WX_ASM_ROOM bytes.
 */
#ifndef WX_ASSEMBLER_H
#define WX_ASSEMBLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/alloc.h"
#include "isa.h" /* of the selected ISA, by include path */
#include "opcodes.h" /* generated from src/shared/rows/opcodes.ts */

#define WX_FP(n) (16 + (n))
#define WX_IS_FP(r) ((r) >= 16 && (r) < 32)
#define WX_NO_REG 0xFF
#define WX_ASM_ROOM 256

typedef enum { WX_I32 = 0, WX_I64 = 1, WX_F32 = 2, WX_F64 = 3, WX_REF = 4 } wx_type;

typedef struct {
	uint8_t r; /* register; the low word of a pair */
	uint8_t h; /* high word of a pair, else WX_NO_REG */
} wx_reg;

/*
 * A source operand: a register, an immediate, or, where asm_takes_memory says so, a place at base + (index << scale) +
 * value.
 */
typedef struct {
	bool immediate;
	bool memory;
	uint8_t base; /* a general register */
	uint8_t index; /* WX_NO_REG: none */
	uint8_t scale; /* the index is shifted by 0 .. 3 */
	wx_reg reg;
	uint64_t value; /* i32 immediates are zero-extended; of a place at most 2^31 - 1 */
} wx_operand;

/* The place at a register + offset. */
static inline wx_operand wx_place(uint8_t base, uint32_t offset)
{
	return (wx_operand){ .memory = true, .base = base, .index = WX_NO_REG, .value = offset };
}

/*
 * Conditions. Integer: as written. Floating point: a relation that holds; NE is true when unordered, all others false.
 */
typedef enum {
	WX_EQ,
	WX_NE,
	WX_LT_S,
	WX_GE_S,
	WX_GT_S,
	WX_LE_S,
	WX_LT_U,
	WX_GE_U,
	WX_GT_U,
	WX_LE_U,
	/* floating point only */
	WX_F_EQ,
	WX_F_NE,
	WX_F_LT,
	WX_F_GT,
	WX_F_LE,
	WX_F_GE,
	/* floating point, the negations: true also when unordered */
	WX_F_NLT,
	WX_F_NGT,
	WX_F_NLE,
	WX_F_NGE
} wx_cond;

static inline wx_cond wx_cond_not(wx_cond c)
{
	if (c < WX_F_LT)
		return (wx_cond)(c ^ 1);
	return c < WX_F_NLT ? (wx_cond)(c + 4) : (wx_cond)(c - 4);
}

/* Places in the code that are finished, or looked up, later. */
typedef enum {
	WX_SITE_TRAP, /* branch to an out-of-line trap stub; `data` = trap kind */
	WX_SITE_TRAP_VALUE, /* the same, the kind is in the helper-status register */
	/* direct call; `data` = image offset of its target. Its return address is looked up in backtraces */
	WX_SITE_CALL,
	WX_SITE_CALL_OTHER, /* return address only */
	WX_SITE_TAIL, /* jump to an out-of-line epilogue that ends in a jump to image offset `data` */
	WX_SITE_TAIL_REG, /* the same, ending in a jump to the tail-target register */
	WX_SITE_MARK, /* a place that map.c wants to find again; `data` is its own */
	WX_SITE_CHECK /* branch to an out-of-line second look at an access of less than WX_MEMORY_SLACK bytes; `data` = trap
					 kind, address register << 8, bytes left to the slack << 16. Becomes TRAP */
} wx_site_kind;

typedef struct {
	/*
	 * code offset: of the branch for TRAP*, TAIL*, of the call instruction for CALL; the return address for CALL_OTHER
	 */
	uint32_t at : 24;
	uint32_t kind : 8;
	uint32_t data;
	uint32_t wasm; /* byte offset in the module */
} wx_site;

typedef struct wx_asm {
	struct wx_alloc *memory; /* of which buffer and sites are; NULL: they do not grow */
	uint8_t *code;
	uint32_t size;
	uint32_t capacity;
	bool failed; /* the buffer ended, or code is too large; the generator reports it */
	bool no_memory; /* for the buffer or the sites */
	uint8_t slack; /* ISA_MEMORY_LIMIT holds the memory's size less this: 0 or WX_MEMORY_SLACK */
	bool leaf; /* the function makes no call so far: its return address may still be in the link register */
	uint32_t saved; /* callee-saved registers, and the one of ISA_LINK, that the function changes */
	/* allocatable registers that hold nothing: further scratch for the assembler, where their change needs no saving */
	uint32_t free;
	/* of these, those of which the generator may know what they hold still; the assembler takes out what it changes */
	uint32_t copied;
	uint32_t wasm; /* byte offset of the instruction being compiled */
	/* the code that ends there has set the flags by the value that it left in flags_of; 0: none has */
	uint32_t flags_at;
	uint8_t flags_of;
	uint8_t flags_true; /* the ISA's condition that says that this is not 0 */
	bool flags_wide; /* by 64 bits of it */
	wx_site *sites;
	uint32_t site_count;
	uint32_t site_capacity;
} wx_asm;

/* assembler-common.c: shared by all ISAs */
/* Room for so many bytes more, without growing on the way. */
bool wx_asm_reserve(wx_asm *as, uint32_t bytes);
void wx_asm_site(wx_asm *as, wx_site_kind kind, uint32_t at, uint32_t data);
void wx_asm_u8(wx_asm *as, uint8_t v);
void wx_asm_u16(wx_asm *as, uint16_t v);
void wx_asm_u32(wx_asm *as, uint32_t v);
/* The present place may be come to from elsewhere: what is in the flags is not known. */
static inline void wx_asm_label(wx_asm *as)
{
	as->flags_at = 0;
}
/* The flags tell by a condition whether register r is 0. */
static inline void wx_asm_set_flags(wx_asm *as, unsigned r, unsigned condition, bool wide)
{
	as->flags_at = as->size;
	as->flags_of = (uint8_t)r;
	as->flags_true = (uint8_t)condition;
	as->flags_wide = wide;
}
static inline bool wx_asm_flags_tell(const wx_asm *as, unsigned r, bool wide)
{
	return as->flags_at && as->flags_at == as->size && as->flags_of == r && as->flags_wide == wide;
}
/* What was written since the flags ended at `at` has left them alone, and changed d only. */
static inline void wx_asm_keep_flags(wx_asm *as, uint32_t at, unsigned d)
{
	if (as->flags_at && as->flags_at == at && as->flags_of != d)
		as->flags_at = as->size;
}
uint32_t wx_asm_get32(const wx_asm *as, uint32_t at);
void wx_asm_put32(wx_asm *as, uint32_t at, uint32_t v);

/* ---- data movement ---- */

void asm_move(wx_asm *as, wx_type t, wx_reg d, wx_reg s);
/* Load a constant by its bits; d may be a floating-point register for f32/f64. */
void asm_const(wx_asm *as, wx_type t, wx_reg d, uint64_t bits);
/*
 * Load/store a value at base + offset; base is a general register such as ISA_SP, ISA_CTX or an allocatable one; offset
 * 0 .. 2^20.
 */
void asm_load(wx_asm *as, wx_type t, wx_reg d, uint8_t base, uint32_t offset);
void asm_store(wx_asm *as, wx_type t, wx_reg s, uint8_t base, uint32_t offset);
/* Load two machine words from base + offset on; first is not base. */
void asm_load_words(wx_asm *as, uint8_t first, uint8_t second, uint8_t base, uint32_t offset);
/* Load the machine word of that index from base on; the index is an i32. */
void asm_load_word_at(wx_asm *as, uint8_t d, uint8_t base, uint8_t index);
/* Store a constant at base + offset through scratch registers. */
void asm_store_const(wx_asm *as, wx_type t, uint64_t bits, uint8_t base, uint32_t offset);

/* ---- arithmetic ---- */

/*
 * Whether this plan operation (numeric instructions only) is emitted in line; if not, the generator calls the run-time
 * helper of the same number.
 */
bool asm_has(uint8_t op);
/* Whether this instruction, or a comparison of that relation, takes a place in memory, of its operands' type, as b. */
bool asm_takes_memory(uint8_t op);
bool asm_compares_memory(wx_cond c);
/*
 * d = a op b. Integer: add sub mul and or xor shl shr_s shr_u rotl rotr, div/rem (the generator has already trapped on
 * zero and on MIN / -1 for div_s; rem_s of MIN by -1 must give 0). No source of a division is in a register of
 * ISA_DIVISION, which it changes. Immediates only as b, integers only. Floating point: add sub mul div min max
 * copysign.
 */
void asm_binary(wx_asm *as, uint8_t op, wx_reg d, wx_reg a, wx_operand b);
/*
 * i32: does this operation (of asm_binary; i32.eq: any comparison) take the constant b in no more instructions than a
 * register? Is a constant worth a register where some operations do not?
 */
bool asm_immediate(uint8_t op, uint32_t b);
bool asm_pools(uint32_t b);
/*
 * Whether d = c + a * b, or c - a * b, is an instruction, where `op` is the multiplication (i32, f32, f64; the product
 * of floats is rounded). Of floats d is c, else any.
 */
bool asm_accumulates(uint8_t op);
/*
 * Whether a product with that constant takes more than one instruction, so that for a sum the constant had better be in
 * a register.
 */
bool asm_multiplies(uint32_t factor);
void asm_accumulate(wx_asm *as, uint8_t op, bool subtract, wx_reg d, wx_reg a, wx_reg b, wx_reg c);
/*
 * i32: is a shift by a constant (i32.shl, shr_s, shr_u, rotr by 1 .. 31) worth keeping for a later instruction to fold?
 * Does that instruction (add sub and or xor) fold it in its second operand?
 */
bool asm_shifts(uint8_t shift, uint8_t amount);
bool asm_has_shifted(uint8_t op, uint8_t shift, uint8_t amount);
/* d = a op (b shift amount), where asm_has_shifted. */
void asm_binary_shifted(wx_asm *as, uint8_t op, wx_reg d, wx_reg a, wx_reg b, uint8_t shift, uint8_t amount);
/* i32: d = (s shift amount) + addend; shift 0: none. With an addend the shift is none or i32.shl by up to 3. */
void asm_scaled(wx_asm *as, wx_reg d, wx_reg s, uint8_t shift, uint8_t amount, uint32_t addend);
/* i32: d = `width` bits of s from bit `lsb` on, sign- or zero-extended. */
bool asm_has_bit_field(void);
void asm_bit_field(wx_asm *as, bool is_signed, wx_reg d, wx_reg s, uint8_t lsb, uint8_t width);
/*
 * d = op s. clz ctz popcnt, wrap, extend*, f abs neg sqrt ceil floor trunc nearest, convert*, demote, promote,
 * reinterpret*, trunc_sat*; the trapping truncations come here too, after the generator has excluded NaN and
 * out-of-range values.
 */
void asm_unary(wx_asm *as, uint8_t op, wx_reg d, wx_reg s);
/*
 * Make a NaN that arithmetic left in d canonical (0x7FC00000, 0x7FF8000000000000). Nothing where the machine does so
 * itself.
 */
void asm_canonical(wx_asm *as, wx_type t, wx_reg d);

/* ---- compare, select, branch ---- */

/* d = (a cond b) ? 1 : 0. t is the type of a and b. b may be immediate for integers. */
void asm_set(wx_asm *as, wx_cond c, wx_type t, wx_reg d, wx_reg a, wx_operand b);
/* d = (a cond b) ? x : y, where x and y are of type vt. d may equal x or y or a or b. */
void asm_select(wx_asm *as, wx_cond c, wx_type t, wx_reg a, wx_operand b, wx_type vt, wx_reg d, wx_reg x, wx_reg y);
/* A forward branch joins a chain (0: empty) that runs through the code itself; returns the new chain. */
uint32_t asm_jump(wx_asm *as, uint32_t chain);
uint32_t asm_branch(wx_asm *as, wx_cond c, wx_type t, wx_reg a, wx_operand b, uint32_t chain);
/* Resolve a chain to the code offset `target`. */
void asm_link(wx_asm *as, uint32_t chain, uint32_t target);
/* Backward forms. */
void asm_jump_back(wx_asm *as, uint32_t target);
void asm_branch_back(wx_asm *as, wx_cond c, wx_type t, wx_reg a, wx_operand b, uint32_t target);
/*
 * Trap of that kind if the relation holds (adds WX_SITE_TRAP). asm_trap: always. asm_trap_status: when the status of
 * the helper just called is not 0.
 */
void asm_trap_if(wx_asm *as, uint8_t kind, wx_cond c, wx_type t, wx_reg a, wx_operand b);
void asm_trap(wx_asm *as, uint8_t kind);
void asm_trap_status(wx_asm *as);
/*
 * Jump table: index (unsigned, already known to be < count) is destroyed. Emits the dispatch and room for `count`
 * entries, returns the handle; each entry is then set by asm_table_entry, to a code offset, after all targets are
 * known. Emits up to WX_TABLE_ROOM bytes.
 */
#define WX_TABLE_ROOM(count) (4u * (count) + 64u)
uint32_t asm_table(wx_asm *as, uint8_t index, uint32_t count);
void asm_table_entry(wx_asm *as, uint32_t table, uint32_t i, uint32_t target);

/* ---- linear memory ---- */

/*
 * Trap `kind` unless address + end <= memory size; `end` = static offset + access size, and what else the check is to
 * cover (1 .. 2^32 + 135). `small`: end is not above the memory's guaranteed minimum.
 */
void asm_check(wx_asm *as, uint8_t kind, wx_reg address, uint64_t end, bool small);
/*
 * An address in linear memory: (reg << scale) + offset; scale 0 .. 3. reg WX_NO_REG: the offset alone. `wraps`: the sum
 * is taken modulo 2^32; else it is known to be less. pointer other than WX_NO_REG: a register with the memory's base
 * added to an address, to which the offset is added; reg is WX_NO_REG then.
 */
typedef struct {
	uint8_t reg;
	uint8_t pointer;
	uint8_t scale;
	bool wraps;
	uint32_t offset;
} wx_address;
/* Whether an access takes an address of that scale and offset in fewer instructions than a computed one. */
bool asm_folds(uint8_t op, uint8_t scale, uint32_t offset, bool aligned);
/*
 * Whether an access at a register + offset adds the memory's base to the register first, and takes the sum as a pointer
 * of which the offset is within reach; d = base + address is that addition.
 */
bool asm_takes_pointer(uint8_t op, uint32_t offset, bool aligned);
void asm_pointer(wx_asm *as, uint8_t d, uint8_t address);
/* The part of an absolute address whose sum with the memory's base is worth a register, a multiple of 256, or 0. */
uint32_t asm_page_of(uint8_t op, uint32_t address, bool aligned);
/*
 * op is the plan operation of the load or store. `aligned`: known to be naturally aligned. A scale, and wraps, only
 * where asm_folds says so.
 */
void asm_memory_load(wx_asm *as, uint8_t op, wx_reg d, wx_address address, bool aligned);
void asm_memory_store(wx_asm *as, uint8_t op, wx_reg s, wx_address address, bool aligned);

/* ---- calls ---- */

/*
 * Call a function of this module at that image offset, its near entry (adds WX_SITE_CALL). WX_CALL_SELF: the near entry
 * of the function being compiled. Also for asm_tail.
 */
#define WX_CALL_SELF UINT32_MAX
void asm_call(wx_asm *as, uint32_t target);
/* Call through a register (adds WX_SITE_CALL_OTHER). */
void asm_call_register(wx_asm *as, uint8_t r);
/*
 * Call helper number op (native/abi/context.h): ctx->helpers[op](ctx, ctx->args); ISA_ARGS_REG need not be loaded
 * before. Status stays in ISA_STATUS for asm_trap_status.
 */
void asm_call_helper(wx_asm *as, uint8_t op);
/* d = the memory's size in bytes, zero-extended. */
void asm_memory_size(wx_asm *as, wx_reg d);
/* Load the memory registers from the context (after a call into another instance, after growth). */
void asm_reload_memory(wx_asm *as);
/*
 * Takes `cost`, 1 .. 65535, from the meter of the context (native/abi/meter.h), and calls it when nothing is left (adds
 * WX_SITE_CALL_OTHER). All registers but the scratch ones are kept.
 */
void asm_meter(wx_asm *as, uint32_t cost);
/* Instructions from that code offset on; 0 where a board of this ISA does not count them. */
uint32_t asm_count(const wx_asm *as, uint32_t from);
/*
 * Tail calls: jump to an epilogue emitted by asm_finish (adds WX_SITE_TAIL / WX_SITE_TAIL_REG, the target being in
 * ISA_TAIL).
 */
void asm_tail(wx_asm *as, uint32_t target);
void asm_tail_register(wx_asm *as);

/* ---- function frame ---- */

typedef struct {
	uint32_t frame; /* bytes of locals and spill slots, a multiple of 4 */
	uint32_t saved; /* mask of callee-saved registers (general and FP), and of ISA_LINK, that the function changes */
	bool far_entry; /* put the far entry (load the memory registers, fall through) before the near entry */
	bool save_context; /* the function changes ISA_CTX (calls into other instances): it keeps its own in the frame */
	bool has_memory;
	uint32_t context_slot; /* where: sp-relative offset within `frame` */
	uint32_t callees; /* bytes of stack that a callee takes at most before it checks for room; WX_STACK_UNKNOWN */
	/* bytes of stack that this function may take, with its callees, without a check: up to WX_STACK_UNCHECKED */
	uint32_t unchecked;
} wx_frame;

/*
 * The stack check at a function's near entry. What functions without one take below a caller that has one is bounded:
 * WX_STACK_UNCHECKED. A function with one traps if sp is below the limit, or, when its frame has more than
 * WX_STACK_PLAIN bytes, less than the frame above it. So no function's sp is more than the sum of the two below the
 * limit, which WX_STACK_MARGIN (native/abi/context.h) has room for.
 */
#define WX_STACK_UNCHECKED 1024u
#define WX_STACK_PLAIN 512u
#define WX_STACK_UNKNOWN UINT32_MAX

/* Does a function whose frame has so many bytes check for room? */
static inline bool wx_checks_stack(const wx_frame *frame, uint32_t bytes)
{
	return frame->callees > frame->unchecked || bytes > frame->unchecked - frame->callees;
}

/* Bytes reserved at the start of the code buffer for the entries, written by asm_finish. */
#define WX_ASM_HEAD 96
/*
 * End a function: emits the epilogue at the end of the code (resolving `returns`, the chain of jumps to it), the
 * out-of-line trap stubs and tail epilogues, writes the entries into the head, and resolves calls. `image` is the image
 * offset that code[*start] will have, a multiple of ISA_CODE_ALIGN: so the caller passes where the code goes and gets
 * *start (offset in the buffer of the far entry, or of the near one) and *near_entry (offset from *start).
 * *frame_bytes: distance from sp inside the function to its caller's sp. *return_slot: the sp-relative offset of the
 * return address, or -1 when it stays in the link register. A trap stub ends in a call of the image's trap vector,
 * whose return address tells the site: after asm_finish, each TRAP site's `at` is that return address, each CALL's the
 * return address of the call, all relative to code[*start].
 */
void asm_finish(wx_asm *as, const wx_frame *frame, uint32_t image, uint32_t returns, uint32_t *start,
	uint32_t *near_entry, uint32_t *frame_bytes, int32_t *return_slot);
/*
 * The image's vectors, emitted once at its start: for each trap kind 0 .. WX_TRAP_COUNT-1 a vector of ISA_VECTOR_SIZE
 * bytes at image offset WX_IMAGE_VECTORS + kind * ISA_VECTOR_SIZE: puts the kind into ISA_STATUS and jumps to
 * ctx->trap_exit; vector 0 (WX_TRAP_NONE) leaves ISA_STATUS as it is. The return address of the site is in the link
 * register (thumb2; a leaf function's stub first moves its own return address to ISA_LEAF_LINK) or on the stack (x64).
 * Code of the ISA's own that calls share may follow, up to WX_VECTORS_ROOM bytes in all.
 */
#define WX_VECTORS_ROOM 512
void asm_vectors(wx_asm *as);
/*
 * A jump-table slot (calls of functions not yet placed go through it): a jump from image offset `from` to `target`,
 * exactly ISA_JUMP_SIZE bytes.
 */
void asm_jump_slot(uint8_t *slot, uint32_t from, uint32_t target);

#endif
