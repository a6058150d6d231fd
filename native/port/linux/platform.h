#ifndef WX_PLATFORM_H
#define WX_PLATFORM_H

/*
 * What XS asks of a platform, for the boards that are Linux processes and for the byte-code tool. All boards use 16-bit
 * keys, also 64-bit ones, so that one byte code serves them all.
 */

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#undef mxLittleEndian
#define mxLittleEndian 1
#undef mxBigEndian
#define mxBigEndian 0

#define mxExport extern
#define mxImport extern
#define XS_FUNCTION_NORETURN __attribute__((noreturn))

#define mxUseDefaultBuildKeys 1
#define mxUseDefaultSharedChunks 1
#ifdef mxParse
#define mxUseDefaultParseScript 1
#endif

/* Everything of ours is reached through the machine's context. */
#define mxMachinePlatform

void *wx_engine_malloc(size_t size);
void *wx_engine_calloc(size_t count, size_t size);
void *wx_engine_realloc(void *data, size_t size);
void wx_engine_free(void *data);

/* The engine's own memory is part of what a board must have, so it is counted too. */
#define c_malloc wx_engine_malloc
#define c_calloc wx_engine_calloc
#define c_realloc wx_engine_realloc
#define c_free wx_engine_free
#define c_malloc_uint32 wx_engine_malloc
#define c_free_uint32 wx_engine_free

/* Time may be virtual. */
int wx_engine_gettimeofday(struct timeval *tv, void *zone);
typedef struct timeval c_timeval;
#define c_timezone timezone
#define c_gettimeofday wx_engine_gettimeofday

#ifdef WX_OWN_KEYS
/* The engine's are replaced: keys.c. */
#pragma weak fxNewName
#pragma weak fxNewNameC
#pragma weak fxNewNameX
#pragma weak fx_Symbol
#pragma weak fx_Symbol_for
#endif

#endif
