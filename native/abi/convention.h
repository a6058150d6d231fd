/* Where a function's parameters are passed: used by the generator and by the run time's entry and host calls. */
#ifndef WX_ABI_H
#define WX_ABI_H

#include "../isa/assembler.h"

typedef struct {
	uint8_t general; /* general argument registers taken so far */
	uint8_t floating;
	uint32_t index; /* of the next parameter */
} wx_abi;

typedef struct {
	bool in_register;
	wx_reg reg;
	uint32_t slot; /* of the argument area (8 bytes each) when not */
} wx_abi_place;

/* The place of the next parameter of that type; begin with a zeroed wx_abi. */
static inline wx_abi_place wx_abi_next(wx_abi *abi, wx_type t)
{
	static const uint8_t gp[] = ISA_GP_ARGS;
	wx_abi_place place = { false, { WX_NO_REG, WX_NO_REG }, abi->index++ };
	if (t == WX_F32 || t == WX_F64) {
		if (abi->floating < ISA_FP_ARG_COUNT) {
			place.in_register = true;
			place.reg.r = (uint8_t)WX_FP(abi->floating++);
		}
		return place;
	}
	unsigned n = t == WX_I64 && ISA_WORD == 4 ? 2 : 1;
	if (abi->general + n <= ISA_GP_ARG_COUNT) {
		place.in_register = true;
		place.reg.r = gp[abi->general];
		if (n == 2)
			place.reg.h = gp[abi->general + 1];
		abi->general = (uint8_t)(abi->general + n);
	}
	return place;
}

/* The place of result 0. */
static inline wx_reg wx_abi_result(wx_type t)
{
	static const uint8_t gp[] = ISA_GP_ARGS;
	wx_reg reg = { WX_FP(0), WX_NO_REG };
	if (t == WX_F32 || t == WX_F64)
		return reg;
	reg.r = gp[0];
	if (t == WX_I64 && ISA_WORD == 4)
		reg.h = gp[1];
	return reg;
}

#endif
