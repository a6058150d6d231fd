/* Runs inside a board's XS: the same work by the module and by plain JavaScript, in turns on the same engine, timed. */

const clock = native("xs_host_clock");

/* Milliseconds that a measurement takes at least, and how many are made: the fastest counts. */
const LONG_ENOUGH = 40;
const TRIES = 3;

function time(repeat, rounds) {
	const start = clock();
	repeat(rounds);
	return clock() - start;
}

/* Milliseconds of one round. */
function measure(repeat) {
	let rounds = 1;
	let elapsed = time(repeat, rounds);
	while (elapsed < LONG_ENOUGH) {
		rounds *= elapsed < LONG_ENOUGH / 16 ? 8 : 2;
		elapsed = time(repeat, rounds);
	}
	for (let i = 1; i < TRIES; i++) elapsed = Math.min(elapsed, time(repeat, rounds));
	return elapsed / rounds;
}

export async function compare(plain) {
	const { instance } = await WebAssembly.instantiateStreaming(files.open("module.wasm"));
	const { repeat } = instance.exports;
	const equal = (repeat(10) | 0) === (plain.repeat(10) | 0);
	console.log(JSON.stringify({ equal, module: measure(repeat), javaScript: measure(plain.repeat) }));
}
