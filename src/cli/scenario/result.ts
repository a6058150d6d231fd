/** What a scenario is run with, and what comes of it, on boards and in Node's engine. */

import type { Report, Scenario } from "../../../boards/simulated/world/scenario";
import type { Variant } from "../boards";
import type { Invocation } from "../call";
import type { PinWay } from "../run-module";
import type { ScenarioFile } from "./file";

export interface ScenarioOptions {
	/** In place of the scenario's. */
	readonly board?: string | undefined;
	readonly module?: string | undefined;
	readonly script?: string | undefined;
	readonly invoke?: Invocation | null;
	readonly grants?: readonly string[];
	readonly files?: Record<string, string>;
	/** Of a WASI program, behind those of the scenario. */
	readonly args?: readonly string[];
	/** NAME=VALUE */
	readonly environment?: readonly string[];
	/** In place of the scenario's, or the board's: its currents and times, and its registers for --io inline. */
	readonly chip?: string;
	/** Where modules run; on the board unless given. */
	readonly engine?: "board" | "node";
	/** How modules reach digital pins: js, c, inline. */
	readonly io?: PinWay;
	/** Modules are compiled twice. */
	readonly optimize?: boolean;
	/** Seconds of virtual time that a call may take, in place of the scenario's watchdog. */
	readonly watchdog?: number;
	/** Seconds of real time. */
	readonly timeout?: number;
	readonly variant?: Variant;
	readonly onReport?: (report: Report) => void;
}

export interface ScenarioResult {
	readonly file: ScenarioFile;
	readonly board: string;
	readonly scenario: Scenario;
	readonly reports: readonly Report[];
	/** Lines of JSON: what happened at pins, on buses, in the world. */
	readonly trace: string;
	/** Seconds of real time. */
	readonly seconds: number;
	/** null: the board did not come to the scenario's end. */
	readonly end: (Report & { report: "end" }) | null;
	readonly failures: readonly (Report & { report: "failed" })[];
	/** Why the board failed. */
	readonly problem: string | null;
}
