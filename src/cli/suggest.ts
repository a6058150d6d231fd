/** Which of the names somebody may have meant. */

/** Letters left out, added, replaced, or swapped with their neighbour. */
function distance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	let before: number[] = [];
	for (let i = 0; i < a.length; i++) {
		const next = [i + 1];
		for (let j = 0; j < b.length; j++) {
			const replaced = (row[j] as number) + (a[i] === b[j] ? 0 : 1);
			const swapped =
				i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j] ? (before[j - 1] as number) + 1 : Infinity;
			next.push(Math.min(replaced, swapped, (row[j + 1] as number) + 1, (next[j] as number) + 1));
		}
		before = row;
		row = next;
	}
	return row[b.length] as number;
}

/** At most this many names are listed. */
const LISTED = 8;

/** The end of an error's line: `; did you mean "run"?`, or what names there are. */
export function suggestion(wrong: string, names: readonly string[]): string {
	const near = names
		.map((name) => ({
			name,
			distance: distance(wrong.slice(0, 64).toLowerCase(), name.slice(0, 64).toLowerCase()),
		}))
		.filter((candidate) => candidate.distance <= Math.max(1, wrong.length / 3))
		.sort((a, b) => a.distance - b.distance)[0];
	if (near) return `; did you mean "${near.name}"?`;
	if (!names.length) return "; there are none";
	const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
	return `; there ${names.length === 1 ? "is" : "are"} ${names.slice(0, LISTED).join(", ")}${more}`;
}
