import { ascii, bytesOf, cString, instantiate, report, text } from "./helpers.js";

const response =
	"HTTP/1.1 206 Partial Content\r\nContent-Type: application/wasm\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n";
const request = "GET /module.wasm?v=2 HTTP/1.1\r\nHost: device\r\nConnection: close\r\n\r\n";

const RESPONSE = 2;
const REQUEST = 1;

let parts = [];

function part(name) {
	return (_parser, address, length) => {
		parts.push(`${name}=${text(bytesOf(http.memory, address, length))}`);
		return 0;
	};
}

const http = await instantiate({
	env: {
		wasm_on_message_begin: () => 0,
		wasm_on_url: part("url"),
		wasm_on_status: part("status"),
		wasm_on_header_field: part("field"),
		wasm_on_header_value: part("value"),
		wasm_on_headers_complete(_parser, status, upgrade, keepAlive) {
			parts.push(`complete=${status},${upgrade},${keepAlive}`);
			return 0;
		},
		wasm_on_body: part("body"),
		wasm_on_message_complete() {
			parts.push("end");
			return 0;
		},
	},
});
http._initialize?.();

/* In pieces of a few bytes, as a network gives them. */
function parse(type, message, piece) {
	parts = [];
	const parser = http.llhttp_alloc(type);
	const bytes = ascii(message);
	const buffer = http.malloc(piece);
	let error = 0;
	for (let start = 0; start < bytes.length && !error; start += piece) {
		const chunk = bytes.subarray(start, start + piece);
		bytesOf(http.memory, buffer, chunk.length).set(chunk);
		error = http.llhttp_execute(parser, buffer, chunk.length);
	}
	report("parts", parts.join(" "));
	report(
		"result",
		`${cString(http.memory, http.llhttp_errno_name(error))} status ${http.llhttp_get_status_code(parser)} method ${http.llhttp_get_method(parser)}`,
	);
	http.free(buffer);
	http.llhttp_free(parser);
}

parse(RESPONSE, response, 1_000);
parse(RESPONSE, response, 16);
parse(REQUEST, request, 1_000);
parse(REQUEST, "GET / HTTP/9.9\r\n\r\n", 1_000);
