import { FOLD_START, fold } from "../../examples/example.js";

function fibonacci(n) {
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

export function repeat(rounds) {
	let checksum = FOLD_START;
	for (let round = 0; round < rounds; round++) checksum = fold(checksum, fibonacci(15 + (round & 1)));
	return checksum;
}
