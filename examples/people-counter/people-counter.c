/*
 * Counts people who pass below a thermal camera (AMG8833, 8 x 8 pixels, ten frames a second): the paper's HeatDetect on the live sensor. The first frames say what the room looks like without
 * people; then pixels much warmer than that are grouped with their neighbours, the largest group is followed, and whoever crosses the middle is counted, by direction. The background
 * follows slow changes of the room where nobody is.
 *
 * Grants: i2c:0@0x69 publish:people/#
 */

#include "iot1.h"

#define SIDE 8
#define PIXELS (SIDE * SIDE)
#define CALIBRATION 32	/* frames */
#define PERIOD 100000	/* microseconds */
#define WARM 5	/* quarters of a degree above the background, at least */
#define SMALLEST 2	/* pixels of a person */
#define LOST 5	/* frames without anybody until the track ends */
#define ADDRESS 0x69
#define FRAME 0x80	/* first register of the pixels: AMG88 reference specification, register map */

static uint8_t raw[2 * PIXELS];
static int32_t background[PIXELS];	/* 1/64 of a quarter degree */
static uint16_t heat[PIXELS];
static uint8_t seen[PIXELS], pending[PIXELS];

struct person {
	int32_t x, y;	/* 1/64 pixel */
	uint32_t size, weight;
};

/* A pixel is 12 bits, two's complement, in quarters of a degree. */
static int32_t temperature(uint32_t pixel)
{
	int32_t value = raw[2 * pixel] | (raw[2 * pixel + 1] & 0x0F) << 8;
	return value >= 0x800 ? value - 0x1000 : value;
}

static int32_t read_frame(int32_t camera)
{
	static const uint8_t first = FRAME;
	return iot_i2c_write_read(camera, &first, 1, raw, sizeof(raw));
}

/* How far each pixel is above the background; 0 where it is not warm. There the background follows. */
static void compare(void)
{
	for (uint32_t pixel = 0; pixel < PIXELS; pixel++) {
		int32_t now = temperature(pixel) * 64, above = now - background[pixel];
		seen[pixel] = 0;
		heat[pixel] = (uint16_t)(above >= WARM * 64 ? above / 64 : 0);
		if (!heat[pixel])
			background[pixel] += above / 64;
	}
}

static struct person gather(uint32_t first)
{
	struct person person = { 0, 0, 0, 0 };
	uint32_t depth = 0;
	seen[first] = 1;
	pending[depth++] = (uint8_t)first;
	while (depth > 0) {
		uint32_t pixel = pending[--depth];
		int32_t x = (int32_t)(pixel % SIDE), y = (int32_t)(pixel / SIDE);
		person.x += x * heat[pixel];
		person.y += y * heat[pixel];
		person.weight += heat[pixel];
		person.size++;
		for (int32_t dy = -1; dy <= 1; dy++) {
			for (int32_t dx = -1; dx <= 1; dx++) {
				int32_t i = x + dx, j = y + dy;
				uint32_t neighbour = (uint32_t)(j * SIDE + i);
				if (i < 0 || i >= SIDE || j < 0 || j >= SIDE || !heat[neighbour] || seen[neighbour])
					continue;
				seen[neighbour] = 1;
				pending[depth++] = (uint8_t)neighbour;
			}
		}
	}
	person.x = person.x * 64 / (int32_t)person.weight;
	person.y = person.y * 64 / (int32_t)person.weight;
	return person;
}

static struct person largest(void)
{
	struct person found = { 0, 0, 0, 0 };
	for (uint32_t pixel = 0; pixel < PIXELS; pixel++) {
		if (heat[pixel] && !seen[pixel]) {
			struct person person = gather(pixel);
			if (person.size >= SMALLEST && person.weight > found.weight)
				found = person;
		}
	}
	return found;
}

static uint32_t put_number(char *text, uint32_t length, uint32_t value)
{
	char digits[10];
	uint32_t count = 0;
	do {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	while (count)
		text[length++] = digits[--count];
	return length;
}

static uint32_t put_text(char *text, uint32_t length, const char *more)
{
	while (*more)
		text[length++] = *more++;
	return length;
}

static void report(uint32_t in, uint32_t out)
{
	char text[48];
	uint32_t length = put_text(text, 0, "{\"in\":");
	length = put_number(text, length, in);
	length = put_text(text, length, ",\"out\":");
	length = put_number(text, length, out);
	length = put_text(text, length, "}");
	iot_publish("people/count", text, length);
}

static int32_t calibrate(int32_t camera)
{
	for (uint32_t frame = 0; frame < CALIBRATION; frame++) {
		int32_t result = read_frame(camera);
		if (result < 0)
			return result;
		for (uint32_t pixel = 0; pixel < PIXELS; pixel++)
			background[pixel] += temperature(pixel) * 64 / CALIBRATION;
		iot_wait(PERIOD, 0, 0);
	}
	return 0;
}

__attribute__((export_name("run"))) int32_t run(void)
{
	int32_t camera = iot_i2c_open(0, ADDRESS, 400000), timer, began = 0, result;
	uint32_t in = 0, out = 0, missing = LOST;
	if (camera < 0)
		return camera;
	result = calibrate(camera);
	if (result < 0)
		return result;
	iot_log("calibrated");
	iot_confirm();
	timer = iot_timer_start(0, PERIOD);
	for (;;) {
		struct iot_event event;
		struct person person;
		result = iot_wait(-1, &event, 1);
		if (result < 0 || timer < 0)
			return result;
		/* A frame that did not come is left out. */
		if (read_frame(camera) < 0)
			continue;
		compare();
		person = largest();
		if (!person.size) {
			if (missing < LOST)
				missing++;
			continue;
		}
		/* A track counts when it changes to the other side, with half a pixel of doubt around the middle. */
		int32_t middle = (SIDE - 1) * 32, side = person.x > middle + 32 ? 1 : person.x < middle - 32 ? -1 : 0;
		if (missing >= LOST)
			began = side;
		else if (began == 0)
			began = side;
		else if (side && side != began) {
			if (side > 0)
				in++;
			else
				out++;
			began = side;
			report(in, out);
		}
		missing = 0;
	}
}
