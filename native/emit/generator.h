/*
 * The code generator, shared by all instruction sets: turns the instruction records of one function at a time into
 * machine code.
 *
 * Operands are held lazily: a constant, a local, a register, a spill slot, a local or register shifted or with a
 * constant added (instructions fold that), or a comparison about to be used by the next instruction. The most used
 * locals live in registers, chosen for each loop anew (loop-registers.c): where nothing is called any will do, else
 * callee-saved ones. An instruction whose result goes straight into such a local writes there.
 *
 * At the label of a block all paths must agree on where things are: what lies below a block that is branched to is
 * settled (constant or in its slot) when the block is entered, the block's single result comes in the first result
 * register, several results (and parameters of loops) in their slots.
 *
 * Frame, from sp upwards: own context (when control can leave the instance), home slots of locals, those that begin in
 * a register last, one slot for each operand position; as much of it as is used.
 */
#ifndef WX_GENERATOR_H
#define WX_GENERATOR_H

#include "../base/alloc.h"
#include "../abi/record.h"
#include "../abi/value-types.h"
#include "fixed-tables.h"
#include "summary.h"
#include "../isa/assembler.h"
#include "inline.h"
#include "../abi/layout.h"

typedef struct {
	const uint8_t *values; /* value types of the binary format: parameters, then results */
	uint32_t params;
	uint32_t results;
} wx_signature;

/* Flags of FUNCTION. */
enum { WX_FLAG_CALLS = 1, WX_FLAG_LEAVES = 2, WX_FLAG_I64 = 4, WX_FLAG_LOOPS = 8, WX_FLAG_RESULT = 16 };

typedef struct {
	uint8_t type; /* value type */
	bool is_mutable;
	bool is_imported;
} wx_global_info;

/* What code-map.c records. */
#define WX_MAP_ALL UINT32_MAX
typedef struct {
	struct wx_alloc *memory;
	uint32_t wanted; /* only this function; WX_MAP_ALL */
	bool on; /* for the function at hand */
	bool failed; /* out of memory */
	uint32_t *words;
	uint32_t count;
	uint32_t capacity;
	uint32_t locals; /* index of the last list of locals, 0 none */
} wx_map;

/* What a function's code depends on of its module. Complete when the first function comes. */
typedef struct {
	wx_signature *types;
	uint32_t type_count;
	wx_global_info *globals;
	uint32_t global_count;
	uint8_t *tables; /* value types */
	uint32_t table_count;
	wx_fixed_tables fixed_tables;
	uint32_t function_count; /* imports included */
	uint32_t imported_functions;
	uint32_t element_count;
	uint32_t data_count;
	bool has_memory;
	uint32_t direct_write, direct_read; /* imports that are emitted in line: function index + 1, 0 none */
	uint64_t memory_minimum; /* bytes surely backed */
	uint8_t page_shift;
	bool audit;
	bool metered; /* metering.c */
	wx_layout layout;
	wx_map *map; /* NULL: not wanted */
	wx_knowledge *learn; /* what another compilation can use; NULL: none will */
	/* of functions that have not come, from another compilation; NULL: none are known */
	const wx_leaves *known_leaves;
	void *owner;
	/* Type index of a function. */
	uint32_t (*function_type)(void *owner, uint32_t function);
	/*
	 * Image offset to call it at: those beyond the current one through their jump slot. And the bytes of stack that it
	 * takes before it checks for room; WX_STACK_UNKNOWN.
	 */
	uint32_t (*call_target)(void *owner, uint32_t function, uint32_t *unchecked);
} wx_module_info;

enum wx_value_kind {
	WX_V_CONST,
	WX_V_LOCAL,
	WX_V_REG,
	WX_V_SLOT,
	WX_V_COMPARE,
	WX_V_SCALED,
	WX_V_PRODUCT,
	WX_V_LOADED
};

