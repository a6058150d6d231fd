/*
 * The context: what compiled code knows of its instance. A block of memory that begins with these words and goes on
 * with the instance's cells, whose places the emitter computes alike for every module (wx_layout, native/abi/layout.h).
 * All fields are machine words, so that offsets follow from the word size of the target alone.
 */
#ifndef WX_CONTEXT_H
#define WX_CONTEXT_H

#include <stdint.h>

#include "shared.h" /* generated from src/shared/rows: enum wx_trap */

/* Context fields, in words. */
enum wx_field {
	/*
	 * sp must not be below this at a function's entry; below it lies WX_STACK_MARGIN for the frame entered there,
	 * callees without a check, helpers and signal frames
	 */
	WX_CTX_STACK_LIMIT,
	/*
	 * struct wx_memory *: { uint8_t *base; uintptr_t limit, size }; never NULL (an empty one when the module has none)
	 */
	WX_CTX_MEMORY,
	WX_CTX_HELPERS, /* function pointers, by plan operation */
	WX_CTX_ARGS, /* uint64_t *: argument area: parameters and results beyond the registers, operands of helpers */
	WX_CTX_TRAP_EXIT, /* code of the run time: ends the call */
	WX_CTX_INSTANCE, /* struct wx_instance *, for the run time */
	WX_CTX_RUNTIME, /* struct wx_runtime *, for the run time */
	WX_CTX_IMAGE, /* start of the module's image in executable memory: code offset 0 */
	WX_CTX_METER, /* struct wx_meter *: meter.h */
	WX_CTX_DIRECT, /* struct wx_direct *, of modules compiled for pins in line: native/io/direct.h */
	WX_CTX_FIELDS /* an even number, so that the cells behind are 8-byte aligned */
};

/*
 * After the fields, in this order (native/abi/layout.h):
 *   globals      8 bytes each, by global index; an imported mutable global's cell holds the address of the exporter's
 * cell functions    imported functions: { code, context } as two words each: the entry (far) and the context to run it
 * with tables       one word each: struct wx_table *: { uintptr_t *elements; uintptr_t size; ... } types uint32_t each:
 * canonical number of the function type, equal across modules where the types are
 *
 * A funcref is the address of { code (far entry), context, canonical type as a word, near entry, ... }, null is 0.
 * An externref is a word given out by the run time, null is 0.
 *
 * Calls. Parameters: each in turn takes the next general argument registers (i64 on 32-bit machines two, else the
 * parameter goes to the area), or the next floating-point one; those without go to the argument area, slot i for
 * parameter i (8 bytes each). The callee moves them out before anything else. Result 0 is in the first general argument
 * register(s) (ISA_GP_ARGS[0], [1]) or WX_FP(0); result i > 0 in slot i of the area. wx_abi (native/abi/convention.h)
 * says it for both sides. A call into another instance (imports, funcrefs): the caller loads ISA_CTX from the pair,
 * calls the far entry, then restores its own context and its memory registers. Far entries load the memory registers.
 * Helpers: uint32_t helper(context, args): operands in slots 0.. in push order, then immediate b, then immediate a
 * where the instruction has them (memory.init, data.drop, elem.drop, table.*, ref.func); the result in slot 0; the
 * return value is a trap kind. They run on the wasm stack and never enter XS. A helper or call that may have moved the
 * memory is followed by asm_reload_memory.
 */

#define WX_STACK_MARGIN 4096

/*
 * Code of a module whose memory surely has so many bytes holds the memory's size less this in a register, in others'
 * the size: so the most frequent check, that of an access which ends so near behind its address, is a comparison and a
 * branch; only what lies in the last bytes of the memory is looked at again.
 */
#define WX_MEMORY_SLACK 32

/*
 * Where pages are not smaller, a memory has at any time a multiple of so many bytes, also where it is trimmed. Proofs
 * lean on it (src/aot/decode/environment.ts, sizeZeros).
 */
#define WX_MEMORY_UNIT 64

/*
 * Bytes of a memory at most: a sum of an address in memory and less than 65536 does not wrap. Widened checks lean on it
 * (src/aot/provers/p4-widened.ts).
 */
#define WX_MEMORY_MOST 0xFFFF0000u

#endif
