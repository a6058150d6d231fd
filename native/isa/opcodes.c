/* The opcode table of native code, made from src/shared/rows/opcodes.ts. */
#define WX_OPCODE_TABLE
#include "opcodes.h"
