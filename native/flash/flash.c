#include "flash.h"

#include <string.h>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

/* ---- the machine ---- */

static bool machine_protect(void *data, uint8_t *start, size_t size, int mode)
{
	(void)data;
#if defined(__linux__)
	static const int protections[] = { PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC, PROT_NONE };
	if (mode == WX_FLASH_GONE)
		madvise(start, size, MADV_DONTNEED);
	return mprotect(start, size, protections[mode]) == 0;
#else
	(void)start;
	(void)size;
	(void)mode;
	return true;
#endif
}

static void machine_clean(void *data, uint8_t *start, size_t size)
{
	(void)data;
#if defined(__linux__)
	__builtin___clear_cache((char *)start, (char *)start + size);
#else
	(void)start;
	(void)size;
#endif
}

const struct wx_flash_hooks wx_flash_machine_hooks = { machine_protect, NULL, NULL, machine_clean, wx_processor_barrier,
	NULL };

/* ---- flash and regions ---- */

void wx_flash_init_at(struct wx_flash *flash, struct wx_alloc *alloc, uint8_t *base, size_t size, uint32_t page,
	const struct wx_flash_hooks *hooks, void *data)
{
	memset(flash, 0, sizeof(*flash));
	flash->alloc = alloc;
	flash->base = base;
	flash->page = page ? page : 4096;
	flash->pages = (uint32_t)(size / flash->page);
	flash->unit = 1;
	flash->hooks = hooks ? hooks : &wx_flash_machine_hooks;
	flash->hook_data = data;
}

bool wx_flash_init(struct wx_flash *flash, struct wx_alloc *alloc, size_t size, uint32_t page)
{
	wx_flash_init_at(flash, alloc, NULL, 0, page, NULL, NULL);
	if ((flash->page & (flash->page - 1)) || flash->page < WX_FLASH_WORD)
		return false;
#if defined(__linux__)
	long machine = sysconf(_SC_PAGESIZE);
	if (machine > 0 && (uint32_t)machine > flash->page)
		flash->unit = (uint32_t)machine / flash->page;
	size_t step = (size_t)flash->page * flash->unit;
	size = (size + step - 1) / step * step;
	void *base = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return false;
	flash->base = base;
	flash->pages = (uint32_t)(size / flash->page);
	flash->reserved = true;
	return true;
#else
	(void)size;
	return false;
#endif
}

void wx_flash_set_hooks(struct wx_flash *flash, const struct wx_flash_hooks *hooks, void *data)
{
	flash->hooks = hooks;
	flash->hook_data = data;
}

void wx_flash_release(struct wx_flash *flash)
{
	while (flash->regions)
		wx_region_release(flash->regions);
#if defined(__linux__)
	if (flash->reserved)
		munmap(flash->base, (size_t)flash->page * flash->pages);
#endif
	memset(flash, 0, sizeof(*flash));
}

struct wx_region *wx_flash_find(const struct wx_flash *flash, uintptr_t address)
{
	struct wx_region *region;
	for (region = flash->regions; region; region = region->next)
		if (address - (uintptr_t)region->base < (size_t)region->pages * flash->page)
			return region;
	return NULL;
}

static void unlink_region(struct wx_region *region)
{
	struct wx_region **link = &region->flash->regions;
	while (*link != region)
		link = &(*link)->next;
	*link = region->next;
}

void wx_region_release(struct wx_region *region)
{
	struct wx_flash *flash = region->flash;
	unlink_region(region);
	flash->held -= region->pages;
	flash->hooks->protect(flash->hook_data, region->base, (size_t)region->pages * flash->page, WX_FLASH_GONE);
	wx_free(flash->alloc, region);
}

bool wx_region_publish(struct wx_region *region)
{
	struct wx_flash *flash = region->flash;
	size_t size = (size_t)region->pages * flash->page;
	if (region->published)
		return true;
	if (!flash->hooks->protect(flash->hook_data, region->base, size, WX_FLASH_EXECUTE))
		return false;
	flash->hooks->clean(flash->hook_data, region->base, size);
	flash->hooks->barrier(flash->hook_data);
	region->entered = false;
	region->published = true;
	return true;
}

/* ---- writing ---- */

