/* Hand-written attacks, and what must come of them. */

/**
 * A call: export, arguments ("i1", "I1"), what must come: results as text ("5", "5n", "" for none), or "!" and the
 * trap's text.
 * Instead of an export: "@grow N" grows the memory from JavaScript, "@set TABLE INDEX EXPORT" sets a table's element.
 */
export interface Call {
	invoke: string;
	args?: string[];
	expect: string;
}

export interface SecurityCase {
	name: string;
	/**
	 * The last one is called; each imports from "p" what the one before exports. Imports from "h" are functions of
	 * JavaScript: see the guest.
	 */
	modules: Uint8Array[];
	/**
	 * How it ends before any call: invalid, a refusal because of limits allowed too, or a trap ("!..."). Valid if not
	 * given.
	 */
	verdict?: "invalid" | "limit" | string;
	calls?: Call[];
}

export interface PackedCase {
	name: string;
	modules: [number, number][];
	calls: { invoke: string; args: string[] }[];
}

export interface SecurityHeader {
	cases: PackedCase[];
	from: number;
}

/** What the guest prints. */
export interface SecurityLine {
	index: number;
	verdict: string;
	results: string[];
}
