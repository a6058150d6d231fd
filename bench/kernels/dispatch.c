/* Indirect calls: a filter graph of nodes whose functions are called through a table. */

#include "kernel.h"

struct node {
	int32_t (*apply)(struct node *node, int32_t input);
	int32_t state;
	int32_t gain;
};

static int32_t smooth(struct node *node, int32_t input)
{
	node->state += (input - node->state) >> 2;
	return node->state;
}

static int32_t scale(struct node *node, int32_t input)
{
	return (input * node->gain) >> 4;
}

static int32_t limit(struct node *node, int32_t input)
{
	return input > node->gain ? node->gain : input < -node->gain ? -node->gain : input;
}

static int32_t differentiate(struct node *node, int32_t input)
{
	int32_t result = input - node->state;
	node->state = input;
	return result;
}

static int32_t bias(struct node *node, int32_t input)
{
	return input + node->gain;
}

static struct node graph[] = {
	{ smooth, 0, 0 }, { scale, 0, 12 }, { bias, 0, 7 }, { limit, 0, 500 }, { differentiate, 0, 0 },
	{ scale, 0, 40 }, { smooth, 0, 0 }, { bias, 0, -20 }, { limit, 0, 900 }, { scale, 0, 9 },
};

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = FOLD_START, state = round;
	for (uint32_t sample = 0; sample < 32; sample++) {
		int32_t value = (int32_t)(next_random(&state) >> 20) - 2048;
		for (uint32_t i = 0; i < COUNT(graph); i++)
			value = graph[i].apply(&graph[i], value);
		checksum = fold(checksum, (uint32_t)value);
	}
	return checksum;
}
