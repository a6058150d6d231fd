/** All that a module may import of a device: the device API and WASI. */

import { createIot } from "./iot";
import type { Platform, Services } from "./platform";
import type { Device } from "./provider";
import { createWasi } from "./wasi";

/** A board's provider, with its services. */
export interface Board extends Device {
	readonly system: Services;
}

export interface ModuleOptions {
	/** As parseGrants of grants.ts takes them. */
	readonly grants: readonly string[];
	/** WASI's; the program's name first. */
	readonly args: readonly string[];
	/** NAME=VALUE */
	readonly environment: readonly string[];
}

export interface ModuleImports {
	readonly imports: Record<string, unknown>;
	/** The instance is there: its memory is what addresses mean. */
	attach(exports: Record<string, unknown>): void;
	/** The module has ended: gives back what it left open. */
	close(): void;
}

/** Throws a GrantError when a grant is wrong. */
export function openModuleImports(
	board: Board,
	platform: Platform,
	{ grants, args, environment }: ModuleOptions,
): ModuleImports {
	const services = board.system;
	const iot = createIot({ device: board, services, platform, grants });
	const wasi = createWasi({ platform, services, guest: iot.guest, args, environment });
	return {
		imports: { iot1: iot.imports, wasi_snapshot_preview1: wasi },
		attach(exports): void {
			const memory = exports["memory"] as { readonly buffer: ArrayBuffer } | undefined;
			if (memory && memory.buffer) iot.guest.attach(memory);
		},
		close: iot.close,
	};
}
