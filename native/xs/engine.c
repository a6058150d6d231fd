#include "xsAll.h"
#include "xs.h"
#include "engine.h"
#include "natives.h"

#include <string.h>

/*
 * Layouts. An object with host data begins with three internal slots: HOST (data, brand), BUFFER_INFO of length 0 (so
 * that views over the object are empty whatever it says of itself), and the link. A function with host data has HOST
 * after those of the engine (CALLBACK or CODE, HOME), and then, where it was made here, the link.
 */

static txSlot *insert(txMachine *the, txSlot *after, txKind kind)
{
	txSlot *slot = fxNewSlot(the);
	slot->flag = XS_INTERNAL_FLAG;
	slot->kind = kind;
	slot->next = after->next;
	after->next = slot;
	return slot;
}

/* Host data after that slot, NULL for now. */
static void insert_host(txMachine *the, txSlot *after, const xsHostHooks *brand)
{
	txSlot *host = insert(the, after, XS_UNDEFINED_KIND);
	host->value.host.data = C_NULL;
	host->value.host.variant.hooks = (txHostHooks *)brand;
	host->flag |= XS_HOST_HOOKS_FLAG;
	host->kind = XS_HOST_KIND;
}

static txSlot *object_host(const txSlot *slot, const xsHostHooks *brand)
{
	txSlot *host;
	if (slot->kind != XS_REFERENCE_KIND)
		return C_NULL;
	host = slot->value.reference->next;
	if (!host || host->kind != XS_HOST_KIND || !(host->flag & XS_INTERNAL_FLAG) || !(host->flag & XS_HOST_HOOKS_FLAG) ||
		host->value.host.variant.hooks != brand)
		return C_NULL;
	return host;
}

void wx_object_attach(xsMachine *the, xsSlot *slot, const xsHostHooks *brand)
{
	txSlot *instance = fxToInstance(the, slot);
	txSlot *info;
	if (instance->next && (instance->next->flag & XS_INTERNAL_FLAG))
		mxTypeError("object is in use");
	insert(the, instance, XS_UNDEFINED_KIND);
	info = insert(the, instance, XS_BUFFER_INFO_KIND);
	info->value.bufferInfo.length = 0;
	info->value.bufferInfo.maxLength = -1;
	insert_host(the, instance, brand);
}

void wx_object_new(xsMachine *the, xsSlot *result, xsSlot *prototype, const xsHostHooks *brand)
{
	if (prototype->kind == XS_REFERENCE_KIND) {
		mxPushSlot(prototype);
		fxNewObjectInstance(the);
	} else
		fxNewInstance(the);
	wx_object_attach(the, the->stack, brand);
	mxPullSlot(result);
}

bool wx_object_is(const xsSlot *slot, const xsHostHooks *brand)
{
	return object_host(slot, brand) != C_NULL;
}

void *wx_object_data(const xsSlot *slot, const xsHostHooks *brand)
{
	txSlot *host = object_host(slot, brand);
	return host ? host->value.host.data : C_NULL;
}

void wx_object_set_data(xsSlot *slot, void *data)
{
	slot->value.reference->next->value.host.data = data;
}

void *wx_object_of(const xsSlot *slot)
{
	return slot->kind == XS_REFERENCE_KIND ? slot->value.reference : C_NULL;
}

void wx_object_get(xsSlot *slot, void *object)
{
	if (object) {
		slot->value.reference = object;
		slot->kind = XS_REFERENCE_KIND;
	} else
		slot->kind = XS_UNDEFINED_KIND;
}

void wx_object_mark(xsMachine *the, void *object, xsMarkRoot mark)
{
	txSlot slot;
	if (!object)
		return;
	c_memset(&slot, 0, sizeof(slot));
	slot.kind = XS_REFERENCE_KIND;
	slot.value.reference = object;
	(*mark)(the, &slot);
}

static txSlot *link_of(void *object)
{
	return ((txSlot *)object)->next->next->next;
}

void wx_object_get_link(void *object, xsSlot *value)
{
	txSlot *link = link_of(object);
	value->kind = link->kind;
	value->value = link->value;
}

void wx_object_set_link(void *object, const xsSlot *value)
{
	txSlot *link = link_of(object);
	link->kind = value->kind;
	link->value = value->value;
}

