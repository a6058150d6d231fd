/** Events wait here until the module asks for them: nothing ever calls into it. */

import { EVENT_SIZE, Event } from "./bindings";
import { Code } from "./errors";
import type { GuestMemory } from "./guest-memory";
import { Kind, type Entry, type Handles } from "./handles";
import type { Platform, Services } from "./platform";
import { dueAt, takeSteps } from "./sleep";

const ROOM = 32;
/** The largest value of an event. */
const MOST = 0x7fff_ffff;

/** Those whose module waits: what may come keeps it. All else of a module is kept by its instance, and goes with it. */
const waiting = new Set<Events>();

interface Pending {
	readonly type: Event;
	readonly source: number;
	value: number;
	/** Lost before it. */
	readonly missed: number;
	readonly time: number;
}

export interface Timer extends Entry {
	/** Microseconds; Infinity: no more. */
	due: number;
	readonly period: number;
}

export class Events {
	readonly #platform: Platform;
	readonly #services: Services;
	readonly #handles: Handles;
	#queue: Pending[] = [];
	#missed = 0;

	constructor(platform: Platform, services: Services, handles: Handles) {
		this.#platform = platform;
		this.#services = services;
		this.#handles = handles;
	}

	push(type: Event, source: number, value: number, time: number = this.#services.now()): void {
		const queue = this.#queue;
		/* Data that go on coming are one event. */
		const last = type === Event.UART ? queue.find((pending) => pending.source === source) : undefined;
		if (last) last.value = value;
		else if (queue.length === ROOM) this.#missed++;
		else {
			queue.push({ type, source, value, missed: this.#missed, time });
			this.#missed = 0;
		}
		if (waiting.has(this)) this.#platform.wake();
	}

	/** The module has ended: it waits no more. */
	close(): void {
		waiting.delete(this);
	}

	/** Those of a handle that is closed. */
	forget(source: number): void {
		this.#queue = this.#queue.filter((pending) => pending.source !== source);
	}

	private timers(): Timer[] {
		return this.#handles.all().filter((entry) => entry.kind === Kind.TIMER) as Timer[];
	}

	/** Makes the events of timers that are due, in the order of their time; when the next one is. */
	private ring(timers: Timer[], now: number): number {
		for (;;) {
			let first: Timer | undefined;
			for (let i = 0; i < timers.length; i++) if (!first || timers[i]!.due < first.due) first = timers[i];
			if (!first || first.due > now) return first ? first.due : Infinity;
			const { due, period, handle } = first;
			const count = period > 0 ? Math.floor((now - due) / period) + 1 : 1;
			first.due = period > 0 ? dueAt(due, count * period) : Infinity;
			this.push(Event.TIMER, handle, Math.min(count, MOST), due);
		}
	}

	private canCome(timers: Timer[]): boolean {
		return (
			timers.some((timer) => timer.due < Infinity) ||
			this.#handles.all().some((entry) => (entry as { watched?: boolean }).watched === true)
		);
	}

	private take(guest: GuestMemory, address: number, capacity: number): number {
		const queue = this.#queue;
		const count = Math.min(queue.length, capacity);
		const bytes = guest.bytes(address, count * EVENT_SIZE);
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		for (let i = 0; i < count; i++) {
			const event = queue[i]!;
			const at = i * EVENT_SIZE;
			view.setUint32(at, event.type, true);
			view.setInt32(at + 4, event.source, true);
			view.setInt32(at + 8, event.value, true);
			view.setUint32(at + 12, event.missed, true);
			view.setUint32(at + 16, event.time >>> 0, true);
			view.setUint32(at + 20, Math.floor(event.time / 4_294_967_296), true);
		}
		queue.splice(0, count);
		return count;
	}

	/** Microseconds; below 0 without limit. Nothing of this is a promise as long as nothing has to be waited for. */
	wait(guest: GuestMemory, timeout: number, address: number, capacity: number): number | Promise<number> {
		if (waiting.has(this)) return Code.EBUSY;
		const now = this.#services.now();
		const deadline = timeout < 0 ? Infinity : dueAt(now, timeout);
		const timers = this.timers();
		this.ring(timers, now);
		if (this.#queue.length > 0 && capacity > 0) return this.take(guest, address, capacity);
		if (timeout === 0) return 0;
		if (deadline === Infinity && (capacity === 0 || !this.canCome(timers))) return Code.EINVAL;
		/* What cannot be suspended ends in a SuspendError; nothing may come of this wait any more. */
		if (this.#platform.suspendable?.() === false) return new Promise(() => {});
		waiting.add(this);
		return takeSteps(() => this.sleep(guest, deadline, address, capacity));
	}

	private sleep(guest: GuestMemory, deadline: number, address: number, capacity: number): number | Promise<void> {
		for (;;) {
			const next = capacity > 0 ? this.ring(this.timers(), this.#services.now()) : Infinity;
			if ((this.#queue.length > 0 && capacity > 0) || this.#services.now() >= deadline) {
				waiting.delete(this);
				return this.take(guest, address, capacity);
			}
			const passed = this.#platform.sleep(
				next < deadline ? next : deadline,
				() => this.#queue.length > 0 && capacity > 0,
			);
			if (passed) return passed;
		}
	}
}
