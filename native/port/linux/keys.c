/*
 * Names of properties, numbered. XS keeps a key for each name that was ever a property's, in a table of fixed size, and
 * 13.3 never takes one out: a firmware that is fed other names each day would come to the end of it. XS 17 collects
 * keys (mxKeysGarbageCollection); these functions take the place of the engine's own (platform.h makes those weak) and
 * do as much for 13.3. What is numbered when no number is left collects; when all are in use, that is a RangeError.
 *
 * Only names are collected that came at run time as strings: those of the image and of scripts are in byte code, those
 * of C may be in its variables, and symbols in slots that only C knows. A name is in use when the heap, the engine's
 * stack or the C stack has its number. The C stack is read conservatively, since the engine's functions keep numbers in
 * variables: whatever looks like a number keeps a name. All C frames lie on it, also those below compiled code, whose
 * registers wx_enter saves there.
 */

#include "xsAll.h"
#include "xs.h"
#include "machine.h"
#include "../../xs/engine.h"

/* ---- finding ---- */

static txU4 sum_of(const char *name)
{
	const txU1 *byte = (const txU1 *)name;
	txU4 sum = 0;
	while (*byte)
		sum = (sum << 1) + *byte++;
	return sum & 0x7FFFFFFF;
}

static txSlot *find(txSlot *key, txU4 sum, const char *name)
{
	while (key && (key->value.key.sum != sum || c_strcmp(key->value.key.string, name)))
		key = key->next;
	return key;
}

/* ---- what is in use ---- */

static txSlot **place_of(txMachine *the, uint32_t id)
{
	return the->keyArray + (id - the->keyOffset);
}

static void mark_number(txMachine *the, uint32_t id)
{
	struct wx_machine *machine = wx_machine_of(the);
	if (id >= machine->first_key && id < the->keyIndex && *place_of(the, id))
		(*place_of(the, id))->flag |= XS_MARK_FLAG;
}

static void mark_slots(txMachine *the, const txSlot *slot, const txSlot *end);

/* The slots of an array are in a chunk, which may be larger or, while the array grows, smaller than it. */
static void mark_array(txMachine *the, const txSlot *array)
{
	const txSlot *slots = array->value.array.address;
	txSize count;
	if (!slots)
		return;
	count = ((const txChunk *)((const txByte *)slots - sizeof(txChunk)))->size / (txSize)sizeof(txSlot);
	mark_slots(
		the, slots, slots + ((txIndex)count < array->value.array.length ? (txIndex)count : array->value.array.length));
}

static void mark_slots(txMachine *the, const txSlot *slot, const txSlot *end)
{
	for (; slot < end; slot++) {
		switch (slot->kind) {
		case XS_KEY_KIND:
		case XS_KEY_X_KIND: continue; /* Its number is its own. */
		case XS_SYMBOL_KIND: mark_number(the, slot->value.symbol); break;
		case XS_AT_KIND: mark_number(the, slot->value.at.id); break;
		case XS_MODULE_KIND:
		case XS_MODULE_SOURCE_KIND:
		case XS_PROGRAM_KIND: mark_number(the, slot->value.module.id); break;
		case XS_ARGUMENTS_SLOPPY_KIND:
		case XS_ARGUMENTS_STRICT_KIND:
		case XS_ARRAY_KIND:
		case XS_STACK_KIND: mark_array(the, slot); break;
		default: break;
		}
		mark_number(the, slot->ID);
	}
}

static void mark_heap(txMachine *the)
{
	txSlot *block, *slot;
	/* What free slots were is of no interest. */
	for (slot = the->freeHeap; slot; slot = slot->next)
		slot->ID = XS_NO_ID;
	for (block = the->firstHeap; block; block = block->next)
		mark_slots(the, block + 1, block->value.reference);
}

__attribute__((noinline, no_sanitize("address"))) static void mark_c_stack(txMachine *the)
{
	const struct wx_machine *machine = wx_machine_of(the);
	typedef txID __attribute__((may_alias)) word_of_stack;
	const volatile word_of_stack *word = __builtin_frame_address(0);
	const volatile word_of_stack *end = (const volatile word_of_stack *)machine->cstack_top;
	for (; word < end; word++)
		mark_number(the, *word);
}

/* What the callers have in registers is on the stack then. */
__attribute__((noinline)) static void mark_registers(txMachine *the)
{
	__builtin_unwind_init();
	mark_c_stack(the);
	__asm__ volatile("" : : : "memory");
}

/* ---- collecting ---- */

static bool collectable(const txSlot *key)
{
	return key->kind == XS_KEY_KIND && (key->flag & XS_DONT_ENUM_FLAG) && !(key->flag & XS_DONT_DELETE_FLAG);
}

static void forget(txMachine *the, txSlot *key)
{
	txSlot **address = the->nameTable + key->value.key.sum % the->nameModulo;
	while (*address != key)
		address = &(*address)->next;
	*address = key->next;
}

static void sweep(txMachine *the)
{
	struct wx_machine *machine = wx_machine_of(the);
	uint32_t id;
	for (id = machine->first_key; id < the->keyIndex; id++) {
		txSlot **place = place_of(the, id), *key = *place;
		if (!key)
			continue;
		if (!(key->flag & XS_MARK_FLAG) && collectable(key)) {
			forget(the, key);
			*place = C_NULL;
			machine->free_keys++;
		}
		key->flag &= ~XS_MARK_FLAG;
	}
	machine->free_key = machine->first_key;
}

