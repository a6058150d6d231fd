/** Values of waveforms. Nothing here keeps state: the same time gives the same value. */

import type { Waveform } from "./scenario";

function between(times: readonly number[], values: readonly number[], time: number, linear: boolean): number {
	let low = 0;
	let high = times.length - 1;
	if (time <= times[0]!) return values[0]!;
	if (time >= times[high]!) return values[high]!;
	while (high - low > 1) {
		const middle = (low + high) >> 1;
		if (times[middle]! <= time) low = middle;
		else high = middle;
	}
	if (!linear) return values[low]!;
	const share = (time - times[low]!) / (times[high]! - times[low]!);
	return values[low]! + share * (values[high]! - values[low]!);
}

/** Without its noise. `time`: microseconds since it was set. */
export function valueOf(waveform: Waveform, time: number): number {
	switch (waveform.kind) {
		case "constant":
			return waveform.value;
		case "ramp":
			return time >= waveform.over
				? waveform.to
				: waveform.from + ((waveform.to - waveform.from) * time) / waveform.over;
		case "sine":
			return (
				waveform.mean + waveform.amplitude * Math.sin(2 * Math.PI * (time / waveform.period + waveform.phase))
			);
		case "square":
			return (time / waveform.period) % 1 < waveform.duty ? waveform.high : waveform.low;
		case "points":
			return between(
				waveform.times,
				waveform.values,
				waveform.repeat > 0 ? time % waveform.repeat : time,
				waveform.linear,
			);
	}
}

/** Does it stay as it is from then on? */
export function isSteady(waveform: Waveform, time: number): boolean {
	if (waveform.noise) return false;
	if (waveform.kind === "constant") return true;
	if (waveform.kind === "ramp") return time >= waveform.over;
	return false;
}
