/* Runs an example that imports nothing. Prints the result of its export `run`; nothing when it is another kind. */

const module = new WebAssembly.Module(files.read("module"));
if (WebAssembly.Module.imports(module).length === 0) {
	const { exports } = new WebAssembly.Instance(module);
	if (typeof exports.run === "function" && exports.run.length === 0) console.log(exports.run());
}