/* ---- values that C holds ---- */

static void holder_destructor(void *data)
{
	(void)data;
}

/* The value is the link. No script gets such an object. */
static const xsHostHooks holder_brand = { .destructor = holder_destructor };

/* Does the value consist of what its slot says, and of objects? */
static bool stays(const txSlot *slot)
{
	switch (slot->kind) {
	case XS_UNDEFINED_KIND:
	case XS_NULL_KIND:
	case XS_BOOLEAN_KIND:
	case XS_INTEGER_KIND:
	case XS_NUMBER_KIND:
	case XS_STRING_X_KIND:
	case XS_BIGINT_X_KIND:
	case XS_SYMBOL_KIND:
	case XS_REFERENCE_KIND: return true;
	default: return false;
	}
}

void wx_slot_hold(xsMachine *the, xsSlot *slot)
{
	txSlot *holder;
	if (stays(slot))
		return;
	mxPushUndefined();
	holder = the->stack;
	mxPushNull();
	wx_object_new(the, holder, the->stack, &holder_brand);
	mxPop();
	wx_object_set_link(wx_object_of(holder), slot);
	slot->kind = holder->kind;
	slot->value = holder->value;
	mxPop();
}

void wx_slot_held(xsSlot *result, const xsSlot *slot)
{
	if (wx_object_is(slot, &holder_brand))
		wx_object_get_link(wx_object_of(slot), result);
	else {
		result->kind = slot->kind;
		result->value = slot->value;
	}
}

/* ---- functions ---- */

/* NULL: no function. */
static txSlot *function_home(txSlot *instance)
{
	txSlot *home = mxIsFunction(instance) ? mxFunctionInstanceHome(instance) : C_NULL;
	return home && home->kind == XS_HOME_KIND ? home : C_NULL;
}

static txSlot *function_host(const txSlot *slot, const xsHostHooks *brand)
{
	txSlot *host;
	if (slot->kind != XS_REFERENCE_KIND)
		return C_NULL;
	host = function_home(slot->value.reference);
	if (!host)
		return C_NULL;
	host = host->next;
	if (!host || host->kind != XS_HOST_KIND || !(host->flag & XS_INTERNAL_FLAG) || !(host->flag & XS_HOST_HOOKS_FLAG) ||
		host->value.host.variant.hooks != brand)
		return C_NULL;
	return host;
}

void wx_function_attach(xsMachine *the, xsSlot *slot, const xsHostHooks *brand)
{
	txSlot *home = slot->kind == XS_REFERENCE_KIND ? function_home(slot->value.reference) : C_NULL;
	if (!home || (home->next && home->next->kind == XS_HOST_KIND))
		mxTypeError("function is in use");
	insert_host(the, home, brand);
}

void wx_function_new(
	xsMachine *the, xsSlot *result, xsCallback callback, uint32_t length, const char *name, const xsHostHooks *brand)
{
	txSlot *instance = fxNewHostFunction(the, callback, (txInteger)length, XS_NO_ID, XS_NO_ID);
	txSlot *home = mxFunctionInstanceHome(instance);
	txSlot *property;
	insert(the, home, XS_UNDEFINED_KIND);
	insert_host(the, home, brand);
	mxPushStringC((txString)name);
	property = mxBehaviorSetProperty(the, instance, mxID(_name), 0, XS_OWN);
	property->flag = XS_DONT_ENUM_FLAG | XS_DONT_SET_FLAG;
	property->kind = the->stack->kind;
	property->value = the->stack->value;
	mxPop();
	mxPullSlot(result);
}

bool wx_function_is(const xsSlot *slot, const xsHostHooks *brand)
{
	return function_host(slot, brand) != C_NULL;
}

void *wx_function_data(const xsSlot *slot, const xsHostHooks *brand)
{
	txSlot *host = function_host(slot, brand);
	return host ? host->value.host.data : C_NULL;
}

void wx_function_set_data(xsSlot *slot, void *data)
{
	mxFunctionInstanceHome(slot->value.reference)->next->value.host.data = data;
}

void wx_function_set_next(void *function, void *next)
{
	wx_object_get(mxFunctionInstanceHome((txSlot *)function)->next->next, next);
}

/* ---- buffers ---- */

static void buffer_destructor(void *data)
{
	(void)data; /* The bytes belong to the owner. */
}

