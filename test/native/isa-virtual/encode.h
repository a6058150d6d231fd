/* Instructions of the virtual machine: one for each function of the assembler interface, all of 32 bytes. */
#ifndef WX_VIRTUAL_ENCODE_H
#define WX_VIRTUAL_ENCODE_H

#include <stdint.h>

enum code {
	MOVE = 0x41,
	CONSTANT,
	LOAD,
	STORE,
	LOAD_WORDS,
	LOAD_WORD_AT,
	STORE_CONSTANT,
	BINARY,
	SHIFTED,
	SCALED,
	UNARY,
	SET,
	SELECT,
	JUMP,
	BRANCH,
	TRAP,
	TABLE,
	CHECK,
	POINTER,
	MEMORY_LOAD,
	MEMORY_STORE,
	CALL,
	CALL_REGISTER,
	CALL_HELPER,
	MEMORY_SIZE,
	RELOAD_MEMORY,
	METER,
	TAIL,
	TAIL_REGISTER,
	ENTER,
	LEAVE,
	VECTOR
};

#define FLAG_IMMEDIATE 1u /* b is low and high */
#define FLAG_ALIGNED 2u
#define FLAG_WRAPS 4u
#define FLAG_CHECK 8u /* of ENTER: the stack's room */
#define FLAG_CONTEXT 16u /* of ENTER: the context goes to the frame */
#define FLAG_ALWAYS 32u /* of TRAP: no condition */
#define FLAG_STATUS 64u /* of TRAP: the condition, and the kind, is the status */

typedef struct {
	uint8_t code;
	uint8_t op; /* plan operation */
	uint8_t type; /* wx_type of the operands compared or moved */
	uint8_t condition; /* wx_cond */
	uint8_t d, dh, a, ah, b, bh, x, xh, y, yh; /* registers and high halves, WX_NO_REG: none */
	uint8_t flags;
	uint8_t amount; /* of a shift; trap kind */
	/* constant; of ENTER, LEAVE and TAIL: registers saved, bytes of the frame; of TABLE: entries, which follow */
	uint32_t low, high;
	uint32_t offset;
	int32_t target; /* from the instruction's own start */
} instruction;

_Static_assert(sizeof(instruction) == 32, "instruction");

#endif
