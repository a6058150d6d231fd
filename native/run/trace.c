/* Where a call trapped: the stacks walked by the function headers and site tables of the images. */

#include "internal.h"

#include <string.h>

/* Furthest above sp that a lost return address is looked for, in words. */
#define SEARCH 40

struct walk {
	struct wx_runtime *runtime;
	struct wx_trace *trace;
	struct wx_instance *instance; /* of the frame before, to begin with the one in the context register */
};

static struct wx_module *module_at(struct wx_runtime *runtime, uintptr_t pc)
{
	struct wx_module *module;
	if (!wx_code_holds(runtime, pc))
		return NULL;
	for (module = runtime->modules; module; module = module->next)
		if (pc - (uintptr_t)module->image < module->header.size)
			return module;
	return NULL;
}

static uint32_t read_leb(const uint8_t **at, const uint8_t *end, bool sign)
{
	uint32_t value = 0, shift = 0;
	uint8_t byte = 0x80;
	while (byte & 0x80 && *at < end && shift < 35) {
		byte = *(*at)++;
		value |= shift < 32 ? (uint32_t)(byte & 0x7F) << shift : 0;
		shift += 7;
	}
	if (sign && shift < 32 && byte & 0x40)
		value |= ~(uint32_t)0 << shift;
	return value;
}

/* Its site table follows. */
static uint32_t code_bytes(const struct wx_module *module, uint32_t defined)
{
	return wx_function_header_at(module, wx_module_code(module, defined)).code & 0xFFFFFF;
}

#define NO_CALL UINT32_MAX

/*
 * Byte offset in the module for a code offset from the function's start; *call: of the call of whose place another
 * function's body took, with that instruction in it, or NO_CALL. True: that is a site; else the nearest one before it
 * is taken.
 */
static bool find_site(const struct wx_module *module, uint32_t defined, uint32_t code, uint32_t *offset, uint32_t *call)
{
	const uint8_t *start = module->image + wx_module_code(module, defined), *end = module->image + module->header.size,
				  *at;
	uint32_t count, address = 0, wasm, further;
	bool found = false;
	at = start + code_bytes(module, defined);
	count = read_leb(&at, end, false);
	wasm = *offset = read_leb(&at, end, false);
	*call = NO_CALL;
	while (count-- && at < end) {
		further = read_leb(&at, end, false);
		wasm += read_leb(&at, end, true);
		if (further > code - address)
			break;
		address += further;
		found = address == code;
		if (further) {
			*offset = wasm;
			*call = NO_CALL;
		} else
			*call = wasm;
	}
	return found;
}

/* Of the function's first instruction. */
static uint32_t body_of(const struct wx_module *module, uint32_t defined)
{
	const uint8_t *start = module->image + wx_module_code(module, defined), *end = module->image + module->header.size,
				  *at;
	at = start + code_bytes(module, defined);
	read_leb(&at, end, false);
	return read_leb(&at, end, false);
}

/* The defined function that an instruction is of. */
static uint32_t function_of(const struct wx_module *module, uint32_t offset)
{
	uint32_t first = 0, behind = module->header.functions;
	while (behind - first > 1) {
		uint32_t middle = first + (behind - first) / 2;
		if (body_of(module, middle) <= offset)
			first = middle;
		else
			behind = middle;
	}
	return first;
}

/* Does the word look like a return address that compiled code, or the entry, left? */
static bool is_return(struct wx_runtime *runtime, uintptr_t word)
{
	struct wx_module *module;
	uint32_t defined, offset, call;
	word &= ~ISA_CODE_BIT;
	if (word == ((uintptr_t)wx_enter_return & ~ISA_CODE_BIT))
		return true;
	module = module_at(runtime, word - 1);
	if (!module || !wx_module_function_at(module, (uint32_t)(word - 1 - (uintptr_t)module->image), &defined))
		return false;
	return find_site(
		module, defined, (uint32_t)(word - (uintptr_t)module->image) - wx_module_code(module, defined), &offset, &call);
}

static uintptr_t word_at(uintptr_t address)
{
	uintptr_t word;
	memcpy(&word, (const void *)address, sizeof(word));
	return word;
}

/* Whose frame is it? Functions that may leave the instance keep its context in their frame. */
static struct wx_instance *instance_of(struct walk *w, const struct wx_module *module, uintptr_t from, uintptr_t to)
{
	struct wx_instance *instance, *first = NULL;
	uint32_t count = 0;
	uintptr_t at;
	for (instance = w->runtime->instances; instance; instance = instance->next) {
		if (instance->module == module) {
			if (!first)
				first = instance;
			count++;
		}
	}
	if (count > 1) {
		for (at = from; at + sizeof(at) <= to; at += sizeof(at)) {
			uintptr_t word = word_at(at);
			for (instance = first; instance; instance = instance->next)
				if (instance->module == module && word == (uintptr_t)instance->context)
					return instance;
		}
		if (w->instance && w->instance->module == module)
			return w->instance;
	}
	return first;
}

