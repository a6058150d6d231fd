/* A hash table with open addressing: 96 keys come, are counted, and half of them go. */

#include "kernel.h"

#define SLOTS 256

struct slot {
	uint32_t key;	/* 0: free, 1: removed */
	uint32_t count;
};

static struct slot slots[SLOTS];

static uint32_t hash_of(uint32_t key)
{
	key = (key ^ key >> 16) * 0x45d9f3bu;
	return key ^ key >> 15;
}

static struct slot *find(uint32_t key, int32_t add)
{
	struct slot *removed = 0;
	for (uint32_t i = hash_of(key) % SLOTS;; i = (i + 1) % SLOTS) {
		struct slot *slot = &slots[i];
		if (slot->key == key)
			return slot;
		if (slot->key == 1 && !removed)
			removed = slot;
		if (slot->key == 0) {
			if (!add)
				return 0;
			if (removed)
				slot = removed;
			slot->key = key;
			slot->count = 0;
			return slot;
		}
	}
}

static uint32_t round_of(uint32_t round)
{
	uint32_t state = round, sum = 0;
	for (uint32_t i = 0; i < SLOTS; i++)
		slots[i].key = slots[i].count = 0;
	for (uint32_t i = 0; i < 96; i++)
		find((next_random(&state) >> 22) + 2, 1)->count++;
	for (uint32_t key = 2; key < 200; key += 2) {
		struct slot *slot = find(key, 0);
		if (slot)
			slot->key = 1;
	}
	for (uint32_t key = 2; key < 300; key++) {
		struct slot *slot = find(key, 0);
		if (slot)
			sum += key * slot->count;
	}
	return sum;
}
