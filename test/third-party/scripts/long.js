import { instantiate, report } from "./helpers.js";

const long = await instantiate();
const operands = [0x123456789abcdefn, -987_654_321_098n, 7n, -1n, 1n << 63n];

function low(value) {
	return Number(BigInt.asIntN(32, value));
}

for (const name of ["mul", "div_s", "div_u", "rem_s", "rem_u"]) {
	const results = [];
	for (const a of operands) {
		for (const b of operands) {
			let result;
			try {
				const bits = long[name](low(a), low(a >> 32n), low(b), low(b >> 32n));
				result = (BigInt(long.get_high()) << 32n) | BigInt(bits >>> 0);
			} catch (error) {
				result = error instanceof WebAssembly.RuntimeError ? "trap" : error;
			}
			results.push(String(result));
		}
	}
	report(name, results.join(" "));
}
