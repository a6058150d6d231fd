#ifndef WX_GUARDS_H
#define WX_GUARDS_H

/*
 * Exhaustion of the engine's memory, and garbage. XS reports exhaustion by fxAbort, which may not return and cannot
 * throw: the port's fxAbort calls wx_guards_abort, which jumps to the innermost guard. What that guard had called is
 * abandoned; native memory that it took must hang on something the caller knows. Include after "xsmc.h".
 */

#include <stdbool.h>

/*
 * 0, or the engine's status when memory or stack were exhausted in `callback`, which is then abandoned. JavaScript
 * exceptions pass through.
 */
int wx_guard(xsMachine *the, void (*callback)(xsMachine *the, void *data), void *data);
/* One line for the status that wx_guard returned last, e.g. "out of memory: JavaScript slots". */
const char *wx_guard_message(xsMachine *the);

/*
 * For the port's fxAbort. Returns where nobody guards, or the heap is of no use to anybody: in the middle of a
 * collection, or with a status that is not one of exhaustion.
 */
void wx_guards_abort(xsMachine *the, int status);
/* One line for a status of the engine; NULL: it is not one of exhaustion. */
const char *wx_exhaustion_text(xsMachine *the, int status);

/* Collects garbage now. A collection that is cut short ends the machine. */
void wx_collect_garbage(xsMachine *the);
/*
 * The collector of a machine's allocation context (../base/alloc.h), whose data is the xsMachine: of slots only, so
 * that strings and buffers stay where they are.
 */
bool wx_collect_slots(void *machine);

#endif
