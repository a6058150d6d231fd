/**
 * Plays a scenario: steps in their order, those with `every` beside them, expectations, and what the chip asks of the
 * world.
 */

import { createBench } from "./rig";
import { holds, shown, timeText, topicMatches } from "./checks";
import type { Chip } from "./chip";
import { Question } from "../../../src/shared/numbers";
import { chipStateNames, wakeReasonNames } from "../../../src/shared/chip-names";
import { createEvents, type Event } from "./events";
import type { Action, Condition, Report, Scenario, Step } from "./scenario";

/** A step that waits. */
interface Waiter {
	readonly step: Step;
	readonly condition: Condition;
	/** Goes on with the steps. */
	readonly done: () => void;
	late: Event | null;
}

interface Watch {
	readonly step: Step;
	readonly condition: Condition;
	readonly until: number;
}

interface EdgeCount {
	readonly step: Step;
	readonly action: Action & { do: "edges" };
	readonly rising: number[];
	readonly falling: number[];
	seen: number;
	late: Event | null;
	done: () => void;
}

/** What is lost when nobody looked; texts of a line each. */
const KEPT = 64;

export interface Engine {
	answer(
		question: Question,
		a: number,
		b: number,
		c: number,
		d: number,
		s: string | undefined,
		t: string | undefined,
	): number;
}

