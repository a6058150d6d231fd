/*
 * Compiles ES modules to XS byte code on the build machine, so that boards need no parser. See
 * native/port/linux/code.h.
 *
 *   xs-compile script IN.js OUT            a script for `--script`
 *   xs-compile image OUT.c NAME=IN.js ...  modules to link into a board's program
 *
 * The keys of an image are resolved with a machine of this program, which has the same engine as a board.
 */

#include "xsAll.h"
#include "xsScript.h"
#include "../port/linux/code.h"

#define MAX_MODULES 64
#define MAX_KEYS 32000

void *wx_engine_malloc(size_t size)
{
	return malloc(size);
}

void *wx_engine_calloc(size_t count, size_t size)
{
	return calloc(count, size);
}

void *wx_engine_realloc(void *data, size_t size)
{
	return realloc(data, size);
}

void wx_engine_free(void *data)
{
	free(data);
}

int wx_engine_gettimeofday(struct timeval *tv, void *zone)
{
	return gettimeofday(tv, zone);
}

uint32_t modMilliseconds(void)
{
	return 0;
}

char *fxCStackLimit(void)
{
	return NULL;
}

void *fxAllocateChunks(txMachine *the, txSize size)
{
	(void)the;
	return malloc((size_t)size);
}

void fxFreeChunks(txMachine *the, void *data)
{
	(void)the;
	free(data);
}

txSlot *fxAllocateSlots(txMachine *the, txSize count)
{
	(void)the;
	return malloc((size_t)count * sizeof(txSlot));
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
	(void)the;
}

void fxAbort(txMachine *the, int status)
{
	(void)the;
	fprintf(stderr, "xs-compile: XS aborted (%d)\n", status);
	exit(1);
}

txID fxFindModule(txMachine *the, txSlot *realm, txID moduleID, txSlot *slot)
{
	(void)the, (void)realm, (void)moduleID, (void)slot;
	return XS_NO_ID;
}

void fxLoadModule(txMachine *the, txSlot *module, txID moduleID)
{
	(void)the, (void)module, (void)moduleID;
}

/* ---- parsing ---- */

struct source {
	const char *path;
	uint8_t *data;
	size_t size;
	size_t offset;
	int failed;
};

static int get_byte(void *data)
{
	struct source *source = data;
	return source->offset < source->size ? source->data[source->offset++] : C_EOF;
}

static void report_error(void *console, txString path, txInteger line, txString format, c_va_list arguments)
{
	struct source *source = console;
	(void)path;
	source->failed = 1;
	fprintf(stderr, "%s:%d: ", source->path, (int)line);
	vfprintf(stderr, format, arguments);
	fprintf(stderr, "\n");
}

static void report_warning(void *console, txString path, txInteger line, txString format, c_va_list arguments)
{
	(void)console, (void)path, (void)line, (void)format, (void)arguments;
}

static int read_source(struct source *source, const char *path)
{
	FILE *file = fopen(path, "rb");
	long length;
	c_memset(source, 0, sizeof(*source));
	source->path = path;
	if (!file || fseek(file, 0, SEEK_END) || (length = ftell(file)) < 0 || fseek(file, 0, SEEK_SET)) {
		fprintf(stderr, "%s: cannot read\n", path);
		return 0;
	}
	source->size = (size_t)length;
	source->data = malloc(source->size + 1);
	if (!source->data || fread(source->data, 1, source->size, file) != source->size) {
		fprintf(stderr, "%s: cannot read\n", path);
		fclose(file);
		return 0;
	}
	fclose(file);
	return 1;
}

static txScript *parse(const char *path)
{
	struct source source;
	txParser parser;
	txParserJump jump;
	txScript *volatile script = NULL;
	if (!read_source(&source, path))
		return NULL;
	fxInitializeParser(&parser, &source, 256 * 1024, 1993);
	parser.firstJump = &jump;
	parser.reportError = report_error;
	parser.reportWarning = report_warning;
	if (c_setjmp(jump.jmp_buf) == 0) {
		fxParserTree(&parser, &source, get_byte, mxStrictFlag, NULL);
		fxParserHoist(&parser);
		fxParserBind(&parser);
		script = fxParserCode(&parser);
	}
	fxTerminateParser(&parser);
	free(source.data);
	if (source.failed)
		return NULL;
	if (!script)
		fprintf(stderr, "%s: no byte code\n", path);
	return script;
}

