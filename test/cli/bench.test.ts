import assert from "node:assert/strict";
import { oneLine, waitXs } from "./support";

interface Row {
	board: string;
	kernel: string;
	instructions: number;
	unchecked: number;
	gccOs: number;
	accesses: number;
	proved: number;
	nativeBytes: number;
	wasmCodeBytes: number;
}

function rows(...args: string[]): Row[] {
	const { status, stdout, stderr } = waitXs("bench", "--fast", "--json", ...args);
	assert.equal(stderr, "");
	assert.equal(status, 0);
	return (JSON.parse(stdout) as { rows: Row[] }).rows;
}

describe("wait-xs bench", function () {
	this.timeout(110_000);

	it("counts the same instructions every time, and what checks add", () => {
		const [fib, sort, again] = [
			...rows("--kernel", "heapsort", "--kernel", "fib", "--board", "lin-arm"),
			...rows("--kernel", "fib", "--board", "lin-arm"),
		] as Row[];
		assert.ok(sort && fib && again);
		assert.equal(sort.kernel, "heapsort");
		// A heap of 256 numbers that look random: no engine sorts them in fewer than 10 instructions each. Where a
		// number lies is not proved: at least a compare and a branch for each.
		assert.ok(sort.gccOs > 2560 && sort.instructions > 2560, JSON.stringify(sort));
		assert.ok(sort.accesses > sort.proved);
		assert.ok(sort.instructions - sort.unchecked >= 2 * 256, JSON.stringify(sort));
		assert.ok(sort.nativeBytes > 0 && sort.wasmCodeBytes > 0);
		assert.equal(fib.instructions, fib.unchecked);
		assert.deepEqual(again, fib);
	});

	it("shows the hottest code of a kernel, and gcc's", () => {
		const { status, stdout } = waitXs("bench", "--kernel", "heapsort", "--board", "lin-arm", "--profile", "80");
		assert.equal(status, 0);
		assert.match(stdout, /^heapsort on lin-arm: \d+ instructions a round: .*check [\d.]+%/m);
		assert.match(stdout, /^ +\d+ +[\da-f]+ +check +cmp/m);
		assert.match(stdout, /^heapsort by gcc -Os: \d+ instructions a round: /m);
		assert.doesNotMatch(stdout.slice(stdout.indexOf("by gcc")), / check /);
	});

	it("has one line for what it does not know", () => {
		oneLine(waitXs("bench", "--kernel", "crc3"), 3, /no kernel crc3; did you mean "crc32"\?/);
		oneLine(waitXs("bench", "--board", "toaster"), 3, /no board "toaster"/);
		oneLine(waitXs("bench", "--write", "--fast"), 3, /--write needs everything/);
	});
});
