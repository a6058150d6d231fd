import { FOLD_START, fold } from "../../examples/example.js";

const N = 1024;
const composite = new Uint8Array(N);

export function repeat(rounds) {
	let checksum = FOLD_START;
	for (let round = 0; round < rounds; round++) {
		let primes = 0;
		let sum = round;
		for (let i = 0; i < N; i++) composite[i] = 0;
		for (let i = 2; i < N; i++) {
			if (composite[i]) continue;
			primes++;
			sum += i;
			for (let j = i * i; j < N; j += i) composite[j] = 1;
		}
		checksum = fold(checksum, fold(fold(FOLD_START, primes), sum));
	}
	return checksum;
}
