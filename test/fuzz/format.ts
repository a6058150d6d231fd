/* Modules whose validity is asked for. */

export interface VerdictHeader {
	modules: [number, number][];
	/** Begin with this one. */
	from: number;
}

/** What the guest prints: index, is it valid, the error of compiling it if there is one. */
export interface Verdict {
	index: number;
	valid: boolean;
	error?: string;
}
