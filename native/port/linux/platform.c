#include "xsAll.h"
#include "xs.h"
#include "host.h"
#include "../../xs/natives.h"

#include <unistd.h>

/* In the engine, without a declaration in its headers. */
extern void fxRemapIDs(txMachine *the, txByte *code, txSize size, txID *ids);

struct wx_guard {
	jmp_buf buffer;
	struct wx_guard *outer;
	txJump *jump; /* the machine's innermost jump outside of the guard */
	int status;
};

/* ---- memory of the engine ---- */

/*
 * The one pointer that does not come by a parameter: the engine's allocation and clock calls carry no context. It is
 * whose machine runs, the device's or its world's, and nothing but these functions reads it.
 */
static struct wx_host *engine_host;

struct wx_host *wx_engine_use(struct wx_host *host)
{
	struct wx_host *before = engine_host;
	engine_host = host;
	return before;
}

void *wx_engine_malloc(size_t size)
{
	return engine_host ? wx_alloc(&engine_host->engine, size) : NULL;
}

void *wx_engine_calloc(size_t count, size_t size)
{
	return engine_host ? wx_calloc(&engine_host->engine, count, size) : NULL;
}

void *wx_engine_realloc(void *data, size_t size)
{
	return engine_host ? wx_realloc(&engine_host->engine, data, size) : NULL;
}

void wx_engine_free(void *data)
{
	if (engine_host)
		wx_free(&engine_host->engine, data);
}

int wx_engine_gettimeofday(struct timeval *tv, void *zone)
{
	uint64_t now = 0;
	(void)zone;
	if (engine_host) {
		/* Whoever waits by reading the time must see it pass. */
		wx_io_spend(engine_host->io, WX_IO_CALL_TIME);
		now = wx_host_now(engine_host);
	}
	if (engine_host && engine_host->io->clock)
		now += engine_host->started;
	else
		now += (uint64_t)1704067200 * 1000000; /* virtual time begins at 2024-01-01 */
	tv->tv_sec = (time_t)(now / 1000000);
	tv->tv_usec = (suseconds_t)(now % 1000000);
	return 0;
}

uint32_t modMilliseconds(void)
{
	struct timeval tv;
	wx_engine_gettimeofday(&tv, NULL);
	return (uint32_t)((uint64_t)tv.tv_sec * 1000 + (uint64_t)tv.tv_usec / 1000);
}

/* xsCommon.c's own is compiled under another name: a board's limit counts, not the process's. */
char *fxCStackLimit(void)
{
	if (!engine_host || !engine_host->options.cstack)
		return NULL;
	return engine_host->cstack_top - engine_host->options.cstack;
}

void *fxAllocateChunks(txMachine *the, txSize size)
{
	struct wx_host *host = the->context;
	void *data = malloc(size);
	if (data)
		host->chunk_bytes += size;
	return data;
}

void fxFreeChunks(txMachine *the, void *data)
{
	(void)the;
	free(data);
}

txSlot *fxAllocateSlots(txMachine *the, txSize count)
{
	struct wx_host *host = the->context;
	txSlot *data = malloc((size_t)count * sizeof(txSlot));
	if (data) {
		if (the->stackBottom)
			host->slot_bytes += count * sizeof(txSlot);
		else {
			/* Painted, so that its high-water mark can be read. */
			host->stack_bytes = count * sizeof(txSlot);
			memset(data, 0xA5, host->stack_bytes);
		}
	}
	return data;
}

void fxFreeSlots(txMachine *the, void *data)
{
	(void)the;
	free(data);
}

void fxCreateMachinePlatform(txMachine *the)
{
	(void)the;
}

void fxDeleteMachinePlatform(txMachine *the)
{
	(void)the;
}

void fxQueuePromiseJobs(txMachine *the)
{
	struct wx_host *host = the->context;
	host->promise_jobs = 1;
}

#ifndef mxParse
txScript *fxParseScript(txMachine *the, void *stream, txGetter getter, txUnsigned flags)
{
	(void)the, (void)stream, (void)getter, (void)flags;
	return NULL; /* The engine throws a SyntaxError. */
}
#endif

/* ---- exhaustion ---- */

static const char *exhausted(txMachine *the, int status)
{
	switch (status) {
	case XS_STACK_OVERFLOW_EXIT: return "stack overflow";
	case XS_NOT_ENOUGH_MEMORY_EXIT:
		return the->freeHeap ? "out of memory: JavaScript chunks" : "out of memory: JavaScript slots";
	case XS_NO_MORE_KEYS_EXIT: return "out of memory: JavaScript keys";
	case XS_TOO_MUCH_COMPUTATION_EXIT: return "too much computation";
	default: return "XS aborted";
	}
}

