/* assembler-test.c on x86-64: how to run emitted code. */

#define ISA_TEST_SCRATCH 0x80000003u /* rax rcx xmm15 */
#define ISA_TEST_HAS_ALL /* every numeric instruction is emitted in line */
#define ISA_TEST_FIXED (1u << ISA_SP)

typedef struct {
	uint64_t general[16];
	uint64_t floating[16];
	uint64_t trap; /* kind, 0: returned */
	uint64_t site; /* return address that the trap vector was called with */
	uint64_t sp; /* of the code: at entry, points at the return address */
	uint64_t trap_sp; /* at the trap exit */
} machine;

/* Bytes above the return address that the code may use as its caller's frame. */
#define ISA_TEST_STACK 8192

extern void isa_run(machine *m, const void *code);
extern char isa_trap_exit[];

__asm__(
	".text\n"
	".globl isa_run\n"
	"isa_run:\n"
	"	push %rbx\n	push %rbp\n	push %r12\n	push %r13\n	push %r14\n	push %r15\n	push %rdi\n"
	"	sub $8192, %rsp\n"
	"	mov %rsp, isa_saved_sp(%rip)\n"
	"	mov %rsi, isa_code(%rip)\n"
	"	lea -8(%rsp), %rax\n	mov %rax, 272(%rdi)\n"
	"	movq $0, 256(%rdi)\n"
	"	movq 128(%rdi), %xmm0\n	movq 136(%rdi), %xmm1\n	movq 144(%rdi), %xmm2\n	movq 152(%rdi), %xmm3\n"
	"	movq 160(%rdi), %xmm4\n	movq 168(%rdi), %xmm5\n	movq 176(%rdi), %xmm6\n	movq 184(%rdi), %xmm7\n"
	"	movq 192(%rdi), %xmm8\n	movq 200(%rdi), %xmm9\n	movq 208(%rdi), %xmm10\n	movq 216(%rdi), %xmm11\n"
	"	movq 224(%rdi), %xmm12\n	movq 232(%rdi), %xmm13\n	movq 240(%rdi), %xmm14\n	movq 248(%rdi), %xmm15\n"
	"	mov (%rdi), %rax\n	mov 8(%rdi), %rcx\n	mov 16(%rdi), %rdx\n	mov 24(%rdi), %rbx\n"
	"	mov 40(%rdi), %rbp\n	mov 48(%rdi), %rsi\n	mov 64(%rdi), %r8\n	mov 72(%rdi), %r9\n"
	"	mov 80(%rdi), %r10\n	mov 88(%rdi), %r11\n	mov 96(%rdi), %r12\n	mov 104(%rdi), %r13\n"
	"	mov 112(%rdi), %r14\n	mov 120(%rdi), %r15\n	mov 56(%rdi), %rdi\n"
	"	call *isa_code(%rip)\n"
	"	movq $0, isa_trapped(%rip)\n"
	"1:	push %rdi\n"
	"	mov isa_saved_sp(%rip), %rdi\n"
	"	mov 8192(%rdi), %rdi\n"
	"	mov %rax, (%rdi)\n	mov %rcx, 8(%rdi)\n	mov %rdx, 16(%rdi)\n	mov %rbx, 24(%rdi)\n"
	"	pop %rax\n	mov %rax, 56(%rdi)\n	mov %rsp, 32(%rdi)\n"
	"	mov %rbp, 40(%rdi)\n	mov %rsi, 48(%rdi)\n	mov %r8, 64(%rdi)\n	mov %r9, 72(%rdi)\n"
	"	mov %r10, 80(%rdi)\n	mov %r11, 88(%rdi)\n	mov %r12, 96(%rdi)\n	mov %r13, 104(%rdi)\n"
	"	mov %r14, 112(%rdi)\n	mov %r15, 120(%rdi)\n"
	"	movq %xmm0, 128(%rdi)\n	movq %xmm1, 136(%rdi)\n	movq %xmm2, 144(%rdi)\n	movq %xmm3, 152(%rdi)\n"
	"	movq %xmm4, 160(%rdi)\n	movq %xmm5, 168(%rdi)\n	movq %xmm6, 176(%rdi)\n	movq %xmm7, 184(%rdi)\n"
	"	movq %xmm8, 192(%rdi)\n	movq %xmm9, 200(%rdi)\n	movq %xmm10, 208(%rdi)\n	movq %xmm11, 216(%rdi)\n"
	"	movq %xmm12, 224(%rdi)\n	movq %xmm13, 232(%rdi)\n	movq %xmm14, 240(%rdi)\n	movq %xmm15, 248(%rdi)\n"
	"	cmpq $0, isa_trapped(%rip)\n"
	"	je 2f\n"
	"	mov (%rdi), %eax\n	mov %rax, 256(%rdi)\n"
	"	mov (%rsp), %rax\n	mov %rax, 264(%rdi)\n"
	"	mov %rsp, 280(%rdi)\n"
	"2:	mov isa_saved_sp(%rip), %rsp\n"
	"	add $8192, %rsp\n"
	"	pop %rdi\n	pop %r15\n	pop %r14\n	pop %r13\n	pop %r12\n	pop %rbp\n	pop %rbx\n"
	"	ret\n"
	".globl isa_trap_exit\n"
	"isa_trap_exit:\n"
	"	movq $1, isa_trapped(%rip)\n"
	"	jmp 1b\n"
	".lcomm isa_saved_sp, 8\n"
	".lcomm isa_code, 8\n"
	".lcomm isa_trapped, 8\n");

