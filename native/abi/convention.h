/*
 * Machine values and the calling convention: where a function's parameters and results are, for the generator and for
 * the run time's entry and host calls. What differs from ISA to ISA comes as a wx_convention (native/isa/registers.h).
 */
#ifndef WX_ABI_H
#define WX_ABI_H

#include <stdbool.h>
#include <stdint.h>

/* What a register or a slot holds. */
typedef enum { WX_I32 = 0, WX_I64 = 1, WX_F32 = 2, WX_F64 = 3, WX_REF = 4 } wx_type;

#define WX_NO_REG 0xFF

typedef struct {
	uint8_t r; /* register; the low word of a pair */
	uint8_t h; /* high word of a pair, else WX_NO_REG */
} wx_reg;

static inline bool wx_is_float(wx_type t)
{
	return t == WX_F32 || t == WX_F64;
}

/* The data of an ISA's calling convention. */
typedef struct {
	uint8_t word; /* bytes of a general register */
	bool has_floats; /* f32 and f64 are in floating-point registers, else in general ones like i32 and i64 */
	uint8_t first_float; /* the floating-point register of the first argument and of the result */
	uint8_t float_count; /* so many of them, in ascending order, take arguments */
	uint8_t general_count;
	const uint8_t *general; /* the general registers that take arguments; results in the first one or two */
} wx_convention;

/*
 * The type by which a value is moved and stored: references are machine words; floats are integers of their size where
 * no register is for floats alone.
 */
static inline wx_type wx_type_in_registers(const wx_convention *c, wx_type t)
{
	if (t == WX_REF)
		return c->word == 8 ? WX_I64 : WX_I32;
	return wx_is_float(t) && !c->has_floats ? (wx_type)(t - WX_F32) : t;
}

/* Is a value of that type in two general registers? */
static inline bool wx_takes_pair(const wx_convention *c, wx_type t)
{
	return c->word == 4 && wx_type_in_registers(c, t) == WX_I64;
}

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
static inline wx_abi_place wx_place_next(const wx_convention *c, wx_abi *abi, wx_type t)
{
	wx_abi_place place = { false, { WX_NO_REG, WX_NO_REG }, abi->index++ };
	if (c->has_floats && wx_is_float(t)) {
		if (abi->floating < c->float_count) {
			place.in_register = true;
			place.reg.r = (uint8_t)(c->first_float + abi->floating++);
		}
		return place;
	}
	unsigned n = wx_takes_pair(c, t) ? 2 : 1;
	if (abi->general + n <= c->general_count) {
		place.in_register = true;
		place.reg.r = c->general[abi->general];
		if (n == 2)
			place.reg.h = c->general[abi->general + 1];
		abi->general = (uint8_t)(abi->general + n);
	}
	return place;
}

/* The place of result 0. */
static inline wx_reg wx_place_result(const wx_convention *c, wx_type t)
{
	if (c->has_floats && wx_is_float(t))
		return (wx_reg){ c->first_float, WX_NO_REG };
	return (wx_reg){ c->general[0], wx_takes_pair(c, t) ? c->general[1] : WX_NO_REG };
}

#endif
