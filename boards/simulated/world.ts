/** The program of a scenario's world on XS, in a machine of its own: an entry of the image. */

import type { Chip } from "./world/chip";
import { createEngine } from "./world/engine";
import type { Scenario } from "./world/scenario";

const begin = native<(answer: (question: number, ...values: never[]) => number) => void>("xs_world_begin");
const scenarioText = native<() => string>("xs_world_scenario");
const take = native<(count: number) => ArrayBuffer>("xs_world_take");
const give = native<(bytes: Uint8Array) => void>("xs_world_give");

const chip: Chip = {
	now: native<() => number>("xs_world_now"),
	alarm: native<(time: number) => void>("xs_world_alarm"),
	drive: native<(pin: number, level: number) => void>("xs_world_drive"),
	observe: native<(pin: number) => void>("xs_world_observe"),
	level: native<(pin: number) => number>("xs_world_level"),
	serialReady: native<(port: number) => void>("xs_world_serial"),
	timeIn: native<(state: number) => number>("xs_world_time_in"),
	random: native<() => number>("xs_world_random"),
	trace: native<(line: string) => void>("xs_world_trace"),
	reply: native<(line: string) => void>("xs_world_reply"),
	reset: native<(reason: number, off: number) => void>("xs_world_reset"),
	end: native<() => void>("xs_world_end"),
	take: (count) => new Uint8Array(take(count)),
	give,
	encode: (text) => new Uint8Array(ArrayBuffer.fromString(text)),
	decode: (bytes) =>
		String.fromArrayBuffer(bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer),
};

const engine = createEngine(chip, JSON.parse(scenarioText()) as Scenario);
begin(engine.answer as (question: number, ...values: never[]) => number);
