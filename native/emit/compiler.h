/*
 * The compiler: takes the plan (docs/PLAN.md) in batches and writes the image (native/abi/image.h).
 * Nothing of the module is kept in RAM but the function being compiled and small tables of types and globals.
 */
#ifndef WX_COMPILER_H
#define WX_COMPILER_H

#include <stdbool.h>
#include <stdint.h>

#include "../flash/flash.h"
#include "../base/alloc.h"
#include "summary.h"

typedef enum {
	WX_COMPILE_OK,
	WX_COMPILE_BAD_PLAN, /* the plan is structurally wrong */
	WX_COMPILE_NO_MEMORY, /* wx_alloc refused */
	WX_COMPILE_NO_FLASH, /* the board's code flash is full */
	WX_COMPILE_FUNCTION_TOO_LARGE /* a function's code or frame exceeds what the ISA's branches reach */
} wx_compile_status;

typedef struct {
	bool audit; /* keep every proved check, trapping planner-bug */
	bool map; /* record which code came of which instruction (code-map.h), of one function or, WX_COMPILE_ALL, of all */
	uint32_t map_function;
	bool metered; /* the code counts what it does: native/abi/meter.h */
	bool direct; /* digital pins of the device API in line: inline-pins.c */
	wx_knowledge *learn; /* what another compilation can use, or NULL */
	const wx_knowledge *known; /* what another one has learned, or NULL */
} wx_compile_options;

typedef struct {
	uint32_t checks_total; /* memory checks of loads and stores */
	uint32_t checks_proved; /* left out (kept as planner-bug traps in the audit build) */
	uint32_t code_bytes; /* machine code */
	uint32_t table_bytes; /* vectors, code table, jump slots, function headers, site tables */
	uint32_t peak_function; /* largest function's code buffer, bytes */
} wx_compile_figures;

#define WX_COMPILE_ALL UINT32_MAX

typedef struct wx_compiler wx_compiler;

/* The writer's flash receives the image. NULL when memory is out. */
wx_compiler *wx_compiler_new(struct wx_alloc *memory, wx_writer *writer, const wx_compile_options *options);
/*
 * Take a batch, 4-byte aligned: whole records; a payload may continue in the next batch. After any status but OK only
 * deletion is allowed.
 */
wx_compile_status wx_compiler_plan(wx_compiler *c, const uint8_t *records, uint32_t bytes);
/* After END_MODULE: the image is complete in the flash; BAD_PLAN when the plan ended early. */
wx_compile_status wx_compiler_finish(wx_compiler *c, wx_compile_figures *figures);
/* What was recorded, while the compiler lives. NULL when it was not asked for, or memory was out. */
const uint32_t *wx_compiler_map(const wx_compiler *c, uint32_t *words);
/* What went wrong, in English, and for which function (-1 none). */
const char *wx_compiler_error(const wx_compiler *c, int32_t *function);
void wx_compiler_delete(wx_compiler *c);

#endif
