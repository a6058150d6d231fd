/** Why a module was refused, in one line: the API's message without the name of the API's function. */
export function reasonOf(error: unknown): string {
	const message = error instanceof Error ? error.message : String(error);
	const at = message.startsWith("WebAssembly.") ? message.indexOf(": ") : -1;
	return at < 0 ? message : message.slice(at + 2);
}
