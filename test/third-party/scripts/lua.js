import { ascii, bytesOf, cString, instantiate, report } from "./helpers.js";

/* Lua's errors are longjmps, and those are thrown through JavaScript here. */
class LongJump extends Error {}

const lua = await instantiate({
	env: {
		invoke_vii(callee, a, b) {
			const stack = lua.stackSave();
			try {
				lua.__indirect_function_table.get(callee)(a, b);
			} catch (error) {
				lua.stackRestore(stack);
				if (!(error instanceof LongJump)) throw error;
				lua.setThrew(1, 0);
			}
		},
		_emscripten_throw_longjmp() {
			throw new LongJump("longjmp");
		},
		emscripten_date_now: () => 0,
		emscripten_resize_heap: () => 0,
		__syscall_ioctl: () => -1,
	},
	wasi_snapshot_preview1: {
		environ_sizes_get(count, size) {
			new Uint32Array(lua.memory.buffer)[count >> 2] = 0;
			new Uint32Array(lua.memory.buffer)[size >> 2] = 0;
			return 0;
		},
		environ_get: () => 0,
	},
});
lua.__wasm_call_ctors();

function stringIn(string) {
	const address = lua.malloc(string.length + 1);
	const bytes = bytesOf(lua.memory, address, string.length + 1);
	bytes.set(ascii(string));
	bytes[string.length] = 0;
	return address;
}

const state = lua.luaL_newstate();
lua.luaL_openlibs(state);

function evaluate(name, source) {
	const error = lua.luaL_loadstring(state, stringIn(source)) || lua.lua_pcallk(state, 0, 1, 0, 0, null);
	report(name, `${error} ${cString(lua.memory, lua.luaL_tolstring(state, -1, 0))}`);
	lua.lua_settop(state, 0);
}

evaluate("version", "return _VERSION");
evaluate(
	"arithmetic",
	"return 7 // 2 .. ' ' .. 7 / 2 .. ' ' .. 2^53 .. ' ' .. math.maxinteger + 1 .. ' ' .. 0x7fffffff * 0x7fffffff",
);
evaluate(
	"sieve",
	"local n, p = {}, 0 for i = 2, 2000 do if not n[i] then p = p + 1 for j = i * i, 2000, i do n[j] = true end end end return p",
);
evaluate(
	"strings",
	"return (('a,b,,c'):gsub('(%w)', function(c) return c:upper() .. #c end)) .. string.format('%5.1f|%x', math.pi, 255)",
);
evaluate(
	"coroutine",
	"local c = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * i) end end) return c() + c() + c()",
);
evaluate("caught", "local ok, e = pcall(function() error({code = 7}) end) return tostring(ok) .. e.code");
evaluate("error", "local t = nil; return t.x");
evaluate("syntax", "return return");
