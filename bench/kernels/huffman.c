/* Huffman codes: counts 400 symbols, builds the tree, encodes and decodes. */

#include "kernel.h"

#define SYMBOLS 32
#define LENGTH 400

static uint8_t text[LENGTH], decoded[LENGTH], bits[LENGTH * 2];
static uint16_t weight[2 * SYMBOLS];
static uint8_t left[2 * SYMBOLS], right[2 * SYMBOLS], parent[2 * SYMBOLS];
static uint32_t code[SYMBOLS];
static uint8_t code_length[SYMBOLS];

static uint32_t lightest(uint32_t count, uint32_t but)
{
	uint32_t found = 0xFF;
	for (uint32_t i = 0; i < count; i++)
		if (!parent[i] && weight[i] && i != but && (found == 0xFF || weight[i] < weight[found]))
			found = i;
	return found;
}

static uint32_t build(void)
{
	uint32_t count = SYMBOLS;
	for (uint32_t i = 0; i < 2 * SYMBOLS; i++)
		weight[i] = parent[i] = 0;
	for (uint32_t i = 0; i < LENGTH; i++)
		weight[text[i]]++;
	for (;;) {
		uint32_t a = lightest(count, 0xFF), b = lightest(count, a);
		if (b == 0xFF)
			return a;
		weight[count] = (uint16_t)(weight[a] + weight[b]);
		left[count] = (uint8_t)a;
		right[count] = (uint8_t)b;
		parent[a] = parent[b] = (uint8_t)count;
		count++;
	}
}

static void assign(uint32_t node, uint32_t prefix, uint32_t length)
{
	if (node < SYMBOLS) {
		code[node] = prefix;
		code_length[node] = (uint8_t)length;
		return;
	}
	assign(left[node], prefix, length + 1);
	assign(right[node], prefix | 1u << length, length + 1);
}

static uint32_t encode(void)
{
	uint32_t at = 0;
	for (uint32_t i = 0; i < sizeof bits; i++)
		bits[i] = 0;
	for (uint32_t i = 0; i < LENGTH; i++) {
		uint32_t value = code[text[i]];
		for (uint32_t n = code_length[text[i]]; n; n--, value >>= 1, at++)
			bits[at >> 3] |= (uint8_t)((value & 1) << (at & 7));
	}
	return at;
}

static uint32_t decode(uint32_t root)
{
	uint32_t at = 0;
	for (uint32_t i = 0; i < LENGTH; i++) {
		uint32_t node = root;
		while (node >= SYMBOLS) {
			node = bits[at >> 3] >> (at & 7) & 1 ? right[node] : left[node];
			at++;
		}
		decoded[i] = (uint8_t)node;
	}
	return at;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t state = round, checksum = FOLD_START;
	for (uint32_t i = 0; i < LENGTH; i++) {
		uint32_t random = next_random(&state) >> 16;
		text[i] = (uint8_t)((random & 31) & (random >> 5 & 31));
	}
	uint32_t root = build();
	assign(root, 0, 0);
	checksum = fold(checksum, encode());
	checksum = fold(checksum, decode(root));
	for (uint32_t i = 0; i < LENGTH; i += 16)
		checksum = fold(checksum, decoded[i]);
	return checksum;
}