/* ---- byte code ---- */

/* The instruction after the one at `p`. */
static txU1 *next_instruction(txU1 *p)
{
	txS1 step = gxCodeSizes[*p];
	if (step > 0)
		return p + step;
	if (step == 0)
		return p + 1 + sizeof(txID);
	if (step == -1)
		return p + 2 + p[1];
	if (step == -2)
		return p + 3 + (p[1] | p[2] << 8);
	return p + 5 + (p[1] | p[2] << 8 | p[3] << 16 | (txU4)p[4] << 24);
}

/* Functions and strings are used where they are instead of being copied to the heap. */
static void run_in_place(txByte *code, txSize size)
{
	txU1 *p = (txU1 *)code, *q = p + size;
	for (; p < q; p = next_instruction(p)) {
		switch (*p) {
		case XS_CODE_CODE_1: *p = XS_CODE_CODE_ARCHIVE_1; break;
		case XS_CODE_CODE_2: *p = XS_CODE_CODE_ARCHIVE_2; break;
		case XS_CODE_CODE_4: *p = XS_CODE_CODE_ARCHIVE_4; break;
		case XS_CODE_STRING_1: *p = XS_CODE_STRING_ARCHIVE_1; break;
		case XS_CODE_STRING_2: *p = XS_CODE_STRING_ARCHIVE_2; break;
		case XS_CODE_STRING_4: *p = XS_CODE_STRING_ARCHIVE_4; break;
		}
	}
}

/*
 * A plain function of an image is never called with `new`: it gets no prototype object, which would take three slots. A
 * class is told from a function by how its code begins.
 */
static void drop_prototypes(txByte *code, txSize size)
{
	txU1 *p = (txU1 *)code, *q = p + size;
	for (; p < q; p = next_instruction(p)) {
		txU1 *body;
		if (*p != XS_CODE_CONSTRUCTOR_FUNCTION)
			continue;
		body = next_instruction(p);
		if (*body == XS_CODE_CODE_1)
			body += 2;
		else if (*body == XS_CODE_CODE_2)
			body += 3;
		else if (*body == XS_CODE_CODE_4)
			body += 5;
		else
			continue;
		if (*body == XS_CODE_BEGIN_STRICT)
			*p = XS_CODE_FUNCTION;
	}
}

/*
 * Replaces indices of symbols by keys, and makes only the keys that are needed, since each costs RAM on a board. A
 * variable needs its name only for messages of errors that tested code does not have, but for private names: those the
 * engine compares.
 */
static void resolve_keys(txMachine *the, txScript *script)
{
	txU1 *p = (txU1 *)script->codeBuffer, *q = p + script->codeSize;
	txString names[MAX_KEYS], name = (txString)script->symbolsBuffer;
	txID count, i, id;
	mxDecodeID(name, count);
	for (i = 1; i < count; i++) {
		names[i] = name;
		name += c_strlen(name) + 1;
	}
	for (; p < q; p = next_instruction(p)) {
		if (gxCodeSizes[*p] != 0)
			continue;
		id = (txID)(p[1] | p[2] << 8);
		if (id == XS_NO_ID)
			continue;
		if ((*p == XS_CODE_NEW_LOCAL || *p == XS_CODE_NEW_CLOSURE) && names[id][0] != '#')
			id = XS_NO_ID;
		else
			id = fxNewNameC(the, names[id]);
		p[1] = (txU1)id;
		p[2] = (txU1)(id >> 8);
	}
}

static void put32(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
	p[2] = (uint8_t)(value >> 16);
	p[3] = (uint8_t)(value >> 24);
}

static int compile_script(const char *in, const char *out)
{
	txScript *script = parse(in);
	uint8_t header[WX_CODE_HEADER];
	const char *names;
	uint32_t size;
	FILE *file;
	int done;
	if (!script)
		return 0;
	run_in_place(script->codeBuffer, script->codeSize);
	/* The symbols begin with their number, which counts the absent one too. */
	names = (const char *)script->symbolsBuffer + sizeof(txID);
	size = (uint32_t)script->symbolsSize - sizeof(txID);
	put32(header, WX_CODE_MAGIC);
	header[4] = WX_CODE_VERSION;
	header[5] = 0;
	header[6] = (uint8_t)script->symbolsBuffer[0];
	header[7] = (uint8_t)script->symbolsBuffer[1];
	put32(header + 8, size);
	put32(header + 12, (uint32_t)script->codeSize);
	file = fopen(out, "wb");
	done = file && fwrite(header, 1, sizeof(header), file) == sizeof(header) && fwrite(names, 1, size, file) == size &&
		fwrite(script->codeBuffer, 1, (size_t)script->codeSize, file) == (size_t)script->codeSize;
	if (file && fclose(file))
		done = 0;
	if (!done)
		fprintf(stderr, "%s: cannot write\n", out);
	fxDeleteScript(script);
	return done;
}

