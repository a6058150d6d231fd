/** What is to happen when: by time, then by order of arrival. */

export interface Event {
	readonly time: number;
	readonly action: () => void;
}

export interface Events {
	add(time: number, action: () => void): Event;
	remove(event: Event): void;
	/** Of the next one, Infinity without. */
	next(): number;
	take(): Event | undefined;
}

export function createEvents(): Events {
	/** The next one last. */
	const list: Event[] = [];
	return {
		add(time, action) {
			const event = { time, action };
			let low = 0;
			let high = list.length;
			while (low < high) {
				const middle = (low + high) >> 1;
				if (list[middle]!.time > time) low = middle + 1;
				else high = middle;
			}
			list.splice(low, 0, event);
			return event;
		},
		remove(event) {
			const at = list.indexOf(event);
			if (at >= 0) list.splice(at, 1);
		},
		next: () => (list.length > 0 ? list[list.length - 1]!.time : Infinity),
		take: () => list.pop(),
	};
}