void wx_port_collect_keys(xsMachine *the)
{
	struct wx_machine *machine = wx_machine_of(the);
	bool collecting = machine->port.collecting;
	txSlot *slot;
	if (!wx_stack_room(the, 0))
		return;
	/* Slots that nothing refers to would keep names. Chunks stay where they are, as at any allocation of a slot. */
	machine->port.collecting = true;
	fxCollect(the, XS_ORGANIC_FLAG);
	machine->port.collecting = collecting;
	mark_heap(the);
	mark_slots(the, the->stack, the->stackTop);
	mark_slots(the, &the->scratch, &the->scratch + 1);
	for (slot = the->cRoot; slot; slot = slot->next)
		mark_slots(the, slot, slot + 1);
	mark_registers(the);
	sweep(the);
}

uint32_t wx_port_keys_used(xsMachine *the)
{
	return (uint32_t)the->keyIndex - wx_machine_of(the)->free_keys;
}

uint32_t wx_port_keys_room(xsMachine *the)
{
	return (uint32_t)the->keyCount - wx_port_keys_used(the);
}

/* ---- numbering ---- */

static void reserve(txMachine *the)
{
	const struct wx_machine *machine = wx_machine_of(the);
	if (wx_port_keys_room(the))
		return;
	if (machine->first_key)
		wx_port_collect_keys(the);
	if (wx_port_keys_room(the))
		return;
	if (machine->first_key)
		mxRangeError("out of memory: JavaScript keys");
	fxAbort(the, XS_NO_MORE_KEYS_EXIT);
}

static txID take(txMachine *the)
{
	struct wx_machine *machine = wx_machine_of(the);
	if (the->keyIndex < the->keyCount)
		return the->keyIndex++;
	while (*place_of(the, machine->free_key))
		machine->free_key++;
	machine->free_keys--;
	return (txID)machine->free_key++;
}

static txSlot *new_key(txMachine *the, txKind kind, txFlag flag)
{
	txSlot *key;
	reserve(the);
	key = fxNewSlot(the);
	key->kind = kind;
	key->flag = flag;
	key->ID = take(the);
	*place_of(the, key->ID) = key;
	return key;
}

/* Its string is the caller's to set: what the name was found by may have moved. */
static txSlot *new_name(txMachine *the, txSlot **chain, txU4 sum, txKind kind, txFlag flag)
{
	txSlot *key = new_key(the, kind, flag);
	key->value.key.string = C_NULL;
	key->value.key.sum = sum;
	key->next = *chain;
	*chain = key;
	return key;
}

txID fxNewName(txMachine *the, txSlot *slot)
{
	txU4 sum = sum_of(slot->value.string);
	txSlot **chain = the->nameTable + sum % the->nameModulo;
	txSlot *key = find(*chain, sum, slot->value.string);
	if (!key) {
		key = new_name(the, chain, sum, XS_KEY_KIND, XS_DONT_ENUM_FLAG);
		key->value.key.string = slot->value.string;
	}
	return key->ID;
}

txID fxNewNameC(txMachine *the, txString string)
{
	txU4 sum = sum_of(string);
	txSlot **chain = the->nameTable + sum % the->nameModulo;
	txSlot *key = find(*chain, sum, string);
	if (!key) {
		key = new_name(the, chain, sum, XS_KEY_KIND, XS_DONT_ENUM_FLAG);
		key->value.key.string = fxNewChunk(the, mxStringLength(string) + 1);
		c_strcpy(key->value.key.string, string);
	}
	key->flag |= XS_DONT_DELETE_FLAG;
	return key->ID;
}

txID fxNewNameX(txMachine *the, txString string)
{
	txU4 sum = sum_of(string);
	txSlot **chain = the->nameTable + sum % the->nameModulo;
	txSlot *key = find(*chain, sum, string);
	if (!key) {
		key = new_name(the, chain, sum, XS_KEY_X_KIND, XS_DONT_ENUM_FLAG);
		key->value.key.string = string;
	}
	key->flag |= XS_DONT_DELETE_FLAG;
	return key->ID;
}

void fx_Symbol(txMachine *the)
{
	txSlot *description = C_NULL, *key;
	if (mxTarget->kind != XS_UNDEFINED_KIND)
		mxTypeError("new Symbol");
	if (mxArgc > 0 && mxArgv(0)->kind != XS_UNDEFINED_KIND) {
		description = mxArgv(0);
		fxToString(the, description);
	}
	key = new_key(the, XS_UNDEFINED_KIND, XS_NO_FLAG);
	if (description) {
		key->value.string = description->value.string;
		key->kind = description->kind;
	}
	mxResult->value.symbol = key->ID;
	mxResult->kind = XS_SYMBOL_KIND;
}

void fx_Symbol_for(txMachine *the)
{
	txSlot *name, *key, **chain;
	txU4 sum;
	if (mxArgc < 1)
		mxSyntaxError("no key parameter");
	name = mxArgv(0);
	fxToString(the, name);
	sum = sum_of(name->value.string);
	chain = the->symbolTable + sum % the->symbolModulo;
	key = find(*chain, sum, name->value.string);
	if (!key) {
		key = new_name(
			the, chain, sum, name->kind == XS_STRING_X_KIND ? XS_KEY_X_KIND : XS_KEY_KIND, XS_DONT_DELETE_FLAG);
		key->value.key.string = name->value.string;
	}
	mxResult->value.symbol = key->ID;
	mxResult->kind = XS_SYMBOL_KIND;
}
