/*
 * C functions that compiled code calls on its own stack, by its own convention (native/io/direct.c): how they find
 * their struct wx_host_function, return, and jump to the host entry.
 */
#ifndef WX_DIRECT_CALL_H
#define WX_DIRECT_CALL_H

#include <stdint.h>

struct wx_host_function;
/* ISA_CTX, which must not be used for anything else in such a file. */
register struct wx_host_function *self __asm__("r9");
/* By results of both sizes, so that calls are jumps. */
uint32_t wx_host_entry_with(uint32_t a, uint32_t b) __asm__("wx_host_entry");
uint64_t wx_host_entry_wide(uint32_t a, uint32_t b) __asm__("wx_host_entry");

#define DIRECT static uint32_t
#define DIRECT_WIDE static uint64_t
#define RETURN(VALUE) return VALUE
/* With the arguments, and the stack, as compiled code left them */
#define SLOWLY(A, B) return wx_host_entry_with(A, B)
#define SLOWLY_WIDE(A, B) return wx_host_entry_wide(A, B)

#endif
