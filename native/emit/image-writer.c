#include "image-writer.h"

#include "code-map.h"
#include "site-table.h"

static void full(wx_image *image)
{
	wx_outcome_fail(image->outcome, WX_COMPILE_NO_FLASH, "the code flash is full");
}

static void refused(wx_image *image)
{
	wx_outcome_fail(image->outcome, WX_COMPILE_NO_FLASH, "the code flash refused a write");
}

bool wx_image_append(wx_image *image, const void *data, uint32_t size)
{
	if (wx_writer_append(image->writer, data, size))
		return true;
	full(image);
	return false;
}

void wx_image_begin(wx_image *image)
{
	uint8_t code[WX_VECTORS_ROOM];
	wx_asm as = { .code = code, .capacity = sizeof code };
	wx_asm_vectors(&as);
	if (as.failed) {
		wx_outcome_fail(image->outcome, WX_COMPILE_BAD_PLAN, "vectors");
		return;
	}
	if (wx_writer_hole(image->writer, sizeof image->header) == UINT32_MAX) {
		full(image);
		return;
	}
	wx_image_append(image, code, as.size);
	wx_writer_align(image->writer, 8);
	image->header.records = image->writer->position;
	image->figures.table_bytes += image->header.records;
}

bool wx_image_begin_code(wx_image *image)
{
	struct wx_image_header *h = &image->header;
	wx_writer_align(image->writer, 8);
	uint32_t before = image->writer->position;
	h->code_table = wx_writer_hole(image->writer, 4 * h->functions);
	wx_writer_align(image->writer, ISA_CODE_ALIGN);
	h->jump_slots = wx_writer_hole(image->writer, ISA_JUMP_SIZE * h->functions);
	if (h->code_table == UINT32_MAX || h->jump_slots == UINT32_MAX) {
		full(image);
		return false;
	}
	image->figures.table_bytes += image->writer->position - before;
	h->code = h->code_end = h->after = image->writer->position;
	return true;
}

static void write_entries(wx_image *image)
{
	uint32_t first = image->placed - image->unwritten, count = image->unwritten;
	uint32_t table = image->header.code_table + 4 * first, slots = wx_image_jump_slot(image, first);
	image->unwritten = 0;
	if (count &&
		(!wx_writer_write(image->writer, table, image->starts, 4 * count) ||
			!wx_writer_write(image->writer, slots, image->slots, ISA_JUMP_SIZE * count)))
		refused(image);
}

void wx_image_end_code(wx_image *image)
{
	write_entries(image);
	image->header.code_end = image->writer->position;
	wx_writer_align(image->writer, 8);
	image->header.after = image->writer->position;
}

uint32_t wx_image_start(const wx_image *image, uint32_t defined)
{
	uint32_t start, written = image->placed - image->unwritten;
	if (defined < image->placed && defined >= written)
		return image->starts[defined - written];
	if (defined >= image->placed ||
		!wx_writer_read(image->writer, image->header.code_table + 4 * defined, &start, sizeof start))
		return 0;
	return start;
}

uint32_t wx_image_jump_slot(const wx_image *image, uint32_t defined)
{
	return image->header.jump_slots + ISA_JUMP_SIZE * defined;
}

/* The function at hand has its place: note its entries. */
static void add_entries(wx_image *image, uint32_t start, uint32_t near_entry)
{
	image->starts[image->unwritten] = start;
	wx_asm_jump_slot(
		image->slots + ISA_JUMP_SIZE * image->unwritten, wx_image_jump_slot(image, image->placed), start + near_entry);
}

/* The finished code, from `start` in the buffer on, with what belongs to it: all but the entries. */
static bool write_function(wx_image *image, wx_generator *g, const struct wx_function_header *header, uint32_t at,
	uint32_t start, uint32_t bytes)
{
	static const uint8_t padding[ISA_CODE_ALIGN + sizeof *header];
	uint32_t before = image->writer->position;
	if (!wx_image_append(image, padding, at - (uint32_t)sizeof *header - before) ||
		!wx_image_append(image, header, sizeof *header) || !wx_image_append(image, g->as.code + start, bytes))
		return false;
	wx_map_place(g->module->map, &g->as, at);
	if (!wx_write_site_table(image->writer, g) || !wx_writer_align(image->writer, 4)) {
		full(image);
		return false;
	}
	image->figures.code_bytes += bytes;
	image->figures.table_bytes += image->writer->position - before - bytes;
	if (g->as.capacity > image->figures.peak_function)
		image->figures.peak_function = g->as.capacity;
	return true;
}

uint32_t wx_image_place(wx_image *image, wx_generator *g, bool far_entry, uint32_t most_unchecked)
{
	wx_asm *as = &g->as;
	wx_frame frame = { .frame = (g->frame.size + ISA_WORD - 1) & ~(uint32_t)(ISA_WORD - 1),
		.saved = as->saved,
		.far_entry = far_entry,
		.save_context = g->frame.left,
		.has_memory = g->module->has_memory,
		.context_slot = g->frame.context_slot,
		.callees = g->frame.callees,
		.unchecked = most_unchecked };
	uint32_t at = (image->writer->position + (uint32_t)sizeof(struct wx_function_header) + ISA_CODE_ALIGN - 1) &
		~(uint32_t)(ISA_CODE_ALIGN - 1);
	wx_finished done = wx_asm_finish(as, &frame, at, g->control.returns);
	if (as->no_memory)
		return UINT32_MAX;
	uint32_t bytes = as->size - done.start, words = done.frame_bytes / ISA_WORD;
	if (as->failed || bytes > 0xFFFFFF || words > 0xFFFF) {
		wx_outcome_fail(image->outcome, WX_COMPILE_FUNCTION_TOO_LARGE,
			"a function's code or frame is too large for the instruction set's branches");
		return UINT32_MAX;
	}
	bool in_link = done.return_slot < 0;
	uint32_t below = in_link ? 0 : (done.frame_bytes - (uint32_t)done.return_slot) / ISA_WORD;
	uint32_t unchecked = wx_checks_stack(&frame, done.frame_bytes) ? 0 : (done.frame_bytes + frame.callees) / ISA_WORD;
	struct wx_function_header header = { bytes | done.near_entry << 24,
		words | below << 16 | unchecked << 20 | (in_link ? 0x80000000u : 0) };
	add_entries(image, at, done.near_entry);
	if (!write_function(image, g, &header, at, done.start, bytes))
		return UINT32_MAX;
	image->placed++;
	if (++image->unwritten == WX_UNWRITTEN_ENTRIES)
		write_entries(image);
	return done.frame_bytes;
}

void wx_image_finish(wx_image *image)
{
	struct wx_image_header *h = &image->header;
	h->magic = WX_IMAGE_MAGIC;
	h->version = WX_IMAGE_VERSION;
	h->isa = ISA_NUMBER;
	h->size = image->writer->position;
	if (!wx_writer_write(image->writer, 0, h, sizeof *h))
		refused(image);
}
