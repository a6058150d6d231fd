/* Names of the tests in guest-states.ts and guest-abandoned.ts. No Node, no XS here. */

/** What the guest does with what the host function gave it: modules.ts. */
export const DO_RETURN = 1;
export const DO_TRAP = 2;
export const DO_OVERFLOW = 3;
export const DO_LOOP = 4;
export const DO_HOST = 5;

/** Arguments of the host function: what it is called for. */
export const GO = 1000;
export const OUTER = 1001;
export const SUBJECT = 1002;

/** How the call begins that the event meets. */
export const ways = [
	"plain",
	"promising",
	"nested",
	"nested promising",
	"resumed",
	"resumed nested",
	"start function",
] as const;
export type Way = (typeof ways)[number];

/** Of a call whose code runs. */
export const runningEvents = ["runs: return", "runs: trap", "runs: overflow", "runs: interrupt"] as const;

/** Of a call whose host function runs, and perhaps suspends it. */
export const hostEvents = [
	"return",
	"exception",
	"trap",
	"overflow",
	"exhaustion",
	"interrupt",
	"interrupt, exception",
	"interrupt, exhaustion",
	"collection",
	"suspension",
	"suspension, settled before",
	"suspension, rejected",
	"suspension, dropped",
	"suspension, constructor throws",
	"suspension, conversion throws",
	"suspension, conversion overflows",
	"suspension, conversion exhausts",
	"suspension, conversion collects",
	"suspension, time passes",
	"suspension, another is interrupted",
	"exhaustion before suspension",
	"no native memory for suspension",
	"interrupt, suspension",
	"interrupt, suspension, rejected",
	"interrupt, suspension, dropped",
] as const;
export type Event = (typeof runningEvents)[number] | (typeof hostEvents)[number];
export const events: readonly Event[] = [...runningEvents, ...hostEvents];

/** Where calls are while the machine is left: guest-abandoned.ts. */
export const abandonments = [
	"in a host function",
	"in a host function of a promising call",
	"in a nested call",
	"in a resumed call",
	"in a call that a host function resumed",
	"in a start function",
	"in a conversion",
	"under an interrupt",
	"while others wait",
] as const;
export type Abandonment = (typeof abandonments)[number];
