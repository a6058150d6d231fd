/* The watchdog of calls, for scripts on boards. */

interface Store {
	readonly brand?: "store";
}

const importNow = native<(name: string) => object>("xs_compiler_import");
const theStore = Object.values(importNow("store")).find(
	({ name }: { name: string }) => name === "theStore",
) as () => Store;
const setWatchdog = native<(store: Store, milliseconds: number) => void>("xs_store_watchdog");

/** Milliseconds of real time. */
export const clock = native<() => number>("xs_host_clock");

/** Milliseconds from now calls end; 0: never. */
export function watch(milliseconds: number): void {
	setWatchdog(theStore(), milliseconds);
}

/** The time of the watchdog comes while JavaScript runs. */
export function passTime(): void {
	watch(1);
	for (const end = clock() + 4; clock() < end;);
}
