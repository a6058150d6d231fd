/* What every example in JavaScript shares. */

export const FOLD_START = 2_166_136_261 | 0;

export function fold(checksum, value) {
	return Math.imul(checksum ^ value, 16_777_619);
}

export function repeater(roundOf) {
	return (rounds) => {
		let checksum = FOLD_START;
		for (let round = 0; round < rounds; round++) checksum = fold(checksum, roundOf(round));
		return checksum;
	};
}
