/* The virtual machine: runs what assembler.c writes, and does what entry.S does elsewhere. */

#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/meter.h"
#include "encode.h"
#include "flash/flash.h"
#include "isa/assembler.h"
#include "isa/entry.h"
#include "isa/processor.h"
#include "virtual.h"

struct machine {
	uintptr_t r[WX_REGISTERS];
	uintptr_t pc;
	bool redirected; /* an interrupt has sent it to the exit */
	int rounding; /* of C */
	struct wx_entry *entry;
};

#define LINK 1

/* The machine that runs; NULL in C, from where it may be left for ever by longjmp. */
static struct machine *volatile current;
void (*wx_virtual_step)(void);
struct wx_host_function *self;

static _Noreturn void fault(const struct machine *m, const char *what)
{
	fprintf(stderr, "virtual machine: %s at %p\n", what, (void *)m->pc);
	abort();
}

/* ---- registers ---- */

static bool is_wide(wx_type t)
{
	return t == WX_I64 || t == WX_F64;
}

static uint64_t get(const struct machine *m, uint8_t r, uint8_t h, wx_type t)
{
	if (!is_wide(t))
		return (uint32_t)m->r[r];
	return ISA_WORD == 8 ? m->r[r] : (uint32_t)m->r[r] | (uint64_t)m->r[h] << 32;
}

static void put(struct machine *m, uint8_t r, uint8_t h, wx_type t, uint64_t value)
{
	m->r[r] = is_wide(t) ? (uintptr_t)value : (uint32_t)value;
	if (is_wide(t) && ISA_WORD == 4)
		m->r[h] = (uintptr_t)(value >> 32);
}

/* A call leaves nothing in the registers that it may change, but for those of `kept`. */
static void clobber(struct machine *m, uint32_t kept)
{
	for (unsigned r = 0; r < WX_REGISTERS; r++)
		if (ISA_CALLER_SAVED >> r & 1 && !(kept >> r & 1))
			m->r[r] = (uintptr_t)0xDEADBEEFDEADBEEFu;
}

static uintptr_t *context_of(const struct machine *m)
{
	return (uintptr_t *)m->r[ISA_CTX];
}

/* ---- values in memory ---- */

static uint64_t load(uintptr_t at, unsigned bytes)
{
	uint64_t value = 0;
	memcpy(&value, (const void *)at, bytes);
	return value;
}

static void store(uintptr_t at, unsigned bytes, uint64_t value)
{
	memcpy((void *)at, &value, bytes);
}

static unsigned bytes_of(wx_type t)
{
	return is_wide(t) ? 8 : 4;
}

/* ---- arithmetic: the run time's helpers say what it is ---- */

typedef uint32_t (*helper)(void *context, uint64_t *args);

static uint64_t compute(struct machine *m, uint8_t op, uint64_t a, uint64_t b)
{
	uint64_t args[4] = { a, b };
	const void *const *helpers = (const void *const *)context_of(m)[WX_CTX_HELPERS];
	if (((helper)(uintptr_t)helpers[op])(context_of(m), args))
		fault(m, "arithmetic traps");
	return args[0];
}

static wx_type machine_type(uint8_t value_type)
{
	return wx_machine_type((wx_type)(0x7F - value_type));
}

static bool holds(const struct machine *m, wx_cond c, wx_type t, uint64_t a, uint64_t b)
{
	int64_t sa = is_wide(t) ? (int64_t)a : (int32_t)a, sb = is_wide(t) ? (int64_t)b : (int32_t)b;
	switch (c) {
	case WX_EQ: return a == b;
	case WX_NE: return a != b;
	case WX_LT_S: return sa < sb;
	case WX_GE_S: return sa >= sb;
	case WX_GT_S: return sa > sb;
	case WX_LE_S: return sa <= sb;
	case WX_LT_U: return a < b;
	case WX_GE_U: return a >= b;
	case WX_GT_U: return a > b;
	case WX_LE_U: return a <= b;
	default: fault(m, "condition");
	}
}

static uint64_t second(const struct machine *m, const instruction *i, wx_type t)
{
	uint64_t value = i->low | (uint64_t)i->high << 32;
	if (!(i->flags & FLAG_IMMEDIATE))
		return get(m, i->b, i->bh, t);
	return is_wide(t) ? value : (uint32_t)value;
}