static bool erased(const uint8_t *at)
{
	uint32_t word;
	memcpy(&word, at, sizeof(word));
	return word == WX_FLASH_ERASED;
}

/* Program whole words of one page, which the machine has made writable. */
static bool program(struct wx_flash *flash, uint8_t *at, const uint8_t *from, uint32_t size)
{
	uint32_t i, run = 0;
	for (i = 0; i < size; i += WX_FLASH_WORD) {
		if (!erased(from + i) && !erased(at + i)) {
			flash->refused++;
			return false;
		}
	}
	/* runs of words that change anything */
	for (i = 0; i <= size; i += WX_FLASH_WORD) {
		if (i < size && !erased(from + i)) {
			run += WX_FLASH_WORD;
			continue;
		}
		if (run) {
			if (!flash->hooks->program)
				memcpy(at + i - run, from + i - run, run);
			else if (!flash->hooks->program(flash->hook_data, at + i - run, from + i - run, run))
				return false;
			flash->bytes_written += run;
			run = 0;
		}
	}
	return true;
}

/* The pages that the machine must change together to make one page writable. */
static bool protect_page(struct wx_flash *flash, uint8_t *page, int mode)
{
	size_t unit = (size_t)flash->page * flash->unit;
	uint8_t *start = flash->base + (size_t)(page - flash->base) / unit * unit;
	return flash->hooks->protect(flash->hook_data, start, unit, mode);
}

static uint32_t row_size(const struct wx_flash *flash)
{
	return flash->page < WX_FLASH_ROW ? flash->page : WX_FLASH_ROW;
}

/* Has the open page to be made writable for this place, too? */
static bool is_open(const wx_writer *w, const uint8_t *at)
{
	const struct wx_flash *flash = w->region->flash;
	size_t unit = (size_t)flash->page * flash->unit;
	return w->open && (size_t)(w->open - flash->base) / unit == (size_t)(at - flash->base) / unit;
}

static bool open_page(wx_writer *w, uint8_t *page)
{
	struct wx_flash *flash = w->region->flash;
	if (!protect_page(flash, page, WX_FLASH_WRITE))
		return false;
	w->open = page;
	flash->pages_erased++;
	if (flash->hooks->erase)
		return flash->hooks->erase(flash->hook_data, page, flash->page);
	memset(page, 0xFF, flash->page);
	return true;
}

static bool close_page(wx_writer *w)
{
	uint8_t *page = w->open;
	w->open = NULL;
	return !page || protect_page(w->region->flash, page, WX_FLASH_READ);
}

/* The row goes to the flash: `size` bytes of it are filled, a multiple of the word. */
static bool flush(wx_writer *w, uint32_t offset, uint32_t size)
{
	struct wx_flash *flash = w->region->flash;
	uint8_t *at = w->region->base + offset;
	uint32_t in_page = offset & (flash->page - 1);
	if (!in_page && !open_page(w, at))
		return false;
	return program(flash, at, w->buffer, size) && (in_page + size < flash->page || close_page(w));
}

/* A gap between regions. */
struct gap {
	struct wx_flash *flash;
	uint32_t want; /* pages; 0: as many as there are */
	struct wx_region **link; /* where a region in it belongs. NULL: none was found */
	uint32_t at, pages;
};

static uint32_t page_of(const struct wx_flash *flash, const struct wx_region *region)
{
	return region ? (uint32_t)((size_t)(region->base - flash->base) / flash->page) : flash->pages;
}

/* The first gap that is large enough, or the largest. */
static bool find_gap(void *data)
{
	struct gap *gap = data;
	struct wx_flash *flash = gap->flash;
	struct wx_region **link;
	uint32_t at = 0;
	gap->link = NULL;
	gap->pages = 0;
	for (link = &flash->regions;; link = &(*link)->next) {
		uint32_t end = page_of(flash, *link), pages = end - at;
		if (gap->want ? !gap->link && pages >= gap->want : pages > gap->pages) {
			gap->link = link;
			gap->at = at;
			gap->pages = pages;
		}
		if (!*link)
			return gap->link != NULL;
		at = end + (*link)->pages;
	}
}

