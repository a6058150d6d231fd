/*
 * The registers of the selected ISA, by the masks and counts of its isa.h: what generator and run time ask in place of
 * numbers. A register is a number below 32: general registers by the ISA's own numbers, and the floating-point ones, if
 * there are any, from WX_FP(0) on.
 */
#ifndef WX_REGISTERS_H
#define WX_REGISTERS_H

#include "../abi/convention.h"
#include "isa.h" /* of the selected ISA, by include path */

/* Registers by number, in all. */
#define WX_REGISTERS 32

enum { WX_FIRST_FP = ISA_FLOAT ? __builtin_ctz(ISA_FLOAT | 1u << 31) : WX_REGISTERS };
#define WX_FP(n) (WX_FIRST_FP + (n))
#define WX_IS_FP(r) ((r) >= WX_FIRST_FP && (r) < WX_REGISTERS)
#define WX_IS_GENERAL(r) ((r) < WX_FIRST_FP)

#define WX_ALLOCATABLE (ISA_CALLER_SAVED | ISA_CALLEE_SAVED)

_Static_assert(
	(uint64_t)ISA_GENERAL >> WX_FIRST_FP == 0, "isa.h: floating-point registers come after the general ones");
_Static_assert(!ISA_FLOAT || ((ISA_FLOAT >> WX_FIRST_FP) & ((ISA_FLOAT >> WX_FIRST_FP) + 1)) == 0,
	"isa.h: floating-point registers follow one another");
_Static_assert(!(ISA_CALLER_SAVED & ISA_CALLEE_SAVED) && !(WX_ALLOCATABLE & ~(ISA_GENERAL | ISA_FLOAT)),
	"isa.h: an allocatable register is saved by the caller or by the callee");
_Static_assert(!(ISA_DIVISION & ~(WX_ALLOCATABLE & ISA_GENERAL)) && (!ISA_DIVISION || ISA_FLOAT),
	"isa.h: division changes allocatable general registers, which are kept in a floating-point one");
_Static_assert(!(ISA_LINK & ~(ISA_CALLER_SAVED & ISA_GENERAL)), "isa.h: calls change the link register");
_Static_assert(!(WX_ALLOCATABLE >> ISA_CTX & 1) && !(WX_ALLOCATABLE >> ISA_MEMORY & 1) &&
		!(WX_ALLOCATABLE >> ISA_MEMORY_LIMIT & 1) && !(WX_ALLOCATABLE >> ISA_SP & 1) &&
		!(WX_ALLOCATABLE >> ISA_CALL_SCRATCH & 1),
	"isa.h: registers with a role of their own are not allocatable");
#if ISA_FLOAT
_Static_assert(WX_IS_FP(ISA_FP_SCRATCH) && !(WX_ALLOCATABLE >> ISA_FP_SCRATCH & 1), "isa.h: ISA_FP_SCRATCH");
#else
_Static_assert(ISA_FP_ARG_COUNT == 0 && ISA_FP_SCRATCH == WX_NO_REG, "isa.h: there are no floating-point registers");
#endif

static const uint8_t wx_general_arguments[] = ISA_GP_ARGS;
_Static_assert(sizeof wx_general_arguments == ISA_GP_ARG_COUNT && ISA_GP_ARG_COUNT >= 2, "isa.h: ISA_GP_ARGS");

static const wx_convention wx_isa_convention = { .word = ISA_WORD,
	.has_floats = ISA_FLOAT != 0,
	.first_float = WX_FIRST_FP,
	.float_count = ISA_FP_ARG_COUNT,
	.general_count = ISA_GP_ARG_COUNT,
	.general = wx_general_arguments };

static inline wx_type wx_machine_type(wx_type t)
{
	return wx_type_in_registers(&wx_isa_convention, t);
}

static inline bool wx_is_pair(wx_type t)
{
	return wx_takes_pair(&wx_isa_convention, t);
}

/* Is a value of that type in a floating-point register? */
static inline bool wx_in_fp(wx_type t)
{
	return ISA_FLOAT && wx_is_float(t);
}

/* The registers that a value of that type can be in. */
static inline uint32_t wx_class_of(wx_type t)
{
	return wx_in_fp(t) ? ISA_FLOAT : ISA_GENERAL;
}

static inline uint32_t wx_mask_of(wx_reg reg)
{
	return 1u << reg.r | (reg.h != WX_NO_REG ? 1u << reg.h : 0);
}

static inline wx_abi_place wx_abi_next(wx_abi *abi, wx_type t)
{
	return wx_place_next(&wx_isa_convention, abi, t);
}

static inline wx_reg wx_abi_result(wx_type t)
{
	return wx_place_result(&wx_isa_convention, t);
}

/* A machine word, the content of a general register: what addresses and references are. */
#define WX_WORD_TYPE (ISA_WORD == 8 ? WX_I64 : WX_I32)

#endif
