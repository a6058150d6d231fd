/* The virtual machine, for tests. */
#ifndef WX_VIRTUAL_H
#define WX_VIRTUAL_H

/* Called before each instruction, if not NULL; it may interrupt (wx_processor_read). */
extern void (*wx_virtual_step)(void);

#endif