typedef struct {
	uint8_t kind;
	uint8_t type; /* wx_type */
	uint8_t reference; /* value type byte of a reference, else 0 */
	bool nan; /* a float that may be a NaN in other than canonical form */
	wx_reg reg; /* its own register, or WX_NO_REG */
	uint8_t shift; /* WX_V_SCALED: i32.shl, shr_s, shr_u or rotr by `amount`; or 0 */
	uint8_t amount;
	uint32_t slot : 31; /* frame offset of this position */
	uint32_t exact : 1; /* WX_V_SCALED: what comes of it is known not to wrap */
	/*
	 * constant, or local index; WX_V_SCALED: upper half what is added, only where the shift is none or shl by up to 3;
	 * lower half the local, where `reg` is none
	 */
	uint64_t bits;
} wx_value;

/* The local that a lazily held operand reads, or -1. */
static inline int64_t wx_read_local(const wx_value *v)
{
	bool scaled = v->kind == WX_V_SCALED && v->reg.r == WX_NO_REG;
	return v->kind == WX_V_LOCAL || scaled ? (int64_t)(uint32_t)v->bits : -1;
}

/* A value in a register, out of the operand stack; `owned` registers are given back with wx_release. */
typedef struct {
	wx_reg reg;
	bool owned;
	bool nan;
	uint8_t type;
} wx_held;

/* A condition about to be branched on or selected by. */
typedef struct {
	wx_cond cond;
	wx_type type;
	wx_held a;
	wx_held b;
	wx_operand operand; /* b as an operand */
} wx_condition;

/* Registers set aside for moving operands to a label. */
typedef struct {
	wx_held temporary;
	wx_held area;
} wx_movers;

typedef struct {
	uint8_t type;
	uint8_t reference;
	uint16_t refs; /* lazy uses on the operand stack */
	bool zero; /* may be read before it is assigned */
	bool arithmetic; /* a NaN in it may be in other than canonical form, and may be made canonical */
	bool constant; /* no local of the module's: an i32 that some loop uses, which is in a register there, or nowhere */
	uint32_t bits; /* of the constant */
	wx_reg reg; /* r == WX_NO_REG: in its slot */
	uint32_t slot;
} wx_local;

/* Which locals are in which registers: of the function, and of each loop around the current place. */
typedef struct {
	uint32_t owner[WX_REGISTERS]; /* local + 1, 0: none */
	uint32_t owned; /* registers that have an owner */
	uint32_t high; /* registers that hold the high word of a pair */
	uint32_t clean; /* registers whose local is not assigned in the loop, and is in its home slot, too */
} wx_locals_region;

enum wx_control_kind { WX_C_FUNCTION, WX_C_BLOCK, WX_C_LOOP, WX_C_IF, WX_C_ELSE };

typedef struct {
	uint8_t kind;
	bool merged; /* settled on entry: its label may be branched to */
	const uint8_t *values; /* value types: parameters, then results */
	uint32_t params;
	uint32_t results;
	uint32_t height; /* operands below the parameters */
	uint32_t chain; /* forward branches to the label */
	uint32_t else_chain;
	uint32_t target; /* code offset of a loop's label */
	uint32_t fixups; /* jump tables with entries that wait for the label: index + 1 */
	uint32_t region; /* at the label */
	uint32_t fresh; /* registers.fresh of the block around */
	uint32_t stub; /* br_table: where this label's operands are moved, valid for one br_table */
	uint32_t stub_of;
} wx_control;

/*
 * Entries of one jump table that wait for one label: a list through the entries themselves, each of which holds the
 * next one's number + 1.
 */
typedef struct {
	uint32_t table;
	uint32_t entry; /* the first */
	uint32_t next; /* fixup of the same label: index + 1 */
} wx_fixup;

/* Operands further down than this are always settled, so that nothing ever looks at more of them. */
#define WX_WINDOW 24u
#define WX_MOST_USED 16