/* The return address that the code was entered with. */
static uintptr_t isa_return_address(const machine *m)
{
	return *(const uintptr_t *)(uintptr_t)m->sp;
}

/* In a C helper: change all that C may change. */
#define ISA_TEST_CLOBBER() \
	__asm__ volatile( \
		"pcmpeqd %%xmm0, %%xmm0\n movaps %%xmm0, %%xmm1\n movaps %%xmm0, %%xmm2\n movaps %%xmm0, %%xmm3\n movaps " \
		"%%xmm0, %%xmm4\n movaps %%xmm0, %%xmm5\n" \
		"movaps %%xmm0, %%xmm6\n movaps %%xmm0, %%xmm7\n movaps %%xmm0, %%xmm8\n movaps %%xmm0, %%xmm9\n movaps " \
		"%%xmm0, %%xmm10\n movaps %%xmm0, %%xmm11\n" \
		"movaps %%xmm0, %%xmm12\n movaps %%xmm0, %%xmm13\n movaps %%xmm0, %%xmm14\n movaps %%xmm0, %%xmm15\n" \
		"mov $-1, %%rax\n mov %%rax, %%rcx\n xor %%edx, %%edx\n mov %%rax, %%rsi\n mov %%rax, %%rdi\n mov %%rax, " \
		"%%r8\n mov %%rax, %%r9\n mov %%rax, %%r10\n mov %%rax, %%r11\n" :: \
			: "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", \
		"xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc")

static void isa_set_link(machine *m, bool function)
{
	(void)m;
	(void)function;
}

/* Address of a piece of code as a call target. */
static uintptr_t isa_code_address(const uint8_t *code)
{
	return (uintptr_t)code;
}

/* Return from a piece of code that has no frame. */
static void isa_return(wx_asm *as)
{
	wx_asm_u8(as, 0xC3);
}

/* What of the sp-relative bytes at the beginning of a piece of code without a frame is taken: the return address. */
#define ISA_TEST_SP_FIRST 8

/* The code address that identifies the site of a trap. */
static uintptr_t isa_trap_site(const machine *m)
{
	return (uintptr_t)m->site;
}

/* sp of the caller, before its call. */
static uintptr_t isa_caller_sp(const machine *m)
{
	return m->sp + 8;
}

/* The same from a trap, when `frame` bytes lie between sp inside the function and its caller's */
static uintptr_t isa_trap_caller_sp(const machine *m, uint32_t frame)
{
	return m->trap_sp + 8 + frame;
}
