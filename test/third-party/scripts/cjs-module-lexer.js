import { instantiate, report } from "./helpers.js";

const source = `'use strict';
exports.first = 1;
Object.defineProperty(exports, 'second', { enumerable: true, value: 2 });
module.exports.third = require('./third');
// exports.fourth = 4;
if (/exports.fifth = 5/.test('')) exports['sixth'] = 6;
module.exports = require('./again');
`;

const lexer = await instantiate();
const address = lexer.sa(source.length);
const units = new Uint16Array(lexer.memory.buffer, address, source.length + 1);
for (let i = 0; i < source.length; i++) units[i] = source.charCodeAt(i);
report("error", lexer.parseCJS(address, source.length, 0, 0, 0));
while (lexer.re()) report("export", source.slice(lexer.es(), lexer.ee()));
while (lexer.rre()) report("reexport", source.slice(lexer.res(), lexer.ree()));