static void add(
	struct walk *w, struct wx_instance *instance, const struct wx_module *module, uint32_t defined, uint32_t offset)
{
	struct wx_place *place;
	if (w->trace->count == WX_TRACE_MAX) {
		w->trace->omitted++;
		return;
	}
	place = w->trace->places + w->trace->count++;
	place->instance = instance;
	place->function = module->header.imported_functions + defined;
	place->offset = offset;
}

/* One call's part of its stack. Not settled: pc is anywhere, perhaps where the frame is not yet or no longer there. */
static void walk_activation(
	struct walk *w, struct wx_activation *a, uintptr_t pc, uintptr_t sp, uintptr_t link, int kind, bool settled)
{
	const uintptr_t finish = (uintptr_t)wx_enter_return & ~ISA_CODE_BIT, top = a->start;
	bool first = true;
	while ((pc &= ~ISA_CODE_BIT) != finish && sp <= top && sp >= (uintptr_t)a->stack->base) {
		struct wx_module *module = module_at(w->runtime, settled ? pc - 1 : pc);
		struct wx_instance *instance;
		uint32_t defined, offset, call, code;
		struct wx_function_header header = { 0 };
		uintptr_t caller, back = 0, limit;
		bool found = module &&
			wx_module_function_at(module, (uint32_t)((settled ? pc - 1 : pc) - (uintptr_t)module->image), &defined);
		caller = sp;
		if (found) {
			code = wx_module_code(module, defined);
			header = wx_function_header_at(module, code);
			find_site(module, defined, (uint32_t)(pc - (uintptr_t)module->image) - code, &offset, &call);
			if (first && kind == WX_TRAP_STACK) {
				/* before the frame exists */
				if (ISA_CALL_PUSHES) {
					back = word_at(sp);
					caller = sp + sizeof(uintptr_t);
				} else
					back = link;
			} else {
				caller = sp + (header.frame & 0xFFFF) * sizeof(uintptr_t);
				if (caller <= top) {
					uintptr_t below = (header.frame >> 16 & 15) * sizeof(uintptr_t);
					if (header.frame >> 31)
						back = first ? link : 0;
					else if (below <= caller - sp)
						back = word_at(caller - below);
				}
			}
			instance = instance_of(w, module, sp, caller < top ? caller : top);
			w->instance = instance;
			if (call != NO_CALL)
				add(w, instance, module, function_of(module, offset), offset);
			add(w, instance, module, defined, call != NO_CALL ? call : offset);
		} else if (!first)
			return;
		if (!is_return(w->runtime, back)) {
			/*
			 * Only where a call was interrupted, or stopped before its frame: in a function's entry or exit, between
			 * functions.
			 */
			if (!first)
				return;
			caller = sp;
			back = 0;
			if (!ISA_CALL_PUSHES && link && is_return(w->runtime, link))
				back = link;
			limit = sp + SEARCH * sizeof(uintptr_t) + (found ? (header.frame & 0xFFFF) * sizeof(uintptr_t) : 0);
			while (!back && caller < limit && caller < top) {
				if (is_return(w->runtime, word_at(caller)))
					back = word_at(caller);
				caller += sizeof(uintptr_t);
			}
			if (!back)
				return;
		}
		pc = back;
		sp = caller;
		first = false;
		settled = true;
	}
}

void wx_trace_walk(struct wx_runtime *runtime, struct wx_activation *a, int kind, struct wx_trace *trace)
{
	struct walk w = { runtime, trace, NULL };
	struct wx_instance *instance;
	if (!trace)
		return;
	trace->kind = kind;
	trace->count = trace->omitted = 0;
	if (a->entry.trap_pc) {
		for (instance = runtime->instances; instance; instance = instance->next)
			if ((uintptr_t)instance->context == a->entry.trap_context)
				w.instance = instance;
		walk_activation(&w, a, a->entry.trap_pc, a->entry.trap_sp, a->entry.trap_link, kind, !a->asynchronous);
		a = a->previous;
	}
	/* where calls went out to the host */
	for (; a; a = a->previous) {
		const struct wx_host_frame *frame = (const struct wx_host_frame *)a->entry.wasm_sp;
		w.instance = NULL;
		walk_activation(&w, a, frame->link, (uintptr_t)(frame + 1), 0, WX_TRAP_NONE, true);
	}
}