static void link_region(struct wx_region *region, const struct gap *gap)
{
	region->base = gap->flash->base + (size_t)gap->at * gap->flash->page;
	region->next = *gap->link;
	*gap->link = region;
}

/* Pages after the region that are nobody's. */
static uint32_t pages_after(const struct wx_region *region)
{
	return page_of(region->flash, region->next) - page_of(region->flash, region) - region->pages;
}

static void set_pages(wx_writer *w, uint32_t pages)
{
	struct wx_region *region = w->region;
	uint64_t room = (uint64_t)pages * region->flash->page;
	region->flash->held += pages - region->pages;
	region->pages = pages;
	w->limit = room > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)room;
}

bool wx_writer_open(wx_writer *w, struct wx_flash *flash, uint32_t limit)
{
	uint64_t unit = (uint64_t)flash->page * flash->unit, bytes = limit ? limit : flash->image;
	struct gap gap = { .flash = flash, .want = (uint32_t)((bytes + unit - 1) / unit * flash->unit) };
	bool memory, found;
	memset(w, 0, sizeof(*w));
	w->region = wx_calloc(flash->alloc, 1, sizeof(*w->region));
	w->buffer = wx_alloc(flash->alloc, row_size(flash));
	memory = w->region && w->buffer;
	found = memory && wx_attempt(flash->alloc, find_gap, &gap);
	if (memory && !found && !limit) {
		gap.want = 0;
		found = find_gap(&gap);
	}
	if (!found) {
		wx_free(flash->alloc, w->region);
		wx_free(flash->alloc, w->buffer);
		*w = (wx_writer){ .failed = memory };
		return false;
	}
	memset(w->buffer, 0xFF, row_size(flash));
	w->region->flash = flash;
	link_region(w->region, &gap);
	w->grows = !limit;
	set_pages(w, gap.want ? gap.want : gap.pages);
	return true;
}

struct growth {
	const struct wx_region *region;
	uint32_t pages;
};

static bool is_free_after(void *data)
{
	const struct growth *growth = data;
	return pages_after(growth->region) >= growth->pages;
}

/* Offset of the first byte that is still in the buffer. */
static uint32_t buffered_from(const wx_writer *w)
{
	return w->position & ~(row_size(w->region->flash) - 1);
}

/*
 * What is written so far is written again in the gap: an image does not depend on where it lies. The gap is not the one
 * after the region.
 */
static bool move(wx_writer *w, const struct gap *gap)
{
	struct wx_region *region = w->region;
	struct wx_flash *flash = region->flash;
	uint8_t *from = region->base;
	size_t size = (size_t)region->pages * flash->page;
	uint32_t at, n, written = buffered_from(w);
	bool ok = true;
	unlink_region(region);
	link_region(region, gap);
	set_pages(w, gap->want);
	w->open = NULL;
	for (at = 0; ok && at < written; at += n) {
		n = written - at < flash->page ? written - at : flash->page;
		ok = open_page(w, region->base + at) && program(flash, region->base + at, from + at, n) &&
			(n < flash->page || close_page(w));
	}
	flash->hooks->protect(flash->hook_data, from, size, WX_FLASH_GONE);
	return ok;
}

/* An image that turns out larger takes the pages after it, as much again if that is there, or moves to more room. */
static bool grow(wx_writer *w, uint32_t size)
{
	struct wx_region *region = w->region;
	struct wx_flash *flash = region->flash;
	uint64_t unit = (uint64_t)flash->page * flash->unit, bytes = (uint64_t)w->position + size;
	struct gap gap = { .flash = flash, .want = (uint32_t)((bytes + unit - 1) / unit * flash->unit) };
	struct growth growth = { region, gap.want - region->pages };
	uint32_t pages = gap.want > 2 * region->pages ? gap.want : 2 * region->pages, most;
	if (!w->grows || bytes > UINT32_MAX / 2)
		return false;
	if (!wx_attempt(flash->alloc, is_free_after, &growth) && (!find_gap(&gap) || !move(w, &gap)))
		return false;
	most = region->pages + pages_after(region);
	set_pages(w, pages < most ? pages : most);
	return true;
}

