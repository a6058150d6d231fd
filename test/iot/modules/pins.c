/* Digital pins, written and read in every way; the result has a bit for each thing that was wrong. */
#include "iot1.h"

static int32_t wrong, number;

static void check(int right)
{
	if (!right)
		wrong |= 1 << number;
	number++;
}

static int32_t variable(int32_t value)
{
	__asm__ volatile("" : "+r"(value));
	return value;
}

__attribute__((export_name("run"))) int32_t run(void)
{
	int32_t led = iot_gpio_open(2, IOT_GPIO_OUTPUT), input, drain, dimmer, analog, i, errors = 0;
	check(led > 0);
	for (i = 0; i < 20; i++) {
		errors |= iot_gpio_write(led, variable(i & 1));
		if (iot_gpio_read(led) != (i & 1))
			errors |= 1;
	}
	check(!errors);
	check(iot_gpio_write(led, 1) == 0 && iot_gpio_read(led) == 1);
	check(iot_gpio_write(led, 0) == 0 && iot_gpio_read(led) == 0);
	check(iot_gpio_write(led, variable(-0x80000000)) == 0 && iot_gpio_read(led) == 1);
	check(iot_gpio_write(led + 32, 1) == IOT_EBADF && iot_gpio_write(led ^ 1024, 1) == IOT_EBADF && iot_gpio_read(led + 1) == IOT_EBADF);
	input = iot_gpio_open(5, IOT_GPIO_INPUT_PULLUP);
	check(input > 0 && iot_gpio_read(input) == 1);
	check(iot_gpio_write(input, 0) == IOT_EBADF);
	/* The second port of the chips. */
	drain = iot_gpio_open(33, IOT_GPIO_OUTPUT_OPEN_DRAIN);
	check(drain > 0);
	check(iot_gpio_write(drain, 0) == 0 && iot_gpio_read(drain) == 0);
	check(iot_gpio_write(drain, 1) == 0 && iot_gpio_read(drain) == 1);
	check(iot_gpio_read(led) == 1);
	analog = iot_adc_open(34);
	check(analog > 0 && iot_adc_read(analog) >= 0);
	check(iot_gpio_read(analog) == IOT_EBADF && iot_gpio_write(analog, 1) == IOT_EBADF && iot_adc_read(led) == IOT_EBADF);
	check(iot_close(led) == 0 && iot_gpio_write(led, 1) == IOT_EBADF && iot_gpio_read(led) == IOT_EBADF && iot_close(led) == IOT_EBADF);
	led = iot_gpio_open(2, IOT_GPIO_OUTPUT);
	check(led > 0 && iot_gpio_write(led, 1) == 0 && iot_gpio_read(led) == 1);
	check(iot_now_us() <= iot_now_us());
	/* Results that nobody wants. */
	for (errors = i = 0; i < 20; i++) {
		iot_gpio_write(led, variable(i & 1 ? 256 : 0));
		errors |= iot_gpio_read(led) != (i & 1);
		iot_gpio_write(led, 0);
		errors |= iot_gpio_read(led);
		iot_gpio_write(led, 1);
		errors |= !iot_gpio_read(led);
		iot_gpio_write(led + 1024, 0);
		errors |= !iot_gpio_read(led);
	}
	check(!errors);
	dimmer = iot_pwm_open(4, 1000);
	check(dimmer > 0 && iot_pwm_write(dimmer, 0) == 0 && iot_pwm_write(dimmer, 1023) == 0 && iot_pwm_write(dimmer, 1024) == IOT_EINVAL && iot_pwm_write(dimmer, -1) == IOT_EINVAL);
	check(iot_pwm_write(led, 1) == IOT_EBADF && iot_gpio_write(dimmer, 1) == IOT_EBADF && iot_gpio_read(dimmer) == IOT_EBADF);
	check(iot_close(dimmer) == 0 && iot_pwm_write(dimmer, 1) == IOT_EBADF && iot_close(analog) == 0 && iot_adc_read(analog) == IOT_EBADF);
	return wrong;
}
