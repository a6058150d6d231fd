import { ascii, bytesOf, counting, hex, instantiate, report, sample } from "./helpers.js";

const sha = await instantiate();
const input = sha.input.value;
const output = sha.output.value;

function digest(message) {
	const most = sha.INPUT_LENGTH.value;
	sha.init();
	for (let start = 0; start < message.length; start += most) {
		const part = message.subarray(start, start + most);
		bytesOf(sha.memory, input, part.length).set(part);
		sha.update(input, part.length);
	}
	sha.final(output);
	return hex(bytesOf(sha.memory, output, 32));
}

report("abc", digest(ascii("abc")));
report("large", digest(sample(10_000)));
bytesOf(sha.memory, input, 64).set(counting(64));
sha.digest64(input, output);
report("digest64", hex(bytesOf(sha.memory, output, 32)));
