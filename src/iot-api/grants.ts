/**
 * Grants: what a module may use. One grammar wherever they are written: on the command line, in scenarios, in an
 * update's manifest.
 *
 *     grant   = "all" | "sleep" | kind ":" item {"," item}
 *     kind    = "gpio" | "adc" | "pwm" | "i2c" | "spi" | "uart" | "publish" | "storage"
 *     gpio    = pins [":in" | ":out"]         adc, pwm = pins         uart = port
 *     pins    = number | number "-" number | name of a pin of the board | "*"
 *     i2c     = bus ["@" address]             spi = bus ["@" select]         bus, port = number | "*"
 *     publish = topic filter: "+" is any one level, "#" at the end any levels
 *     storage = name of the storage area: letters, digits, "-", "_", ".", but not "." and "..", which are folders
 *
 * Numbers are decimal or 0x...
 */

import { pinNamed } from "./provider";

export type PinAccess = "in" | "out" | "both";

export interface PinGrant {
	readonly first: number | string;
	/** Equal to first, or the end of a range. */
	readonly last: number | string;
	readonly access: PinAccess;
}

export interface PortGrant {
	/** -1: any */
	readonly port: number;
	/** Address or select pin; -1: any */
	readonly device: number;
}

export interface Grants {
	all: boolean;
	sleep: boolean;
	readonly gpio: PinGrant[];
	readonly adc: PinGrant[];
	readonly pwm: PinGrant[];
	readonly i2c: PortGrant[];
	readonly spi: PortGrant[];
	readonly uart: PortGrant[];
	readonly publish: string[];
	storage: string | undefined;
}

export class GrantError extends Error {
	override name = "GrantError";
}

const NUMBER = /^(?:0x[0-9a-f]{1,8}|\d{1,9})$/i;
const ANY = -1;
/** The last of "*". */
export const ALL_PINS = 1_000_000_000;
const LAST_ADDRESS = 0x7f;

function fail(grant: string, problem: string): never {
	throw new GrantError(`grant "${grant}": ${problem}`);
}

function toNumber(text: string, grant: string, what: string): number {
	if (!NUMBER.test(text)) fail(grant, `${what} "${text}" is no number`);
	return Number(text);
}

function parsePins(text: string, grant: string, access: PinAccess): PinGrant {
	if (text === "*") return { first: 0, last: ALL_PINS, access };
	const dash = text.indexOf("-");
	if (dash > 0 && NUMBER.test(text.slice(0, dash)) && NUMBER.test(text.slice(dash + 1))) {
		const first = Number(text.slice(0, dash));
		const last = Number(text.slice(dash + 1));
		if (last < first) fail(grant, `range ${text} ends before it begins`);
		return { first, last, access };
	}
	const pin = NUMBER.test(text) ? Number(text) : text;
	if (typeof pin === "string" && !/^[a-z_$][\w$.-]*$/i.test(pin))
		fail(grant, `"${text}" is no pin: a number, a range as 2-5, a name, or *`);
	return { first: pin, last: pin, access };
}

function parseDigital(item: string, grant: string): PinGrant {
	const colon = item.indexOf(":");
	if (colon < 0) return parsePins(item, grant, "both");
	const access = item.slice(colon + 1);
	if (access !== "in" && access !== "out") fail(grant, `"${access}" is neither "in" nor "out"`);
	return parsePins(item.slice(0, colon), grant, access);
}

function parsePort(item: string, grant: string, device: string | undefined): PortGrant {
	const at = item.indexOf("@");
	if (at >= 0 && device === undefined) fail(grant, `"${item}": a port has nothing behind "@"`);
	const port = at < 0 ? item : item.slice(0, at);
	return {
		port: port === "*" ? ANY : toNumber(port, grant, "port"),
		device: at < 0 ? ANY : toNumber(item.slice(at + 1), grant, device!),
	};
}

function parseFilter(item: string, grant: string): string {
	const levels = item.split("/");
	for (let i = 0; i < levels.length; i++) {
		const level = levels[i]!;
		if (level.includes("#") && (level !== "#" || i !== levels.length - 1))
			fail(grant, `"#" stands alone, and last, in a topic filter`);
		if (level.includes("+") && level !== "+") fail(grant, `"+" stands alone between slashes of a topic filter`);
	}
	return item;
}

