/** Traps: kind for reports, and the text that the specification's tests have. By their numbers; 0 is no trap. */

export const traps: readonly {
	readonly member: string;
	readonly kind: string;
	readonly text: string;
	readonly doc?: string;
}[] = [
	{ member: "NONE", kind: "none", text: "no trap" },
	{ member: "UNREACHABLE", kind: "unreachable", text: "unreachable" },
	{ member: "MEMORY", kind: "memory", text: "out of bounds memory access" },
	{ member: "DIVIDE_BY_ZERO", kind: "divide-by-zero", text: "integer divide by zero" },
	{ member: "OVERFLOW", kind: "overflow", text: "integer overflow" },
	{ member: "CONVERSION", kind: "conversion", text: "invalid conversion to integer" },
	{ member: "TABLE", kind: "table", text: "out of bounds table access" },
	{
		member: "UNDEFINED_ELEMENT",
		kind: "undefined-element",
		text: "undefined element",
		doc: "the index of an indirect call is outside of the table",
	},
	{ member: "UNINITIALIZED_ELEMENT", kind: "uninitialized-element", text: "uninitialized element" },
	{ member: "INDIRECT_TYPE", kind: "indirect-type", text: "indirect call type mismatch" },
	{ member: "STACK", kind: "stack", text: "call stack exhausted" },
	{
		member: "PLANNER_BUG",
		kind: "planner-bug",
		text: "planner bug: a check proved needless failed",
		doc: "audit build only",
	},
	{ member: "INTERRUPTED", kind: "interrupted", text: "interrupted", doc: "watchdog, --timeout" },
	{
		member: "HOST",
		kind: "host",
		text: "exception in host function",
		doc: "a host function threw; the run time's owner keeps the exception",
	},
	{
		member: "SUSPEND",
		kind: "suspend",
		text: "trying to suspend JavaScript frames",
		doc: "a host function wants to suspend its caller with JavaScript frames in between",
	},
];
