/**
 * A scenario as a board gets it: what src/cli/scenario-*.ts makes of the YAML file. Times in microseconds, currents in
 * microamperes, line numbers of the file.
 */

/** The course of a number, beginning when it was set. */
export type Waveform =
	| { readonly kind: "constant"; readonly value: number; readonly noise?: number }
	| {
			readonly kind: "ramp";
			readonly from: number;
			readonly to: number;
			readonly over: number;
			readonly noise?: number;
	  }
	| {
			readonly kind: "sine";
			readonly mean: number;
			readonly amplitude: number;
			readonly period: number;
			/** Of a period, 0 to 1. */
			readonly phase: number;
			readonly noise?: number;
	  }
	| {
			readonly kind: "square";
			readonly low: number;
			readonly high: number;
			readonly period: number;
			/** Share of the period that is high; it begins high. */
			readonly duty: number;
			readonly noise?: number;
	  }
	| {
			readonly kind: "points";
			/** Ascending. */
			readonly times: readonly number[];
			readonly values: readonly number[];
			/** Else a step at each point. */
			readonly linear: boolean;
			/** Begins anew after so long; 0: the last value stays. */
			readonly repeat: number;
			readonly noise?: number;
	  };

/** Of a property or a parameter. */
export type Value = Waveform | string | boolean;

export interface PeripheralSpec {
	readonly name: string;
	readonly type: string;
	readonly line: number;
	readonly parameters: Readonly<Record<string, number | string>>;
	readonly properties: Readonly<Record<string, Value>>;
}

/** What must hold of a number or a text. */
export interface Check {
	/** Exactly this: text, or a number within `tolerance`. */
	readonly equals?: number | string;
	readonly tolerance?: number;
	readonly least?: number;
	readonly most?: number;
	/** Contained in the text. */
	readonly contains?: string;
	/** Source of a regular expression. */
	readonly matches?: string;
	/** As it stands in the file, for messages. */
	readonly text: string;
}

/** Something that can be looked at, or waited for. All that are there must hold. */
export type Condition =
	| { readonly on: "pin"; readonly pin: number; readonly level: number; readonly text: string }
	| {
			readonly on: "reading";
			readonly peripheral: string;
			readonly reading: string;
			readonly check: Check;
			readonly text: string;
	  }
	| { readonly on: "log"; readonly check: Check; readonly text: string }
	| { readonly on: "serial"; readonly port: number; readonly check: Check; readonly text: string }
	| { readonly on: "publish"; readonly topic: string; readonly payload: Check | null; readonly text: string }
	| {
			readonly on: "storage";
			readonly domain: string;
			readonly key: string;
			readonly check: Check;
			readonly text: string;
	  }
	| { readonly on: "state"; readonly state: string; readonly text: string }
	| { readonly on: "wake"; readonly reason: string; readonly text: string }
	| { readonly on: "exit"; readonly status: number; readonly text: string };

export interface Fault {
	/** nack, timeout, stuck, noise, crc, disconnect: of a peripheral or a bus. */
	readonly kind: string;
	/** Transfers that it spoils; 0: no limit. */
	readonly count: number;
	/** For so long; 0: no limit. */
	readonly time: number;
	/** Share of spoiled bits of noise. */
	readonly rate: number;
}

export type Action =
	| { readonly do: "set"; readonly peripheral: string; readonly property: string; readonly value: Value }
	| { readonly do: "inject"; readonly target: string; readonly fault: Fault }
	| { readonly do: "reset"; readonly reason: number; readonly off: number }
	| { readonly do: "send"; readonly port: number; readonly text: string }
	| { readonly do: "note"; readonly text: string }
	| { readonly do: "wait"; readonly condition: Condition; readonly within: number }
	| { readonly do: "expect"; readonly condition: Condition }
	| { readonly do: "never"; readonly condition: Condition; readonly time: number }
	| {
			readonly do: "edges";
			readonly pin: number;
			/** rising, falling, both */
			readonly which: number;
			readonly count: number;
			readonly within: number;
			/** Between two edges of a kind, and of each high level; 0: not looked at. */
			readonly period: number;
			readonly high: number;
			readonly tolerance: number;
	  }
	| {
			readonly do: "energy";
			/** 0: since power-on. */
			readonly over: number;
			/** Microampere hours, microjoules, microamperes, hours; Infinity or 0 where not asked. */
			readonly charge: number;
			readonly energy: number;
			readonly average: number;
			readonly life: number;
	  }
	| {
			readonly do: "sleep";
			readonly over: number;
			readonly state: string;
			readonly least: number;
			readonly most: number;
	  };

export interface Step {
	readonly line: number;
	readonly text: string;
	/** Since the scenario's beginning; -1: not said. */
	readonly at: number;
	/** Since the step before; -1: not said. */
	readonly after: number;
	/** Again and again beside the steps that follow; 0: once. */
	readonly every: number;
	/** Until that time; 0: the end. */
	readonly until: number;
	/** At most so often; 0: no limit. */
	readonly times: number;
	readonly actions: readonly Action[];
}

export interface Energy {
	/** Volts of the supply. */
	readonly supply: number;
	/** Microamperes, by state. */
	readonly currents: Readonly<Record<string, number>>;
	/** Microampere hours of the battery. */
	readonly battery: number;
}

export interface Scenario {
	readonly name: string;
	readonly seed: number;
	/** 0: it ends after the last step. */
	readonly duration: number;
	readonly peripherals: readonly PeripheralSpec[];
	readonly steps: readonly Step[];
	readonly energy: Energy;
}

/** What the board replies while a scenario runs. */
export type Report =
	| { readonly report: "log"; readonly time: number; readonly stream: number; readonly text: string }
	| { readonly report: "publish"; readonly time: number; readonly topic: string; readonly payload: string }
	| { readonly report: "passed"; readonly time: number; readonly line: number; readonly text: string }
	| {
			readonly report: "failed";
			readonly time: number;
			readonly line: number;
			readonly text: string;
			readonly message: string;
	  }
	| { readonly report: "note"; readonly time: number; readonly line: number; readonly text: string }
	| { readonly report: "reset"; readonly time: number; readonly reason: string }
	| { readonly report: "exit"; readonly time: number; readonly status: number; readonly message: string }
	| {
			readonly report: "end";
			readonly time: number;
			readonly failures: number;
			/** Microseconds by state. */
			readonly states: Readonly<Record<string, number>>;
			/** Microampere hours: of the chip by state, of peripherals with their names. */
			readonly charge: Readonly<Record<string, number>>;
			readonly peripherals: readonly (readonly [string, number])[];
	  };
