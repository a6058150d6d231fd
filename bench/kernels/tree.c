/* A binary search tree of 128 nodes from a pool: insertion, lookup, a walk in order. */

#include "kernel.h"

#define NODES 128

struct node {
	struct node *left, *right;
	int32_t key;
};

static struct node pool[NODES], *root;
static uint32_t used;

static void insert(int32_t key)
{
	struct node **link = &root;
	while (*link) {
		if ((*link)->key == key)
			return;
		link = key < (*link)->key ? &(*link)->left : &(*link)->right;
	}
	struct node *node = &pool[used++];
	node->left = node->right = 0;
	node->key = key;
	*link = node;
}

static uint32_t depth_of(int32_t key)
{
	uint32_t depth = 1;
	for (struct node *node = root; node; depth++) {
		if (node->key == key)
			return depth;
		node = key < node->key ? node->left : node->right;
	}
	return 0;
}

static uint32_t walk(const struct node *node, uint32_t checksum)
{
	while (node) {
		checksum = fold(walk(node->left, checksum), (uint32_t)node->key);
		node = node->right;
	}
	return checksum;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t state = round, sum = 0;
	root = 0;
	used = 0;
	for (uint32_t i = 0; i < NODES; i++)
		insert((int32_t)next_random(&state) >> 22);
	for (int32_t key = -64; key < 64; key++)
		sum += depth_of(key);
	return walk(root, sum);
}