static void describe_exception(txMachine *the)
{
	struct wx_host *host = the->context;
	host->message[0] = 0;
	mxTry(the)
	{
		mxPush(mxException);
		fxToStringBuffer(the, the->stack, host->message, sizeof(host->message));
		mxPop();
	}
	mxCatch(the)
	{
	}
	if (!host->message[0])
		strcpy(host->message, "exception");
}

static XS_FUNCTION_NORETURN void jump_to(struct wx_host *host, struct wx_guard *guard, int status)
{
	txMachine *the = host->machine;
	guard->status = status;
	host->guard = guard;
	/* Here, since the records are in frames that are gone after the jump. */
	while (the && the->firstJump && the->firstJump != guard->jump) {
		txJump *jump = the->firstJump;
		the->firstJump = jump->nextJump;
		if (jump->flag)
			c_free(jump);
	}
	longjmp(guard->buffer, 1);
}

void fxAbort(txMachine *the, int status)
{
	struct wx_host *host = the->context;
	struct wx_guard *guard = host ? host->guard : NULL;
	if (!guard)
		abort();
	if (status == XS_UNHANDLED_EXCEPTION_EXIT || status == XS_UNHANDLED_REJECTION_EXIT)
		describe_exception(the);
	else
		snprintf(host->message, sizeof(host->message), "%s", exhausted(the, status));
	/* These end the job, whoever guards; and after a half-done collection the heap is of no use to anybody. */
	if (status == XS_UNHANDLED_EXCEPTION_EXIT || status == XS_UNHANDLED_REJECTION_EXIT ||
		(the->collectFlag & XS_ORGANIC_FLAG) || host->collecting)
		while (guard->outer)
			guard = guard->outer;
	jump_to(host, guard, status);
}

void wx_host_leave(struct wx_host *host, enum wx_leave leave)
{
	struct wx_guard *guard = host->guard;
	while (guard->outer)
		guard = guard->outer;
	host->leave = leave;
	jump_to(host, guard, 0);
}

struct wx_host *wx_host_of(xsMachine *the)
{
	return the->context;
}

struct wx_alloc *wx_host_alloc(xsMachine *the)
{
	return &wx_host_of(the)->native;
}

const char *wx_host_exhausted(xsMachine *the)
{
	return wx_host_of(the)->message;
}

int wx_host_guard(xsMachine *the, void (*callback)(xsMachine *the, void *data), void *data)
{
	struct wx_host *host = the->context;
	struct wx_guard guard;
	txSlot *stack = the->stack, *scope = the->scope, *frame = the->frame;
	txByte *code = the->code;
	volatile int thrown = 0;
	guard.outer = host->guard;
	guard.jump = the->firstJump;
	guard.status = 0;
	host->guard = &guard;
	if (setjmp(guard.buffer) == 0) {
		mxTry(the)
		{
			callback(the, data);
		}
		mxCatch(the)
		{
			thrown = 1;
		}
	} else {
		the->stack = stack;
		the->scope = scope;
		the->frame = frame;
		the->code = code;
	}
	host->guard = guard.outer;
	if (thrown)
		fxJump(the);
	return guard.status;
}

