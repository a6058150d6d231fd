/**
 * W: an access that a check just before has been widened to cover.
 *
 * A group: a load whose check stays, and later accesses through the same root, in code in which nothing else can happen
 * than loads and arithmetic: nothing that stores, calls, branches, divides, may trap otherwise, or is the beginning or
 * end of a block; only the last access of the group may be a store. The first one's check covers t bytes from its
 * address v = (R + d) mod 2^32 on; it is made to cover more (docs/PLAN.md, the extra bytes of a load).
 *
 * Statement. A load or store of `size` bytes at address + offset, where the address is (R + e) mod 2^32, needs no check
 * of its own if the group's check covers t' >= k + offset + size bytes, where k = (e - d) mod 2^32 and the sums are
 * taken without wrapping, or t' >= offset + size - l, where the address has z low zero bits and l = (d - e) mod 2^32 is
 * less than 2^z, so that v is the address + l (prover-checked.ts (4)); and no more than 127 of them are more than the
 * first access needs; and to make it do so changes nothing that can be seen.
 * Proof. (1) Within. The check that has passed shows v + t' <= M, the bytes of memory. As v + k <= v + t' <= M, and M <
 * 2^32, v + k does not wrap and is the address (prover-checked.ts (3)), and v + k + offset + size <= v + t' <= M.
 * (2) The trap. Were the check as narrow as the first access needs, t bytes, and passed, then v + k <= v + t' <= v + t
 * + 127 <= M + 127. No memory is larger than 2^32 - 65536 bytes (native/abi/context.h, WX_MEMORY_MOST), so that is
 * below 2^32: again the address is v + k. So the access would trap if and only if v + k + offset + size > M. That is
 * when the wider check fails, as far as it was widened for this access; and then it would have been reached, since
 * nothing between could leave the code, and M is the same there. So the code traps in both cases, with the same kind;
 * nothing that it does between can be seen from outside, since loads and arithmetic leave nothing behind. The same with
 * -l in the place of k. What differs is the byte offset that the trap reports: the group's first access.
 * The wrap rule is in k: an access below the first has a k near 2^32, which no check is widened to, but for low zero
 * bits.
 * State: 4 groups of 16 bytes: i32 root, i32 d, i32 t, i32 address of the first access' record, which still stands in
 * the plan buffer. A batch that is handed over ends all groups.
 */

import { Place, Size } from "../base/limits";
import { load32, ltu, store32 } from "../base/memory";
import { patchA, recordA } from "../base/plan-records";

/** The extra bytes of a check, as the plan has them: above the other fields of a, 7 bits. */
const enum Extra {
	SHIFT = 9,
	MOST = 127,
}

/** Groups. */
let count: i32 = 0;
/** The next one to be given up when there is no room. */
let oldest: i32 = 0;

function entry(index: i32): i32 {
	return Place.GROUPS + (index << 4);
}

/** Something happens that a trap must not be moved across, or the records are handed over. */
export function closeGroups(): void {
	count = 0;
}

/** The load at a root + `at`, of so many bytes with its offset, whose record is at `record`, keeps its check. */
export function openGroup(root: i32, at: i32, reach: i32, record: i32): void {
	let place = count;
	if (place < Size.GROUPS) {
		count++;
		oldest = 0;
	} else {
		place = oldest;
		oldest = (oldest + 1) & (Size.GROUPS - 1);
	}
	store32(entry(place), root);
	store32(entry(place) + 4, at);
	store32(entry(place) + 8, reach);
	store32(entry(place) + 12, record);
}

/** Makes the check of a group cover `reach` bytes. False when that is too many. */
function widen(address: i32, reach: i32): boolean {
	const covered = load32(address + 8);
	if (!ltu(covered, reach)) return true;
	const record = load32(address + 12);
	const a = recordA(record);
	// all that is beyond what the first access needs: less than `reach`, so the sum does not wrap
	const extra = (a >> Extra.SHIFT) + (reach - covered);
	if (ltu(Extra.MOST, extra)) return false;
	patchA(record, (a & ((1 << Extra.SHIFT) - 1)) | (extra << Extra.SHIFT));
	store32(address + 8, reach);
	return true;
}

/** True when W has made a check cover the access at a root + `at`, of so many bytes with its offset. */
export function provesWidened(root: i32, at: i32, zeroBits: i32, bytes: i32): boolean {
	for (let i = 0; i < count; i++) {
		const address = entry(i);
		if (load32(address) != root) continue;
		const distance = (at - load32(address + 4)) | 0;
		const reach = (distance + bytes) | 0;
		const isBelow = ltu(-distance, 1 << zeroBits) && ltu(-distance, bytes);
		if ((!ltu(reach, bytes) || isBelow) && widen(address, reach)) return true;
	}
	return false;
}
