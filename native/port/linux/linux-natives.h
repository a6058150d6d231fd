#ifndef WX_LINUX_NATIVES_H
#define WX_LINUX_NATIVES_H

/* All natives of the Linux program. Include after "xsmc.h". */

#include "../../xs/natives.h"

#define FUNCTION(NAME, LENGTH) void NAME(xsMachine *the);
#define DESTRUCTOR(NAME) void NAME(void *data);
#include "linux-natives.inc"
#undef FUNCTION
#undef DESTRUCTOR

#endif