static const xsHostHooks buffer_brand = { .destructor = buffer_destructor };

void wx_buffer_new(xsMachine *the, xsSlot *result, xsSlot *prototype, void *base, uint32_t size, void *owner)
{
	txSlot *instance;
	wx_object_new(the, result, prototype, &buffer_brand);
	instance = result->value.reference;
	instance->next->value.host.data = base;
	instance->next->next->value.bufferInfo.length = (txInteger)size;
	wx_object_get(link_of(instance), owner);
}

/* It becomes what a detached buffer of the engine is. */
void wx_buffer_detach(void *buffer)
{
	txSlot *instance = buffer;
	txSlot *slot = instance->next;
	slot->flag = XS_INTERNAL_FLAG;
	slot->kind = XS_ARRAY_BUFFER_KIND;
	slot->value.arrayBuffer.address = C_NULL;
	slot->value.arrayBuffer.detachKey = C_NULL;
	instance->next->next->value.bufferInfo.length = 0;
	link_of(instance)->kind = XS_UNDEFINED_KIND;
}

bool wx_buffer_is(const xsSlot *slot)
{
	return object_host(slot, &buffer_brand) != C_NULL;
}

uint32_t wx_buffer_size(const xsSlot *slot)
{
	txSlot *host = object_host(slot, &buffer_brand);
	return host ? (uint32_t)host->next->value.bufferInfo.length : 0;
}

void *wx_buffer_base(const xsSlot *slot)
{
	return wx_object_data(slot, &buffer_brand);
}

bool wx_buffer_source(const xsSlot *slot)
{
	const txSlot *first;
	if (slot->kind != XS_REFERENCE_KIND)
		return false;
	first = slot->value.reference->next;
	if (!first || !(first->flag & XS_INTERNAL_FLAG))
		return false;
	return first->kind == XS_ARRAY_BUFFER_KIND || first->kind == XS_TYPED_ARRAY_KIND ||
		first->kind == XS_DATA_VIEW_KIND || wx_buffer_is(slot);
}

void wx_buffer_bytes(xsMachine *the, xsSlot *slot, void **data, xsUnsignedValue *size)
{
	txSlot *first, *view, *buffer;
	txInteger offset, length;
	*data = C_NULL;
	*size = 0;
	if (!wx_buffer_source(slot))
		mxTypeError("WebAssembly: value is neither an ArrayBuffer nor a view of one");
	first = slot->value.reference->next;
	if (first->kind == XS_ARRAY_BUFFER_KIND || first->kind == XS_HOST_KIND) {
		*data = first->value.arrayBuffer.address;
		*size = (xsUnsignedValue)first->next->value.bufferInfo.length;
	} else {
		view = first->kind == XS_TYPED_ARRAY_KIND ? first->next : first;
		buffer = view->next;
		offset = view->value.dataView.offset;
		length = fxGetDataViewSize(the, view, buffer);
		if (buffer->kind != XS_REFERENCE_KIND)
			return;
		first = buffer->value.reference->next;
		if (first->value.arrayBuffer.address) {
			*data = first->value.arrayBuffer.address + offset;
			*size = (xsUnsignedValue)length;
		}
	}
}

/* ArrayBuffer.prototype.slice and its kin for both kinds of buffers. */

void xs_buffer_is(txMachine *the)
{
	mxResult->value.boolean = mxArgc > 0 && wx_buffer_source(mxArgv(0));
	mxResult->kind = XS_BOOLEAN_KIND;
}

void xs_buffer_get_byteLength(txMachine *the)
{
	if (wx_buffer_is(mxThis)) {
		mxResult->value.integer = (txInteger)wx_buffer_size(mxThis);
		mxResult->kind = XS_INTEGER_KIND;
	} else
		fx_ArrayBuffer_prototype_get_byteLength(the);
}

void xs_buffer_get_maxByteLength(txMachine *the)
{
	if (wx_buffer_is(mxThis))
		xs_buffer_get_byteLength(the);
	else
		fx_ArrayBuffer_prototype_get_maxByteLength(the);
}

void xs_buffer_get_resizable(txMachine *the)
{
	if (wx_buffer_is(mxThis)) {
		mxResult->value.boolean = 0;
		mxResult->kind = XS_BOOLEAN_KIND;
	} else
		fx_ArrayBuffer_prototype_get_resizable(the);
}

