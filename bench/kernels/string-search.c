/* Finds words in a text: Horspool's algorithm, and the plain way for short ones. */

#include "kernel.h"

static const char text[] =
	"A device pulls a module from the cloud, checks it, compiles it to native code on the device in little memory, runs it in a sandbox with access to pins, "
	"buses and sleep, and goes back to the last good module when the new one fails. Its users want to ship application logic without reflashing, at native "
	"speed, and test it at their desk first. Everything a module does goes through the calls that it was given, and nothing else.";

static const char *const words[] = { "module when", "sandbox", "it", "reflashing", "nothing else.", "absent from here", "at" };

static uint32_t length_of(const char *string)
{
	uint32_t length = 0;
	while (string[length])
		length++;
	return length;
}

static uint32_t horspool(const char *string, uint32_t count, const char *word, uint32_t length)
{
	uint8_t skip[128];
	uint32_t found = 0;
	for (uint32_t i = 0; i < sizeof skip; i++)
		skip[i] = (uint8_t)length;
	for (uint32_t i = 0; i + 1 < length; i++)
		skip[(uint8_t)word[i] & 127] = (uint8_t)(length - 1 - i);
	for (uint32_t at = 0; at + length <= count; at += skip[(uint8_t)string[at + length - 1] & 127]) {
		uint32_t i = length;
		while (i && string[at + i - 1] == word[i - 1])
			i--;
		if (!i)
			found = found * 31 + at + 1;
	}
	return found;
}

static uint32_t plain(const char *string, const char *word)
{
	uint32_t found = 0;
	for (uint32_t at = 0; string[at]; at++) {
		uint32_t i = 0;
		while (word[i] && string[at + i] == word[i])
			i++;
		if (!word[i])
			found = found * 31 + at + 1;
	}
	return found;
}

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = fold(FOLD_START, round);
	for (uint32_t i = 0; i < COUNT(words); i++) {
		uint32_t length = length_of(words[i]);
		checksum = fold(checksum, length > 3 ? horspool(text, sizeof text - 1, words[i], length) : plain(text, words[i]));
	}
	return checksum;
}
