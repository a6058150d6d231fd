#ifndef WX_FUNCTIONS_H
#define WX_FUNCTIONS_H

/*
 * The functions that a board gives to modules, iot1 and WASI, by their names and their WebAssembly types: functions.c,
 * generated from the tables in src/iot-api.
 */

#include <stdint.h>

struct wx_api_function {
	const char *module, *name; /* NULL: the end of the table */
	uint8_t parameters, results;
	uint8_t types[10]; /* value types: parameters, then results */
};

extern const struct wx_api_function wx_api_functions[];

#endif
