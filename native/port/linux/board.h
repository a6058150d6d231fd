#ifndef WX_BOARD_H
#define WX_BOARD_H

/* What boards/<board>/board.json says; tools/board.mjs makes the C of it. */

#include <stdint.h>

struct wx_board_limit {
	const char *name;
	uint32_t value;
};

struct wx_board {
	const char *name;
	const char *isa;
	uint32_t slots, chunks, stack, cstack, keys, native;
	uint16_t limit_count;
	const struct wx_board_limit *limits;
};

extern const struct wx_board wx_board;

#endif
