/* native() and Native(): C for TypeScript, by its name. */

#include "xsAll.h"
#include "xs.h"
#include "machine.h"
#include "linux-natives.h"

/* In the order of two lists: the portable ones, then those of this folder. */
#define FUNCTION(NAME, LENGTH) { #NAME, NAME, LENGTH },
#define DESTRUCTOR(NAME)
static const struct {
	const char *name;
	void (*function)(xsMachine *the);
	int length;
} functions[] = {
#include "../../xs/natives.inc"
#include "linux-natives.inc"
};
#undef FUNCTION
#undef DESTRUCTOR

#define FUNCTION(NAME, LENGTH)
#define DESTRUCTOR(NAME) { #NAME, NAME },
static const struct {
	const char *name;
	void (*destructor)(void *data);
} classes[] = {
#include "../../xs/natives.inc"
#include "linux-natives.inc"
};
#undef FUNCTION
#undef DESTRUCTOR

#define FUNCTIONS ((int)(sizeof(functions) / sizeof(functions[0])))
#define CLASSES ((int)(sizeof(classes) / sizeof(classes[0])))

static void construct_native(txMachine *the)
{
	txSlot *property = mxFunction->value.reference->next;
	if (mxTarget->kind == XS_UNDEFINED_KIND)
		mxTypeError("call: Native");
	while (property && !(property->ID == XS_NO_ID && property->kind == XS_INTEGER_KIND))
		property = property->next;
	if (!property)
		mxTypeError("no destructor");
	mxPushSlot(mxTarget);
	fxGetPrototypeFromConstructor(the, &mxObjectPrototype);
	{
		txSlot *instance = fxNewSlot(the);
		txSlot *host;
		instance->kind = XS_INSTANCE_KIND;
		instance->value.instance.garbage = C_NULL;
		instance->value.instance.prototype = the->stack->value.reference;
		the->stack->value.reference = instance;
		host = instance->next = fxNewSlot(the);
		host->flag = XS_INTERNAL_FLAG;
		host->kind = XS_HOST_KIND;
		host->value.host.data = C_NULL;
		host->value.host.variant.destructor = classes[property->value.integer].destructor;
	}
	mxPullSlot(mxResult);
}

static void bind_function(txMachine *the)
{
	txString name;
	int i;
	if (mxArgc < 1)
		mxTypeError("native: no name");
	name = fxToString(the, mxArgv(0));
	for (i = 0; i < FUNCTIONS; i++) {
		if (!c_strcmp(functions[i].name, name)) {
			fxNewHostFunction(the, functions[i].function, functions[i].length, XS_NO_ID, XS_NO_ID);
			mxPullSlot(mxResult);
			return;
		}
	}
	mxReferenceError("no native \"%s\"", name);
}

static void bind_class(txMachine *the)
{
	txString name;
	int i;
	if (mxArgc < 1)
		mxTypeError("Native: no name");
	name = fxToString(the, mxArgv(0));
	for (i = 0; i < CLASSES; i++) {
		if (!c_strcmp(classes[i].name, name)) {
			txSlot *instance;
			mxPush(mxObjectPrototype);
			fxNewObjectInstance(the);
			instance = fxNewHostConstructor(the, construct_native, 0, XS_NO_ID);
			fxNextIntegerProperty(the, fxLastProperty(the, instance), i, XS_NO_ID, XS_INTERNAL_FLAG);
			mxPullSlot(mxResult);
			return;
		}
	}
	mxReferenceError("no native destructor \"%s\"", name);
}

static void define_global(txMachine *the, txCallback callback, txString name)
{
	txID id = fxNewNameX(the, name);
	txSlot *property;
	fxNewHostFunction(the, callback, 1, id, XS_NO_ID);
	property = mxBehaviorSetProperty(the, mxGlobal.value.reference, id, 0, XS_OWN);
	property->flag = XS_DONT_ENUM_FLAG;
	property->kind = the->stack->kind;
	property->value = the->stack->value;
	mxPop();
}

void wx_bind_natives(txMachine *the)
{
	define_global(the, bind_function, "native");
	define_global(the, bind_class, "Native");
}
