/*
 * The image writer: puts vectors, records and functions where they belong in the image (native/abi/image.h), front to
 * back, and fills in what was left open before: the code table, the jump slots, the header.
 *
 * Order: wx_image_begin; records by wx_image_append; wx_image_begin_code; each function by wx_image_place;
 * wx_image_end_code; records; wx_image_finish. The first failure is kept in the outcome that all share; later calls do
 * no harm.
 */
#ifndef WX_IMAGE_WRITER_H
#define WX_IMAGE_WRITER_H

#include "../abi/image.h"
#include "generator.h"
#include "outcome.h"

#define WX_UNWRITTEN_ENTRIES 32u

typedef struct {
	wx_writer *writer;
	wx_outcome *outcome;
	struct wx_image_header header;
	wx_compile_figures figures;
	uint32_t placed; /* functions in the image */
	/*
	 * The last of them, whose entries in the code table and jump slots are written together: each write may unlock and
	 * lock a page.
	 */
	uint32_t unwritten;
	uint32_t starts[WX_UNWRITTEN_ENTRIES];
	uint8_t slots[WX_UNWRITTEN_ENTRIES * ISA_JUMP_SIZE];
} wx_image;

/* False, and a failure, when the flash is full. */
bool wx_image_append(wx_image *image, const void *data, uint32_t size);
/* Leaves room for the header and writes the vectors: records follow. */
void wx_image_begin(wx_image *image);
/* Leaves room for the code table and the jump slots of header.functions functions. False: there is none. */
bool wx_image_begin_code(wx_image *image);
/*
 * Finishes the code of the function that the generator is done with, the next one in order, and writes it with its
 * header and site table. `unchecked`: bytes of stack that those who call it believe it to take, at most, before it
 * checks for room. Returns the bytes of its frame; UINT32_MAX on a failure, or with none where as.no_memory says why.
 */
uint32_t wx_image_place(wx_image *image, wx_generator *g, bool far_entry, uint32_t unchecked);
void wx_image_end_code(wx_image *image);
/* Writes the header: the image is complete. */
void wx_image_finish(wx_image *image);

/* Image offset of a defined function's start, which its header precedes; 0: not placed yet. */
uint32_t wx_image_start(const wx_image *image, uint32_t defined);
/* Image offset of its jump slot. */
uint32_t wx_image_jump_slot(const wx_image *image, uint32_t defined);

#endif
