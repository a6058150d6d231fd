#ifndef WX_IO_BINDINGS_H
#define WX_IO_BINDINGS_H

/* Callbacks of pins and serial ports, for a port's event loop. Include after "xsmc.h". */

#include <stdbool.h>

/* Calls the one that is due, by the function that xs_io_begin was given; false: none is. Between jobs only. */
bool wx_io_dispatch(xsMachine *the);

#endif
