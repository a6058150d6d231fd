/*
 * Code flash: where images of compiled modules lie and run.
 *
 * On desk boards a range of reserved addresses stands for it, with the rules of NOR flash: a page is erased as a whole
 * (all bits 1), a word (4 bytes) is programmed once, while it is erased. Whatever breaks the rule is refused and
 * counted. A page is never writable and executable at once.
 *
 * An image is written by one writer, front to back, a row (WX_FLASH_ROW bytes) at a time through a buffer in RAM. Words
 * left erased (holes) can be written later, once. Publication (wx_flash_publish) makes an image executable, then issues
 * the barriers; an image that is not published cannot be entered.
 */
#ifndef WX_FLASH_H
#define WX_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/alloc.h"

#define WX_FLASH_WORD 4u
#define WX_FLASH_ERASED 0xFFFFFFFFu
/* Bytes programmed at a time, a page at most: what serial flash takes in one go. */
#define WX_FLASH_ROW 256u

/* What publication does to the machine, in this order. A test puts a recorder in place of it. */
struct wx_flash_hooks {
	/*
	 * Make whole pages readable, writable, executable, or give them back: WX_FLASH_READ ... False when the machine
	 * refuses.
	 */
	bool (*protect)(void *data, uint8_t *start, size_t size, int mode);
	/* Erase a page, program erased words: the flash controller's. NULL: it is memory. Rules are checked before. */
	bool (*erase)(void *data, uint8_t *page, size_t size);
	bool (*program)(void *data, uint8_t *at, const uint8_t *from, size_t size);
	/* Make written code visible to instruction fetch: clean and invalidate caches as the machine needs. */
	void (*clean)(void *data, uint8_t *start, size_t size);
	/* dsb; isb and their like. */
	void (*barrier)(void *data);
	/*
	 * The run time is about to enter published code of this region for the first time since its publication. May be
	 * NULL.
	 */
	void (*enter)(void *data, const uint8_t *start);
};
enum { WX_FLASH_READ, WX_FLASH_WRITE, WX_FLASH_EXECUTE, WX_FLASH_GONE };
extern const struct wx_flash_hooks wx_flash_machine_hooks;
/* Its barrier, of native/isa/<isa>/processor.c: what has been written is what is fetched from now on. */
void wx_processor_barrier(void *data);

/* The room of one image: whole pages. */
struct wx_region {
	struct wx_region *next; /* ascending addresses */
	struct wx_flash *flash;
	uint8_t *base;
	uint32_t pages;
	uint32_t size; /* bytes of the image, once finished */
	bool published; /* executable, barriers issued, nothing written since */
	bool entered;
};

struct wx_flash {
	struct wx_alloc *alloc;
	uint8_t *base;
	uint32_t page; /* bytes in a page */
	uint32_t pages;
	uint32_t unit; /* pages that regions are multiples of: what the machine can protect apart */
	bool reserved; /* the addresses are ours to give back */
	uint32_t image; /* bytes that a writer without a limit takes at first; 0: the largest gap */
	struct wx_region *regions;
	const struct wx_flash_hooks *hooks;
	void *hook_data;
	uint64_t bytes_written;
	uint32_t pages_erased;
	uint32_t refused; /* writes that broke the rules */
	uint32_t held; /* pages that belong to regions now */
};

/*
 * Reserve address space for `size` bytes in pages of `page` bytes (a power of two, 0: 4096). False when there is none.
 */
bool wx_flash_init(struct wx_flash *flash, struct wx_alloc *alloc, size_t size, uint32_t page);
/* Use flash that is there: a device's, with the hooks of its controller. */
void wx_flash_init_at(struct wx_flash *flash, struct wx_alloc *alloc, uint8_t *base, size_t size, uint32_t page,
	const struct wx_flash_hooks *hooks, void *data);
void wx_flash_release(struct wx_flash *flash);
void wx_flash_set_hooks(struct wx_flash *flash, const struct wx_flash_hooks *hooks, void *data);
/* Is that address inside the flash? Safe in an interrupt. */
static inline bool wx_flash_holds(const struct wx_flash *flash, uintptr_t address)
{
	return address - (uintptr_t)flash->base < (size_t)flash->page * flash->pages;
}
/* The region that holds an address, or NULL. */
struct wx_region *wx_flash_find(const struct wx_flash *flash, uintptr_t address);
/* Give a region's pages back. */
void wx_region_release(struct wx_region *region);
/* The one place where code becomes executable: protect, clean, barrier. Again after any later write. */
bool wx_region_publish(struct wx_region *region);

/* ---- writing an image ---- */

typedef struct wx_writer {
	struct wx_region *region;
	uint8_t *buffer; /* the row being filled */
	uint8_t *open; /* the page that it is of, once erased; the machine has made it writable. NULL: none */
	uint32_t position; /* bytes appended so far */
	bool failed; /* no room, or the machine refused: sticky */
	uint32_t limit; /* bytes that the region can take */
	bool grows; /* when more is needed the region takes the pages after it, or moves */
} wx_writer;

/*
 * Begin an image of at most `limit` bytes; 0: of a size that is not known, beginning with room for flash->image bytes
 * or, where no gap has that, in the largest gap. What is not used is given back at the end. False: no memory, or, with
 * `failed` set, no room.
 */
bool wx_writer_open(wx_writer *writer, struct wx_flash *flash, uint32_t limit);
/* Append. False, and failed is set, when there is no room. */
bool wx_writer_append(wx_writer *writer, const void *data, uint32_t size);
/*
 * Append erased bytes, to be written later; position and size must be multiples of the word. Returns their offset,
 * UINT32_MAX when there is no room.
 */
uint32_t wx_writer_hole(wx_writer *writer, uint32_t size);
/* Append erased bytes up to a multiple of `alignment`. */
bool wx_writer_align(wx_writer *writer, uint32_t alignment);
/*
 * Write at an offset below position: anything while it is in the row's buffer; in flash whole words that are still
 * erased.
 */
bool wx_writer_write(wx_writer *writer, uint32_t offset, const void *data, uint32_t size);
/* Read back, from the buffer and the flash. False when beyond position. */
bool wx_writer_read(const wx_writer *writer, uint32_t offset, void *data, uint32_t size);
/*
 * Write out the last row, give the buffer and the pages not needed back, publish. NULL on failure: everything is given
 * back.
 */
struct wx_region *wx_writer_finish(wx_writer *writer);
void wx_writer_abandon(wx_writer *writer);

#endif
