/* Modules: those of the image, and scripts from files. */

#include "xsAll.h"
#include "xs.h"
#include "machine.h"

/* In the engine, without a declaration in its headers. */
extern void fxRemapIDs(txMachine *the, txByte *code, txSize size, txID *ids);

/* Read into memory. */
struct wx_script {
	struct wx_script *next;
	const char *name;
	uint8_t *data;
	const uint8_t *code;
	uint32_t size;
};

static const struct wx_code_module *find_code(const char *name)
{
	int i;
	for (i = 0; i < wx_image.module_count; i++)
		if (!c_strcmp(wx_image.modules[i].name, name))
			return wx_image.modules + i;
	return NULL;
}

static struct wx_script *find_script(const struct wx_machine *machine, const char *name)
{
	struct wx_script *script;
	for (script = machine->scripts; script; script = script->next)
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
	if (find_code(path) || find_script(wx_machine_of(the), path))
		return fxNewNameC(the, path);
	return XS_NO_ID;
}

void fxLoadModule(txMachine *the, txSlot *module, txID moduleID)
{
	txString name = fxGetKeyName(the, moduleID);
	const struct wx_code_module *code = find_code(name);
	struct wx_script *file = code ? NULL : find_script(wx_machine_of(the), name);
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

void wx_make_keys(txMachine *the)
{
	int i;
	uint32_t engine = (XS_MAJOR_VERSION << 16) | (XS_MINOR_VERSION << 8) | XS_PATCH_VERSION;
	if (wx_image.engine == engine && the->keyIndex == wx_image.first_key) {
		for (i = 0; i < wx_image.name_count; i++)
			if (fxNewNameX(the, (txString)wx_image.names[i]) != wx_image.first_key + i)
				break;
		if (i == wx_image.name_count)
			return;
	}
	wx_abandon(wx_machine_of(the), XS_FATAL_CHECK_EXIT, "the image's byte code is of another engine");
}

static uint32_t read32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool load_script(txMachine *the, const char *path, const char *name)
{
	struct wx_machine *machine = wx_machine_of(the);
	struct wx_script *script;
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	txID *ids = NULL;
	uint32_t count, names, code;
	size_t size;
	long length;
	txString p;
	uint32_t i;
	bool done = false;
	if (!file)
		return false;
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
	script->next = machine->scripts;
	machine->scripts = script;
	data = NULL;
	p = (txString)script->data + WX_CODE_HEADER;
	ids[0] = XS_NO_ID;
	for (i = 1; i < count && p < (txString)script->code; i++) {
		ids[i] = fxNewNameX(the, p);
		p += c_strlen(p) + 1;
	}
	if (i == count && p == (txString)script->code) {
		fxRemapIDs(the, (txByte *)script->code, (txSize)code, ids);
		done = true;
	}
bail:
	free(ids);
	free(data);
	fclose(file);
	return done;
}

bool wx_load_script(struct wx_machine *machine, const char *path, const char *name)
{
	txMachine *the = machine->xs;
	bool done;
	fxBeginHost(the);
	done = load_script(the, path, name);
	fxEndHost(the);
	return done;
}

static txSlot *realm_of(txMachine *the)
{
	return mxModuleInstanceInternal(mxProgram.value.reference)->value.module.realm;
}

static void import_fulfilled(txMachine *the)
{
	wx_machine_of(the)->imported = true;
}

static void import_rejected(txMachine *the)
{
	struct wx_machine *machine = wx_machine_of(the);
	machine->imported = true;
	machine->status = WX_FAILED;
	machine->exiting = true;
	mxException = *mxArgv(0);
	wx_describe_exception(the);
	wx_tell(machine);
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

void wx_import(struct wx_machine *machine, const char *name)
{
	txMachine *the = machine->xs;
	machine->imported = false;
	fxBeginHost(the);
	import_module(the, name);
	fxEndHost(the);
}

uint32_t wx_script_bytes(const struct wx_machine *machine)
{
	const struct wx_script *script;
	uint32_t bytes = 0;
	for (script = machine->scripts; script; script = script->next)
		bytes += script->size;
	return bytes;
}

void wx_release_scripts(struct wx_machine *machine)
{
	while (machine->scripts) {
		struct wx_script *script = machine->scripts;
		machine->scripts = script->next;
		free(script->data);
		free(script);
	}
}
