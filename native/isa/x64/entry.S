/*
 * Entry and exit, x86-64: between the C stack and the stack of compiled code. Offsets: native/isa/entry.h, frame.h.
 * System V: rbx rbp r12-r15 and the control bits of mxcsr belong to the caller.
 */
#include "../entry.h"

/* What wx_meter_entry keeps */
#define M_FP 80
#define M_SIZE 200	/* M_FP and 15 floating-point registers */

	.intel_syntax noprefix
	.text

	.section .rodata
	.p2align 2
wasm_mxcsr:
	.long 0x1F80
	.text

.macro save_c
	push rbp
	push rbx
	push r12
	push r13
	push r14
	push r15
	sub rsp, 8
	stmxcsr [rsp]
	mov [rdi + ENTRY_C_SP], rsp
.endm

/* int wx_enter(struct wx_entry *) */
	.globl wx_enter
	.type wx_enter, @function
	.p2align 4
wx_enter:
	save_c
	mov rsp, [rdi + ENTRY_WASM_SP]
	push rdi
	push 0
	ldmxcsr wasm_mxcsr[rip]
	movsd xmm0, [rdi + ENTRY_FP]
	movsd xmm1, [rdi + ENTRY_FP + 8]
	movsd xmm2, [rdi + ENTRY_FP + 16]
	movsd xmm3, [rdi + ENTRY_FP + 24]
	movsd xmm4, [rdi + ENTRY_FP + 32]
	movsd xmm5, [rdi + ENTRY_FP + 40]
	movsd xmm6, [rdi + ENTRY_FP + 48]
	movsd xmm7, [rdi + ENTRY_FP + 56]
	mov r14, [rdi + ENTRY_CONTEXT]
	mov rax, [rdi + ENTRY_CODE]
	mov rsi, [rdi + ENTRY_GP + 8]
	mov r8, [rdi + ENTRY_GP + 16]
	mov r9, [rdi + ENTRY_GP + 24]
	mov r10, [rdi + ENTRY_GP + 32]
	mov r11, [rdi + ENTRY_GP + 40]
	mov rdi, [rdi + ENTRY_GP]
	call rax
	.globl wx_enter_return
wx_enter_return:
	mov rcx, [rsp + 8]
	mov [rcx + ENTRY_GP], rdi
	movsd [rcx + ENTRY_FP], xmm0
	mov rsp, [rcx + ENTRY_C_SP]
	xor eax, eax
leave_wasm:
	ldmxcsr [rsp]
	add rsp, 8
	pop r15
	pop r14
	pop r13
	pop r12
	pop rbx
	pop rbp
	ret
	.size wx_enter, . - wx_enter

/* int wx_reenter(struct wx_entry *): its suspended host call returns */
	.globl wx_reenter
	.type wx_reenter, @function
	.p2align 4
wx_reenter:
	save_c
	mov rsp, [rdi + ENTRY_WASM_SP]
	jmp host_return
	.size wx_reenter, . - wx_reenter

/* Far entry of every host function: the context is its struct wx_host_function. */
	.globl wx_host_entry
	.type wx_host_entry, @function
	.p2align 4
wx_host_entry:
	sub rsp, FRAME_SIZE
	mov [rsp], rdi
	mov [rsp + 8], rsi
	mov [rsp + 16], r8
	mov [rsp + 24], r9
	mov [rsp + 32], r10
	mov [rsp + 40], r11
	movsd [rsp + FRAME_FP], xmm0
	movsd [rsp + FRAME_FP + 8], xmm1
	movsd [rsp + FRAME_FP + 16], xmm2
	movsd [rsp + FRAME_FP + 24], xmm3
	movsd [rsp + FRAME_FP + 32], xmm4
	movsd [rsp + FRAME_FP + 40], xmm5
	movsd [rsp + FRAME_FP + 48], xmm6
	movsd [rsp + FRAME_FP + 56], xmm7
	mov [rsp + FRAME_SAVED], rbx
	mov [rsp + FRAME_SAVED + 8], rbp
	mov [rsp + FRAME_SAVED + 16], r12
	movsd [rsp + FRAME_SAVED_FP], xmm8
	movsd [rsp + FRAME_SAVED_FP + 8], xmm9
	movsd [rsp + FRAME_SAVED_FP + 16], xmm10
	movsd [rsp + FRAME_SAVED_FP + 24], xmm11
	mov rdi, [r14]
	mov rbx, [rdi]
	mov rsi, r14
	mov rdx, rsp
	mov [rbx + ENTRY_WASM_SP], rsp
	mov rsp, [rbx + ENTRY_C_SP]
	ldmxcsr [rsp]
	xor ebp, ebp
	call wx_host_enter
	test eax, eax
	mov rdi, rbx
	jne 1f
	mov rsp, [rbx + ENTRY_WASM_SP]
