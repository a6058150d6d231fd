/*
 * Entry and exit, x86-64: between the C stack and the stack of compiled code. Offsets: native/run/internal.h.
 * System V: rbx rbp r12-r15 and the control bits of mxcsr belong to the caller.
 */
#define CTX_RUNTIME 48	/* WX_CTX_RUNTIME * 8 */
#define A_C_SP 0
#define A_WASM_SP 8
#define A_CODE 16
#define A_CONTEXT 24
#define A_GP 32
#define A_FP 80
#define A_TRAP_PC 144
#define A_TRAP_SP 152
#define A_TRAP_CONTEXT 168
#define F_FP 48
#define F_SAVED 112
#define F_SAVED_FP 136
#define F_SIZE 168
#define TRAP_INTERRUPTED 12
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
	mov [rdi + A_C_SP], rsp
.endm

/* int wx_enter(struct wx_activation *) */
	.globl wx_enter
	.type wx_enter, @function
	.p2align 4
wx_enter:
	save_c
	mov rsp, [rdi + A_WASM_SP]
	push rdi
	push 0
	ldmxcsr wasm_mxcsr[rip]
	movsd xmm0, [rdi + A_FP]
	movsd xmm1, [rdi + A_FP + 8]
	movsd xmm2, [rdi + A_FP + 16]
	movsd xmm3, [rdi + A_FP + 24]
	movsd xmm4, [rdi + A_FP + 32]
	movsd xmm5, [rdi + A_FP + 40]
	movsd xmm6, [rdi + A_FP + 48]
	movsd xmm7, [rdi + A_FP + 56]
	mov r14, [rdi + A_CONTEXT]
	mov rax, [rdi + A_CODE]
	mov rsi, [rdi + A_GP + 8]
	mov r8, [rdi + A_GP + 16]
	mov r9, [rdi + A_GP + 24]
	mov r10, [rdi + A_GP + 32]
	mov r11, [rdi + A_GP + 40]
	mov rdi, [rdi + A_GP]
	call rax
	.globl wx_enter_return
wx_enter_return:
	mov rcx, [rsp + 8]
	mov [rcx + A_GP], rdi
	movsd [rcx + A_FP], xmm0
	mov rsp, [rcx + A_C_SP]
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

/* int wx_reenter(struct wx_activation *): its suspended host call returns */
	.globl wx_reenter
	.type wx_reenter, @function
	.p2align 4
wx_reenter:
	save_c
	mov rsp, [rdi + A_WASM_SP]
	jmp host_return
	.size wx_reenter, . - wx_reenter

/* Far entry of every host function: the context is its struct wx_host_function. */
	.globl wx_host_entry
	.type wx_host_entry, @function
	.p2align 4
wx_host_entry:
	sub rsp, F_SIZE
	mov [rsp], rdi
	mov [rsp + 8], rsi
	mov [rsp + 16], r8
	mov [rsp + 24], r9
	mov [rsp + 32], r10
	mov [rsp + 40], r11
	movsd [rsp + F_FP], xmm0
	movsd [rsp + F_FP + 8], xmm1
	movsd [rsp + F_FP + 16], xmm2
	movsd [rsp + F_FP + 24], xmm3
	movsd [rsp + F_FP + 32], xmm4
	movsd [rsp + F_FP + 40], xmm5
	movsd [rsp + F_FP + 48], xmm6
	movsd [rsp + F_FP + 56], xmm7
	mov [rsp + F_SAVED], rbx
	mov [rsp + F_SAVED + 8], rbp
	mov [rsp + F_SAVED + 16], r12
	movsd [rsp + F_SAVED_FP], xmm8
	movsd [rsp + F_SAVED_FP + 8], xmm9
	movsd [rsp + F_SAVED_FP + 16], xmm10
	movsd [rsp + F_SAVED_FP + 24], xmm11
	mov rdi, [r14]
	mov rbx, [rdi]
	mov rsi, r14
	mov rdx, rsp
	mov [rbx + A_WASM_SP], rsp
	mov rsp, [rbx + A_C_SP]
	ldmxcsr [rsp]
	xor ebp, ebp
	call wx_host_enter
	test eax, eax
	mov rdi, rbx
	jne 1f
	mov rsp, [rbx + A_WASM_SP]
host_return:
	ldmxcsr wasm_mxcsr[rip]
	mov rdi, [rsp]
	movsd xmm0, [rsp + F_FP]
	mov rbx, [rsp + F_SAVED]
	mov rbp, [rsp + F_SAVED + 8]
	mov r12, [rsp + F_SAVED + 16]
	movsd xmm8, [rsp + F_SAVED_FP]
	movsd xmm9, [rsp + F_SAVED_FP + 8]
	movsd xmm10, [rsp + F_SAVED_FP + 16]
	movsd xmm11, [rsp + F_SAVED_FP + 24]
	add rsp, F_SIZE
	ret
1:	/* trap, suspension */
	mov rsp, [rdi + A_C_SP]
	jmp leave_wasm
	.size wx_host_entry, . - wx_host_entry

/* From a trap vector: eax the kind, [rsp] the return address of the site, r14 the context. */
	.globl wx_trap_exit
	.type wx_trap_exit, @function
	.p2align 4
wx_trap_exit:
	mov rdi, [r14 + CTX_RUNTIME]
	mov rdi, [rdi]
	pop rcx
	mov [rdi + A_TRAP_PC], rcx
	mov [rdi + A_TRAP_SP], rsp
	mov [rdi + A_TRAP_CONTEXT], r14
	mov rsp, [rdi + A_C_SP]
	jmp leave_wasm
	.size wx_trap_exit, . - wx_trap_exit

/* Where an interrupted call is sent: rdi the activation. */
	.globl wx_interrupt_exit
	.type wx_interrupt_exit, @function
	.p2align 4
wx_interrupt_exit:
	cld
	mov rsp, [rdi + A_C_SP]
	mov eax, TRAP_INTERRUPTED
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
	mov rdi, [r14 + CTX_RUNTIME]
	mov rbx, [rdi]
	mov rsp, [rbx + A_C_SP]
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

/* int wx_collect_entry(struct wx_activation *): from C on the wasm stack, which is scanned from here on */
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
	mov [rbx + A_WASM_SP], rsp
	mov rsp, [rbx + A_C_SP]
	ldmxcsr [rsp]
	xor ebp, ebp
	call wx_collect_enter
	mov rsp, [rbx + A_WASM_SP]
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
