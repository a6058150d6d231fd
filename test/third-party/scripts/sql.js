import { ascii, bytesOf, cString, instantiate, report } from "./helpers.js";

/* SQLite, with a database in memory: it asks the system for little. */
const sql = await instantiate({
	env: {
		emscripten_date_now: () => 0,
		emscripten_get_now: () => 0,
		emscripten_get_heap_max: () => 2_147_418_112,
		__syscall_getcwd: () => -1,
		_tzset_js: () => {},
		emscripten_resize_heap(size) {
			const pages = Math.ceil((size - sql.memory.buffer.byteLength) / 65_536);
			try {
				sql.memory.grow(pages);
				return 1;
			} catch {
				return 0;
			}
		},
	},
	wasi_snapshot_preview1: {
		environ_sizes_get(count, size) {
			new Uint32Array(sql.memory.buffer)[count >> 2] = 0;
			new Uint32Array(sql.memory.buffer)[size >> 2] = 0;
			return 0;
		},
		environ_get: () => 0,
	},
});

sql.emscripten_stack_init();
sql.__set_stack_limits(sql.emscripten_stack_get_base(), sql.emscripten_stack_get_end());
sql.__wasm_call_ctors();

function word(address) {
	return new Uint32Array(sql.memory.buffer)[address >> 2];
}

function stringIn(string) {
	const address = sql.malloc(string.length + 1);
	const bytes = bytesOf(sql.memory, address, string.length + 1);
	bytes.set(ascii(string));
	bytes[string.length] = 0;
	return address;
}

const place = sql.malloc(4);
report("open", sql.sqlite3_open(stringIn(":memory:"), place));
const database = word(place);

const ROW = 100;

function query(text) {
	const error = sql.sqlite3_prepare_v2(database, stringIn(text), -1, place, 0);
	if (error) return report("error", cString(sql.memory, sql.sqlite3_errmsg(database)));
	const statement = word(place);
	const rows = [];
	while (sql.sqlite3_step(statement) === ROW) {
		const columns = [];
		for (let i = 0; i < sql.sqlite3_column_count(statement); i++)
			columns.push(cString(sql.memory, sql.sqlite3_column_text(statement, i)));
		rows.push(columns.join(","));
	}
	sql.sqlite3_finalize(statement);
	if (rows.length) report("rows", rows.join(" "));
}

query("create table samples(at integer primary key, sensor text, value real)");
query(
	"with recursive n(i) as (select 1 union all select i + 1 from n where i < 200) insert into samples select i, 'sensor' || (i % 3), (i * 37 % 101) / 4.0 from n",
);
query("select sensor, count(*), sum(value), max(at) from samples group by sensor order by 3");
query("create index by_value on samples(value)");
query("select at, printf('%.2f', value) from samples where value between 10 and 10.5 order by value desc, at");
query("select upper(sensor), round(avg(value), 3) from samples where sensor like '%1' group by 1");
query("select 9007199254740993 + 1, 7 / 2, -7 % 3, 1e300 * 10, abs(-9223372036854775807), hex('wait')");
query("select no_such_column from samples");
report("changes", sql.sqlite3_changes(database));
report("close", sql.sqlite3_close_v2(database));
