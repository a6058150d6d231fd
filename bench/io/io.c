/* Sixteen calls of one function of the device API a round, so that the loop counts little: `wait-xs bench-io` takes the difference of two numbers of rounds, and that of empty ones. */
#include "iot1.h"

#define LED 2
#define DIMMER 4
#define SENSOR 34
#define HERTZ 1000

#define FOUR(OP) OP(0) OP(1) OP(2) OP(3)
#define SIXTEEN(OP) FOUR(OP) FOUR(OP) FOUR(OP) FOUR(OP)
#define OTHER_LEVEL() __asm__ volatile("" : "+r"(level)); level ^= 1;
#define WRITE(I) iot_gpio_write(handle, I & 1);
#define WRITE_LEVEL(I) OTHER_LEVEL() iot_gpio_write(handle, level);
#define WRITE_SAME(I) iot_gpio_write(handle, 1);
#define WRITE_CHECKED(I) sum |= iot_gpio_write(handle, I & 1);
#define READ(I) sum += iot_gpio_read(handle);
#define MODULATE(I) iot_pwm_write(handle, 60 * I + 1);
#define SAMPLE(I) sum += iot_adc_read(handle);
#define NOW(I) time += iot_now_us();
#define ROUNDS(NAME, OPEN, OP) \
	__attribute__((export_name(#NAME))) int32_t NAME(int32_t rounds) \
	{ \
		int32_t handle = OPEN, sum = 0, level = 0; \
		int64_t time = 0; \
		if (handle < 0) \
			return handle; \
		for (int32_t i = 0; i < rounds; i++) { \
			__asm__ volatile("" : "+r"(sum), "+r"(time)); \
			SIXTEEN(OP) \
		} \
		iot_close(handle); \
		__asm__ volatile("" : : "r"(time)); \
		return sum + level; \
	}

#define NOTHING(I)
#define LEVELS(I) OTHER_LEVEL()
#define SUMS(I) __asm__ volatile("" : "+r"(level)); sum += level;
#define OUTPUT iot_gpio_open(LED, IOT_GPIO_OUTPUT)

ROUNDS(nothing, OUTPUT, NOTHING)
ROUNDS(levels, OUTPUT, LEVELS)
ROUNDS(sums, OUTPUT, SUMS)
ROUNDS(write, OUTPUT, WRITE)
ROUNDS(write_level, OUTPUT, WRITE_LEVEL)
ROUNDS(write_same, OUTPUT, WRITE_SAME)
ROUNDS(write_checked, OUTPUT, WRITE_CHECKED)
ROUNDS(read, OUTPUT, READ)
ROUNDS(modulate, iot_pwm_open(DIMMER, HERTZ), MODULATE)
ROUNDS(sample, iot_adc_open(SENSOR), SAMPLE)
ROUNDS(now, OUTPUT, NOW)