static bool condition_holds(const struct machine *m, const instruction *i)
{
	wx_type t = (wx_type)i->type;
	return holds(m, (wx_cond)i->condition, t, get(m, i->a, i->ah, t), second(m, i, t));
}

/* ---- linear memory ---- */

static uintptr_t place_of(const struct machine *m, const instruction *i, unsigned bytes)
{
	const uintptr_t *memory = (const uintptr_t *)context_of(m)[WX_CTX_MEMORY];
	uint64_t address = i->x != WX_NO_REG ? (uint64_t)m->r[i->x] - memory[0]
		: i->a != WX_NO_REG              ? (uint64_t)(uint32_t)m->r[i->a] << i->amount
										 : 0;
	address += i->offset;
	if (i->flags & FLAG_WRAPS)
		address = (uint32_t)address;
	if (m->r[ISA_MEMORY] != memory[0])
		fault(m, "memory's base");
	if (address + bytes > memory[2])
		fault(m, "access outside the memory");
	if (i->flags & FLAG_ALIGNED && address & (bytes - 1))
		fault(m, "alignment");
	return memory[0] + (uintptr_t)address;
}

static uint64_t extended(uint8_t op, uint64_t value)
{
	switch (op) {
	case WX_OP_I32_LOAD8_S:
	case WX_OP_I64_LOAD8_S: return (uint64_t)(int8_t)value;
	case WX_OP_I32_LOAD16_S:
	case WX_OP_I64_LOAD16_S: return (uint64_t)(int16_t)value;
	case WX_OP_I64_LOAD32_S: return (uint64_t)(int32_t)value;
	default: return value;
	}
}

static void access_memory(struct machine *m, const instruction *i)
{
	const wx_op_row *row = &wx_op_info[i->op];
	unsigned bytes = 1u << row->size;
	uintptr_t at = place_of(m, i, bytes);
	if (i->code == MEMORY_LOAD)
		put(m, i->d, i->dh, machine_type(row->push), extended(i->op, load(at, bytes)));
	else
		store(at, bytes, get(m, i->d, i->dh, machine_type(row->pop[1])));
}

/* ---- frames and calls ---- */

static uintptr_t slot_of(const struct machine *m, uint32_t bytes, unsigned number)
{
	return m->r[ISA_SP] + bytes - ISA_WORD * (number + 1);
}

/* Registers of the frame: the link first, below the caller's frame. */
static void move_saved(struct machine *m, const instruction *i, bool out)
{
	unsigned number = 0;
	for (unsigned r = 0; r < WX_REGISTERS; r++) {
		if (!(i->low >> r & 1))
			continue;
		uintptr_t at = slot_of(m, i->high, number++);
		if (out)
			store(at, ISA_WORD, m->r[r]);
		else
			m->r[r] = (uintptr_t)load(at, ISA_WORD);
	}
}

static void leave(struct machine *m, const instruction *i)
{
	move_saved(m, i, false);
	m->r[ISA_SP] += i->high;
}

/* False: there is no room. */
static bool enter(struct machine *m, const instruction *i)
{
	uintptr_t sp = m->r[ISA_SP], limit = context_of(m)[WX_CTX_STACK_LIMIT];
	if (i->flags & FLAG_CHECK && (sp < limit || (i->high > WX_STACK_PLAIN && sp - limit < i->high)))
		return false;
	m->r[ISA_SP] -= i->high;
	move_saved(m, i, true);
	if (i->flags & FLAG_CONTEXT)
		store(m->r[ISA_SP] + i->offset, ISA_WORD, m->r[ISA_CTX]);
	return true;
}

/* C has its own mode of rounding. */
static void go_outside(struct machine *m)
{
	current = NULL;
	fesetround(m->rounding);
}

static void come_back(struct machine *m)
{
	fesetround(FE_TONEAREST);
	current = m;
}

