/* Values on their way between JavaScript and WebAssembly. */

#include "xsAll.h"
#include "xs.h"
#include "api.h"

#define CANONICAL_F32 0x7FC00000u
#define CANONICAL_F64 0x7FF8000000000000u

void wx_value_coerce(xsMachine *the, xsSlot *slot, uint8_t type)
{
	switch (type) {
	case WX_I32_TYPE: fxToInteger(the, slot); break;
	case WX_I64_TYPE:
		/* Only BigInts, booleans and strings have a conversion to BigInt, as objects do through those. */
		fxToBigInt(the, slot, 1);
		break;
	case WX_F32_TYPE:
	case WX_F64_TYPE: fxToNumber(the, slot); break;
	case WX_FUNCREF_TYPE:
		if (slot->kind != XS_NULL_KIND && !wx_function_is(slot, &wx_function_brand))
			mxTypeError("WebAssembly: value is neither null nor an exported function");
		break;
	case WX_EXTERNREF_TYPE: wx_slot_hold(the, slot); break;
	default: break;
	}
}

static uint64_t bigint_bits(const txBigInt *bigint)
{
	uint64_t bits = bigint->data[0];
	if (bigint->size > 1)
		bits |= (uint64_t)bigint->data[1] << 32;
	return bigint->sign ? 0 - bits : bits;
}

uint64_t wx_value_bits(struct wx_store *store, const xsSlot *slot, uint8_t type)
{
	switch (type) {
	case WX_I32_TYPE: return (uint32_t)slot->value.integer;
	case WX_I64_TYPE: return bigint_bits(&slot->value.bigint);
	case WX_F32_TYPE: {
		union {
			float value;
			uint32_t bits;
		} f32;
		if (c_isnan(slot->value.number))
			return CANONICAL_F32;
		f32.value = (float)slot->value.number;
		return f32.bits;
	}
	case WX_F64_TYPE: {
		union {
			double value;
			uint64_t bits;
		} f64;
		if (c_isnan(slot->value.number))
			return CANONICAL_F64;
		f64.value = slot->value.number;
		return f64.bits;
	}
	case WX_FUNCREF_TYPE: return (uintptr_t)wx_function_data(slot, &wx_function_brand);
	default: {
		uintptr_t handle;
		txSlot *kept;
		if (slot->kind == XS_NULL_KIND)
			return 0;
		handle = wx_externref_new(store->runtime);
		if (!handle)
			return 0; /* Not after a reservation. */
		kept = store->externrefs + wx_externref_index(handle);
		kept->kind = slot->kind;
		kept->value = slot->value;
		return handle;
	}
	}
}

static void set_bigint(txMachine *the, txSlot *result, int64_t value)
{
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	txU2 size = magnitude >> 32 ? 2 : 1;
	txU4 *data = fxNewChunk(the, size * sizeof(txU4));
	data[0] = (txU4)magnitude;
	if (size > 1)
		data[1] = (txU4)(magnitude >> 32);
	result->value.bigint.data = data;
	result->value.bigint.size = size;
	result->value.bigint.sign = value < 0;
	result->kind = XS_BIGINT_KIND;
}

void wx_value_get(struct wx_store *store, xsSlot *result, uint8_t type, uint64_t bits)
{
	txMachine *the = store->the;
	switch (type) {
	case WX_I32_TYPE:
		result->value.integer = (txInteger)(uint32_t)bits;
		result->kind = XS_INTEGER_KIND;
		break;
	case WX_I64_TYPE:
		result->kind = XS_UNDEFINED_KIND;
		set_bigint(the, result, (int64_t)bits);
		break;
	case WX_F32_TYPE: {
		union {
			float value;
			uint32_t bits;
		} f32;
		f32.bits = (uint32_t)bits;
		result->value.number = f32.value;
		result->kind = XS_NUMBER_KIND;
		break;
	}
	case WX_F64_TYPE: {
		union {
			double value;
			uint64_t bits;
		} f64;
		f64.bits = bits;
		result->value.number = f64.value;
		result->kind = XS_NUMBER_KIND;
		break;
	}
	case WX_FUNCREF_TYPE:
		if (bits)
			wx_function_get(store, result, (struct wx_funcref *)(uintptr_t)bits);
		else
			result->kind = XS_NULL_KIND;
		break;
	default: wx_value_keep(store, result, type, bits); break;
	}
}

void wx_value_keep(struct wx_store *store, xsSlot *result, uint8_t type, uint64_t bits)
{
	result->kind = XS_UNDEFINED_KIND;
	if (type == WX_FUNCREF_TYPE && bits) {
		struct wx_funcref *function = (struct wx_funcref *)(uintptr_t)bits;
		struct wx_api_instance *instance = wx_instance_host(function->instance);
		wx_object_get(result, instance->object);
	} else if (type == WX_EXTERNREF_TYPE) {
		if (bits)
			wx_slot_held(result, store->externrefs + wx_externref_index((uintptr_t)bits));
		else
			result->kind = XS_NULL_KIND;
	}
}

uint32_t wx_count_externrefs(const uint8_t *types, uint32_t count)
{
	uint32_t result = 0, i;
	for (i = 0; i < count; i++)
		if (types[i] == WX_EXTERNREF_TYPE)
			result++;
	return result;
}

void wx_reserve_externrefs(struct wx_store *store, uint32_t count)
{
	if (count && !wx_externref_reserve(store->runtime, count))
		wx_throw_memory(store->the);
}

uint32_t wx_to_index(xsMachine *the, xsSlot *slot, const char *what)
{
	txNumber number;
	if (slot->kind == XS_INTEGER_KIND && slot->value.integer >= 0)
		return (uint32_t)slot->value.integer;
	number = c_trunc(fxToNumber(the, slot));
	if (!(number >= 0 && number <= 4294967295.0))
		mxTypeError("WebAssembly: %s is not an unsigned 32-bit integer", what);
	return (uint32_t)number;
}