typedef struct wx_generator {
	wx_asm as;
	struct wx_alloc *memory;
	const wx_module_info *module;
	const char *error; /* first structural error, NULL none */
	bool no_memory;

	/* the function at hand */
	struct {
		uint32_t index;
		wx_signature signature;
		uint8_t flags; /* of FUNCTION */
		uint32_t offset; /* byte offset in the module of its first instruction */
	} function;

	/* its records */
	struct {
		wx_record pending; /* held back, so that each sees its successor */
		bool has_pending;
		bool begun; /* the first instruction has come: locals have their places */
		bool watched; /* the function is metered, or its map is wanted */
		bool plain; /* an instruction is expected: no labels of br_table, no uses of a loop */
		uint32_t offset; /* byte offset in the module of the next instruction record */
	} records;

	/* the operand stack */
	struct {
		wx_value *stack;
		uint32_t height;
		uint32_t settled; /* operands below are constants or in slots */
		uint32_t floor; /* operands below the innermost block's */
		uint32_t capacity;
		uint32_t slots; /* frame offset of operand position 0 */
	} operands;

	/* blocks around the current place, innermost last */
	struct {
		wx_control *stack;
		uint32_t depth;
		uint32_t capacity;
		wx_fixup *fixups;
		uint32_t fixup_count;
		uint32_t fixup_capacity;
		uint32_t returns; /* chain of jumps to the epilogue */
		bool dead; /* no path reaches the next instruction */
	} control;

	/* the br_table whose labels come */
	struct {
		uint32_t count; /* labels still to come, 0: none */
		uint32_t entries;
		uint32_t table;
		uint32_t default_chain;
		bool compares;
		wx_held index;
		wx_movers movers;
		uint32_t serial;
	} switching;

	struct {
		wx_local *list;
		uint32_t count;
		uint32_t capacity;
		uint32_t canonical[4]; /* those whose NaN was made canonical since the last label; local + 1 */
	} locals;

	struct {
		uint32_t allocatable; /* for locals and operands */
		uint32_t resident; /* those that are the homes of locals */
		uint32_t constants; /* of these, those of constants */
		/*
		 * of those in as.copied; local + 1: this free register still holds what the local's slot does;
		 * WX_POINTER_TO(local) + 1, WX_POINTER_TO_PAGE(address) + 1; 0: nothing known
		 */
		uint32_t copies[WX_REGISTERS];
		/* those of which that was noted since the innermost open block began, in blocks within it, too */
		uint32_t fresh;
	} registers;

	struct {
		uint32_t size; /* bytes in use */
		uint32_t callees; /* bytes of stack that a callee takes before it checks for room, at most; WX_STACK_UNKNOWN */
		uint32_t context_slot;
		bool left; /* control may have left the instance: the function keeps its context in the frame */
	} frame;

	/* which locals have registers: of the function, of loops around the current place, and of one that begins */
	struct {
		uint32_t most_used[WX_MOST_USED]; /* of the function, then of the loop at hand */
		uint32_t weights[WX_MOST_USED];
		uint32_t assigned; /* bit set of them */
		uint32_t most_used_count;
		uint32_t uses_left; /* LOCAL_USE records of the loop to come */
		bool calls; /* that loop contains a call */
		bool i64; /* it handles i64 values */
		wx_locals_region *regions; /* innermost last */
		uint32_t region; /* the current one's index */
		uint32_t region_capacity;
	} loop;

	/* what an instruction leaves for the one that comes next, or takes from it */
	struct {
		const wx_record *next; /* successor of the record in work, NULL at the end */
		bool took_next;
		uint32_t sink; /* local + 1 that the current result is written to */
		wx_condition compare; /* of the WX_V_COMPARE on top of the stack */
		wx_operand loaded; /* place of the WX_V_LOADED on top of the stack, for the instruction that comes next */
		wx_held loaded_index;
		/*
		 * factors of the one WX_V_PRODUCT, for a sum that comes next or after one local.get: nothing that evicts or
		 * settles sees it
		 */
		wx_held product[2];
	} fusion;

	struct {
		bool seeing; /* the function at hand may become a body in the pool */
		uint32_t seen_count;
		wx_record seen[WX_LEAF_RECORDS]; /* its instructions so far */
		wx_leaves leaves; /* of functions before it */
		wx_inlined *inlined; /* of the function at hand */
		uint32_t inlined_count;
		uint32_t inlined_capacity;
	} inlining;

	/* of the present stretch */
	struct {
		uint32_t cost; /* of its records, in quarters */
		uint32_t other; /* of what is no instruction of its code */
		uint32_t from; /* where its code begins */
	} metering;

	/* of all functions */
	struct {
		uint32_t checks_total;
		uint32_t checks_proved;
	} figures;
	uint32_t changed_tables; /* bits of the first 32 that an instruction may change */
} wx_generator;

