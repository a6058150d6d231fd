/** What is measured of one kernel on one board, and the mean over kernels. */

/** Instructions of a round; bytes. Null: not measured. */
export interface Row {
	readonly board: string;
	readonly kernel: string;
	readonly instructions: number;
	/** Without memory checks, and with all of them. */
	readonly unchecked: number;
	readonly audit: number | null;
	readonly gccOs: number;
	readonly gccO2: number | null;
	readonly plain: number | null;
	readonly accesses: number;
	readonly proved: number;
	readonly wasmCodeBytes: number;
	readonly imageBytes: number;
	/** Of machine code with its tables, without header, descriptions and data. */
	readonly nativeBytes: number;
	readonly gccOsBytes: number;
}

export function geometricMean(values: readonly number[]): number {
	return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
