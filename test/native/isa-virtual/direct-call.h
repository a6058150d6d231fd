/* Compiled code calls no C on its own stack (ISA_DIRECT_CALLS is 0): these functions only tell the imports apart. */
#ifndef WX_DIRECT_CALL_H
#define WX_DIRECT_CALL_H

#include <stdint.h>

struct wx_host_function;
extern struct wx_host_function *self;

#define DIRECT static uint32_t
#define DIRECT_WIDE static uint64_t
#define RETURN(VALUE) return VALUE
#define SLOWLY(A, B) return (void)(A), (void)(B), 0
#define SLOWLY_WIDE SLOWLY

#endif
