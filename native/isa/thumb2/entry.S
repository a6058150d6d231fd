/*
 * Entry and exit, Thumb-2 with VFP: between the C stack and the stack of compiled code. Offsets: native/isa/entry.h.
 * AAPCS: r4-r11, d8-d15 and FPSCR's modes belong to the caller.
 */
#include "../entry.h"

#define C_FPSCR 64	/* behind d8-d15 */
#define FPSCR_DN 0x02000000

	.syntax unified
	.thumb
	.text

.macro function name
	.globl \name
	.type \name, %function
	.p2align 2
	.thumb_func
\name:
.endm

.macro save_c
	push {r4-r11, lr}
	sub sp, #4
	vmrs r1, fpscr
	str r1, [sp]
	vpush {d8-d15}
	mov r1, sp
	str r1, [r0, #ENTRY_C_SP]
.endm

.macro wasm_fpscr register
	mov \register, #FPSCR_DN
	vmsr fpscr, \register
.endm

/* int wx_enter(struct wx_entry *) */
function wx_enter
	save_c
	ldr r1, [r0, #ENTRY_WASM_SP]
	mov sp, r1
	push {r0, r1}
	wasm_fpscr r1
	add r1, r0, #ENTRY_FP
	vldm r1, {d0-d7}
	ldr r9, [r0, #ENTRY_CONTEXT]
	ldr r12, [r0, #ENTRY_CODE]
	ldr r1, [r0, #ENTRY_GP + 4]
	ldr r2, [r0, #ENTRY_GP + 8]
	ldr r3, [r0, #ENTRY_GP + 12]
	ldr r0, [r0, #ENTRY_GP]
	blx r12
	.globl wx_enter_return
wx_enter_return:
	ldr r2, [sp]
	str r0, [r2, #ENTRY_GP]
	str r1, [r2, #ENTRY_GP + 4]
	vstr d0, [r2, #ENTRY_FP]
	ldr r1, [r2, #ENTRY_C_SP]
	mov sp, r1
	movs r0, #0
leave_wasm:
	vpop {d8-d15}
	ldr r1, [sp]
	vmsr fpscr, r1
	add sp, #4
	pop {r4-r11, pc}
	.size wx_enter, . - wx_enter

/* int wx_reenter(struct wx_entry *): its suspended host call returns */
function wx_reenter
	save_c
	ldr r1, [r0, #ENTRY_WASM_SP]
	mov sp, r1
	b host_return
	.size wx_reenter, . - wx_reenter

/* Far entry of every host function: the context is its struct wx_host_function. */
function wx_host_entry
	push {r4-r8, lr}
	vpush {d8-d14}
	vpush {d0-d7}
	push {r0-r3}
	ldr r0, [r9]
	ldr r4, [r0]
	mov r1, r9
	mov r2, sp
	str r2, [r4, #ENTRY_WASM_SP]
	ldr r3, [r4, #ENTRY_C_SP]
	mov sp, r3
	ldr r3, [sp, #C_FPSCR]
	vmsr fpscr, r3
	bl wx_host_enter
	cbnz r0, 1f
	ldr r1, [r4, #ENTRY_WASM_SP]
	mov sp, r1
host_return:
	wasm_fpscr r1
	pop {r0-r3}
	vpop {d0-d7}
	vpop {d8-d14}
	pop {r4-r8, pc}
1:	/* trap, suspension */
	ldr r1, [r4, #ENTRY_C_SP]
	mov sp, r1
	b leave_wasm
	.size wx_host_entry, . - wx_host_entry

/*
 * From a trap vector: r0 the kind, lr the return address of the site, r12 that of a function without a frame, r9 the
 * context.
 */
function wx_trap_exit
	ldr r1, [r9, #ENTRY_RUNTIME]
	ldr r1, [r1]
	str lr, [r1, #ENTRY_TRAP_PC]
	mov r2, sp
	str r2, [r1, #ENTRY_TRAP_SP]
	str r12, [r1, #ENTRY_TRAP_LINK]
	str r9, [r1, #ENTRY_TRAP_CONTEXT]
	ldr r2, [r1, #ENTRY_C_SP]
	mov sp, r2
	b leave_wasm
	.size wx_trap_exit, . - wx_trap_exit

/* Where an interrupted call is sent: r0 the struct wx_entry. */
function wx_interrupt_exit
	ldr r1, [r0, #ENTRY_C_SP]
	mov sp, r1
	movs r0, #ENTRY_INTERRUPTED
	b leave_wasm
	.size wx_interrupt_exit, . - wx_interrupt_exit

/*
 * From metered code: r9 the context, lr the return address of a site. Registers that may hold something are kept; r12
 * is free.
 */
function wx_meter_entry
	push {r0-r6, lr}
	vpush {d0-d7}
	ldr r0, [r9, #ENTRY_RUNTIME]
	ldr r4, [r0]
	mov r5, sp
	ldr r1, [r4, #ENTRY_C_SP]
	mov sp, r1
	ldr r1, [sp, #C_FPSCR]
	vmsr fpscr, r1
	bl wx_meter_enter
	mov sp, r5
	wasm_fpscr r1
	vpop {d0-d7}
	cbnz r0, 1f
	pop {r0-r6, pc}
1:	add sp, #28
	pop {lr}
	mov r12, #0
	b wx_trap_exit
	.size wx_meter_entry, . - wx_meter_entry

/* int wx_collect_entry(struct wx_entry *): from C on the wasm stack, which is scanned from here on */
function wx_collect_entry
	push {r3-r11, lr}
	mov r4, r0
	mov r1, sp
	str r1, [r4, #ENTRY_WASM_SP]
	ldr r2, [r4, #ENTRY_C_SP]
	mov sp, r2
	ldr r3, [sp, #C_FPSCR]
	vmsr fpscr, r3
	bl wx_collect_enter
	ldr r1, [r4, #ENTRY_WASM_SP]
	mov sp, r1
	wasm_fpscr r1
	pop {r3-r11, pc}
	.size wx_collect_entry, . - wx_collect_entry

	.section .note.GNU-stack, "", %progbits
