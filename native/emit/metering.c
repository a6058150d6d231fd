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

enum { QUARTERS = 4, PROLOGUE = 4 * QUARTERS, EPILOGUE = QUARTERS, CHECK = 6 };

/* A stretch has ended. */
#define NOWHERE UINT32_MAX

/* In quarters; the row has that of an access without its check. */
static uint32_t plan_cost(const wx_record *r)
{
	bool checked = wx_op_info[r->op].flags & WX_OPF_ACCESS && !(r->a & 0xFF);
	return wx_op_costs[r->op].quarters + (checked ? CHECK : 0u);
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
		g->metering.other += (uint32_t)wx_op_costs[r->op].helper * QUARTERS;
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