host_return:
	ldmxcsr wasm_mxcsr[rip]
	mov rdi, [rsp]
	movsd xmm0, [rsp + FRAME_FP]
	mov rbx, [rsp + FRAME_SAVED]
	mov rbp, [rsp + FRAME_SAVED + 8]
	mov r12, [rsp + FRAME_SAVED + 16]
	movsd xmm8, [rsp + FRAME_SAVED_FP]
	movsd xmm9, [rsp + FRAME_SAVED_FP + 8]
	movsd xmm10, [rsp + FRAME_SAVED_FP + 16]
	movsd xmm11, [rsp + FRAME_SAVED_FP + 24]
	add rsp, FRAME_SIZE
	ret
1:	/* trap, suspension */
	mov rsp, [rdi + ENTRY_C_SP]
	jmp leave_wasm
	.size wx_host_entry, . - wx_host_entry

/* From a trap vector: eax the kind, [rsp] the return address of the site, r14 the context. */
	.globl wx_trap_exit
	.type wx_trap_exit, @function
	.p2align 4
wx_trap_exit:
	mov rdi, [r14 + ENTRY_RUNTIME]
	mov rdi, [rdi]
	pop rcx
	mov [rdi + ENTRY_TRAP_PC], rcx
	mov [rdi + ENTRY_TRAP_SP], rsp
	mov [rdi + ENTRY_TRAP_CONTEXT], r14
	mov rsp, [rdi + ENTRY_C_SP]
	jmp leave_wasm
	.size wx_trap_exit, . - wx_trap_exit

/* Where an interrupted call is sent: rdi the struct wx_entry. */
	.globl wx_interrupt_exit
	.type wx_interrupt_exit, @function
	.p2align 4
wx_interrupt_exit:
	cld
	mov rsp, [rdi + ENTRY_C_SP]
	mov eax, ENTRY_INTERRUPTED
	jmp leave_wasm
	.size wx_interrupt_exit, . - wx_interrupt_exit

/*
 * From metered code: rax the meter, r14 the context. All registers that may hold something are kept. [rsp] is the
 * return address of a site, as at a trap vector.
 */
	.globl wx_meter_entry
	.type wx_meter_entry, @function
	.p2align 4
wx_meter_entry:
	sub rsp, M_SIZE
	mov [rsp], rbx
	mov [rsp + 8], rbp
	mov [rsp + 16], rcx
	mov [rsp + 24], rdx
	mov [rsp + 32], rsi
	mov [rsp + 40], rdi
	mov [rsp + 48], r8
	mov [rsp + 56], r9
	mov [rsp + 64], r10
	mov [rsp + 72], r11
	.irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
	movsd [rsp + M_FP + 8 * \i], xmm\i
	.endr
	mov rbp, rsp
	mov rdi, [r14 + ENTRY_RUNTIME]
	mov rbx, [rdi]
	mov rsp, [rbx + ENTRY_C_SP]
	ldmxcsr [rsp]
	call wx_meter_enter
	mov rsp, rbp
	ldmxcsr wasm_mxcsr[rip]
	.irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
	movsd xmm\i, [rsp + M_FP + 8 * \i]
	.endr
	mov rbx, [rsp]
	mov rbp, [rsp + 8]
	mov rcx, [rsp + 16]
	mov rdx, [rsp + 24]
	mov rsi, [rsp + 32]
	mov rdi, [rsp + 40]
	mov r8, [rsp + 48]
	mov r9, [rsp + 56]
	mov r10, [rsp + 64]
	mov r11, [rsp + 72]
	add rsp, M_SIZE
	test eax, eax
	jne wx_trap_exit
	ret
	.size wx_meter_entry, . - wx_meter_entry

/* int wx_collect_entry(struct wx_entry *): from C on the wasm stack, which is scanned from here on */
	.globl wx_collect_entry
	.type wx_collect_entry, @function
	.p2align 4
wx_collect_entry:
	push rbp
	push rbx
	push r12
	push r13
	push r14
	push r15
	mov rbx, rdi
	mov [rbx + ENTRY_WASM_SP], rsp
	mov rsp, [rbx + ENTRY_C_SP]
	ldmxcsr [rsp]
	xor ebp, ebp
	call wx_collect_enter
	mov rsp, [rbx + ENTRY_WASM_SP]
	ldmxcsr wasm_mxcsr[rip]
	pop r15
	pop r14
	pop r13
	pop r12
	pop rbx
	pop rbp
	ret
	.size wx_collect_entry, . - wx_collect_entry

	.section .note.GNU-stack, "", @progbits
