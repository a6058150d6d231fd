/* test_interrupt_everywhere of run-test.c, on the virtual machine. */

#include "virtual.h"

static long steps_left;

static void on_step(void)
{
	if (steps_left-- == 0)
		CHECK(wx_interrupt_frame(runtime, NULL));
}

static void test_interrupt_everywhere(void)
{
	struct wx_instance *instance;
	unsigned complete = 0, total = 0;
	bool done = false;
	open_world(NULL);
	instance = endless();
	struct wx_funcref *f = exported(instance, "recurse");
	wx_virtual_step = on_step;
	for (long n = 0; !done && n < 5000; n++) {
		uint64_t values[4] = { 5 };
		steps_left = n;
		int trap = wx_call(runtime, f, values, &trace);
		done = steps_left >= 0;
		if (done) {
			EQUAL(trap, 0);
			EQUAL(values[0], 7);
			break;
		}
		EQUAL(trap, WX_TRAP_INTERRUPTED);
		EQUAL(runtime->depth, 0);
		total++;
		if (trace.count >= 1 && trace.places[trace.count - 1].function == 7)
			complete++;
	}
	wx_virtual_step = NULL;
	CHECK(done && total > 50);
	if (complete != total)
		printf("(stepped: backtrace reaches the outermost in %u of %u)\n", complete, total);
	close_world();
}
