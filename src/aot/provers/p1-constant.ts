/**
 * P1: an access at a constant address.
 *
 * Statement. A load or store of `size` bytes at address + offset needs no check if the address is the operand of an
 * i32.const, A, and
 * A + offset + size <= backed, the sum taken without wrapping.
 * Proof. Operands flagged LITERAL are pushed by i32.const only, with lo = hi = A, and every other instruction pushes
 * without that flag; so the address is
 * A whenever the access is executed. `backed` bytes exist for as long as the instance does (memory does not shrink), so
 * the access is within.
 * State: one flag an operand.
 */

import { backed } from "../decode/environment";
import { Known, knownOf, lowOf } from "./facts";
import { ltu } from "../base/memory";

/** True when address + offset + size <= backed for every address <= `address`, all unsigned, no sum wrapping. */
export function isBacked(address: i32, offset: i32, size: i32): boolean {
	if (ltu(backed, size) || ltu(backed - size, offset)) return false;
	return !ltu(backed - size - offset, address);
}

/** True when P1 shows that the access through operand `index` needs no check. */
export function provesConstant(index: i32, offset: i32, size: i32): boolean {
	return (knownOf(index) & Known.LITERAL) != 0 && isBacked(lowOf(index), offset, size);
}
