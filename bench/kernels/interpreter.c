/* An interpreter of a stack machine, dispatched by a switch: counts the steps of the Collatz sequences of some numbers. */

#include "kernel.h"

enum op { PUSH, LOAD, STORE, ADD, MUL, AND, SHR, LESS, EQUAL, JUMP, JUMP_IF_ZERO, INC, DUP, SWAP, DROP, HALT };

static const uint8_t program[] = {
	PUSH, 0, STORE, 1,	/* steps = 0 */
	/* 4: */ LOAD, 0, PUSH, 1, EQUAL, JUMP_IF_ZERO, 14, LOAD, 1, HALT,
	/* 14: */ LOAD, 0, PUSH, 1, AND, JUMP_IF_ZERO, 31,
	/* 21: n = 3 * n + 1 */ LOAD, 0, PUSH, 3, MUL, INC, STORE, 0, JUMP, 36,
	/* 31: n = n >> 1 */ LOAD, 0, SHR, STORE, 0,
	/* 36: */ LOAD, 1, INC, STORE, 1, JUMP, 4,
};

static uint32_t variables[2];

static uint32_t execute(uint32_t n)
{
	uint32_t stack[8], *top = stack;
	const uint8_t *at = program;
	variables[0] = n;
	for (;;) {
		switch ((enum op)*at++) {
		case PUSH: *++top = *at++; break;
		case LOAD: *++top = variables[*at++]; break;
		case STORE: variables[*at++] = *top--; break;
		case ADD: top--; top[0] += top[1]; break;
		case MUL: top--; top[0] *= top[1]; break;
		case AND: top--; top[0] &= top[1]; break;
		case SHR: top[0] >>= 1; break;
		case LESS: top--; top[0] = top[0] < top[1]; break;
		case EQUAL: top--; top[0] = top[0] == top[1]; break;
		case JUMP: at = program + *at; break;
		case JUMP_IF_ZERO: at = *top-- ? at + 1 : program + *at; break;
		case INC: top[0]++; break;
		case DUP: top[1] = top[0]; top++; break;
		case SWAP: { uint32_t value = top[0]; top[0] = top[-1]; top[-1] = value; break; }
		case DROP: top--; break;
		case HALT: return *top;
		}
	}
}

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = FOLD_START;
	for (uint32_t n = 0; n < 4; n++)
		checksum = fold(checksum, execute(round % 16 + 3 * n + 3));
	return checksum;
}
