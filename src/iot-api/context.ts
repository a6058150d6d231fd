/** What the files of the device API share for one module. */

import type { Events } from "./events";
import type { Grants } from "./grants";
import type { GuestMemory } from "./guest-memory";
import type { Handles } from "./handles";
import type { Platform, Services } from "./platform";
import type { Device } from "./provider";

export interface Context {
	readonly device: Device;
	readonly services: Services;
	readonly platform: Platform;
	readonly grants: Grants;
	readonly handles: Handles;
	readonly events: Events;
	readonly guest: GuestMemory;
}
