/*
 * The image: a compiled module, as it lies in flash (or in the memory that stands for it). Position independent:
 * everything in it is found by its offset from the image's start. Written in one pass by native/emit/compiler.c;
 * integers little-endian.
 *
 *   header           struct wx_image_header, written last
 *   vectors          WX_IMAGE_VECTORS: one per trap kind (wx_asm_vectors)
 *   records          the module records of docs/PLAN.md before CODE, as they came
 *   code table       uint32_t for each defined function: offset of its start (far entry if it has one, else near entry)
 *   jump slots       ISA_JUMP_SIZE for each defined function: a jump to its near entry
 *   functions        each: padding, struct wx_function_header, code, site table; in index order, so offsets ascend
 *   records          those after CODE (DATA, BYTES, CUSTOM), then END_MODULE
 *
 * The 8 bytes before a function's start are its struct wx_function_header. Right after its code comes its site table:
 * LEB128 numbers, number of pairs, byte offset in the module of the function's first instruction, then a pair for each
 * place where a trap or a call can be, in ascending order of code: unsigned difference of the return address (code
 * offset from the function's start; wx_asm_finish says which), signed difference of the module's byte offset (the first
 * against the first instruction). Where the instruction is in the body of another function, which took the place of its
 * call, a second pair with a difference of 0 follows: the call.
 */
#ifndef WX_IMAGE_H
#define WX_IMAGE_H

#include <stdint.h>

#define WX_IMAGE_MAGIC 0x49535857u /* "WXSI" */
#define WX_IMAGE_VERSION 2
#define WX_IMAGE_VECTORS 96u /* offset of the vectors */

enum wx_isa { WX_ISA_X64 = 1, WX_ISA_THUMB2 = 2, WX_ISA_RV32 = 3, WX_ISA_XTENSA = 4 };
enum wx_image_flags { WX_IMAGE_AUDIT = 1, WX_IMAGE_DIRECT = 2 /* iot1.gpio_write or gpio_read are emitted in line */ };

struct wx_image_header {
	uint32_t magic;
	uint16_t version;
	uint8_t isa;
	uint8_t flags;
	uint32_t size; /* of the whole image */
	uint32_t records; /* offset of the first record */
	/* offset of the first FUNCTION_TYPE record of the function section; 8 bytes each, `functions` of them */
	uint32_t function_types;
	uint32_t functions; /* defined functions */
	uint32_t imported_functions;
	uint32_t globals; /* imports included, as the next two */
	uint32_t tables;
	uint32_t memories;
	uint32_t types;
	uint32_t elements; /* element segments */
	uint32_t data; /* data segments */
	uint32_t code_table;
	uint32_t jump_slots;
	uint32_t code; /* offset of the first function */
	uint32_t code_end;
	uint32_t after; /* offset of the first record after CODE */
	uint32_t start; /* start function + 1, 0 none */
	uint32_t argument_slots; /* slots of the argument area that calls within this module need, at least 8 */
	uint32_t spare[4];
};

_Static_assert(sizeof(struct wx_image_header) == WX_IMAGE_VECTORS, "image header");

struct wx_function_header {
	/* bits 0-23 bytes of code, from the start; the site table follows. Bits 24-31 distance from start to near entry */
	uint32_t code;
	/*
	 * bits 0-15 words from sp inside the function to its caller's sp, bits 16-19 how many words below the caller's sp
	 * the return address lies (1: directly), bits 20-30 how many words it takes, with its callees, before a check for
	 * room (0: it begins with one), bit 31: the return address is in the link register
	 */
	uint32_t frame;
};

#endif
