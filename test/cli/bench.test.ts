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
		const [crc, fib, again] = [
			...rows("--kernel", "crc32", "--kernel", "fib", "--board", "lin-arm"),
			...rows("--kernel", "fib", "--board", "lin-arm"),
		] as Row[];
		assert.ok(crc && fib && again);
		assert.equal(crc.kernel, "crc32");
		// 1024 bytes a round, each by a table: no engine does that in fewer than 4 instructions.
		assert.ok(crc.gccOs > 4096 && crc.instructions > 4096, JSON.stringify(crc));
		// One access is not proved: at least a compare and a branch for each byte.
		assert.equal(crc.accesses - crc.proved, 1);
		assert.ok(crc.instructions - crc.unchecked >= 2 * 1024, JSON.stringify(crc));
		assert.ok(crc.nativeBytes > 0 && crc.wasmCodeBytes > 0);
		assert.equal(fib.instructions, fib.unchecked);
		assert.deepEqual(again, fib);
	});

	it("shows the hottest code of a kernel, and gcc's", () => {
		const { status, stdout } = waitXs("bench", "--kernel", "crc32", "--board", "lin-arm", "--profile", "80");
		assert.equal(status, 0);
		assert.match(stdout, /^crc32 on lin-arm: \d+ instructions a round: .*check [\d.]+%/m);
		assert.match(stdout, /^ +1024 +[\da-f]+ +check +cmp/m);
		assert.match(stdout, /^crc32 by gcc -Os: \d+ instructions a round: /m);
		assert.doesNotMatch(stdout.slice(stdout.indexOf("by gcc")), / check /);
	});

	it("has one line for what it does not know", () => {
		oneLine(waitXs("bench", "--kernel", "crc3"), 3, /no kernel crc3; did you mean "crc32"\?/);
		oneLine(waitXs("bench", "--board", "toaster"), 3, /no board "toaster"/);
		oneLine(waitXs("bench", "--write", "--fast"), 3, /--write needs everything/);
	});
});
