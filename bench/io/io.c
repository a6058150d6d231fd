/* Sixteen calls of one function of the device API a round, so that the loop counts little: bench/io.ts takes the difference of two numbers of rounds, and that of empty ones. */
#include "iot1.h"

#define LED 2

#define FOUR(OP) OP(0) OP(1) OP(2) OP(3)
#define SIXTEEN(OP) FOUR(OP) FOUR(OP) FOUR(OP) FOUR(OP)
#define WRITE(I) iot_gpio_write(handle, I & 1);
#define WRITE_LEVEL(I) __asm__ volatile("" : "+r"(level)); iot_gpio_write(handle, level ^= 1);
#define WRITE_SAME(I) iot_gpio_write(handle, 1);
#define READ(I) sum += iot_gpio_read(handle);
#define ROUNDS(NAME, OP) \
	__attribute__((export_name(#NAME))) int32_t NAME(int32_t rounds) \
	{ \
		int32_t handle = iot_gpio_open(LED, IOT_GPIO_OUTPUT), sum = 0, level = 0; \
		if (handle < 0) \
			return handle; \
		for (int32_t i = 0; i < rounds; i++) { \
			__asm__ volatile("" : "+r"(sum)); \
			SIXTEEN(OP) \
		} \
		iot_close(handle); \
		return sum + level; \
	}

#define NOTHING(I)

ROUNDS(nothing, NOTHING)
ROUNDS(write, WRITE)
ROUNDS(write_level, WRITE_LEVEL)
ROUNDS(write_same, WRITE_SAME)
ROUNDS(read, READ)