/* ---- binding C ---- */

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
		host->value.host.variant.destructor = wx_native_classes[property->value.integer].destructor;
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
	for (i = 0; i < wx_native_count; i++) {
		if (!c_strcmp(wx_natives[i].name, name)) {
			fxNewHostFunction(the, (txCallback)wx_natives[i].function, wx_natives[i].length, XS_NO_ID, XS_NO_ID);
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
	for (i = 0; i < wx_native_class_count; i++) {
		if (!c_strcmp(wx_native_classes[i].name, name)) {
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

/* ---- modules ---- */

static const struct wx_code_module *find_code(const char *name)
{
	int i;
	for (i = 0; i < wx_image.module_count; i++)
		if (!c_strcmp(wx_image.modules[i].name, name))
			return wx_image.modules + i;
	return NULL;
}

static struct wx_script *find_script(struct wx_host *host, const char *name)
{
	struct wx_script *script;
	for (script = host->scripts; script; script = script->next)
		if (!c_strcmp(script->name, name))
			return script;
	return NULL;
}

/* Names have no folders but those written in them: "./x" is beside the importer, and ".js" may be left out. */
txID fxFindModule(txMachine *the, txSlot *realm, txID moduleID, txSlot *slot)
{
	char path[C_PATH_MAX], name[C_PATH_MAX];
	char *part = name;
	size_t length;
	(void)realm;
	fxToStringBuffer(the, slot, name, sizeof(name));
	path[0] = 0;
	if (name[0] == '.' && moduleID != XS_NO_ID) {
		char *slash;
		snprintf(path, sizeof(path), "%s", fxGetKeyName(the, moduleID));
		slash = c_strrchr(path, '/');
		*(slash ? slash + 1 : path) = 0;
		while (part[0] == '.') {
			if (part[1] == '/')
				part += 2;
			else if (part[1] == '.' && part[2] == '/') {
				part += 3;
				length = c_strlen(path);
				if (!length)
					return XS_NO_ID;
				path[length - 1] = 0;
				slash = c_strrchr(path, '/');
				*(slash ? slash + 1 : path) = 0;
			} else
				return XS_NO_ID;
		}
	}
	length = c_strlen(part);
	if (length > 3 && !c_strcmp(part + length - 3, ".js"))
		part[length - 3] = 0;
	if (c_strlen(path) + c_strlen(part) >= sizeof(path))
		return XS_NO_ID;
	c_strcat(path, part);
	if (find_code(path) || find_script(the->context, path))
		return fxNewNameC(the, path);
	return XS_NO_ID;
}

void fxLoadModule(txMachine *the, txSlot *module, txID moduleID)
{
	txString name = fxGetKeyName(the, moduleID);
	const struct wx_code_module *code = find_code(name);
	struct wx_script *file = code ? NULL : find_script(the->context, name);
	txScript script;
	c_memset(&script, 0, sizeof(script));
	if (code) {
		script.codeBuffer = (txByte *)code->code;
		script.codeSize = (txSize)code->size;
	} else if (file) {
		script.codeBuffer = (txByte *)file->code;
		script.codeSize = (txSize)file->size;
	} else
		return;
	script.path = name;
	script.version[0] = XS_MAJOR_VERSION;
	script.version[1] = XS_MINOR_VERSION;
	script.version[2] = XS_PATCH_VERSION;
	fxResolveModule(the, module, moduleID, &script, C_NULL, C_NULL);
}

static void make_keys(txMachine *the)
{
	struct wx_host *host = the->context;
	int i;
	uint32_t engine = (XS_MAJOR_VERSION << 16) | (XS_MINOR_VERSION << 8) | XS_PATCH_VERSION;
	if (wx_image.engine == engine && the->keyIndex == wx_image.first_key) {
		for (i = 0; i < wx_image.name_count; i++)
			if (fxNewNameX(the, (txString)wx_image.names[i]) != wx_image.first_key + i)
				break;
		if (i == wx_image.name_count)
			return;
	}
	snprintf(host->message, sizeof(host->message), "the image's byte code is of another engine");
	host->guard->status = XS_FATAL_CHECK_EXIT;
	longjmp(host->guard->buffer, 1);
}

static uint32_t read32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Gives 0 when the file is not the byte code of a script. */
static int load_script(txMachine *the, const char *path, const char *name)
{
	struct wx_host *host = the->context;
	struct wx_script *script;
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	txID *ids = NULL;
	uint32_t count, names, code;
	size_t size;
	long length;
	txString p;
	uint32_t i;
	int done = 0;
	if (!file)
		return 0;
	if (fseek(file, 0, SEEK_END) || (length = ftell(file)) < WX_CODE_HEADER || fseek(file, 0, SEEK_SET))
		goto bail;
	size = (size_t)length;
	data = malloc(size);
	if (!data || fread(data, 1, size, file) != size)
		goto bail;
	count = data[6] | (uint32_t)data[7] << 8;
	names = read32(data + 8);
	code = read32(data + 12);
	if (read32(data) != WX_CODE_MAGIC || data[4] != WX_CODE_VERSION || data[5] || count == 0 ||
		names > size - WX_CODE_HEADER || code != size - WX_CODE_HEADER - names ||
		(names && data[WX_CODE_HEADER + names - 1]))
		goto bail;
	ids = malloc(count * sizeof(txID));
	script = calloc(1, sizeof(*script));
	if (!ids || !script) {
		free(script);
		goto bail;
	}
	/* Before anything that can exhaust the machine, so that the memory is found again. */
	script->name = name;
	script->data = data;
	script->code = data + WX_CODE_HEADER + names;
	script->size = code;
	script->next = host->scripts;
	host->scripts = script;
	data = NULL;
	p = (txString)script->data + WX_CODE_HEADER;
	ids[0] = XS_NO_ID;
	for (i = 1; i < count && p < (txString)script->code; i++) {
		ids[i] = fxNewNameX(the, p);
		p += c_strlen(p) + 1;
	}
	if (i == count && p == (txString)script->code) {
		fxRemapIDs(the, (txByte *)script->code, (txSize)code, ids);
		done = 1;
	}
bail:
	free(ids);
	free(data);
	fclose(file);
	return done;
}

static txSlot *realm_of(txMachine *the)
{
	return mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm;
}

static void import_fulfilled(txMachine *the)
{
	((struct wx_host *)the->context)->script_done = 1;
}

static void import_rejected(txMachine *the)
{
	struct wx_host *host = the->context;
	host->script_done = 1;
	host->status = WX_FAILED;
	host->exiting = 1;
	mxException = *mxArgv(0);
	describe_exception(the);
	if (!host->world)
		fprintf(stderr, "%s\n", host->message);
}

static void import_module(txMachine *the, const char *name)
{
	mxTry(the)
	{
		mxPushStringC((txString)name);
		fxRunImport(the, realm_of(the), XS_NO_ID);
		mxDub();
		mxGetID(mxID(_then));
		mxCall();
		fxNewHostFunction(the, import_fulfilled, 1, XS_NO_ID, XS_NO_ID);
		fxNewHostFunction(the, import_rejected, 1, XS_NO_ID, XS_NO_ID);
		mxRunCount(2);
		mxPop();
	}
	mxCatch(the)
	{
		fxAbort(the, XS_UNHANDLED_EXCEPTION_EXIT);
	}
}

/* ---- running ---- */

/*
 * How deep the XS stack ever was. Conversions of numbers use its far end for scratch, so the untouched part is searched
 * from the near end: there is some when eight slots in a row are as painted.
 */
static uint32_t painted_stack(txMachine *the)
{
	const uint8_t *top = (uint8_t *)the->stackTop, *bottom = (uint8_t *)the->stackBottom, *p = (uint8_t *)the->stack;
	size_t run = 0;
	while (p > bottom && run < 8 * sizeof(txSlot))
		run = *--p == 0xA5 ? run + 1 : 0;
	return (uint32_t)(top - (p + run));
}

void wx_host_reset_peaks(txMachine *the)
{
	struct wx_host *host = wx_host_of(the);
	the->peakHeapCount = the->currentHeapCount;
	the->peakChunksSize = the->currentChunksSize;
	wx_alloc_reset_peak(&host->native);
	wx_alloc_reset_peak(&host->engine);
}

void wx_host_memory(struct wx_host *host, struct wx_memory *memory)
{
	txMachine *the = host->machine;
	struct wx_script *script;
	const uint8_t *p, *q;
	memset(memory, 0, sizeof(*memory));
	memory->native = (uint32_t)host->native.current;
	memory->native_peak = (uint32_t)host->native.peak;
	memory->engine = (uint32_t)host->engine.current;
	memory->engine_peak = (uint32_t)host->engine.peak;
	for (script = host->scripts; script; script = script->next)
		memory->script += script->size;
	p = (uint8_t *)host->cstack_top - host->options.cstack;
	for (q = p; q < (uint8_t *)host->cstack_top && *q == 0xA5; q++)
		;
	memory->cstack_peak = (uint32_t)((uint8_t *)host->cstack_top - q);
	if (!the)
		return;
	memory->slots = host->slot_bytes;
	memory->slots_peak = the->peakHeapCount * sizeof(txSlot);
	memory->slots_live = the->currentHeapCount * sizeof(txSlot);
	memory->chunks = host->chunk_bytes;
	/* A chunk that was renewed counts twice for the engine until the next collection. */
	memory->chunks_peak = the->peakChunksSize < (txSize)host->chunk_bytes ? (uint32_t)the->peakChunksSize
																		  : host->chunk_bytes;
	memory->chunks_live = the->currentChunksSize;
	memory->stack = host->stack_bytes;
	memory->stack_peak = painted_stack(the);
	memory->keys = the->keyCount;
	memory->keys_used = wx_keys_used(the);
}

static int turn(txMachine *the, struct wx_host *host)
{
	if (host->exiting)
		return 0;
	if (host->promise_jobs) {
		host->promise_jobs = 0;
		fxBeginHost(the);
		fxRunPromiseJobs(the);
		fxEndHost(the);
		return 1;
	}
	if (wx_io_dispatch(host, the))
		return 1;
	return wx_timers_run(host, the);
}

void wx_host_create(struct wx_host *host)
{
	txCreation creation;
	txMachine *the;
	c_memset(&creation, 0, sizeof(creation));
	creation.initialChunkSize = (txSize)host->options.chunks;
	creation.initialHeapCount = (txSize)(host->options.slots / sizeof(txSlot));
	creation.stackCount = (txSize)(host->options.stack / sizeof(txSlot));
	creation.initialKeyCount = (txSize)host->options.keys;
	creation.nameModulo = 127;
	creation.symbolModulo = 127;
	creation.parserBufferSize = 1024;
	creation.parserTableModulo = 127;
	host->first_key = host->free_keys = host->free_key = 0;
	the = fxCreateMachine(&creation, "wait-xs", host, XS_NO_ID);
	host->machine = the;
	if (!the) {
		snprintf(host->message, sizeof(host->message), "no memory for a machine");
		host->guard->status = XS_NOT_ENOUGH_MEMORY_EXIT;
		longjmp(host->guard->buffer, 1);
	}
	make_keys(the);
	define_global(the, bind_function, "native");
	define_global(the, bind_class, "Native");
	host->first_key = the->keyIndex;
}

void wx_host_import(struct wx_host *host, const char *module)
{
	txMachine *the = host->machine;
	fxBeginHost(the);
	import_module(the, module);
	fxEndHost(the);
	while (!host->script_done && turn(the, host))
		;
}

/* What the world is told when the program has ended; it may go on, with nobody to answer. */
static void tell_end(struct wx_host *host)
{
	if (!host->world)
		return;
	wx_io_ask(host->io, WX_IO_ASK_SCRIPT_END, host->status, 0, 0, 0, host->message, NULL);
	wx_io_set_state(host->io, WX_IO_SLEEP);
	while (wx_io_due(host->io) != WX_IO_NEVER)
		wx_io_advance_to(host->io, wx_io_due(host->io));
}

static void run(struct wx_host *host)
{
	txMachine *the;
	wx_host_create(host);
	the = host->machine;
	if (host->io->restarts)
		wx_io_ask(host->io, WX_IO_ASK_RESET, host->io->wake, 0, 0, 0, NULL, NULL);
	wx_host_import(host, "main");
	if (host->status || !host->script_done) {
		host->status = WX_BOARD;
		return;
	}
	host->script_done = 0;
	wx_io_spend(host->io, WX_IO_CALL_BOOT);
	if (host->options.script) {
		fxBeginHost(the);
		if (!load_script(the, host->options.script, "script")) {
			fprintf(stderr, "%s: not the byte code of a script\n", host->options.script);
			host->status = WX_BOARD;
			host->exiting = 1;
		} else
			import_module(the, "script");
		fxEndHost(the);
	} else if (host->options.main) {
		fxBeginHost(the);
		import_module(the, host->options.main);
		fxEndHost(the);
	} else
		host->script_done = 1;
	while (turn(the, host))
		;
	if (!host->exiting && !host->script_done) {
		fprintf(stderr, "the script waits for something that will not come\n");
		host->status = WX_FAILED;
	}
	if (!host->exiting) {
		fxBeginHost(the);
		fxCheckUnhandledRejections(the, 1);
		fxEndHost(the);
	}
	tell_end(host);
}

static void paint_cstack(struct wx_host *host)
{
	volatile uint8_t *p = (uint8_t *)host->cstack_top - host->options.cstack;
	volatile uint8_t *end = (uint8_t *)__builtin_frame_address(0) - 1024;
	while (p < end)
		*p++ = 0xA5;
}

static void write_reply(struct wx_host *host)
{
	struct wx_memory memory;
	if (!host->reply)
		return;
	wx_host_memory(host, &memory);
	fprintf(host->reply,
		"{\"status\":%d,\"memory\":{\"slots\":%u,\"slotsPeak\":%u,\"slotsLive\":%u,\"chunks\":%u,\"chunksPeak\":%u,"
		"\"chunksLive\":%u,\"stack\":%u,\"stackPeak\":%u,\"cStackPeak\":%u,\"engine\":%u,\"enginePeak\":%u,\"native\":%"
		"u,"
		"\"nativePeak\":%u,\"script\":%u,\"keys\":%u,\"keysUsed\":%u}}\n",
		host->status, memory.slots, memory.slots_peak, memory.slots_live, memory.chunks, memory.chunks_peak,
		memory.chunks_live, memory.stack, memory.stack_peak, memory.cstack_peak, memory.engine, memory.engine_peak,
		memory.native, memory.native_peak, memory.script, memory.keys, memory.keys_used);
	fflush(host->reply);
}

bool wx_host_guarded(struct wx_host *host, void (*callback)(struct wx_host *host, void *data), void *data)
{
	struct wx_guard guard;
	struct wx_guard *before = host->guard;
	struct wx_host *entered = wx_engine_use(host);
	txMachine *the = host->machine;
	volatile bool done = false;
	guard.outer = NULL;
	guard.jump = the ? the->firstJump : NULL;
	guard.status = 0;
	host->guard = &guard;
	if (setjmp(guard.buffer) == 0) {
		(*callback)(host, data);
		done = true;
	}
	host->guard = before;
	wx_engine_use(entered);
	return done;
}

static void delete_machine(struct wx_host *host)
{
	host->guard = NULL;
	if (host->machine) {
		wx_timers_release(host);
		fxDeleteMachine(host->machine);
		host->machine = NULL;
	}
	host->hooked = 0;
	host->watched = NULL;
	host->promise_jobs = 0;
	host->script_done = 0;
	host->slot_bytes = host->chunk_bytes = host->stack_bytes = 0;
	wx_alloc_release(&host->native);
	wx_alloc_release(&host->engine);
	while (host->scripts) {
		struct wx_script *script = host->scripts;
		host->scripts = script->next;
		free(script->data);
		free(script);
	}
}

/* One life of the machine, from power-on or reset to its end. */
static void live(struct wx_host *host)
{
	struct wx_guard guard;
	guard.outer = NULL;
	guard.jump = NULL;
	guard.status = 0;
	host->guard = &guard;
	host->leave = WX_STAY;
	host->exiting = 0;
	host->status = 0;
	wx_alloc_init(&host->native, host->options.native);
	wx_alloc_init(&host->engine, 0);
	engine_host = host;
	if (setjmp(guard.buffer) == 0)
		run(host);
	else if (host->leave == WX_STAY) {
		int failed = guard.status == XS_UNHANDLED_EXCEPTION_EXIT || guard.status == XS_UNHANDLED_REJECTION_EXIT;
		host->status = failed ? WX_FAILED : WX_BOARD;
		if (!host->world)
			fprintf(stderr, "%s\n", host->message);
		/* The scenario goes on; it may leave here in its turn. */
		if (setjmp(guard.buffer) == 0)
			tell_end(host);
	}
	engine_host = host;
	wx_count_mark(WX_PHASE_NONE);
}

/* Off, until it is to wake: only the world goes on. False: it left before; host->leave says why. */
static bool sleep_deeply(struct wx_host *host)
{
	struct wx_guard guard;
	volatile bool awake = false;
	guard.outer = NULL;
	guard.jump = NULL;
	guard.status = 0;
	host->guard = &guard;
	host->leave = WX_STAY;
	if (setjmp(guard.buffer) == 0) {
		wx_world_sleep(host);
		awake = true;
	}
	host->guard = NULL;
	return awake || host->leave == WX_LEAVE_RESET;
}

int wx_host_run(struct wx_host *host)
{
	char top;
	host->cstack_top = &top;
	paint_cstack(host);
	if (host->options.scenario && !wx_world_start(host))
		return WX_BOARD;
	for (;;) {
		live(host);
		if (host->leave != WX_LEAVE_RESET && host->leave != WX_LEAVE_SLEEP)
			break;
		fflush(stdout);
		{
			enum wx_leave leave = host->leave;
			delete_machine(host);
			wx_io_reset(host->io, (enum wx_io_wake)host->io->wake);
			/* A supply that fails while it sleeps is another such sleep. */
			while (leave == WX_LEAVE_SLEEP && !sleep_deeply(host))
				leave = host->leave;
			if (leave == WX_LEAVE_END)
				break;
		}
	}
	write_reply(host);
	fflush(stdout);
	delete_machine(host);
	if (host->world)
		wx_world_stop(host);
	engine_host = NULL;
	return host->status;
}
