/*
 * What XS hosts of this project have beyond @moddable/typings 5.6.0.
 *
 * native("xs_x_m") gives the C function of that name, Native("xs_x_destructor") a constructor of host objects with that
 * C destructor, as in the Moddable SDK from 8 on; there they are syntax, so only string literals will do. On the hosts
 * of this project they are functions that search native/xs/natives.inc and the port's list: call them once, when a
 * module loads.
 *
 *     const close = native<(this: X) => void>("xs_x_close");
 *     class X extends Native("xs_x_destructor") { close(): void { close.call(this); } }
 */

type NativeFunction = (this: never, ...args: never[]) => unknown;

declare function native<F extends NativeFunction>(name: string): F;
declare function Native(name: string): new () => object;

interface Console {
	log(...values: unknown[]): void;
	info(...values: unknown[]): void;
	debug(...values: unknown[]): void;
	warn(...values: unknown[]): void;
	error(...values: unknown[]): void;
}
// eslint-disable-next-line no-var
declare var console: Console;

declare function setTimeout(callback: (...args: unknown[]) => void, milliseconds?: number, ...args: unknown[]): number;
declare function setInterval(callback: (...args: unknown[]) => void, milliseconds?: number, ...args: unknown[]): number;
declare function clearTimeout(id?: number): void;
declare function clearInterval(id?: number): void;

/** A file, read by chunks. */
interface FileSource {
	readonly length: number;
	/** At most `count` bytes from `offset` on; fewer at the end. */
	read(offset: number, count: number): ArrayBuffer;
	/** The same into a buffer. How many bytes there were. */
	readInto(buffer: ArrayBuffer, offset: number): number;
	close(): void;
}

interface Files {
	read(name: string): ArrayBuffer;
	open(name: string): FileSource;
	/** All names, those of folders below with their path. */
	list(): string[];
}
// eslint-disable-next-line no-var
declare var files: Files;