/* A host function, on the C stack. */
static int call_host(struct machine *m)
{
	struct wx_host_frame frame = { .link = m->r[LINK] };
	static const uint8_t arguments[] = ISA_GP_ARGS;
	unsigned n = 0;
	for (unsigned k = 0; k < ISA_GP_ARG_COUNT; k++)
		frame.gp[k] = m->r[arguments[k]];
	for (unsigned r = 0; r < WX_REGISTERS; r++)
		if (ISA_CALLEE_SAVED >> r & 1)
			frame.saved[n++] = m->r[r];
	m->r[ISA_SP] -= sizeof frame;
	memcpy((void *)m->r[ISA_SP], &frame, sizeof frame);
	m->entry->wasm_sp = m->r[ISA_SP];
	struct wx_host_function *function = (struct wx_host_function *)m->r[ISA_CTX];
	go_outside(m);
	int status = wx_host_enter(*(struct wx_runtime **)function, function, (struct wx_host_frame *)m->r[ISA_SP]);
	come_back(m);
	return status;
}

static void return_from_host(struct machine *m)
{
	static const uint8_t arguments[] = ISA_GP_ARGS;
	const struct wx_host_frame *frame = (const struct wx_host_frame *)m->r[ISA_SP];
	unsigned n = 0;
	clobber(m, 0);
	m->r[arguments[0]] = frame->gp[0];
	m->r[arguments[1]] = frame->gp[1];
	for (unsigned r = 0; r < WX_REGISTERS; r++)
		if (ISA_CALLEE_SAVED >> r & 1)
			m->r[r] = frame->saved[n++];
	m->pc = frame->link;
	m->r[ISA_SP] += sizeof *frame;
}

static int trap_exit(struct machine *m)
{
	m->entry->trap_pc = m->r[LINK];
	m->entry->trap_sp = m->r[ISA_SP];
	m->entry->trap_link = m->r[ISA_LEAF_LINK];
	m->entry->trap_context = m->r[ISA_CTX];
	return (int)m->r[ISA_STATUS];
}

/* To a vector, from the instruction at pc. */
static void trap(struct machine *m, const instruction *i)
{
	m->r[ISA_LEAF_LINK] = m->r[LINK];
	m->r[LINK] = m->pc + sizeof *i;
	m->pc += (uintptr_t)(intptr_t)i->target;
}

/* What the helper's C would save if it used them: wx_collect_entry finds it on the wasm stack. */
static void keep_registers(struct machine *m)
{
	uintptr_t at = m->r[ISA_SP];
	for (unsigned r = 0; r < WX_REGISTERS; r++)
		if (ISA_CALLEE_SAVED >> r & 1)
			store(at -= ISA_WORD, ISA_WORD, m->r[r]);
	m->entry->wasm_sp = at;
}

static void call_helper(struct machine *m, const instruction *i)
{
	const void *const *helpers = (const void *const *)context_of(m)[WX_CTX_HELPERS];
	keep_registers(m);
	current = NULL;
	uint32_t status = ((helper)(uintptr_t)helpers[i->op])(context_of(m), (uint64_t *)context_of(m)[WX_CTX_ARGS]);
	current = m;
	clobber(m, 0);
	m->r[ISA_STATUS] = status;
}

/* True: the call ends. */
static bool meter(struct machine *m, const instruction *i)
{
	struct wx_meter *meter = (struct wx_meter *)context_of(m)[WX_CTX_METER];
	meter->left -= (int32_t)i->low;
	if (meter->left >= 0)
		return false;
	go_outside(m);
	int status = wx_meter_enter((struct wx_runtime *)context_of(m)[WX_CTX_RUNTIME]);
	come_back(m);
	if (!status)
		return false;
	m->r[LINK] = m->pc + sizeof *i;
	m->r[ISA_LEAF_LINK] = 0;
	m->r[ISA_STATUS] = (uintptr_t)status;
	return true;
}

/* ---- one instruction ---- */

static void select_value(struct machine *m, const instruction *i)
{
	wx_type t = (wx_type)i->op;
	bool first = condition_holds(m, i);
	put(m, i->d, i->dh, t, first ? get(m, i->x, i->xh, t) : get(m, i->y, i->yh, t));
}

static void load_words(struct machine *m, const instruction *i)
{
	uintptr_t at = m->r[i->a] + i->offset;
	uintptr_t first = (uintptr_t)load(at, ISA_WORD), next = (uintptr_t)load(at + ISA_WORD, ISA_WORD);
	m->r[i->d] = first;
	m->r[i->dh] = next;
}

static void reload_memory(struct machine *m, const instruction *i)
{
	const uintptr_t *memory = (const uintptr_t *)context_of(m)[WX_CTX_MEMORY];
	m->r[ISA_MEMORY] = memory[0];
	m->r[ISA_MEMORY_LIMIT] = memory[2] - i->low;
}

