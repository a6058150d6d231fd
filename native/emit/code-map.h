/*
 * Which machine code came of which instruction, and in which registers locals were there: for people, recorded only
 * when it is asked for.
 *
 * A stream of words. A function begins with WX_MAP_MARK and its index. Then for each instruction record in the order of
 * the code: its byte offset in the module, the offset in the image where its code begins, and the number of locals in
 * registers, each by two words: local, register (bits 0-7, the high word's in bits 8-15, 255 none). WX_MAP_MARK in
 * place of that number: the same as before.
 */
#ifndef WX_MAP_H
#define WX_MAP_H

#include "generator.h"

#define WX_MAP_MARK UINT32_MAX

void wx_map_free(wx_map *map);
/* A function begins whose code will be recorded, or not. */
void wx_map_function(wx_generator *g);
/* The code of the instruction at that byte offset begins here; so many locals are the function's. */
void wx_map_instruction(wx_generator *g, uint32_t offset, uint32_t locals);
/* The function's code is in its place: code offset 0 of the sites is that image offset. */
void wx_map_place(wx_map *map, const wx_asm *as, uint32_t image);

#endif
