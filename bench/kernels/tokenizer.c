/* Splits a program's text into tokens: identifiers, among them keywords, numbers, operators. */

#include "kernel.h"

static const char source[] =
	"function blink(pin, count) { let i = 0; while (i < count) { write(pin, i & 1); sleep(250 + i * 10); i = i + 1; } return i >= count && pin != 0x1F; }\n"
	"const limit = 3600; // one hour\nif (limit > 100) blink(13, limit / 60); else blink(2, 1);\n";

enum kind { END, NAME, KEYWORD, NUMBER, OPERATOR, BAD };

static const char *const keywords[] = { "function", "let", "while", "return", "const", "if", "else" };

struct token {
	enum kind kind;
	uint32_t value;
};

static const char *at;

static int is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int equal(const char *begin, const char *end, const char *word)
{
	while (begin < end && *word && *begin == *word)
		begin++, word++;
	return begin == end && !*word;
}

static struct token name(void)
{
	const char *begin = at;
	uint32_t hash = FOLD_START;
	while (is_letter(*at) || is_digit(*at))
		hash = fold(hash, (uint8_t)*at++);
	for (uint32_t i = 0; i < COUNT(keywords); i++)
		if (equal(begin, at, keywords[i]))
			return (struct token){ KEYWORD, i };
	return (struct token){ NAME, hash };
}

static struct token number(void)
{
	uint32_t value = 0;
	if (*at == '0' && at[1] == 'x') {
		at += 2;
		for (;; at++) {
			if (is_digit(*at))
				value = value * 16 + (uint32_t)(*at - '0');
			else if (*at >= 'A' && *at <= 'F')
				value = value * 16 + (uint32_t)(*at - 'A' + 10);
			else
				return (struct token){ NUMBER, value };
		}
	}
	while (is_digit(*at))
		value = value * 10 + (uint32_t)(*at++ - '0');
	return (struct token){ NUMBER, value };
}

static struct token next(void)
{
	for (;;) {
		char c = *at;
		switch (c) {
		case 0:
			return (struct token){ END, 0 };
		case ' ': case '\t': case '\n':
			at++;
			break;
		case '/':
			if (at[1] != '/') {
				at++;
				return (struct token){ OPERATOR, '/' };
			}
			while (*at && *at != '\n')
				at++;
			break;
		case '<': case '>': case '=': case '!':
			at++;
			if (*at == '=') {
				at++;
				return (struct token){ OPERATOR, (uint32_t)c | '=' << 8 };
			}
			return (struct token){ OPERATOR, (uint32_t)c };
		case '&': case '|':
			at++;
			if (*at == c) {
				at++;
				return (struct token){ OPERATOR, (uint32_t)c | (uint32_t)c << 8 };
			}
			return (struct token){ OPERATOR, (uint32_t)c };
		case '(': case ')': case '{': case '}': case ',': case ';': case '+': case '-': case '*':
			at++;
			return (struct token){ OPERATOR, (uint32_t)c };
		default:
			if (is_letter(c))
				return name();
			if (is_digit(c))
				return number();
			at++;
			return (struct token){ BAD, (uint32_t)c };
		}
	}
}

static uint32_t round_of(uint32_t round)
{
	uint32_t checksum = fold(FOLD_START, round);
	at = source;
	for (;;) {
		struct token token = next();
		checksum = fold(fold(checksum, token.kind), token.value);
		if (token.kind == END)
			return checksum;
	}
}
