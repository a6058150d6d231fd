/*
 * As guest.ts, for code flash. With `flash` in the request there is room for one and a half images; without it, it
 * prints how much one takes.
 */

export interface Request {
	rounds: number;
	/** Bytes of code flash, if it is known what is to be asked of them. */
	flash?: number;
}

const { rounds, flash } = JSON.parse(native<() => string>("xs_host_request")()) as Request;
const moduleFigures = native<(module: WebAssembly.Module) => { flash: number }>("xs_module_figures");

const large = files.read("large");
const small = files.read("small");
const optimized = WebAssembly.Module as unknown as new (source: ArrayBuffer, options: object) => WebAssembly.Module;

function compile(bytes: ArrayBuffer): WebAssembly.Module {
	return new WebAssembly.Module(bytes);
}

/** Why it is refused. */
function refusal(action: () => unknown): string {
	try {
		action();
	} catch (error) {
		return String(error);
	}
	return "not refused";
}

async function test(name: string, action: () => unknown): Promise<void> {
	let error: string | undefined;
	try {
		await action();
	} catch (thrown) {
		error = String(thrown);
	}
	console.log(JSON.stringify({ name, error }));
}

function expect(full: string): void {
	if (!/code flash( is)? full/.test(full)) throw new Error(full);
}

if (flash === undefined)
	console.log(
		JSON.stringify({ large: moduleFigures(compile(large)).flash, small: moduleFigures(compile(small)).flash }),
	);
else {
	await test("images one after the other", () => {
		for (let i = 0; i < rounds; i++) compile(large);
		const one = compile(large);
		expect(refusal(() => compile(large)));
		if (moduleFigures(one).flash >= flash) throw new Error("no room to begin with");
	});

	await test("images one after the other, waited for", async () => {
		const held: { current?: WebAssembly.Module } = {};
		for (let i = 0; i < rounds / 5; i++) {
			delete held.current;
			held.current = await WebAssembly.compile(large);
		}
		for (let i = 0; i < rounds / 5; i++) {
			delete held.current;
			held.current = await WebAssembly.compileStreaming(files.open("large") as never);
		}
	});

	await test("where there is no room for a second image the first one stays", () => {
		for (let i = 0; i < rounds / 10; i++) {
			const module = new optimized(large, { optimize: true });
			if ((new WebAssembly.Instance(module).exports["run"] as (x: number) => number)(0) !== 0)
				throw new Error("another result");
		}
	});

	await test("images of two sizes, in pieces", () => {
		const kept: (WebAssembly.Module | undefined)[] = [];
		const fill = (): void =>
			expect(
				refusal(() => {
					for (;;) kept.push(compile(small));
				}),
			);
		fill();
		for (let i = 0; i < rounds / 20; i++) {
			/* every other one is garbage: no two pages are free together */
			for (let k = i % 2; k < kept.length; k += 2) kept[k] = undefined;
			expect(refusal(() => compile(large)));
			/* as many as there were */
			const before = kept.length;
			const gone = kept.filter((module) => !module).length;
			const left = kept.filter((module) => module);
			kept.length = 0;
			kept.push(...left);
			fill();
			if (kept.length !== before) throw new Error(`${gone} were free, ${kept.length - left.length} fit`);
		}
		kept.length = 0;
		compile(large);
	});
}
console.log(JSON.stringify({ done: true }));
