/** Time, sleep, the connection, the log. */

import type { Context } from "./context";
import { Code } from "./errors";
import type { Timer } from "./events";
import { matchesTopic } from "./grants";
import { copyOf } from "./guest-memory";
import { Kind } from "./handles";
import { dueAt } from "./sleep";

const NO_DEVICE = { close(): void {} };

export function startTimer({ handles, services }: Context, delay: number, period: number): number {
	if (!(delay >= 0 && period >= 0)) return Code.EINVAL;
	return handles.add<Timer>({
		kind: Kind.TIMER,
		device: NO_DEVICE,
		index: 0,
		handle: 0,
		pin: -1,
		due: dueAt(services.now(), delay),
		period,
	});
}

export function deepSleep({ grants, handles, services }: Context, time: number, wake: number, level: number): number {
	if (!grants.all && !grants.sleep) return Code.EPERM;
	const limit = time >= 0 && dueAt(0, time) < Infinity ? time : -1;
	if (wake === -1) return limit < 0 ? Code.EINVAL : services.deepSleep(limit, -1, 0);
	const entry = handles.get(wake, Kind.INPUT);
	if (!entry) return Code.EBADF;
	return services.deepSleep(limit, entry.pin, level === 0 ? 0 : 1);
}

export function publish({ grants, services }: Context, topic: string, data: Uint8Array): number {
	if (topic === "" || topic.includes("+") || topic.includes("#") || topic.includes("\0")) return Code.EINVAL;
	if (!grants.all && !grants.publish.some((filter) => matchesTopic(filter, topic))) return Code.EPERM;
	return services.publish(topic, copyOf(data, Code.ENOSPC).buffer as ArrayBuffer);
}