/* The innermost block around the current place. */
static inline wx_control *wx_innermost(const wx_generator *g)
{
	return &g->control.stack[g->control.depth - 1];
}

void wx_generator_init(wx_generator *g, struct wx_alloc *memory, const wx_module_info *module);
void wx_generator_free(wx_generator *g);
/* Begin a function at its FUNCTION record; feed all records up to its closing end. False: it has failed. */
bool wx_generator_begin(wx_generator *g, const wx_record *function);
/* How many of these records it took: all, unless the closing end is among them or it has failed. */
uint32_t wx_generator_records(wx_generator *g, const wx_record *records, uint32_t count);
static inline bool wx_generator_failed(const wx_generator *g)
{
	return g->error || g->no_memory || g->as.failed;
}
/* The closing end has come. */
bool wx_generator_done(const wx_generator *g);

/*
 * ---- between the generator's files ----
 *
 * The files stand in an order, in which they are declared here. Each calls only those before it:
 *
 *     registers < operands < loop-registers, inline-pins < control < helper-call < numeric < inline-pool <
 *     code-map, metering < inline < calls < prologue, bulk < dispatch < generator
 *
 * Two calls go against it:
 *   - registers -> operands (wx_settle). Where no register is free, taking one moves an operand to its slot: allocation
 *     in one pass cannot do that beforehand.
 *   - inline -> dispatch (wx_instruction). A body in the place of a call is emitted from its records as if they stood
 *     there. The recursion ends at once, since no body has calls.
 */

/* The plan is wrong: the first error stays. */
static inline void wx_fail(wx_generator *g, const char *what)
{
	if (!g->error)
		g->error = what;
}

/* The condition; where it does not hold the generator fails. */
static inline bool wx_require(wx_generator *g, bool condition, const char *what)
{
	if (!condition)
		wx_fail(g, what);
	return condition;
}

/* ---- registers.c ---- */

/* Registers whose change costs no instruction of the function's own. */
uint32_t wx_free_of_cost(const wx_generator *g);
uint8_t wx_take_general(wx_generator *g);
wx_reg wx_take(wx_generator *g, wx_type t);
/*
 * A general register that holds nothing, not even a copy, and whose change costs nothing, if there are two such; false:
 * there are not.
 */
bool wx_take_blank(wx_generator *g, uint8_t *r);
/* A general register outside a mask, if there is one. */
uint8_t wx_take_beyond(wx_generator *g, uint32_t avoid);
void wx_claim(wx_generator *g, wx_reg reg);
void wx_release_reg(wx_generator *g, wx_reg reg);
void wx_release(wx_generator *g, wx_held *held);
/*
 * Copies of locals in free registers: none is known any more, and nothing of the flags (a label is here); one is made;
 * one is found, or WX_NO_REG.
 */
void wx_forget_copies(wx_generator *g);
/*
 * At a label that only code since the innermost block began comes to: what has been known since before that, and is
 * now, is known there.
 */
void wx_forget_fresh_copies(wx_generator *g);
void wx_forget_copies_of(wx_generator *g, uint32_t local);
void wx_note_copy(wx_generator *g, uint32_t local, wx_reg reg);
uint8_t wx_find_copy(const wx_generator *g, uint32_t local);
/* The register that an i32 constant is in, or WX_NO_REG. */
uint8_t wx_find_constant(const wx_generator *g, uint32_t value);
/* Likewise: a NaN in the local is in canonical form by now. */
void wx_note_canonical(wx_generator *g, uint32_t local);
bool wx_is_canonical(const wx_generator *g, uint32_t local);
/* In the place of a local: the memory's base added to it. */
#define WX_POINTER_TO(local) ((local) + 0x40000000u)
/* Likewise, added to an address that is a multiple of 256, below 2^31. */
#define WX_POINTER_TO_PAGE(address) (((address) >> 8) + 0x80000000u)
void wx_parallel_move(wx_generator *g, uint8_t *to, uint8_t *from, const wx_type *types, uint32_t count);

/* ---- operands.c ---- */

