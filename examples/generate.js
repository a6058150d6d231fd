/* Writes the data of the examples as C headers: node examples/generate.js */

import { writeFileSync } from "node:fs";
import { calibration, emptyFrames, readings, sineTable, temperatures, walkFrames } from "./data.js";

const arrays = {
	"fft/sine.h": { sine: sineTable(64) },
	"lec/samples.h": { samples: temperatures(256) },
	"outlier/values.h": { values: readings(20) },
	"heat-calibration/frames.h": { frames: emptyFrames(101) },
	"heat-detection/frames.h": { ...calibration(), frames: walkFrames(25) },
};

for (const [path, content] of Object.entries(arrays)) {
	const lines = ["/* Written by generate.js. */"];
	for (const [name, values] of Object.entries(content)) {
		lines.push("", `static const int16_t ${name}[${values.length}] = {`);
		for (let i = 0; i < values.length; i += 16) lines.push(`\t${values.slice(i, i + 16).join(", ")},`);
		lines.push("};");
	}
	writeFileSync(new URL(path, import.meta.url), lines.join("\n") + "\n");
}
