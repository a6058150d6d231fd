/*
 * A light that blinks, and a button that makes it faster: 1 s, 0.5 s, 0.25 s, and from the beginning. The button pulls its pin low; what comes within 30 ms of an edge is bouncing.
 *
 * Grants: gpio:led:out gpio:button:in
 */

#include "iot1.h"

#define PERIODS 3
#define BOUNCE 30000

static const int64_t periods[PERIODS] = { 1000000, 500000, 250000 };

__attribute__((export_name("run"))) int32_t run(void)
{
	int32_t led = iot_gpio_open(iot_pin_find("led"), IOT_GPIO_OUTPUT);
	int32_t button = iot_gpio_open(iot_pin_find("button"), IOT_GPIO_INPUT_PULLUP);
	int32_t level = 0, speed = 0, timer;
	int64_t pressed = -BOUNCE;
	if (led < 0 || button < 0)
		return led < 0 ? led : button;
	iot_gpio_watch(button, IOT_GPIO_FALLING);
	timer = iot_timer_start(0, periods[speed] / 2);
	for (;;) {
		struct iot_event event;
		int32_t result = iot_wait(-1, &event, 1);
		if (result < 0)
			return result;
		if (event.type == IOT_EVENT_TIMER) {
			level = !level;
			iot_gpio_write(led, level);
		}
		else if (event.type == IOT_EVENT_GPIO && event.time - pressed >= BOUNCE) {
			pressed = event.time;
			speed = (speed + 1) % PERIODS;
			iot_close(timer);
			timer = iot_timer_start(periods[speed] / 2, periods[speed] / 2);
			iot_log("faster");
		}
	}
}