static uint64_t shifted(struct machine *m, const instruction *i, uint8_t r)
{
	return i->op ? compute(m, i->op, (uint32_t)m->r[r], i->amount) : (uint32_t)m->r[r];
}

/* Does the instruction jump? Then it has. */
static bool jumps(struct machine *m, const instruction *i)
{
	switch (i->code) {
	case BRANCH:
		if (!condition_holds(m, i))
			return false;
		break;
	case JUMP: break;
	case CHECK: {
		uint64_t size = (uint64_t)m->r[ISA_MEMORY_LIMIT] + i->offset, end = i->low | (uint64_t)i->high << 32;
		if ((i->a != WX_NO_REG ? (uint32_t)m->r[i->a] : 0) + end <= size)
			return false;
		trap(m, i);
		return true;
	}
	case TRAP:
		if (i->flags & FLAG_STATUS ? !(uint32_t)m->r[ISA_STATUS] : !(i->flags & FLAG_ALWAYS || condition_holds(m, i)))
			return false;
		trap(m, i);
		return true;
	case TABLE: m->pc += (uint32_t)load(m->pc + sizeof *i + 4 * (uint32_t)m->r[i->a], 4); return true;
	case CALL: m->r[LINK] = m->pc + sizeof *i; break;
	case CALL_REGISTER: {
		uintptr_t target = m->r[i->a];
		m->r[LINK] = m->pc + sizeof *i;
		m->pc = target;
		return true;
	}
	case LEAVE:
		leave(m, i);
		m->pc = m->r[LINK];
		return true;
	case TAIL: leave(m, i); break;
	case TAIL_REGISTER:
		leave(m, i);
		m->pc = m->r[ISA_TAIL];
		return true;
	case ENTER:
		if (enter(m, i))
			return false;
		break;
	case VECTOR:
		if (i->amount)
			m->r[ISA_STATUS] = i->amount;
		m->pc = context_of(m)[WX_CTX_TRAP_EXIT];
		return true;
	default: return false;
	}
	m->pc += (uintptr_t)(intptr_t)i->target;
	return true;
}

static void execute(struct machine *m, const instruction *i)
{
	wx_type t = (wx_type)i->type;
	const wx_op_row *row = &wx_op_info[i->op];
	switch (i->code) {
	case MOVE: put(m, i->d, i->dh, t, get(m, i->a, i->ah, t)); break;
	case CONSTANT: put(m, i->d, i->dh, t, i->low | (uint64_t)i->high << 32); break;
	case LOAD: put(m, i->d, i->dh, t, load(m->r[i->a] + i->offset, bytes_of(t))); break;
	case STORE: store(m->r[i->a] + i->offset, bytes_of(t), get(m, i->d, i->dh, t)); break;
	case LOAD_WORDS: load_words(m, i); break;
	case LOAD_WORD_AT:
		m->r[i->d] = (uintptr_t)load(m->r[i->a] + (uintptr_t)ISA_WORD * (uint32_t)m->r[i->b], ISA_WORD);
		break;
	case STORE_CONSTANT: store(m->r[i->a] + i->offset, bytes_of(t), i->low | (uint64_t)i->high << 32); break;
	case BINARY: {
		wx_type of = machine_type(row->pop[0]);
		put(m, i->d, i->dh, machine_type(row->push), compute(m, i->op, get(m, i->a, i->ah, of), second(m, i, of)));
		break;
	}
	case SHIFTED: {
		uint64_t b = shifted(m, i, i->b);
		put(m, i->d, i->dh, WX_I32, compute(m, (uint8_t)i->low, (uint32_t)m->r[i->a], b));
		break;
	}
	case SCALED: m->r[i->d] = (uint32_t)(shifted(m, i, i->a) + i->low); break;
	case UNARY:
		put(m, i->d, i->dh, machine_type(row->push),
			compute(m, i->op, get(m, i->a, i->ah, machine_type(row->pop[0])), 0));
		break;
	case SET: m->r[i->d] = condition_holds(m, i); break;
	case SELECT: select_value(m, i); break;
	case POINTER: m->r[i->d] = m->r[ISA_MEMORY] + (uint32_t)m->r[i->a]; break;
	case MEMORY_LOAD:
	case MEMORY_STORE: access_memory(m, i); break;
	case CALL_HELPER: call_helper(m, i); break;
	case MEMORY_SIZE: m->r[i->d] = ((const uintptr_t *)context_of(m)[WX_CTX_MEMORY])[2]; break;
	case RELOAD_MEMORY: reload_memory(m, i); break;
	case CHECK:
	case BRANCH:
	case TRAP:
	case ENTER: break;
	default: fault(m, "no instruction");
	}
}

