/** Numbers of the plan (docs/PLAN.md) that are no operations: those are src/shared/rows/opcodes.ts. */

import type { Row } from "./board";

/** Of ELEMENT and DATA. */
export const segmentModes: readonly Row[] = [
	{ member: "ACTIVE", doc: "is copied when an instance starts, and dropped" },
	{ member: "PASSIVE", doc: "is there for table.init and memory.init" },
	{ member: "DECLARATIVE", doc: "of elements only: makes functions known to ref.func" },
];
