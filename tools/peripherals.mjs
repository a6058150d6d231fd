// Writes the tables of docs/PERIPHERALS.md from the models: node tools/peripherals.mjs [--check]

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rollup } from "rollup";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const page = join(root, "docs/PERIPHERALS.md");
const mark = "<!-- Tables below: node tools/peripherals.mjs -->";

const models = join(root, "build/js/node/boards/simulated/peripherals");
const bundle = await rollup({
	input: join(models, "index.js"),
	plugins: [
		{
			name: "extensionless",
			resolveId: (source, importer) =>
				importer && existsSync(join(dirname(importer), source + ".js"))
					? join(dirname(importer), source + ".js")
					: null,
		},
	],
});
const { output } = await bundle.generate({ format: "es" });
const file = join(root, "build/peripherals.mjs");
writeFileSync(file, output[0].code);
const { peripheralTypes } = await import(pathToFileURL(file).href);

const range = ({ minimum, maximum, unit = "" }) =>
	minimum === undefined && maximum === undefined ? unit : `${minimum ?? ""} to ${maximum ?? ""} ${unit}`.trim();
const initialOf = ({ kind, initial }) => {
	if (initial === undefined) return "needed";
	if (kind === "time")
		return initial >= 1e6 ? `${initial / 1e6}s` : initial >= 1e3 ? `${initial / 1e3}ms` : `${initial}us`;
	if (kind === "current") return initial >= 1e3 ? `${initial / 1e3}mA` : `${initial}uA`;
	if (kind === "address") return `0x${initial.toString(16)}`;
	return kind === "bus" || kind === "serial" ? "default" : String(initial);
};
const rows = (title, entries, cells) =>
	entries.length
		? [
				`| ${title} | | default | |`,
				"|---|---|---|---|",
				...entries.map(([name, entry]) => `| \`${name}\` | ${cells(entry)} |`),
				"",
			]
		: [];

const text = peripheralTypes.flatMap((type) => [
	`## ${type.name}`,
	"",
	type.doc,
	"",
	...rows(
		"parameter",
		Object.entries(type.parameters),
		(p) => `${p.kind === "choice" ? p.choices.join(", ") : p.kind} | ${initialOf(p)} | ${p.doc}`,
	),
	...rows(
		"property",
		Object.entries(type.properties),
		(p) => `${p.choices ? p.choices.join(", ") : range(p)} | ${p.initial} | ${p.doc}`,
	),
	`Readings: ${Object.entries(type.readings)
		.map(
			([name, reading]) =>
				`\`${name}\`${reading.choices ? ` (${reading.choices.join(", ")})` : reading.unit ? ` (${reading.unit})` : ""}`,
		)
		.join(", ")}.${type.faults ? ` Faults: ${type.faults.join(", ")}.` : ""}`,
	"",
]);
const before = readFileSync(page, "utf8");
const after = `${before.slice(0, before.indexOf(mark) + mark.length)}\n\n${text.join("\n")}`.trimEnd() + "\n";
if (process.argv.includes("--check")) {
	if (before !== after) {
		console.error("docs/PERIPHERALS.md is not that of the models: node tools/peripherals.mjs");
		process.exit(1);
	}
} else writeFileSync(page, after);
