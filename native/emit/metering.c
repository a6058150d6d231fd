/*
 * Metered code: each stretch of instructions that is always run as a whole says at its end what it cost, for boards
 * whose time is virtual (native/abi/meter.h).
 *
 * The unit is an instruction of the board's. Where the ISA is the one that the board counts in, the instructions of a
 * stretch are counted as they are emitted; elsewhere the plan's records have costs, in quarters, which are those of
 * Thumb-2 code on the average.
 */
#include "generator.h"
#include "../abi/meter.h"

enum { QUARTERS = 4, PROLOGUE = 4 * QUARTERS, EPILOGUE = QUARTERS };

/* A stretch has ended. */
#define NOWHERE UINT32_MAX

/*
 * Work of a helper of the run time or of the machine that is no instruction of the stretch; what depends on a number of
 * bytes is added by the helper itself.
 */
static uint32_t helper_cost(uint8_t op)
{
	switch (op) {
	case WX_OP_I64_DIV_S:
	case WX_OP_I64_DIV_U:
	case WX_OP_I64_REM_S:
	case WX_OP_I64_REM_U: return 200;
	case WX_OP_MEMORY_GROW:
	case WX_OP_MEMORY_COPY:
	case WX_OP_MEMORY_FILL:
	case WX_OP_MEMORY_INIT:
	case WX_OP_TABLE_GROW:
	case WX_OP_TABLE_COPY:
	case WX_OP_TABLE_FILL:
	case WX_OP_TABLE_INIT:
	case WX_OP_TABLE_GET:
	case WX_OP_TABLE_SET:
	case WX_OP_REF_FUNC: return 30;
	case WX_OP_I64_TRUNC_F32_S:
	case WX_OP_I64_TRUNC_F32_U:
	case WX_OP_I64_TRUNC_F64_S:
	case WX_OP_I64_TRUNC_F64_U:
	case WX_OP_F32_CONVERT_I64_S:
	case WX_OP_F32_CONVERT_I64_U:
	case WX_OP_F64_CONVERT_I64_S:
	case WX_OP_F64_CONVERT_I64_U: return 15;
	default: return 0;
	}
}

/*
 * Of arithmetic and comparisons, in quarters: i64 is two words, shifts and products of those are several instructions.
 */
static uint32_t numeric_cost(uint8_t op)
{
	if (op >= WX_OP_I64_SHL && op <= WX_OP_I64_ROTR)
		return 24;
	if (op == WX_OP_I64_MUL)
		return 20;
	if ((op >= WX_OP_I64_EQZ && op <= WX_OP_I64_GE_U) || (op >= WX_OP_I64_CLZ && op <= WX_OP_I64_XOR))
		return 10;
	if ((op >= WX_OP_F32_EQ && op <= WX_OP_F64_GE) || (op >= WX_OP_F32_ABS && op <= WX_OP_F64_COPYSIGN))
		return 6;
	return 4;
}

/* In quarters. */
static uint32_t plan_cost(const wx_record *r)
{
	const wx_op_row *row = &wx_op_info[r->op];
	switch (r->op) {
	case WX_OP_BLOCK:
	case WX_OP_LOOP:
	case WX_OP_NOP:
	case WX_OP_LOCAL_GET:
	case WX_OP_DROP:
	case WX_OP_END:
	case WX_OP_RETURN: return 0;
	case WX_OP_I32_CONST:
	case WX_OP_LOCAL_TEE:
	case WX_OP_REF_NULL: return 1;
	case WX_OP_LOCAL_SET:
	case WX_OP_I32_EQZ:
	case WX_OP_I64_CONST:
	case WX_OP_F32_CONST:
	case WX_OP_F64_CONST: return 2;
	case WX_OP_BR_IF:
	case WX_OP_IF: return 6;
	case WX_OP_BR:
	case WX_OP_ELSE: return 4;
	case WX_OP_BR_TABLE:
	case WX_OP_SELECT:
	case WX_OP_SELECT_T: return 12;
	case WX_OP_CALL:
	case WX_OP_RETURN_CALL: return 10;
	case WX_OP_CALL_INDIRECT:
	case WX_OP_RETURN_CALL_INDIRECT: return 44;
	case WX_OP_GLOBAL_GET:
	case WX_OP_GLOBAL_SET: return 5;
	default: break;
	}
	/* An access and, where it stays, its check. */
	if (row->flags & WX_OPF_ACCESS)
		return r->a & 0xFF ? 5 : 11;
	return numeric_cost(r->op);
}

/* Does control go elsewhere, or come from elsewhere, with this instruction? */
static bool ends_stretch(const wx_generator *g, const wx_record *r)
{
	switch (r->op) {
	case WX_OP_CALL: return !wx_find_leaf(g, r);
	case WX_OP_LOOP:
	case WX_OP_IF:
	case WX_OP_ELSE:
	case WX_OP_BR:
	case WX_OP_BR_IF:
	case WX_OP_BR_TABLE:
	case WX_OP_RETURN:
	case WX_OP_RETURN_CALL:
	case WX_OP_CALL_INDIRECT:
	case WX_OP_RETURN_CALL_INDIRECT:
	case WX_OP_UNREACHABLE: return true;
	case WX_OP_END: {
		const wx_control *c = wx_innermost(g);
		return c->kind != WX_C_LOOP && (c->merged || c->kind == WX_C_FUNCTION);
	}
	default: return false;
	}
}

void wx_meter_begin(wx_generator *g)
{
	g->metering.cost = 0;
	g->metering.from = g->as.size;
	g->metering.other = PROLOGUE + g->function.signature.params * 2;
}

void wx_meter_before(wx_generator *g, const wx_record *r)
{
	if (!ends_stretch(g, r)) {
		/* What takes a call's place has costs of its own. */
		g->metering.cost += r->op == WX_OP_CALL ? 0 : plan_cost(r);
		g->metering.other += helper_cost(r->op) * QUARTERS;
		return;
	}
	if (!g->control.dead) {
		uint32_t counted = asm_count(&g->as, g->metering.from), total;
		total = (counted ? counted * QUARTERS : g->metering.cost) + g->metering.other + plan_cost(r);
		if (r->op == WX_OP_END && g->control.depth == 1)
			total += EPILOGUE;
		total = (total + QUARTERS / 2) / QUARTERS;
		for (; total > UINT16_MAX; total -= UINT16_MAX)
			asm_meter(&g->as, UINT16_MAX);
		if (total)
			asm_meter(&g->as, total);
	}
	g->metering.cost = g->metering.other = 0;
	g->metering.from = NOWHERE;
}

void wx_meter_after(wx_generator *g)
{
	if (g->metering.from == NOWHERE)
		g->metering.from = g->as.size;
}
