/* The opcode table of native code, made from src/aot/base/opcodes.ts. */
#define WX_OPCODE_TABLE
#include "opcodes.h"
