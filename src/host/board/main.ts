/** What every board's image begins with: it runs at boot, before any script. */

import "./console";
import "./timers";
import "./files";
import "./define-webassembly";
import "../../../boards/simulated/device";
