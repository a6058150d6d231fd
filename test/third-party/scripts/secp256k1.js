import { bytesOf, fromHex, hex, instantiate, report } from "./helpers.js";

const curve = await instantiate({
	"./rand.js": { generateInt32: () => 0 },
	"./validate_error.js": {
		throwError(code) {
			throw new TypeError(`error ${code}`);
		},
	},
});

function put(place, digits) {
	const bytes = fromHex(digits);
	bytesOf(curve.memory, curve[place].value, bytes.length).set(bytes);
}

function get(place, length) {
	return hex(bytesOf(curve.memory, curve[place].value, length));
}

const one = "0000000000000000000000000000000000000000000000000000000000000001";
const secret = "0c28fca386c7a227600b2fe50b7cae11ec86d3bf1fbe471be89827e19d72aa1d";

curve.initializeContext();
put("PRIVATE_INPUT", one);
curve.pointFromScalar(33);
report("generator", get("PUBLIC_KEY_INPUT", 33));
put("PRIVATE_INPUT", secret);
curve.pointFromScalar(65);
report("public", get("PUBLIC_KEY_INPUT", 65));

/*
 * "Everything should be made as simple as possible, but not simpler." by SHA-256, signed with the key 1 as RFC 6979 has
 * it.
 */
const message = "06ef2b193b83b3d701f765f1db34672ab84897e1252343cc2197829af3a30456";
put("HASH_INPUT", message);
put("PRIVATE_INPUT", one);
curve.sign(0);
const signature = get("SIGNATURE_INPUT", 64);
report("signature", signature);
put("PRIVATE_INPUT", one);
curve.pointFromScalar(33);
put("HASH_INPUT", message);
put("SIGNATURE_INPUT", signature);
report("verified", curve.verify(33, 0));
put("HASH_INPUT", message.replace("06", "07"));
report("forged", curve.verify(33, 0));

put("PUBLIC_KEY_INPUT", "02" + "ff".repeat(32));
report("no point", curve.isPoint(33));
put("PUBLIC_KEY_INPUT", "02" + "ff".repeat(32));
try {
	curve.pointCompress(33, 33);
	report("compressed", "?");
} catch (error) {
	report("thrown through", error.message);
}
