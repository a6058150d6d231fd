/** files: what the command line's --file and --files give to a script. */

const read = native<(name: string) => ArrayBuffer>("xs_files_read");
const list = native<() => string[]>("xs_files_list");
const open = native<(this: Source, name: string) => void>("xs_file_open");
const close = native<(this: Source) => void>("xs_file_close");
const getLength = native<(this: Source) => number>("xs_file_get_length");
const readAt = native<(this: Source, offset: number, count: number) => ArrayBuffer>("xs_file_read");

const readInto = native<(this: Source, buffer: ArrayBuffer, offset: number) => number>("xs_file_read_into");

class Source extends Native("xs_file_destructor") implements FileSource {
	constructor(name: string) {
		super();
		open.call(this, name);
	}
	get length(): number {
		return getLength.call(this);
	}
	read(offset: number, count: number): ArrayBuffer {
		return readAt.call(this, offset, count);
	}
	readInto(buffer: ArrayBuffer, offset: number): number {
		return readInto.call(this, buffer, offset);
	}
	close(): void {
		close.call(this);
	}
}

globalThis.files = { read, list, open: (name) => new Source(name) };