static inline uint32_t wx_slot_size(wx_type t)
{
	return ISA_WORD == 8 || t == WX_I64 || t == WX_F64 ? 8 : 4;
}
/* The frame is in use up to there. */
void wx_note_frame(wx_generator *g, uint32_t end);
/* Of machine words: WX_WORD_TYPE. */
#define WX_WORD_ADD (ISA_WORD == 8 ? WX_OP_I64_ADD : WX_OP_I32_ADD)
static inline wx_type wx_type_of(uint8_t value_type)
{
	return value_type >= WX_F64_TYPE && value_type <= WX_I32_TYPE ? (wx_type)(WX_I32 + (WX_I32_TYPE - value_type))
																  : WX_REF;
}
uint8_t wx_reference_of(uint8_t value_type);
/* Locals of that type, without registers; false: out of memory. */
bool wx_add_local(wx_generator *g, uint8_t value_type, uint32_t count);
wx_value *wx_push(wx_generator *g, uint8_t kind, wx_type t, uint8_t reference);
void wx_push_const(wx_generator *g, wx_type t, uint8_t reference, uint64_t bits);
void wx_push_reg(wx_generator *g, wx_type t, uint8_t reference, wx_reg reg, bool nan);
void wx_push_local(wx_generator *g, uint32_t local);
/* A popped i32 operand shifted, or with a constant added to it, where that can wait; false: it can't. */
bool wx_push_shifted(wx_generator *g, const wx_value *v, uint8_t shift, uint32_t amount, bool exact);
bool wx_push_sum(wx_generator *g, const wx_value *v, uint32_t addend, bool exact);
/* The source of a popped WX_V_SCALED in a register, without shift and sum. */
wx_held wx_hold_source(wx_generator *g, const wx_value *v);
/* A WX_V_SCALED whose shift an address can have, and which may have something added. */
static inline bool wx_is_scale(const wx_value *v)
{
	return v->kind == WX_V_SCALED && (!v->shift || (v->shift == WX_OP_I32_SHL && v->amount <= 3));
}
static inline uint32_t wx_addend(const wx_value *v)
{
	return (uint32_t)(v->bits >> 32);
}
wx_value wx_pop(wx_generator *g, wx_type t);
wx_value wx_pop_value(wx_generator *g, uint8_t value_type);
wx_value wx_pop_any(wx_generator *g);
wx_held wx_hold(wx_generator *g, const wx_value *v);
wx_operand wx_hold_operand(wx_generator *g, const wx_value *v, wx_held *held);
/* Is a popped operand in memory, so that an instruction may take it from there? */
bool wx_is_in_memory(const wx_generator *g, const wx_value *v);
wx_operand wx_hold_in_memory(wx_generator *g, const wx_value *v, wx_held *held);
/*
 * An i32 operand that is an immediate comes from a register that holds it instead, where `op` (comparisons: i32.eq)
 * cannot have it as it is.
 */
void wx_prefer_register(const wx_generator *g, uint8_t op, wx_type t, wx_operand *operand, wx_held *held);
void wx_canonical(wx_generator *g, wx_held *held);
void wx_load_value(wx_generator *g, const wx_value *v, wx_reg d);
void wx_move_value(wx_generator *g, wx_type t, wx_reg d, wx_reg s);
/* A shifted operand or sum, which stays on the stack, becomes a register. */
void wx_compute(wx_generator *g, wx_value *v);
void wx_settle(wx_generator *g, wx_value *v, bool constants);
void wx_settle_all(wx_generator *g, uint32_t from, uint32_t to, bool constants);
void wx_spill_caller_saved(wx_generator *g);
void wx_detach_local(wx_generator *g, uint32_t local);
wx_reg wx_destination(wx_generator *g, wx_type t, wx_held *a, wx_held *b);
void wx_push_result(wx_generator *g, wx_type t, uint8_t reference, wx_reg d, bool nan);
void wx_push_compare(wx_generator *g, wx_cond c, wx_type t, const wx_value *a, const wx_value *b);
/* Registers that holding the operand will take; `owned`: it will be in one that its user may change. */
uint32_t wx_demand(const wx_generator *g, const wx_value *v, bool *owned);
wx_condition wx_pop_condition(wx_generator *g, uint32_t needed, uint32_t kept);
void wx_release_condition(wx_generator *g, wx_condition *c);
void wx_assign_local(wx_generator *g, uint32_t local, bool keep);

/* ---- loop-registers.c ---- */

