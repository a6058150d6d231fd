import { instantiate, report } from "./helpers.js";

const source = `import device from "embedded:provider/builtin";
import * as all from './all.js';
// import "not this";
const later = () => import("./later.js");
export const name = import.meta.url, other = \`text \${later()}\`;
export { device as default };
export function start() {}
`;

const lexer = await instantiate();
const address = lexer.sa(source.length);
const units = new Uint16Array(lexer.memory.buffer, address, source.length);
for (let i = 0; i < source.length; i++) units[i] = source.charCodeAt(i);
report("parsed", lexer.parse() ? "yes" : `no, at ${lexer.e()}`);
while (lexer.ri()) report("import", `${source.slice(lexer.is(), lexer.ie())} dynamic ${lexer.id()}`);
while (lexer.re()) report("export", source.slice(lexer.es(), lexer.ee()));
