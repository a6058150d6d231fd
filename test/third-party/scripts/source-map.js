import { ascii, bytesOf, instantiate, report } from "./helpers.js";

const mappings = "AAAA,SAASA,IAAIC;AACT,OAAOD,uB;;ECGPE,KAKI;AADRD,gkuCAw2oEG";

let found = [];
const map = await instantiate({
	env: {
		mapping_callback(...values) {
			found.push(values.join(" "));
		},
	},
});

const address = map.allocate_mappings(mappings.length);
bytesOf(map.memory, address, mappings.length).set(ascii(mappings));
const parsed = map.parse_mappings(address);
report("parsed", parsed !== 0);
map.by_generated_location(parsed);
report("generated", found.join(", "));
found = [];
map.compute_column_spans(parsed);
map.by_original_location(parsed);
report("original", found.join(", "));
found = [];
map.original_location_for(parsed, 3, 5, 1);
map.original_location_for(parsed, 4, 39_999, 2);
report("searched", found.join(", "));
map.free_mappings(parsed);

const wrong = map.allocate_mappings(4);
bytesOf(map.memory, wrong, 4).set(ascii("A!AA"));
report("wrong", `${map.parse_mappings(wrong)} ${map.get_last_error()}`);