/* data NULL: leave the bytes erased. */
static bool append(wx_writer *w, const uint8_t *data, uint32_t size)
{
	uint32_t row = w->region ? row_size(w->region->flash) : 0;
	if (w->failed || !w->region || (size > w->limit - w->position && !grow(w, size))) {
		w->failed = true;
		return false;
	}
	while (size) {
		uint32_t at = w->position & (row - 1);
		uint32_t n = size < row - at ? size : row - at;
		if (data) {
			memcpy(w->buffer + at, data, n);
			data += n;
		}
		size -= n;
		w->position += n;
		if (at + n == row) {
			if (!flush(w, w->position - row, row)) {
				w->failed = true;
				return false;
			}
			memset(w->buffer, 0xFF, row);
		}
	}
	return true;
}

bool wx_writer_append(wx_writer *w, const void *data, uint32_t size)
{
	return append(w, data, size);
}

uint32_t wx_writer_hole(wx_writer *w, uint32_t size)
{
	uint32_t at = w->position;
	if ((at | size) % WX_FLASH_WORD)
		w->failed = true;
	return append(w, NULL, size) ? at : UINT32_MAX;
}

bool wx_writer_align(wx_writer *w, uint32_t alignment)
{
	return append(w, NULL, (alignment - w->position % alignment) % alignment);
}

bool wx_writer_write(wx_writer *w, uint32_t offset, const void *data, uint32_t size)
{
	const uint8_t *from = data;
	struct wx_flash *flash;
	uint32_t split;
	if (w->failed || !w->region || offset > w->position || size > w->position - offset)
		return false;
	flash = w->region->flash;
	split = buffered_from(w);
	if (offset < split && ((offset | (offset + size <= split ? size : split - offset)) % WX_FLASH_WORD)) {
		flash->refused++;
		return false;
	}
	while (size && offset < split) {
		uint8_t *at = w->region->base + offset;
		uint32_t n = flash->page - (offset & (flash->page - 1));
		bool ok, locked = !is_open(w, at);
		if (offset + n > split)
			n = split - offset;
		if (n > size)
			n = size;
		if (locked && !protect_page(flash, at, WX_FLASH_WRITE))
			return false;
		w->region->published = false;
		ok = program(flash, at, from, n);
		if ((locked && !protect_page(flash, at, WX_FLASH_READ)) || !ok)
			return false;
		offset += n;
		from += n;
		size -= n;
	}
	if (size)
		memcpy(w->buffer + (offset & (row_size(flash) - 1)), from, size);
	return true;
}

bool wx_writer_read(const wx_writer *w, uint32_t offset, void *data, uint32_t size)
{
	uint8_t *to = data;
	uint32_t split;
	if (!w->region || offset > w->position || size > w->position - offset)
		return false;
	split = buffered_from(w);
	if (offset < split) {
		uint32_t n = size < split - offset ? size : split - offset;
		memcpy(to, w->region->base + offset, n);
		to += n;
		offset += n;
		size -= n;
	}
	if (size)
		memcpy(to, w->buffer + (offset & (row_size(w->region->flash) - 1)), size);
	return true;
}

void wx_writer_abandon(wx_writer *w)
{
	if (w->region) {
		close_page(w);
		wx_free(w->region->flash->alloc, w->buffer);
		wx_region_release(w->region);
	}
	memset(w, 0, sizeof(*w));
}

struct wx_region *wx_writer_finish(wx_writer *w)
{
	struct wx_region *region = w->region;
	struct wx_flash *flash;
	uint32_t size, rest, pages;
	if (!region)
		return NULL;
	flash = region->flash;
	size = w->position;
	rest = size & (row_size(flash) - 1);
	if (w->failed || !size || (rest && !flush(w, size - rest, (rest + WX_FLASH_WORD - 1) & ~(WX_FLASH_WORD - 1))) ||
		!close_page(w)) {
		wx_writer_abandon(w);
		return NULL;
	}
	pages = (size + flash->page - 1) / flash->page;
	pages = (pages + flash->unit - 1) / flash->unit * flash->unit;
	set_pages(w, pages);
	region->size = size;
	if (!wx_region_publish(region)) {
		wx_writer_abandon(w);
		return NULL;
	}
	wx_free(flash->alloc, w->buffer);
	memset(w, 0, sizeof(*w));
	return region;
}
