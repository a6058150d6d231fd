/* Values of constant expressions, by their records in the image. */

#include "internal.h"

#define SMALL_STACK 8

static bool evaluate(struct wx_instance *instance, uint32_t *offset, uint32_t records, uint64_t *stack, uint64_t *value)
{
	struct wx_module *module = instance->module;
	uint32_t used = 0, end = *offset + 8 * records, at;
	for (at = *offset; at < end; at += 8) {
		wx_record r = wx_record_at(module, at);
		uint64_t v = 0;
		switch (r.op) {
		case WX_OP_I32_CONST:
		case WX_OP_F32_CONST: v = r.b; break;
		case WX_OP_I64_CONST:
		case WX_OP_F64_CONST:
			at += 8;
			v = r.b | (uint64_t)wx_record_at(module, at).b << 32;
			break;
		case WX_OP_REF_NULL: break;
		case WX_OP_REF_FUNC:
			v = (uintptr_t)wx_instance_function(instance, r.b);
			if (!v)
				return false;
			break;
		case WX_OP_GLOBAL_GET:
			v = *wx_instance_cell(instance, r.b);
			if (r.b < instance->imported_global_count && instance->imported_globals[r.b]->mutable_)
				v = wx_global_get(instance->imported_globals[r.b]);
			break;
		default: {
			uint64_t a, b;
			if (used < 2)
				return false;
			b = stack[--used];
			a = stack[--used];
			switch (r.op) {
			case WX_OP_I32_ADD:
			case WX_OP_I64_ADD: v = a + b; break;
			case WX_OP_I32_SUB:
			case WX_OP_I64_SUB: v = a - b; break;
			default: v = a * b;
			}
			if (r.op <= WX_OP_I32_MUL)
				v = (uint32_t)v;
		}
		}
		stack[used++] = v;
	}
	*offset = end;
	if (used != 1)
		return false;
	*value = stack[0];
	return true;
}

bool wx_instance_constant(struct wx_instance *instance, uint32_t *offset, uint32_t records, uint64_t *value)
{
	uint64_t small[SMALL_STACK], *stack = small;
	bool ok;
	if (records > SMALL_STACK) {
		stack = wx_alloc(instance->runtime->alloc, records * sizeof(*stack));
		if (!stack)
			return false;
	}
	ok = evaluate(instance, offset, records, stack, value);
	if (stack != small)
		wx_free(instance->runtime->alloc, stack);
	return ok;
}
