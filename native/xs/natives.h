#ifndef WX_NATIVES_H
#define WX_NATIVES_H

/* Include after "xs.h". The table itself is in natives.inc. */

typedef void (*wx_native_function)(xsMachine *the);
typedef void (*wx_native_destructor)(void *data);

struct wx_native {
	const char *name;
	wx_native_function function;
	int length;
};

struct wx_native_class {
	const char *name;
	wx_native_destructor destructor;
};

extern const struct wx_native wx_natives[];
extern const int wx_native_count;
extern const struct wx_native_class wx_native_classes[];
extern const int wx_native_class_count;

#define FUNCTION(NAME, LENGTH) void NAME(xsMachine *the);
#define DESTRUCTOR(NAME) void NAME(void *data);
#include "natives.inc"
#undef FUNCTION
#undef DESTRUCTOR

#endif