void xs_buffer_slice(txMachine *the)
{
	txInteger length, start, stop;
	txByte *base;
	if (!wx_buffer_is(mxThis)) {
		fx_ArrayBuffer_prototype_slice(the);
		return;
	}
	length = (txInteger)wx_buffer_size(mxThis);
	start = (txInteger)fxArgToIndex(the, 0, 0, length);
	stop = (txInteger)fxArgToIndex(the, 1, length, length);
	if (stop < start)
		stop = start;
	fxConstructArrayBufferResult(the, C_NULL, stop - start);
	/* The species constructor and the conversions may have run anything. */
	base = wx_buffer_base(mxThis);
	if (!base || (txInteger)wx_buffer_size(mxThis) < stop)
		mxTypeError("detached buffer");
	c_memcpy(mxResult->value.reference->next->value.arrayBuffer.address, base + start, stop - start);
}

/* ---- errors ---- */

/* As the constructors of the engine's own errors do: also without `new`. */
static void construct_error(txMachine *the)
{
	fx_Error(the);
}

static txSlot *define_string(txMachine *the, txSlot *instance, txID id, txSlot *value, txFlag flag)
{
	txSlot *property = mxBehaviorSetProperty(the, instance, id, 0, XS_OWN);
	property->flag = flag;
	property->kind = value->kind;
	property->value = value->value;
	return property;
}

/* (name) => a subclass of Error */
void xs_error_class(txMachine *the)
{
	txSlot *instance;
	fxToString(the, mxArgv(0));
	mxPush(mxErrorPrototype);
	instance = fxNewObjectInstance(the);
	define_string(the, instance, mxID(_name), mxArgv(0), XS_DONT_ENUM_FLAG);
	define_string(the, instance, mxID(_message), &mxEmptyString, XS_DONT_ENUM_FLAG);
	instance = fxNewHostConstructor(the, construct_error, 1, XS_NO_ID);
	instance->value.instance.prototype = mxErrorConstructor.value.reference;
	define_string(the, instance, mxID(_name), mxArgv(0), XS_DONT_ENUM_FLAG | XS_DONT_SET_FLAG);
	mxPullSlot(mxResult);
}

/* ---- others ---- */

bool wx_is_promise(const xsSlot *slot)
{
	const txSlot *first;
	if (slot->kind != XS_REFERENCE_KIND)
		return false;
	first = slot->value.reference->next;
	return first && (first->flag & XS_INTERNAL_FLAG) && first->kind == XS_PROMISE_KIND;
}

/* Strings of the engine end with a zero: it writes U+0000 in two bytes. */
static txSize name_size(const char *name, uint32_t size)
{
	txSize result = (txSize)size;
	uint32_t i;
	for (i = 0; i < size; i++)
		if (!name[i])
			result++;
	return result;
}

void wx_set_name(xsMachine *the, xsSlot *result, const char *name, uint32_t size)
{
	txSize length = name_size(name, size);
	txString string = fxNewChunk(the, length + 1);
	uint32_t i;
	result->value.string = string;
	result->kind = XS_STRING_KIND;
	for (i = 0; i < size; i++) {
		if (name[i])
			*string++ = name[i];
		else {
			*string++ = (char)0xC0;
			*string++ = (char)0x80;
		}
	}
	*string = 0;
}

/* Does the engine's string consist of these bytes? */
static bool consists_of(const char *string, const char *name, uint32_t size)
{
	uint32_t i;
	for (i = 0; i < size; i++) {
		if (name[i]) {
			if (c_read8(string++) != (txU1)name[i])
				return false;
		} else if (c_read8(string++) != 0xC0 || c_read8(string++) != 0x80)
			return false;
	}
	return c_read8(string) == 0;
}

bool wx_is_name(const xsSlot *slot, const char *name, uint32_t size)
{
	return (slot->kind == XS_STRING_KIND || slot->kind == XS_STRING_X_KIND) &&
		consists_of(slot->value.string, name, size);
}

