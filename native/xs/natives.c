#include "xs.h"
#include "natives.h"

#define FUNCTION(NAME, LENGTH) { #NAME, NAME, LENGTH },
#define DESTRUCTOR(NAME)
const struct wx_native wx_natives[] = {
#include "natives.inc"
};
#undef FUNCTION
#undef DESTRUCTOR

#define FUNCTION(NAME, LENGTH)
#define DESTRUCTOR(NAME) { #NAME, NAME },
const struct wx_native_class wx_native_classes[] = {
#include "natives.inc"
};
#undef FUNCTION
#undef DESTRUCTOR

const int wx_native_count = sizeof(wx_natives) / sizeof(wx_natives[0]);
const int wx_native_class_count = sizeof(wx_native_classes) / sizeof(wx_native_classes[0]);
