/*
 * Counts guest instructions by phase: `qemu-arm -plugin insn.so,out=FILE`. The guest begins a phase by write(-77,
 * phase, 0), see wx_port_mark; 8 goes back to the phase before. At exit, FILE holds the counts of the phases as a JSON
 * array. With profile=FILE, that one holds how often each instruction was executed in phase 4: a JSON array of
 * [address, "bytes in hexadecimal", count]. The emulator's plugin interface is declared here, version 1, since
 * distributions ship no header for it.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
typedef void (*qemu_plugin_vcpu_tb_trans_cb_t)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*qemu_plugin_vcpu_syscall_cb_t)(qemu_plugin_id_t id, unsigned int vcpu, int64_t number, uint64_t a1,
	uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8);
typedef void (*qemu_plugin_udata_cb_t)(qemu_plugin_id_t id, void *data);

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_inline(
	struct qemu_plugin_insn *insn, enum qemu_plugin_op op, void *data, uint64_t value);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_tb_trans_cb_t callback);
void qemu_plugin_register_vcpu_tb_exec_inline(
	struct qemu_plugin_tb *tb, enum qemu_plugin_op op, void *data, uint64_t value);
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_syscall_cb_t callback);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, qemu_plugin_udata_cb_t callback, void *data);

EXPORT int qemu_plugin_version = 1;

#define PHASES 8
#define PROFILED 4
#define BUCKETS 65536

/* An instruction of the guest. Code that replaces other code at the same address is another one. */
struct instruction {
	struct instruction *next;
	uint64_t address;
	uint64_t executed;
	uint64_t begun;
	uint64_t profiled;
	uint8_t size;
	uint8_t bytes[16];
};

/* Of the Arm EABI, of x86-64. */
#define IS_WRITE(number) ((number) == 4 || (number) == 1)

/* The interface passes no data to a translation callback. */
static struct {
	uint64_t executed;
	uint64_t begun;
	uint64_t counts[PHASES];
	unsigned int phase;
	unsigned int before;
	char out[4096];
	char profile[4096];
	struct instruction *instructions[BUCKETS];
} state;

static struct instruction *instruction_at(uint64_t address, const uint8_t *bytes, size_t size)
{
	struct instruction **bucket = &state.instructions[(address >> 1) % BUCKETS], *found;
	if (size > sizeof(found->bytes))
		size = sizeof(found->bytes);
	for (found = *bucket; found; found = found->next)
		if (found->address == address && found->size == size && !memcmp(found->bytes, bytes, size))
			return found;
	found = calloc(1, sizeof(*found));
	if (!found)
		abort();
	found->address = address;
	found->size = (uint8_t)size;
	memcpy(found->bytes, bytes, size);
	found->next = *bucket;
	*bucket = found;
	return found;
}

static void profile_phase(bool begins)
{
	struct instruction *i;
	for (int bucket = 0; bucket < BUCKETS; bucket++)
		for (i = state.instructions[bucket]; i; i = i->next) {
			if (!begins)
				i->profiled += i->executed - i->begun;
			i->begun = i->executed;
		}
}

static void write_profile(void)
{
	FILE *file = fopen(state.profile, "w");
	const char *separator = "[";
	struct instruction *i;
	if (!file)
		return;
	for (int bucket = 0; bucket < BUCKETS; bucket++)
		for (i = state.instructions[bucket]; i; i = i->next) {
			if (!i->profiled)
				continue;
			fprintf(file, "%s[%llu,\"", separator, (unsigned long long)i->address);
			for (int at = 0; at < i->size; at++)
				fprintf(file, "%02x", i->bytes[at]);
			fprintf(file, "\",%llu]", (unsigned long long)i->profiled);
			separator = ",\n";
		}
	fprintf(file, "%s]\n", *separator == '[' ? "[" : "");
	fclose(file);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);
	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &state.executed, count);
	for (size_t i = 0; state.profile[0] && i < count; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		struct instruction *counted = instruction_at(
			qemu_plugin_insn_vaddr(insn), qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn));
		qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &counted->executed, 1);
	}
}

static void begin(unsigned int phase)
{
	state.counts[state.phase] += state.executed - state.begun;
	state.begun = state.executed;
	phase = phase == PHASES ? state.before : phase % PHASES;
	if (state.profile[0] && (state.phase == PROFILED || phase == PROFILED))
		profile_phase(phase == PROFILED);
	state.before = state.phase;
	state.phase = phase;
}

static void called(qemu_plugin_id_t id, unsigned int vcpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3,
	uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8)
{
	(void)id, (void)vcpu, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
	if (IS_WRITE(number) && (int32_t)a1 == -77)
		begin((unsigned int)a2);
}

static void finished(qemu_plugin_id_t id, void *data)
{
	FILE *file = fopen(state.out, "w");
	int i;
	(void)id, (void)data;
	begin(0);
	if (state.profile[0])
		write_profile();
	if (!file)
		return;
	for (i = 0; i < PHASES; i++)
		fprintf(file, "%c%llu", i ? ',' : '[', (unsigned long long)state.counts[i]);
	fprintf(file, "]\n");
	fclose(file);
}

/* Called by the emulator. */
EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	int i;
	(void)info;
	for (i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4) && strlen(argv[i]) - 4 < sizeof(state.out))
			strcpy(state.out, argv[i] + 4);
		else if (!strncmp(argv[i], "profile=", 8) && strlen(argv[i]) - 8 < sizeof(state.profile))
			strcpy(state.profile, argv[i] + 8);
	if (!state.out[0])
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_vcpu_syscall_cb(id, called);
	qemu_plugin_register_atexit_cb(id, finished, NULL);
	return 0;
}
