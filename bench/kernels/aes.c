/* AES-128: the key's schedule, and eight blocks of counter mode. The S-box is computed at first. */

#include "kernel.h"

static uint8_t sbox[256], keys[176];

static inline uint8_t twice(uint8_t value)
{
	return (uint8_t)(value << 1 ^ (value & 0x80 ? 0x1B : 0));
}

static void make_sbox(void)
{
	uint8_t p = 1, q = 1;
	do {
		p = (uint8_t)(p ^ twice(p));
		q = (uint8_t)(q ^ q << 1);
		q = (uint8_t)(q ^ q << 2);
		q = (uint8_t)(q ^ q << 4);
		if (q & 0x80)
			q ^= 0x09;
		sbox[p] = (uint8_t)(q ^ (q << 1 | q >> 7) ^ (q << 2 | q >> 6) ^ (q << 3 | q >> 5) ^ (q << 4 | q >> 4) ^ 0x63);
	} while (p != 1);
	sbox[0] = 0x63;
}

static void schedule(const uint8_t *key)
{
	uint8_t factor = 1, t[4];
	for (uint32_t i = 0; i < 16; i++)
		keys[i] = key[i];
	for (uint32_t i = 16; i < sizeof keys; i += 4) {
		for (uint32_t j = 0; j < 4; j++)
			t[j] = keys[i - 4 + j];
		if (i % 16 == 0) {
			uint8_t first = t[0];
			t[0] = sbox[t[1]] ^ factor;
			t[1] = sbox[t[2]];
			t[2] = sbox[t[3]];
			t[3] = sbox[first];
			factor = twice(factor);
		}
		for (uint32_t j = 0; j < 4; j++)
			keys[i + j] = keys[i - 16 + j] ^ t[j];
	}
}

static void encrypt(uint8_t *s)
{
	uint8_t t[16];
	for (uint32_t i = 0; i < 16; i++)
		s[i] ^= keys[i];
	for (uint32_t round = 1; round <= 10; round++) {
		for (uint32_t i = 0; i < 16; i++)
			t[i] = sbox[s[(i * 5) & 15]];
		if (round < 10) {
			for (uint32_t c = 0; c < 16; c += 4) {
				uint8_t all = t[c] ^ t[c + 1] ^ t[c + 2] ^ t[c + 3], first = t[c];
				for (uint32_t i = 0; i < 4; i++)
					s[c + i] = (uint8_t)(t[c + i] ^ all ^ twice(t[c + i] ^ (i < 3 ? t[c + i + 1] : first)));
			}
		} else {
			for (uint32_t i = 0; i < 16; i++)
				s[i] = t[i];
		}
		for (uint32_t i = 0; i < 16; i++)
			s[i] ^= keys[16 * round + i];
	}
}

static uint32_t round_of(uint32_t round)
{
	uint8_t key[16], block[16];
	uint32_t checksum = FOLD_START;
	if (!sbox[0])
		make_sbox();
	for (uint32_t i = 0; i < 16; i++)
		key[i] = (uint8_t)(round + i * 17);
	schedule(key);
	for (uint32_t n = 0; n < 8; n++) {
		for (uint32_t i = 0; i < 16; i++)
			block[i] = (uint8_t)(i == 15 ? n : i);
		encrypt(block);
		for (uint32_t i = 0; i < 16; i++)
			checksum = fold(checksum, block[i]);
	}
	return checksum;
}
