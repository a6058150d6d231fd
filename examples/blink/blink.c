/*
 * A light that blinks, and a button that makes it faster: 1 s, 0.5 s, 0.25 s, and from the beginning. The button pulls its pin low. Its contacts bounce, when pressed and when released, so a level counts
 * once it has stayed for 20 ms.
 *
 * Grants: gpio:led:out gpio:button:in
 */

#include "iot1.h"

#define PERIODS 3
#define QUIET 20000	/* microseconds */

static const int64_t periods[PERIODS] = { 1000000, 500000, 250000 };

__attribute__((export_name("run"))) int32_t run(void)
{
	int32_t led = iot_gpio_open(iot_pin_find("led"), IOT_GPIO_OUTPUT);
	int32_t button = iot_gpio_open(iot_pin_find("button"), IOT_GPIO_INPUT_PULLUP);
	int32_t light = 0, speed = 0, rests = 1, blinking, settling = 0;
	if (led < 0 || button < 0)
		return led < 0 ? led : button;
	iot_gpio_watch(button, IOT_GPIO_BOTH);
	blinking = iot_timer_start(0, periods[speed] / 2);
	for (;;) {
		struct iot_event event;
		int32_t result = iot_wait(-1, &event, 1);
		if (result < 0)
			return result;
		if (event.source == blinking) {
			light = !light;
			iot_gpio_write(led, light);
		}
		else if (event.source == button) {
			iot_close(settling);
			settling = iot_timer_start(QUIET, 0);
		}
		else if (event.source == settling) {
			int32_t level = iot_gpio_read(button);
			iot_close(settling);
			if (level == rests)
				continue;
			rests = level;
			if (level)
				continue;
			speed = (speed + 1) % PERIODS;
			iot_close(blinking);
			blinking = iot_timer_start(periods[speed] / 2, periods[speed] / 2);
			iot_log("faster");
		}
	}
}
