#ifndef WX_NATIVES_H
#define WX_NATIVES_H

/* The functions of natives.inc. Include after "xsmc.h". */

#define FUNCTION(NAME, LENGTH) void NAME(xsMachine *the);
#define DESTRUCTOR(NAME) void NAME(void *data);
#include "natives.inc"
#undef FUNCTION
#undef DESTRUCTOR

#endif