export function createEngine(chip: Chip, scenario: Scenario): Engine {
	const events = createEvents();
	const waiters: Waiter[] = [];
	const watches: Watch[] = [];
	const edgeCounts: EdgeCount[] = [];
	/** What came since the last step that waited for such a thing. */
	const logs: string[] = [];
	const published: { topic: string; payload: string }[] = [];
	const serial: string[] = [];
	let exit: { status: number; message: string } | null = null;
	let failures = 0;
	let over = false;
	let next = 0;
	let last = 0;
	let looking = false;
	/** Else a program that fails is a failure of its own. */
	const expectsExit = scenario.steps.some((step) =>
		step.actions.some((action) => "condition" in action && action.condition.on === "exit"),
	);

	const bench = createBench(chip, events, scenario.peripherals, look);

	function report(line: Report): void {
		const text = JSON.stringify(line);
		chip.reply(text);
		chip.trace(text);
	}

	function fail(step: Pick<Step, "line" | "text">, message: string): void {
		failures++;
		report({ report: "failed", time: chip.now(), line: step.line, text: step.text, message });
	}

	function pass(step: Step): void {
		report({ report: "passed", time: chip.now(), line: step.line, text: step.text });
	}

	function end(): void {
		if (over) return;
		over = true;
		for (let i = 0; i < watches.length; i++) pass(watches[i]!.step);
		const spent: Record<string, number> = {};
		const charge: Record<string, number> = {};
		for (let i = 0; i < chipStateNames.length; i++) {
			spent[chipStateNames[i]!] = chip.timeIn(i);
			charge[chipStateNames[i]!] =
				(spent[chipStateNames[i]!]! * (scenario.energy.currents[chipStateNames[i]!] ?? 0)) / 3.6e9;
		}
		report({ report: "end", time: chip.now(), failures, states: spent, charge, peripherals: bench.charges() });
		chip.alarm(Infinity);
		chip.end();
	}

	/* ---- conditions ---- */

	/** What is there in place of what was expected; "": it holds. */
	function problem(condition: Condition): string {
		switch (condition.on) {
			case "pin":
				return chip.level(condition.pin) === condition.level
					? ""
					: `pin ${condition.pin} is ${chip.level(condition.pin) ? "high" : "low"}`;
			case "reading": {
				const value = bench.reading(condition.peripheral, condition.reading);
				return holds(condition.check, value)
					? ""
					: `${condition.peripheral}.${condition.reading} is ${shown(value)}`;
			}
			case "log": {
				const at = logs.findIndex((line) => holds(condition.check, line));
				if (at >= 0) logs.splice(0, at + 1);
				return at >= 0
					? ""
					: logs.length > 0
						? `the log's last line is ${shown(logs[logs.length - 1]!)}`
						: "nothing was logged";
			}
			case "serial": {
				const text = serial[condition.port] ?? "";
				if (!holds(condition.check, text))
					return text ? `the port sent ${shown(text.slice(-80))}` : "the port sent nothing";
				serial[condition.port] = "";
				return "";
			}
			case "publish": {
				let near = "";
				for (let i = 0; i < published.length; i++) {
					const { topic, payload } = published[i]!;
					if (!topicMatches(condition.topic, topic)) continue;
					near = `${topic} had ${shown(payload.slice(0, 80))}`;
					if (condition.payload && !holds(condition.payload, payload)) continue;
					published.splice(0, i + 1);
					return "";
				}
				if (near) return near;
				return published.length > 0
					? `the last publication was to ${published[published.length - 1]!.topic}`
					: "nothing was published";
			}
			case "storage": {
				const bytes = bench.stored(condition.domain, condition.key);
				if (!bytes) return `there is no key ${condition.key} in ${condition.domain}`;
				const text = chip.decode(bytes);
				return holds(condition.check, text) ? "" : `${condition.key} is ${shown(text)}`;
			}
			case "state":
				return chipStateNames[state] === condition.state ? "" : `the chip is in state ${chipStateNames[state]}`;
			case "wake":
				return wakeReasonNames[wake] === condition.reason ? "" : `it last started by ${wakeReasonNames[wake]}`;
			case "exit":
				if (!exit) return "the program still runs";
				return exit.status === condition.status
					? ""
					: `the program ended with status ${exit.status}${exit.message ? `: ${exit.message}` : ""}`;
		}
	}

	let state = 0;
	let wake = 0;

	/** Something changed: does it end a wait, or break what must never be? */
	function look(): void {
		if (looking || over) return;
		looking = true;
		for (let i = 0; i < watches.length; i++) {
			const watch = watches[i]!;
			if (chip.now() <= watch.until && problem(watch.condition) === "") {
				watches.splice(i--, 1);
				fail(watch.step, `${watch.condition.text} at ${timeText(chip.now())}`);
			}
		}
		for (let i = 0; i < waiters.length; i++) {
			const waiter = waiters[i]!;
			if (problem(waiter.condition) !== "") continue;
			waiters.splice(i--, 1);
			if (waiter.late) events.remove(waiter.late);
			pass(waiter.step);
			// Not from within whatever the chip is doing now.
			schedule(chip.now(), waiter.done);
		}
		looking = false;
	}

	function schedule(time: number, action: () => void): Event {
		const event = events.add(Math.max(time, chip.now()), action);
		chip.alarm(events.next());
		return event;
	}

	/* ---- edges ---- */

	function judgeEdges(count: EdgeCount): string {
		const { action, rising, falling } = count;
		const lists = [rising, falling];
		if (action.period > 0)
			for (const list of lists)
				for (let i = 1; i < list.length; i++) {
					const period = list[i]! - list[i - 1]!;
					if (Math.abs(period - action.period) > action.tolerance)
						return `edge ${i + 1} came ${timeText(period)} after the one before, not ${timeText(action.period)} +- ${timeText(action.tolerance)}`;
				}
		if (action.high > 0)
			for (let i = 0; i < rising.length; i++) {
				const fall = falling.find((time) => time > rising[i]!);
				if (fall === undefined) continue;
				const high = fall - rising[i]!;
				if (Math.abs(high - action.high) > action.tolerance)
					return `it was high for ${timeText(high)}, not ${timeText(action.high)} +- ${timeText(action.tolerance)}`;
			}
		return "";
	}

	function endEdges(count: EdgeCount): void {
		const at = edgeCounts.indexOf(count);
		if (at < 0) return;
		edgeCounts.splice(at, 1);
		if (count.late) events.remove(count.late);
		const found = judgeEdges(count);
		if (count.seen < count.action.count)
			fail(count.step, `${count.seen} of ${count.action.count} edges within ${timeText(count.action.within)}`);
		else if (found !== "") fail(count.step, found);
		else pass(count.step);
		schedule(chip.now(), count.done);
	}

	function edge(pin: number, level: number): void {
		for (let i = edgeCounts.length - 1; i >= 0; i--) {
			const count = edgeCounts[i]!;
			if (count.action.pin !== pin) continue;
			(level ? count.rising : count.falling).push(chip.now());
			if (count.action.which & (level ? 1 : 2)) count.seen++;
			if (count.seen >= count.action.count) endEdges(count);
		}
	}

	/** The program failed: whoever waits for something of it waits in vain. */
	function ended(how: string): void {
		if (waiters.length + edgeCounts.length === 0) {
			fail({ line: 1, text: "the program" }, how);
			return;
		}
		for (const { step, late, done } of [...waiters.splice(0), ...edgeCounts.splice(0)]) {
			if (late) events.remove(late);
			fail(step, `the program: ${how}`);
			schedule(chip.now(), done);
		}
	}

	/* ---- energy ---- */

	interface Meter {
		/** Microampere microseconds. */
		readonly charge: number;
		readonly times: number[];
		readonly time: number;
	}

	function meter(): Meter {
		const times = chipStateNames.map((_name, i) => chip.timeIn(i));
		let charge = bench.charge();
		for (let i = 0; i < chipStateNames.length; i++)
			charge += times[i]! * (scenario.energy.currents[chipStateNames[i]!] ?? 0);
		return { charge, times, time: chip.now() };
	}

	const zero: Meter = { charge: 0, times: chipStateNames.map(() => 0), time: 0 };

	function judgeEnergy(step: Step, action: Action & { do: "energy" }, from: Meter): void {
		const now = meter();
		const charge = now.charge - from.charge;
		const average = charge / Math.max(1, now.time - from.time);
		const hours = average > 0 ? scenario.energy.battery / average : Infinity;
		const joules = (charge * scenario.energy.supply) / 1e6;
		if (charge / 3.6e9 > action.charge)
			fail(step, `it took ${shown(charge / 3.6e9)} uAh, more than ${shown(action.charge)} uAh`);
		else if (joules > action.energy)
			fail(step, `it took ${shown(joules)} uJ, more than ${shown(action.energy)} uJ`);
		else if (average > action.average)
			fail(step, `the average current was ${shown(average)} uA, more than ${shown(action.average)} uA`);
		else if (hours < action.life)
			fail(step, `the battery would last ${shown(hours / 24)} days, not ${shown(action.life / 24)}`);
		else pass(step);
	}

	function judgeSleep(step: Step, action: Action & { do: "sleep" }, from: Meter): void {
		const now = meter();
		let asleep = 0;
		for (const name of action.state === "any" ? ["sleep", "deep-sleep"] : [action.state]) {
			const i = chipStateNames.indexOf(name);
			asleep += now.times[i]! - from.times[i]!;
		}
		const share = (asleep / Math.max(1, now.time - from.time)) * 100;
		if (share < action.least) fail(step, `it slept ${shown(share)} % of the time, not ${shown(action.least)} %`);
		else if (share > action.most)
			fail(step, `it slept ${shown(share)} % of the time, more than ${shown(action.most)} %`);
		else pass(step);
	}

	/* ---- steps ---- */

	/** Does one action, then calls `done`. */
	function act(step: Step, action: Action, done: () => void): void {
		switch (action.do) {
			case "set":
				bench.set(action.peripheral, action.property, action.value);
				break;
			case "inject":
				bench.inject(action.target, action.fault);
				break;
			case "reset":
				report({ report: "note", time: chip.now(), line: step.line, text: step.text });
				if (action.off > 0) bench.powered();
				// The steps go on in the next life, even where this was the last that is due now.
				schedule(chip.now(), done);
				chip.reset(action.reason, action.off);
				return;
			case "send":
				bench.send(action.port, chip.encode(action.text));
				break;
			case "note":
				report({ report: "note", time: chip.now(), line: step.line, text: action.text });
				break;
			case "wait": {
				if (problem(action.condition) === "") {
					pass(step);
					break;
				}
				const waiter: Waiter = { step, condition: action.condition, done, late: null };
				waiters.push(waiter);
				waiter.late = schedule(chip.now() + action.within, () => {
					waiters.splice(waiters.indexOf(waiter), 1);
					fail(step, `not within ${timeText(action.within)}: ${problem(action.condition)}`);
					done();
				});
				return;
			}
			case "expect": {
				const found = problem(action.condition);
				if (found === "") pass(step);
				else fail(step, found);
				break;
			}
			case "never": {
				const until = action.time > 0 ? chip.now() + action.time : Infinity;
				if (problem(action.condition) === "") fail(step, `${action.condition.text} already`);
				else {
					const watch: Watch = { step, condition: action.condition, until };
					watches.push(watch);
					if (action.time > 0)
						schedule(until, () => {
							const at = watches.indexOf(watch);
							if (at < 0) return;
							watches.splice(at, 1);
							pass(step);
						});
				}
				break;
			}
			case "edges": {
				const count: EdgeCount = { step, action, rising: [], falling: [], seen: 0, late: null, done };
				edgeCounts.push(count);
				chip.observe(action.pin);
				count.late = schedule(chip.now() + action.within, () => {
					count.late = null;
					endEdges(count);
				});
				return;
			}
			case "energy":
			case "sleep": {
				const judge = (from: Meter): void => {
					if (action.do === "energy") judgeEnergy(step, action, from);
					else judgeSleep(step, action, from);
				};
				if (action.over > 0) {
					const from = meter();
					schedule(chip.now() + action.over, () => {
						judge(from);
						done();
					});
					return;
				}
				judge(zero);
				break;
			}
		}
		done();
	}

	function actAll(step: Step, i: number, done: () => void): void {
		if (i === step.actions.length) done();
		else act(step, step.actions[i]!, () => actAll(step, i + 1, done));
	}

	function repeat(step: Step, time: number, count: number): void {
		const until = step.until > 0 ? step.until : Infinity;
		if (time > until || (step.times > 0 && count >= step.times)) {
			return;
		}
		schedule(time, () => actAll(step, 0, () => repeat(step, time + step.every, count + 1)));
	}

	/** All steps are done. What repeats for ever does not keep it going. */
	function finish(): void {
		if (scenario.duration > 0) return;
		end();
	}

	function proceed(): void {
		if (over) return;
		const step = scenario.steps[next++];
		if (!step) {
			next = scenario.steps.length + 1;
			finish();
			return;
		}
		const time = step.at >= 0 ? step.at : step.after >= 0 ? last + step.after : chip.now();
		schedule(time, () => {
			last = chip.now();
			if (step.every > 0) {
				repeat(step, last, 0);
				proceed();
			} else
				actAll(step, 0, () => {
					last = chip.now();
					proceed();
				});
		});
	}

	if (scenario.duration > 0)
		schedule(scenario.duration, () => {
			for (let i = 0; i < waiters.length; i++)
				fail(waiters[i]!.step, `the scenario ended before: ${problem(waiters[i]!.condition)}`);
			for (let i = 0; i < edgeCounts.length; i++)
				fail(
					edgeCounts[i]!.step,
					`the scenario ended after ${edgeCounts[i]!.seen} of ${edgeCounts[i]!.action.count} edges`,
				);
			end();
		});
	for (const step of scenario.steps)
		for (const action of step.actions) {
			if ("condition" in action && action.condition.on === "pin") chip.observe(action.condition.pin);
		}
	proceed();

	function keep<T>(list: T[], item: T): void {
		list.push(item);
		if (list.length > KEPT) list.shift();
	}

	function ask(question: Question, a: number, b: number, c: number, d: number, s: string, t: string): number {
		switch (question) {
			case Question.ALARM: {
				const now = chip.now();
				// The chip's clock has nanoseconds; what is due in less than one is due.
				while (!over && events.next() <= now + 0.0005) events.take()!.action();
				if (!over) chip.alarm(events.next());
				return 0;
			}
			case Question.LEVEL:
				bench.level(a, b);
				edge(a, b);
				look();
				return 0;
			case Question.ANALOG:
				return Math.round(bench.analog(a) * 1e6);
			case Question.PWM:
				bench.pwm(a, b, c);
				look();
				return 0;
			case Question.I2C: {
				const result = bench.i2c(a, b, c, d);
				look();
				return result;
			}
			case Question.SPI:
				return bench.spi(a, b, c);
			case Question.SERIAL: {
				if (b <= 0) return bench.serialRead(a, -b);
				const bytes = chip.take(b);
				bench.serialWrite(a, bytes);
				serial[a] = ((serial[a] ?? "") + chip.decode(bytes)).slice(-4096);
				chip.trace(`[${Math.round(chip.now() * 1000)},"serial",${a},${JSON.stringify(chip.decode(bytes))}]`);
				look();
				return 0;
			}
			case Question.KEY: {
				const result = bench.key(a, b, s, t);
				if (a === 1 || a === 2) look();
				return result;
			}
			case Question.PUBLISH: {
				const payload = chip.decode(chip.take(a));
				report({ report: "publish", time: chip.now(), topic: s, payload });
				keep(published, { topic: s, payload });
				look();
				return 0;
			}
			case Question.LOG:
				report({ report: "log", time: chip.now(), stream: a, text: s });
				keep(logs, s);
				look();
				return 0;
			case Question.STATE:
				state = a;
				chip.trace(`[${Math.round(chip.now() * 1000)},"state","${chipStateNames[a]}"]`);
				look();
				return 0;
			case Question.RESET:
				wake = a;
				exit = null;
				report({ report: "reset", time: chip.now(), reason: wakeReasonNames[a]! });
				look();
				return 0;
			case Question.SCRIPT_END:
				exit = { status: a, message: s };
				report({ report: "exit", time: chip.now(), status: a, message: s });
				if (a !== 0 && !expectsExit) ended(`it ended with status ${a}${s ? `: ${s}` : ""}`);
				look();
				return 0;
		}
	}

	return {
		answer(question, a, b, c, d, s, t) {
			return over && question !== Question.I2C ? 0 : ask(question, a, b, c, d, s ?? "", t ?? "");
		},
	};
}
