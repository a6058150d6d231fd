/** What a board's scripts, and test/support/node-exec.mjs, have. */
declare const files: { read(name: string): ArrayBuffer };