static void write_bytes(FILE *file, const uint8_t *data, size_t size)
{
	size_t i;
	for (i = 0; i < size; i++)
		fprintf(file, i % 24 == 23 ? "%d,\n" : "%d,", data[i]);
}

static int compile_image(const char *out, int count, char **arguments)
{
	txCreation creation;
	txMachine *the;
	txID first;
	FILE *file = fopen(out, "w");
	txScript *scripts[MAX_MODULES];
	char *names[MAX_MODULES];
	int i;
	txID id;
	if (!file) {
		fprintf(stderr, "%s: cannot write\n", out);
		return 0;
	}
	if (count > MAX_MODULES)
		return 0;
	c_memset(&creation, 0, sizeof(creation));
	creation.initialChunkSize = creation.incrementalChunkSize = 1024 * 1024;
	creation.initialHeapCount = creation.incrementalHeapCount = 64 * 1024;
	creation.stackCount = 4096;
	creation.initialKeyCount = MAX_KEYS;
	creation.nameModulo = 127;
	creation.symbolModulo = 127;
	the = fxCreateMachine(&creation, "xs-compile", NULL, XS_NO_ID);
	first = the->keyIndex;
	fprintf(file, "/* Made by xs-compile. */\n#include \"code.h\"\n");
	for (i = 0; i < count; i++) {
		char *equal = c_strchr(arguments[i], '=');
		if (!equal)
			return 0;
		*equal = 0;
		names[i] = arguments[i];
		scripts[i] = parse(equal + 1);
		if (!scripts[i])
			return 0;
		fxNewNameC(the, names[i]);
		drop_prototypes(scripts[i]->codeBuffer, scripts[i]->codeSize);
		resolve_keys(the, scripts[i]);
		run_in_place(scripts[i]->codeBuffer, scripts[i]->codeSize);
		fprintf(file, "static const uint8_t code_%d[%d] = {\n", i, (int)scripts[i]->codeSize);
		write_bytes(file, (uint8_t *)scripts[i]->codeBuffer, (size_t)scripts[i]->codeSize);
		fprintf(file, "};\n");
	}
	fprintf(file, "static const struct wx_code_module modules[] = {\n");
	for (i = 0; i < count; i++)
		fprintf(file, "\t{\"%s\", code_%d, %d},\n", names[i], i, (int)scripts[i]->codeSize);
	fprintf(file, "};\nstatic const char *const names[] = {\n");
	for (id = first; id < the->keyIndex; id++) {
		const unsigned char *p = (const unsigned char *)fxGetKeyName(the, id);
		fprintf(file, "\t\"");
		for (; *p; p++) {
			if (*p < 32 || *p > 126 || *p == '"' || *p == '\\' || *p == '?')
				fprintf(file, "\\%03o", *p);
			else
				fputc(*p, file);
		}
		fprintf(file, "\",\n");
	}
	printf("  %d modules, %u names\n", count, (unsigned)(the->keyIndex - first));
	fprintf(file, "\t0\n};\nconst struct wx_code_image wx_image = {%d, %d, %d, %d, names, modules};\n", first,
		the->keyIndex - first, count, (XS_MAJOR_VERSION << 16) | (XS_MINOR_VERSION << 8) | XS_PATCH_VERSION);
	return !fclose(file);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !c_strcmp(argv[1], "script"))
		return compile_script(argv[2], argv[3]) ? 0 : 1;
	if (argc > 3 && !c_strcmp(argv[1], "image")) {
		if (compile_image(argv[2], argc - 3, argv + 3))
			return 0;
		remove(argv[2]);
		return 1;
	}
	fprintf(stderr, "xs-compile script IN.js OUT | image OUT.c NAME=IN.js ...\n");
	return 3;
}