uint32_t wx_name_bytes(xsMachine *the, xsSlot *slot, char *name, uint32_t capacity)
{
	const uint8_t *string = (const uint8_t *)fxToString(the, slot);
	uint32_t size = 0;
	while (*string) {
		uint8_t byte = *string++;
		if (byte == 0xC0 && *string == 0x80) {
			byte = 0;
			string++;
		} else if (byte == 0xED && *string >= 0xA0)
			return capacity + 1; /* A lone surrogate is in no name. */
		if (size == capacity)
			return capacity + 1;
		name[size++] = (char)byte;
	}
	return size;
}

bool wx_is_index(const char *name, uint32_t size)
{
	uint64_t index = 0;
	uint32_t i;
	if (!size || size > 10 || (size > 1 && name[0] == '0'))
		return false;
	for (i = 0; i < size; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		index = index * 10 + (uint64_t)(name[i] - '0');
	}
	return index < UINT32_MAX;
}

/* As fxFindName, for a name that need not be made a string of the engine. */
static txID find_key(txMachine *the, const char *name, uint32_t size)
{
	const txSlot *key;
	txU4 sum = 0;
	uint32_t i;
	for (i = 0; i < size; i++) {
		if (name[i])
			sum = (sum << 1) + (txU1)name[i];
		else {
			sum = (sum << 1) + 0xC0;
			sum = (sum << 1) + 0x80;
		}
	}
	sum &= 0x7FFFFFFF;
	for (key = the->nameTable[sum % the->nameModulo]; key; key = key->next)
		if (key->value.key.sum == sum && consists_of(key->value.key.string, name, size))
			return mxGetKeySlotID(key);
	return XS_NO_ID;
}

bool wx_needs_key(xsMachine *the, const char *name, uint32_t size)
{
	return !wx_is_index(name, size) && find_key(the, name, size) == XS_NO_ID;
}

/* Only a proxy can have a property whose name was never a key. */
static bool has_proxy(const xsSlot *slot)
{
	const txSlot *object;
	for (object = slot->value.reference; object; object = object->value.instance.prototype)
		if (mxIsProxy(object))
			return true;
	return false;
}

void wx_get_name(xsMachine *the, xsSlot *result, xsSlot *object, const char *name, uint32_t size)
{
	txID id = wx_is_index(name, size) ? XS_NO_ID : find_key(the, name, size);
	if (id == XS_NO_ID && !wx_is_index(name, size) && !has_proxy(object)) {
		result->kind = XS_UNDEFINED_KIND;
		return;
	}
	mxPushSlot(object);
	if (id == XS_NO_ID) {
		mxPushUndefined();
		wx_set_name(the, the->stack, name, size);
		mxGetAt();
	} else
		mxGetID(id);
	mxPullSlot(result);
}

void wx_define_name(xsMachine *the, xsSlot *object, const char *name, uint32_t size, xsSlot *value)
{
	txID id = wx_is_index(name, size) ? XS_NO_ID : find_key(the, name, size);
	txSlot *kept;
	if (id != XS_NO_ID) {
		mxPushSlot(value);
		mxPushSlot(object);
		mxDefineID(id, XS_DONT_DELETE_FLAG | XS_DONT_SET_FLAG, XS_GET_ONLY);
		mxPop();
		return;
	}
	/* fxDefineAt takes the name from the stack before it makes a key of it, which allocates: a second one keeps it. */
	mxPushUndefined();
	kept = the->stack;
	wx_set_name(the, kept, name, size);
	mxPushSlot(value);
	mxPushSlot(object);
	mxPushSlot(kept);
	mxDefineAt(XS_DONT_DELETE_FLAG | XS_DONT_SET_FLAG, XS_GET_ONLY);
	mxPop();
	mxPop();
}

void wx_new_null_object(xsMachine *the, xsSlot *result)
{
	fxNewInstance(the);
	mxPullSlot(result);
}

/* Of C stack, for what a call needs until it checks again, and for the engine's marking, which recurses. */
#if defined(__SANITIZE_ADDRESS__)
#define C_RESERVE (64 * 1024)
#else
#define C_RESERVE (sizeof(void *) * 1024)
#endif

bool wx_stack_room(xsMachine *the, uint32_t slots)
{
	char *here = __builtin_frame_address(0);
	if (the->stackLimit && (here < the->stackLimit || (size_t)(here - the->stackLimit) < C_RESERVE))
		return false;
	return (size_t)(the->stack - the->stackBottom) >= slots;
}
