/*
 * C functions that compiled code calls on its own stack, by its own convention (native/io/direct.c): how they find
 * their struct wx_host_function, return, and jump to the host entry.
 */
#ifndef WX_DIRECT_CALL_H
#define WX_DIRECT_CALL_H

#include <stdint.h>

struct wx_host_function;
/* ISA_CTX, which must not be used for anything else in such a file. */
register struct wx_host_function *self __asm__("r14");
void wx_host_entry_with(uint32_t a, uint32_t b) __asm__("wx_host_entry");

/* The result is in another register than C's. */
#define DIRECT static void
#define DIRECT_WIDE static void
#define RETURN(VALUE) \
	do { \
		register uint64_t result __asm__("rdi") = (VALUE); \
		__asm__ volatile("" : : "r"(result) : "memory"); \
		return; \
	} while (0)
/* With the arguments, and the stack, as compiled code left them */
#define SLOWLY(A, B) \
	do { \
		wx_host_entry_with(A, B); \
		return; \
	} while (0)
#define SLOWLY_WIDE SLOWLY

#endif
