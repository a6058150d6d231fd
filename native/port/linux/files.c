/* Files of the command line, for scripts: whole, or by chunks so that a file larger than the heap can be streamed. */

#include "xsmc.h"
#include "machine.h"
#include "linux-natives.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 4096

struct wx_file_source {
	struct wx_alloc *alloc;
	FILE *file;
	uint32_t length;
};

/* The path of a file, which may be put into `buffer`; NULL when there is none of that name. */
static const char *find_path(const struct wx_options *options, const char *name, char *buffer, size_t size)
{
	struct wx_file *file;
	for (file = options->files; file; file = file->next)
		if (!strcmp(file->name, name))
			return file->path;
	if (options->directory && name[0] && name[0] != '/' && !strstr(name, "..")) {
		int length = snprintf(buffer, size, "%s/%s", options->directory, name);
		if (length > 0 && (size_t)length < size)
			return buffer;
	}
	return NULL;
}

struct opening {
	const char *path;
	FILE *file;
};

/* Files that garbage has open are as good as closed. */
static bool try_open(void *request)
{
	struct opening *opening = request;
	opening->file = fopen(opening->path, "rb");
	return opening->file || (errno != EMFILE && errno != ENFILE && errno != ENOMEM);
}

static FILE *open_file(xsMachine *the, uint32_t *length)
{
	char name[PATH_SIZE / 2], buffer[PATH_SIZE];
	const char *path;
	struct stat status;
	struct opening opening = { NULL, NULL };
	xsmcToStringBuffer(xsArg(0), name, sizeof(name));
	path = find_path(&wx_device_of(the)->options, name, buffer, sizeof(buffer));
	opening.path = path;
	if (path && stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size < 0x7fffffff &&
		!wx_attempt(&wx_port_of(the)->alloc, try_open, &opening))
		xsUnknownError("too many open files: %s", name);
	if (!opening.file)
		xsUnknownError("file not found: %s", name);
	*length = (uint32_t)status.st_size;
	return opening.file;
}

void xs_files_read(xsMachine *the)
{
	uint32_t length;
	FILE *file = open_file(the, &length);
	xsTry
	{
		xsmcSetArrayBuffer(xsResult, NULL, (xsIntegerValue)length);
	}
	xsCatch
	{
		fclose(file);
		xsThrow(xsException);
	}
	if (length && fread(xsmcToArrayBuffer(xsResult), 1, length, file) != length) {
		fclose(file);
		xsUnknownError("cannot read file");
	}
	fclose(file);
}

static void list_directory(xsMachine *the, const char *root, const char *prefix, xsIntegerValue *index)
{
	char path[PATH_SIZE], name[PATH_SIZE];
	struct dirent **entries;
	int count, i;
	if (snprintf(path, sizeof(path), "%s/%s", root, prefix) >= (int)sizeof(path))
		return;
	count = scandir(path, &entries, NULL, alphasort);
	for (i = 0; i < count; i++) {
		struct stat status;
		const char *entry = entries[i]->d_name;
		if (entry[0] != '.' && snprintf(path, sizeof(path), "%s/%s%s", root, prefix, entry) < (int)sizeof(path) &&
			stat(path, &status) == 0 && snprintf(name, sizeof(name), "%s%s", prefix, entry) < (int)sizeof(name) - 2) {
			if (S_ISDIR(status.st_mode)) {
				strcat(name, "/");
				list_directory(the, root, name, index);
			} else {
				xsmcSetString(xsVar(0), name);
				xsmcSetIndex(xsResult, (xsIndex)(*index)++, xsVar(0));
			}
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

void xs_files_list(xsMachine *the)
{
	const struct wx_options *options = &wx_device_of(the)->options;
	struct wx_file *file;
	xsIntegerValue index = 0;
	xsmcVars(1);
	xsmcSetNewArray(xsResult, 0);
	for (file = options->files; file; file = file->next) {
		xsmcSetString(xsVar(0), (xsStringValue)file->name);
		xsmcSetIndex(xsResult, (xsIndex)index++, xsVar(0));
	}
	if (options->directory)
		list_directory(the, options->directory, "", &index);
}

void xs_file_destructor(void *data)
{
	struct wx_file_source *source = data;
	if (source) {
		fclose(source->file);
		wx_free(source->alloc, source);
	}
}

void xs_file_open(xsMachine *the)
{
	struct wx_file_source *source;
	uint32_t length;
	FILE *file = open_file(the, &length);
	source = wx_alloc(&wx_port_of(the)->alloc, sizeof(*source));
	if (!source) {
		fclose(file);
		xsUnknownError("out of memory: native");
	}
	source->alloc = &wx_port_of(the)->alloc;
	source->file = file;
	source->length = length;
	xsmcSetHostData(xsThis, source);
}

void xs_file_close(xsMachine *the)
{
	void *data = xsmcGetHostDataValidate(xsThis, xs_file_destructor);
	if (data) {
		xsmcSetHostData(xsThis, NULL);
		xs_file_destructor(data);
	}
}

void xs_file_get_length(xsMachine *the)
{
	struct wx_file_source *source = wx_this_data(the, xs_file_destructor);
	xsmcSetInteger(xsResult, (xsIntegerValue)source->length);
}

/* Bytes that there are of so many from an offset on. */
static uint32_t bytes_at(xsMachine *the, const struct wx_file_source *source, xsNumberValue offset, xsNumberValue count)
{
	if (!(offset >= 0) || !(count >= 0))
		xsRangeError("invalid range");
	if (offset > source->length)
		offset = source->length;
	if (count > source->length - offset)
		count = source->length - offset;
	return (uint32_t)count;
}

static void read_at(xsMachine *the, struct wx_file_source *source, xsNumberValue offset, void *bytes, uint32_t size)
{
	if (size && (fseek(source->file, (long)offset, SEEK_SET) || fread(bytes, 1, size, source->file) != size))
		xsUnknownError("cannot read file");
}

void xs_file_read(xsMachine *the)
{
	struct wx_file_source *source = wx_this_data(the, xs_file_destructor);
	xsNumberValue offset = xsmcToNumber(xsArg(0));
	uint32_t size = bytes_at(the, source, offset, xsmcToNumber(xsArg(1)));
	xsmcSetArrayBuffer(xsResult, NULL, (xsIntegerValue)size);
	read_at(the, source, offset, xsmcToArrayBuffer(xsResult), size);
}

/* (buffer, offset) => bytes read into the ArrayBuffer */
void xs_file_read_into(xsMachine *the)
{
	struct wx_file_source *source = wx_this_data(the, xs_file_destructor);
	xsNumberValue offset = xsmcToNumber(xsArg(1));
	uint32_t size = bytes_at(the, source, offset, xsmcGetArrayBufferLength(xsArg(0)));
	read_at(the, source, offset, xsmcToArrayBuffer(xsArg(0)), size);
	xsmcSetInteger(xsResult, (xsIntegerValue)size);
}