function addItem(grants: Grants, kind: string, item: string, grant: string): void {
	if (item === "") fail(grant, "nothing named behind the colon or between commas");
	switch (kind) {
		case "gpio":
			grants.gpio.push(parseDigital(item, grant));
			return;
		case "adc":
			grants.adc.push(parsePins(item, grant, "in"));
			return;
		case "pwm":
			grants.pwm.push(parsePins(item, grant, "out"));
			return;
		case "i2c":
			grants.i2c.push(parsePort(item, grant, "address"));
			if (grants.i2c.at(-1)!.device > LAST_ADDRESS) fail(grant, `an address has 7 bits: 0x7f is the last`);
			return;
		case "spi":
			grants.spi.push(parsePort(item, grant, "select pin"));
			return;
		case "uart":
			grants.uart.push(parsePort(item, grant, undefined));
			return;
		case "publish":
			grants.publish.push(parseFilter(item, grant));
			return;
		case "storage":
			if (!/^[\w.-]{1,32}$/.test(item) || /^\.\.?$/.test(item))
				fail(
					grant,
					`"${item}" is no name of a storage area: 1 to 32 letters, digits, "-", "_", "."; not "." and ".."`,
				);
			if (grants.storage !== undefined && grants.storage !== item)
				fail(grant, `a module has one storage area, and "${grants.storage}" is granted already`);
			grants.storage = item;
			return;
		default:
			fail(grant, `no kind "${kind}": gpio, adc, pwm, i2c, spi, uart, publish, storage, sleep, all`);
	}
}

/** Throws a GrantError that names the grant and what is wrong with it. */
export function parseGrants(texts: readonly string[]): Grants {
	const grants: Grants = {
		all: false,
		sleep: false,
		gpio: [],
		adc: [],
		pwm: [],
		i2c: [],
		spi: [],
		uart: [],
		publish: [],
		storage: undefined,
	};
	for (let i = 0; i < texts.length; i++) {
		const grant = texts[i]!;
		const colon = grant.indexOf(":");
		const kind = colon < 0 ? grant : grant.slice(0, colon);
		if (kind === "all" || kind === "sleep") {
			if (colon >= 0) fail(grant, `"${kind}" stands alone`);
			grants[kind] = true;
			continue;
		}
		if (colon < 0) {
			addItem(grants, kind, kind === "publish" ? "#" : "*", grant);
			continue;
		}
		const items = grant.slice(colon + 1).split(",");
		for (let j = 0; j < items.length; j++) addItem(grants, kind, items[j]!, grant);
	}
	return grants;
}

/** A pin's names count too. Throws a GrantError for a name that the board does not have. */
export function resolvePins(grants: Grants, pins: Record<string, number> | undefined): void {
	const lists = [grants.gpio, grants.adc, grants.pwm];
	for (let i = 0; i < lists.length; i++) {
		const list = lists[i]!;
		for (let j = 0; j < list.length; j++) {
			const { first, access } = list[j]!;
			if (typeof first === "number") continue;
			const pin = pinNamed(pins, first);
			if (pin === undefined)
				throw new GrantError(
					`grant: the board has no pin "${first}"${pins ? `; it has ${Object.keys(pins).join(", ")}` : ""}`,
				);
			list[j] = { first: pin, last: pin, access };
		}
	}
}

export function mayUsePin(list: readonly PinGrant[], pin: number, access: PinAccess): boolean {
	for (let i = 0; i < list.length; i++) {
		const grant = list[i]!;
		if (
			pin >= (grant.first as number) &&
			pin <= (grant.last as number) &&
			(grant.access === "both" || grant.access === access)
		)
			return true;
	}
	return false;
}

export function mayUsePort(list: readonly PortGrant[], port: number, device: number): boolean {
	for (let i = 0; i < list.length; i++) {
		const grant = list[i]!;
		if ((grant.port === ANY || grant.port === port) && (grant.device === ANY || grant.device === device))
			return true;
	}
	return false;
}

/**
 * MQTT's rules: a filter's "#" also stands for the level above it; a wildcard at its begin for no topic that begins
 * with "$", which is the broker's (MQTT 5.0, 4.7.2).
 */
export function matchesTopic(filter: string, topic: string): boolean {
	if (topic[0] === "$" && filter[0] !== "$") return false;
	const wanted = filter.split("/");
	const levels = topic.split("/");
	for (let i = 0; i < wanted.length; i++) {
		if (wanted[i] === "#") return true;
		if (i >= levels.length || (wanted[i] !== "+" && wanted[i] !== levels[i])) return false;
	}
	return wanted.length === levels.length || (wanted.length === levels.length + 1 && wanted.at(-1) === "#");
}
