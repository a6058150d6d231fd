#ifndef WX_ENGINE_H
#define WX_ENGINE_H

/*
 * What the WebAssembly API needs of the engine beyond xs.h: host data in ordinary objects (so that a class of the API
 * has no foreign parent), hidden links between objects, functions with data, buffers whose bytes are outside the heap,
 * exact 64-bit integers, names. Only engine.c and values.c know the engine's structures. Include after "xsmc.h".
 *
 * An object's identity is a pointer that never changes. C may keep it as long as something marks the object.
 */

#include <stdbool.h>
#include <stdint.h>

/* ---- objects ---- */

/*
 * Give the object in `slot` host data of that brand, NULL for now, and a hidden link. The hooks' destructor gets NULL
 * when no data was set. The object cannot be used as a buffer.
 */
void wx_object_attach(xsMachine *the, xsSlot *slot, const xsHostHooks *brand);
/* A new object of that prototype (a slot: an object, or null), with host data of that brand. */
void wx_object_new(xsMachine *the, xsSlot *result, xsSlot *prototype, const xsHostHooks *brand);
/* Does the value have host data of that brand? */
bool wx_object_is(const xsSlot *slot, const xsHostHooks *brand);
/* Its data; NULL also when it is of another brand. */
void *wx_object_data(const xsSlot *slot, const xsHostHooks *brand);
void wx_object_set_data(xsSlot *slot, void *data);

/* NULL when the value is no object. */
void *wx_object_of(const xsSlot *slot);
/* undefined for NULL */
void wx_object_get(xsSlot *slot, void *object);
/* For a marker. NULL is ignored. */
void wx_object_mark(xsMachine *the, void *object, xsMarkRoot mark);

/* The hidden link of an object with host data: any value. Neither allocates nor fails. */
void wx_object_get_link(void *object, xsSlot *value);
void wx_object_set_link(void *object, const xsSlot *value);

/*
 * Values that C holds itself, in slots outside of the engine's heap, which a marker marks. The engine does not tell
 * such slots when it moves the bytes of a string or BigInt, so a slot to be held has an object in place of those.
 * wx_slot_hold makes it so, and may allocate; wx_slot_held gives the value back, and does not.
 */
void wx_slot_hold(xsMachine *the, xsSlot *slot);
void wx_slot_held(xsSlot *result, const xsSlot *slot);

/* ---- functions ---- */

/* Gives the function in `slot` host data of that brand, NULL for now. Not for those of wx_function_new. */
void wx_function_attach(xsMachine *the, xsSlot *slot, const xsHostHooks *brand);
/* A function with host data of that brand, and a link. The data is NULL for now. */
void wx_function_new(
	xsMachine *the, xsSlot *result, xsCallback callback, uint32_t length, const char *name, const xsHostHooks *brand);
bool wx_function_is(const xsSlot *slot, const xsHostHooks *brand);
void *wx_function_data(const xsSlot *slot, const xsHostHooks *brand);
void wx_function_set_data(xsSlot *slot, void *data);
/* The link of such a function: another function, or NULL. */
void wx_function_set_next(void *function, void *next);

/* ---- buffers ---- */

/* `owner` is kept alive by the buffer until it is detached. */
void wx_buffer_new(xsMachine *the, xsSlot *result, xsSlot *prototype, void *base, uint32_t size, void *owner);
/*
 * It is a detached ArrayBuffer from now on, and no buffer of ours. May be called on any stack; neither allocates nor
 * fails.
 */
void wx_buffer_detach(void *buffer);
bool wx_buffer_is(const xsSlot *slot);
uint32_t wx_buffer_size(const xsSlot *slot);
void *wx_buffer_base(const xsSlot *slot);
/* An ArrayBuffer, a buffer, or a view of one of them. */
bool wx_buffer_source(const xsSlot *slot);
/*
 * The bytes of such a source. The pointer holds until something is allocated. TypeError when it is detached or
 * something else.
 */
void wx_buffer_bytes(xsMachine *the, xsSlot *slot, void **data, xsUnsignedValue *size);

/* ---- others ---- */

bool wx_is_promise(const xsSlot *slot);
/* Does the engine take the name for an index of an array? Such names are no keys. */
bool wx_is_index(const char *name, uint32_t size);
/*
 * Names are UTF-8 of a size, which may contain zeros. The engine keeps a key for each name that a property had or was
 * asked for by, and has room for so many: port.h. Does it need a new one for a property of that name?
 */
bool wx_needs_key(xsMachine *the, const char *name, uint32_t size);
/* object[name]. Makes no key of the name, unless a proxy has to be asked. */
void wx_get_name(xsMachine *the, xsSlot *result, xsSlot *object, const char *name, uint32_t size);
/* An enumerable property that can be neither written nor deleted. */
void wx_define_name(xsMachine *the, xsSlot *object, const char *name, uint32_t size, xsSlot *value);
void wx_set_name(xsMachine *the, xsSlot *result, const char *name, uint32_t size);
/* Does the string consist of these bytes? */
bool wx_is_name(const xsSlot *slot, const char *name, uint32_t size);
/*
 * The string's bytes as a name has them, U+0000 in one. A size above `capacity`: there is no room, or it is not
 * well-formed.
 */
uint32_t wx_name_bytes(xsMachine *the, xsSlot *slot, char *name, uint32_t capacity);
void wx_new_null_object(xsMachine *the, xsSlot *result);
/* Is there room for that many slots on the XS stack, and on the C stack for calls and a collection? */
bool wx_stack_room(xsMachine *the, uint32_t slots);

#endif
