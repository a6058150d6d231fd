/* How a compilation goes: shared by the compiler's parts. */
#ifndef WX_OUTCOME_H
#define WX_OUTCOME_H

#include "compiler.h"

typedef struct {
	wx_compile_status status;
	const char *error;
} wx_outcome;

/* The first failure stays. */
static inline void wx_outcome_fail(wx_outcome *outcome, wx_compile_status status, const char *what)
{
	if (outcome->status == WX_COMPILE_OK) {
		outcome->status = status;
		outcome->error = what;
	}
}

#endif
