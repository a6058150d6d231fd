/* assembler-test.c on ARM (Thumb-2, VFP with doubles): how to run emitted code. */

#include "isa/thumb2/relax.h"

#define ISA_TEST_SCRATCH 0x80009000u /* r12 pc d15 */
#define ISA_TEST_FIXED (1u << ISA_SP)
#define ISA_TEST_DEFAULT_NAN
#define ISA_TEST_NO_RESULT 0x0000000Cu /* r2, r3 */

typedef struct {
	uint32_t general[16];
	uint64_t floating[16];
	uint32_t trap; /* 192: kind, 0: returned */
	uint32_t site; /* 196: return address that the trap vector was called with */
	uint32_t sp; /* 200: of the code, at entry */
	uint32_t trap_sp; /* 204: at the trap exit */
	uint32_t link; /* 208: return address that the code was entered with */
} machine;

/* Bytes above sp that the code may use as its caller's frame. */
#define ISA_TEST_STACK 8192

extern void isa_run(machine *m, const void *code);
extern void isa_returned(void); /* a Thumb function: bit 0 is set */
extern char isa_trap_exit[];

__asm__(".text\n"
		".syntax unified\n"
		".thumb\n"
		".globl isa_run\n"
		".type isa_run, %function\n"
		".thumb_func\n"
		"isa_run:\n"
		"	push {r4-r11, lr}\n"
		"	sub sp, #4\n"
		"	vpush {d8-d15}\n"
		"	ldr r2, =isa_saved\n"
		"	mov r3, sp\n	str r3, [r2]\n	str r0, [r2, #4]\n"
		"	vmrs r3, fpscr\n	str r3, [r2, #8]\n"
		"	mov r3, #0x02000000\n	vmsr fpscr, r3\n"
		"	sub sp, #8192\n"
		"	str r1, [sp, #-4]\n"
		"	mov r3, sp\n	str r3, [r0, #200]\n"
		"	ldr lr, [r0, #208]\n"
		"	movs r3, #0\n	str r3, [r0, #192]\n"
		"	add r3, r0, #64\n	vldmia r3, {d0-d15}\n"
		"	ldr r1, [r0, #4]\n	ldr r2, [r0, #8]\n	ldr r3, [r0, #12]\n	ldr r4, [r0, #16]\n	ldr r5, [r0, #20]\n	ldr "
		"r6, [r0, #24]\n	ldr r7, [r0, #28]\n"
		"	ldr r8, [r0, #32]\n	ldr r9, [r0, #36]\n	ldr r10, [r0, #40]\n	ldr r11, [r0, #44]\n	ldr r12, [r0, "
		"#48]\n	ldr r0, [r0]\n"
		"	ldr pc, [sp, #-4]\n"
		".globl isa_trap_exit\n"
		".type isa_trap_exit, %function\n"
		".thumb_func\n"
		"isa_trap_exit:\n"
		"	str r0, [sp, #-4]\n	str r1, [sp, #-8]\n"
		"	ldr r1, =isa_saved\n	ldr r1, [r1, #4]\n"
		"	str r0, [r1, #192]\n	str lr, [r1, #196]\n	mov r0, sp\n	str r0, [r1, #204]\n"
		"	ldr r0, [sp, #-4]\n	ldr r1, [sp, #-8]\n"
		".globl isa_returned\n"
		".type isa_returned, %function\n"
		".thumb_func\n"
		"isa_returned:\n"
		"	str r0, [sp, #-4]\n"
		"	ldr r0, =isa_saved\n	ldr r0, [r0, #4]\n"
		"	str r1, [r0, #4]\n	str r2, [r0, #8]\n	str r3, [r0, #12]\n	str r4, [r0, #16]\n	str r5, [r0, #20]\n	str "
		"r6, [r0, #24]\n	str r7, [r0, #28]\n"
		"	str r8, [r0, #32]\n	str r9, [r0, #36]\n	str r10, [r0, #40]\n	str r11, [r0, #44]\n	str r12, [r0, "
		"#48]\n	mov r1, sp\n	str r1, [r0, #52]\n	str lr, [r0, #56]\n"
		"	ldr r1, [sp, #-4]\n	str r1, [r0]\n"
		"	add r3, r0, #64\n	vstmia r3, {d0-d15}\n"
		"	ldr r2, =isa_saved\n"
		"	ldr r3, [r2, #8]\n	vmsr fpscr, r3\n"
		"	ldr r3, [r2]\n	mov sp, r3\n"
		"	vpop {d8-d15}\n"
		"	add sp, #4\n"
		"	pop {r4-r11, pc}\n"
		"	.ltorg\n"
		".lcomm isa_saved, 12\n");

/* What lr holds at the entry: a value like other registers, or where to return to. */
static void isa_set_link(machine *m, bool function)
{
	m->link = function ? (uint32_t)(uintptr_t)isa_returned : m->general[14];
}

/* The return address that the code was entered with. */
static uintptr_t isa_return_address(const machine *m)
{
	return m->link;
}

/* In a C helper: change all that C may change. */
#define ISA_TEST_CLOBBER() \
	__asm__ volatile("mov r1, #-1\n mov r2, r1\n mov r3, r1\n mov r12, r1\n mov lr, r1\n vmov d0, r1, r2\n vmov d1, " \
					 "r1, r2\n vmov d2, r1, r2\n vmov d3, r1, r2\n" \
					 "vmov d4, r1, r2\n vmov d5, r1, r2\n vmov d6, r1, r2\n vmov d7, r1, r2\n" :: \
						 : "r1", "r2", "r3", "r12", "lr", "d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "cc")

/* Address of a piece of code as a call target. */
static uintptr_t isa_code_address(const uint8_t *code)
{
	return (uintptr_t)code | 1;
}

/* Return from a piece of code that has no frame, whatever is in lr; and settle its branches. */
static void isa_return(wx_asm *as)
{
	uint32_t to = (uint32_t)(uintptr_t)isa_returned;
	movw(as, R12, to & 0xFFFF);
	movt(as, R12, to >> 16);
	t16(as, 0x4760); /* bx r12 */
	if (as->failed)
		return;
	relaxed r;
	wx_relax(&r, as, 0, UINT32_MAX, 0);
	wx_relax_compact(&r, as);
}

/* What of the sp-relative bytes at the beginning of a piece of code without a frame is taken. */
#define ISA_TEST_SP_FIRST 0

/* The code address that identifies the site of a trap. */
static uintptr_t isa_trap_site(const machine *m)
{
	return m->site & ~1u;
}

/* sp of the caller, before its call. */
static uintptr_t isa_caller_sp(const machine *m)
{
	return m->sp;
}

/* The same from a trap, when `frame` bytes lie between sp inside the function and its caller's */
static uintptr_t isa_trap_caller_sp(const machine *m, uint32_t frame)
{
	return m->trap_sp + frame;
}