/* Registers of that type's class that temporaries need at least; i64: such values are handled. */
uint32_t wx_temporaries(wx_type t, bool i64);
/* Has that class so many registers besides those that temporaries need? */
bool wx_has_registers(const wx_generator *g, wx_type t, bool i64, uint32_t wanted);
void wx_region_begin(wx_generator *g);
/* A local has that register, or pair, no more; gives the registers as a mask. */
uint32_t wx_region_drop(wx_locals_region *region, wx_reg reg);
void wx_region_enter(wx_generator *g, bool calls, bool i64);
void wx_region_leave(wx_generator *g, uint32_t outer, bool live);
bool wx_region_differs(const wx_generator *g, uint32_t to);
void wx_region_move(wx_generator *g, uint32_t to);
/* Around a helper: locals in registers that it changes. */
void wx_region_save(wx_generator *g);
void wx_region_restore(wx_generator *g);

/* ---- inline-pins.c ---- */

/* False: that import is called as others are. */
bool wx_emit_direct(wx_generator *g, const wx_signature *s, uint32_t function);

/* ---- control.c ---- */

void wx_enter_block(wx_generator *g, const wx_record *r);
void wx_begin_loop(wx_generator *g);
void wx_else(wx_generator *g);
void wx_end(wx_generator *g);
void wx_branch(wx_generator *g, uint32_t depth);
void wx_branch_if(wx_generator *g, uint32_t depth);
void wx_switch(wx_generator *g, uint32_t count);
void wx_switch_label(wx_generator *g, uint32_t depth);
void wx_return(wx_generator *g);

/* ---- helper-call.c ---- */

/* A register with the address of the argument area. */
uint8_t wx_area_base(wx_generator *g);
/* Stores a popped or still stacked value to the area at `base`; its register is released. */
void wx_store_to_area(wx_generator *g, const wx_value *v, uint8_t base, uint32_t slot);
/* operands, result: value types; result 0: none */
void wx_helper(wx_generator *g, uint8_t op, const uint8_t *operands, uint32_t count, const uint32_t *immediates,
	uint32_t immediate_count, bool may_trap, uint8_t result);

/* ---- numeric.c ---- */

void wx_numeric(wx_generator *g, const wx_record *r);
/* MEMORY_ROOM of the plan. */
void wx_memory_room(wx_generator *g);
/* local.get comes: a product below that it makes no sum with is computed. */
void wx_settle_product(wx_generator *g);
void wx_select(wx_generator *g, uint8_t value_type);
void wx_memory_access(wx_generator *g, const wx_record *r);
void wx_memory_size(wx_generator *g);

/* ---- inline-pool.c ---- */

/* A function begins; records of it have come, if it is being seen; its last one has. */
void wx_leaf_begin(wx_generator *g);
void wx_leaf_records(wx_generator *g, const wx_record *records, uint32_t count);
void wx_leaf_end(wx_generator *g);
/* The body that will be emitted in the place of a call; NULL: none. */
const uint8_t *wx_find_leaf(const wx_generator *g, const wx_record *call);

/* ---- metering.c (code-map.c: see code-map.h) ---- */

/* Where the body begins; before and after each instruction. */
void wx_meter_begin(wx_generator *g);
void wx_meter_before(wx_generator *g, const wx_record *r);
void wx_meter_after(wx_generator *g);

/* ---- inline.c ---- */

/* False: the function is called. */
bool wx_emit_inline(wx_generator *g, const wx_record *call, const wx_signature *s);

/* ---- calls.c ---- */

void wx_emit_call(wx_generator *g, const wx_record *r);
void wx_emit_call_indirect(wx_generator *g, const wx_record *r);

/* ---- prologue.c ---- */

/* What a local that is always assigned before it is read begins as in the audit build: a wrong belief shows. */
#define WX_POISON 0xA5A5A5A5A5A5A5A5u
/* The first instruction comes: all locals are known, and get their places. */
void wx_begin_body(wx_generator *g);

/* ---- bulk.c ---- */

/* Bulk memory, tables, references: through helpers. */
void wx_bulk_instruction(wx_generator *g, const wx_record *r);

/* ---- dispatch.c ---- */

void wx_instruction(wx_generator *g, const wx_record *r);

#endif
