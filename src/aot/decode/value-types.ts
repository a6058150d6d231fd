/**
 * Value types: their bytes in the binary format, and the front end's numbers.
 */

import { ErrorCode, Feature } from "../base/error-code";
import { failAt, position, readByte } from "../base/input";
import { Type } from "../base/opcodes";

/** The front end's type of a value type's byte; BOTTOM: no value type. */
export function typeOfByte(byte: i32): i32 {
	if (byte >= 0x7c && byte <= 0x7f) return 0x80 - byte;
	if (byte == 0x70) return Type.FUNCREF;
	if (byte == 0x6f) return Type.EXTERNREF;
	return Type.BOTTOM;
}

export function isReference(type: i32): boolean {
	return type == Type.FUNCREF || type == Type.EXTERNREF;
}

/** The byte at `address` is no value type. */
export function refuseValueType(address: i32, byte: i32): void {
	if (byte == 0x7b) failAt(address, ErrorCode.UNSUPPORTED, Feature.SIMD, 0);
	else if (byte == 0x63 || byte == 0x64) failAt(address, ErrorCode.UNSUPPORTED, Feature.TYPED_REFERENCES, 0);
	else if (byte >= 0x68 && byte <= 0x74)
		failAt(address, ErrorCode.UNSUPPORTED, byte == 0x69 || byte == 0x74 ? Feature.EXCEPTIONS : Feature.GC, 0);
	else failAt(address, ErrorCode.VALUE_TYPE, byte, 0);
}

/** A reference type; refused, when another byte stands there. */
export function readReferenceType(): i32 {
	const at = position;
	const byte = readByte();
	const type = typeOfByte(byte);
	if (!isReference(type)) {
		if (type == Type.BOTTOM && byte != 0x7b && byte >= 0x63 && byte <= 0x74) refuseValueType(at, byte);
		failAt(at, ErrorCode.REFERENCE_TYPE, byte, 0);
	}
	return type;
}
