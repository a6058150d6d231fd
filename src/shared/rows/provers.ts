/** The provers, by the numbers that the plan has for them, and why a check is not needed where one of them says so. */

export const provers: readonly { readonly member: string; readonly name: string; readonly reason: string }[] = [
	{ member: "NONE", name: "", reason: "the address has no bound that is known" },
	{ member: "CONSTANT", name: "P1", reason: "a constant address within the memory's minimum" },
	{ member: "RANGE", name: "P2", reason: "the address has a bound within the memory's minimum" },
	{ member: "DOMINATED", name: "P3", reason: "a dominating check covers it" },
	{ member: "WIDENED", name: "P4", reason: "a check just before was widened to cover it" },
	{ member: "COUNTED", name: "P5", reason: "a counted loop bounds the address within the memory's minimum" },
	{
		member: "VERSIONED",
		name: "P6",
		reason: "the loop runs without checks where a test before it finds all its accesses within, else a copy checks",
	},
];