static int run(struct machine *m)
{
	for (;;) {
		if (m->redirected)
			return ENTRY_INTERRUPTED;
		bool native = m->pc == (uintptr_t)wx_enter_return || m->pc == (uintptr_t)wx_trap_exit ||
			m->pc == (uintptr_t)wx_host_entry;
		if (wx_virtual_step && !native) {
			wx_virtual_step();
			if (m->redirected)
				return ENTRY_INTERRUPTED;
		}
		if (m->pc == (uintptr_t)wx_enter_return) {
			m->entry->gp[0] = m->r[wx_general_arguments[0]];
			m->entry->gp[1] = m->r[wx_general_arguments[1]];
			return 0;
		}
		if (m->pc == (uintptr_t)wx_trap_exit)
			return trap_exit(m);
		if (m->pc == (uintptr_t)wx_host_entry) {
			int status = call_host(m);
			if (status)
				return status;
			return_from_host(m);
			continue;
		}
		const instruction *i = (const instruction *)m->pc;
		if (i->code == METER && meter(m, i))
			return trap_exit(m);
		if (jumps(m, i))
			continue;
		if (i->code != METER)
			execute(m, i);
		m->pc += sizeof *i;
	}
}

static int run_in(struct machine *m)
{
	m->rounding = fegetround();
	come_back(m);
	int status = run(m);
	go_outside(m);
	return status;
}

int wx_enter(struct wx_entry *entry)
{
	struct machine m = { .entry = entry, .pc = entry->code };
	for (unsigned r = 0; r < WX_REGISTERS; r++)
		m.r[r] = (uintptr_t)0xDEADBEEFDEADBEEFu;
	for (unsigned k = 0; k < ISA_GP_ARG_COUNT; k++)
		m.r[wx_general_arguments[k]] = entry->gp[k];
	m.r[ISA_CTX] = entry->context;
	m.r[ISA_SP] = entry->wasm_sp;
	m.r[LINK] = (uintptr_t)wx_enter_return;
	return run_in(&m);
}

int wx_reenter(struct wx_entry *entry)
{
	struct machine m = { .entry = entry };
	m.r[ISA_SP] = entry->wasm_sp;
	return_from_host(&m);
	return run_in(&m);
}

/* Helpers run on the C stack. */
int wx_collect_entry(struct wx_entry *entry)
{
	return wx_collect_enter(entry);
}

/* ---- addresses that compiled code knows; nobody calls them in C ---- */

const char wx_enter_return[4] __attribute__((aligned(16))) = "";

void wx_host_entry(void)
{
	abort();
}

void wx_trap_exit(void)
{
	abort();
}

void wx_interrupt_exit(void)
{
	abort();
}

void wx_meter_entry(void)
{
	abort();
}

/* ---- interrupts: they find the virtual machine, not the one that it runs on ---- */

void wx_processor_barrier(void *data)
{
	(void)data;
}

void wx_processor_read(const void *frame, struct wx_processor_state *state)
{
	const struct machine *m = current;
	(void)frame;
	*state = (struct wx_processor_state){ 0 };
	if (m)
		*state = (struct wx_processor_state){ m->pc, m->r[ISA_SP], m->r[LINK], m->r[ISA_CTX] };
}

void wx_processor_redirect(void *frame, void (*function)(void), uintptr_t argument)
{
	struct machine *m = current;
	(void)frame;
	if (function != wx_interrupt_exit || argument != (uintptr_t)m->entry)
		fault(m, "redirected");
	m->redirected = true;
}

bool wx_processor_access(const void *frame, struct wx_processor_access *access)
{
	(void)frame;
	(void)access;
	return false;
}

void wx_processor_finish(void *frame, const struct wx_processor_access *access, uint32_t value)
{
	(void)frame;
	(void)access;
	(void)value;
}
