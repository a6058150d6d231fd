/** setTimeout and its kin. Simulated boards do not wait: time that nobody uses passes at once. */

type Callback = (...args: unknown[]) => void;

const set = native<(callback: () => void, milliseconds: number, repeats: boolean) => number>("xs_timer_set");
const clear = native<(id?: number) => void>("xs_timer_clear");

function start(repeats: boolean): typeof setTimeout {
	return (callback: Callback, milliseconds = 0, ...args: unknown[]) =>
		set(args.length > 0 ? () => callback(...args) : callback, milliseconds, repeats);
}

Object.assign(globalThis, {
	setTimeout: start(false),
	setInterval: start(true),
	clearTimeout: clear,
	clearInterval: clear,
});
