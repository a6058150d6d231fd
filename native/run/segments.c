/* Element and data segments, at the start of an instance and later; the start function. */

#include "internal.h"

#include <string.h>

static uint32_t segment_bit(const struct wx_instance *instance, int kind, uint32_t index)
{
	return kind ? instance->module->header.elements + index : index;
}

bool wx_instance_dropped(const struct wx_instance *instance, int kind, uint32_t index)
{
	uint32_t bit = segment_bit(instance, kind, index);
	return instance->dropped[bit / 8] >> bit % 8 & 1;
}

void wx_instance_drop(struct wx_instance *instance, int kind, uint32_t index)
{
	uint32_t bit = segment_bit(instance, kind, index);
	instance->dropped[bit / 8] |= (uint8_t)(1u << bit % 8);
}

/* `at` is the segment's record. */
static int fill_table(struct wx_instance *instance, uint32_t at, bool dropped, struct wx_table *table, uint32_t to,
	uint32_t from, uint32_t count)
{
	struct wx_module *module = instance->module;
	wx_record r = wx_record_at(module, at);
	uint32_t items = dropped ? 0 : r.b, item;
	if (from > items || count > items - from || to > table->size || count > table->size - to)
		return WX_TRAP_TABLE;
	item = at + 16 + 8 * wx_record_at(module, at + 8).a + 8 * from;
	while (count--) {
		uint64_t value;
		if (!wx_instance_constant(instance, &item, 1, &value))
			return WX_TRAP_STACK; /* out of memory for a function reference */
		table->elements[to++] = (uintptr_t)value;
	}
	return WX_TRAP_NONE;
}

static int fill_memory(
	struct wx_instance *instance, uint32_t at, bool dropped, uint32_t to, uint32_t from, uint32_t count)
{
	struct wx_module *module = instance->module;
	struct wx_linear *memory = instance->memory ? instance->memory : &instance->runtime->empty;
	wx_record r = wx_record_at(module, at);
	uint32_t size = dropped ? 0 : r.b;
	if (from > size || count > size - from || to > memory->size || count > memory->size - to)
		return WX_TRAP_MEMORY;
	at += 16 + 8 * wx_record_at(module, at + 8).a;
	while (count) {
		r = wx_record_at(module, at);
		if (from < r.b) {
			uint32_t n = r.b - from < count ? r.b - from : count;
			memcpy(memory->base + to, module->image + at + 8 + from, n);
			to += n;
			count -= n;
			from = 0;
		} else
			from -= r.b;
		at = wx_record_next(module, at);
	}
	return WX_TRAP_NONE;
}

int wx_instance_table_init(
	struct wx_instance *instance, uint32_t table, uint32_t segment, uint32_t to, uint32_t from, uint32_t count)
{
	return fill_table(instance, wx_module_segment(instance->module, 0, segment),
		wx_instance_dropped(instance, 0, segment), *wx_instance_table_cell(instance, table), to, from, count);
}

int wx_instance_memory_init(struct wx_instance *instance, uint32_t segment, uint32_t to, uint32_t from, uint32_t count)
{
	return fill_memory(instance, wx_module_segment(instance->module, 1, segment),
		wx_instance_dropped(instance, 1, segment), to, from, count);
}

static int segment_failed(struct wx_trace *trace, int kind)
{
	if (trace) {
		memset(trace, 0, offsetof(struct wx_trace, places));
		trace->kind = kind;
	}
	return kind;
}

int wx_instance_start(struct wx_instance *instance, struct wx_trace *trace)
{
	struct wx_module *module = instance->module;
	const struct wx_image_header *h = &module->header;
	uint32_t at, index;
	wx_record e;
	uint64_t offset;
	int trap;
	for (index = 0; index < h->elements; index++) {
		at = wx_module_segment(module, 0, index);
		e = wx_record_at(module, at + 8);
		switch (wx_record_at(module, at).a & 0xFF) {
		case WX_SEGMENT_ACTIVE: {
			uint32_t expression = at + 16;
			if (!wx_instance_constant(instance, &expression, e.a, &offset))
				return segment_failed(trace, WX_TRAP_STACK);
			trap = fill_table(instance, at, false, *wx_instance_table_cell(instance, e.b), (uint32_t)offset, 0,
				wx_record_at(module, at).b);
			if (trap)
				return segment_failed(trace, trap);
			wx_instance_drop(instance, 0, index);
			break;
		}
		case WX_SEGMENT_DECLARATIVE: wx_instance_drop(instance, 0, index); break;
		}
	}
	for (index = 0; index < h->data; index++) {
		uint32_t expression;
		at = wx_module_segment(module, 1, index);
		if ((wx_record_at(module, at).a & 0xFF) != WX_SEGMENT_ACTIVE)
			continue;
		e = wx_record_at(module, at + 8);
		expression = at + 16;
		if (!wx_instance_constant(instance, &expression, e.a, &offset))
			return segment_failed(trace, WX_TRAP_STACK);
		trap = fill_memory(instance, at, false, (uint32_t)offset, 0, wx_record_at(module, at).b);
		if (trap)
			return segment_failed(trace, trap);
		wx_instance_drop(instance, 1, index);
	}
	if (h->start) {
		struct wx_funcref *start = wx_instance_function(instance, h->start - 1);
		uint64_t values[1] = { 0 };
		if (!start)
			return segment_failed(trace, WX_TRAP_STACK);
		return wx_call(instance->runtime, start, values, trace);
	}
	return WX_TRAP_NONE;
}
