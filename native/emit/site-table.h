/* Site tables: of which instruction each return address of a function's code is (native/abi/image.h). */
#ifndef WX_SITE_TABLE_H
#define WX_SITE_TABLE_H

#include "../flash/flash.h"
#include "generator.h"

/*
 * Appends the table of the function that the generator has finished: after wx_asm_finish, when each site's `at` is its
 * return address. Sorts the generator's sites. False: the flash is full.
 */
bool wx_write_site_table(wx_writer *writer, wx_generator *g);

#endif
