/*
 * Ending runaway calls. The interrupt looks at the interrupted program counter: inside emitted code nothing is half
 * done that matters, so the call is sent to the exit; anywhere else the flag stays, host calls look at it on return,
 * and the timer tries again.
 */

#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include "internal.h"

#include <string.h>

bool wx_redirect(struct wx_runtime *runtime, const struct wx_processor_state *state)
{
	struct wx_activation *a = runtime->current;
	if (!a)
		return false;
	runtime->interrupt = 1;
	/* The address first: in emitted code `current` runs; elsewhere it may have been abandoned, and is not looked at. */
	if (!wx_code_holds(runtime, state->pc) || a->state != WX_ACTIVATION_RUNNING)
		return false;
	a->entry.trap_pc = state->pc;
	a->entry.trap_sp = state->sp;
	a->entry.trap_link = state->link;
	a->entry.trap_context = state->context;
	a->asynchronous = true;
	return true;
}

bool wx_interrupt_redirect(struct wx_runtime *runtime, uintptr_t *pc, uintptr_t sp, uintptr_t lr, uintptr_t *argument)
{
	struct wx_processor_state state = { *pc, sp, lr, 0 };
	if (!wx_redirect(runtime, &state))
		return false;
	*pc = wx_code_address(wx_interrupt_exit);
	*argument = (uintptr_t)&runtime->current->entry;
	return true;
}

bool wx_interrupt_frame(struct wx_runtime *runtime, void *frame)
{
	struct wx_processor_state state;
	wx_processor_read(frame, &state);
	if (!wx_redirect(runtime, &state))
		return false;
	wx_processor_redirect(frame, wx_interrupt_exit, (uintptr_t)&runtime->current->entry);
	return true;
}

bool wx_interrupted(const struct wx_runtime *runtime)
{
	return runtime->interrupt != 0;
}

#if defined(__linux__)

#include <signal.h>
#include <time.h>
#include <unistd.h>

#define RETRY 2000000 /* nanoseconds between two attempts */

struct watchdog {
	timer_t timer;
	uint64_t deadline; /* nanoseconds of the monotonic clock */
	volatile bool once; /* wx_interrupt armed the timer: the deadline is to be restored */
	volatile bool over; /* the deadline has passed: no call runs any more */
	struct sigaction before;
	stack_t before_stack;
	bool set_stack;
	uint8_t stack[];
};

/*
 * A signal handler is given no pointer of ours that qemu-user would keep, so it needs this one. Only between
 * wx_watchdog_start and _stop.
 */
static struct wx_runtime *volatile watched;

/* Fire at that time and again and again; 0: not at all. Safe in a signal handler. */
static void arm(struct watchdog *w, uint64_t at)
{
	struct itimerspec spec;
	spec.it_value.tv_sec = (time_t)(at / 1000000000);
	spec.it_value.tv_nsec = (long)(at % 1000000000);
	spec.it_interval.tv_sec = 0;
	spec.it_interval.tv_nsec = RETRY;
	timer_settime(w->timer, TIMER_ABSTIME, &spec, NULL);
}

static void on_alarm(int signal, siginfo_t *info, void *data)
{
	struct wx_runtime *runtime = watched;
	struct watchdog *w;
	(void)signal;
	(void)info;
	if (!runtime)
		return;
	w = runtime->watchdog;
	if (!w->once) {
		w->over = true;
		runtime->interrupt = 1;
	}
	wx_interrupt_frame(runtime, data);
}

bool wx_watchdog_start(struct wx_runtime *runtime, uint32_t milliseconds)
{
	struct watchdog *w = runtime->watchdog;
	struct timespec now;
	if (!w) {
		struct sigaction action;
		struct sigevent event;
		stack_t stack;
		long size = sysconf(_SC_SIGSTKSZ);
		if (watched)
			return false;
		if (size < 16384)
			size = 16384;
		w = wx_calloc(runtime->alloc, 1, sizeof(*w) + (size_t)size);
		if (!w)
			return false;
		memset(&event, 0, sizeof(event));
		event.sigev_notify = SIGEV_SIGNAL;
		event.sigev_signo = SIGALRM;
		if (timer_create(CLOCK_MONOTONIC, &event, &w->timer)) {
			wx_free(runtime->alloc, w);
			return false;
		}
		/* The handler must not need room on the stack of compiled code. */
		sigaltstack(NULL, &w->before_stack);
		if (w->before_stack.ss_flags & SS_DISABLE) {
			memset(&stack, 0, sizeof(stack));
			stack.ss_sp = w->stack;
			stack.ss_size = (size_t)size;
			w->set_stack = sigaltstack(&stack, NULL) == 0;
		}
		memset(&action, 0, sizeof(action));
		action.sa_sigaction = on_alarm;
		action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
		sigemptyset(&action.sa_mask);
		sigaction(SIGALRM, &action, &w->before);
		runtime->watchdog = w;
		watched = runtime;
	}
	arm(w, 0);
	w->once = w->over = false;
	if (!runtime->current)
		runtime->interrupt = 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	w->deadline = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec + (uint64_t)milliseconds * 1000000;
	arm(w, w->deadline);
	return true;
}

void wx_watchdog_stop(struct wx_runtime *runtime)
{
	struct watchdog *w = runtime->watchdog;
	if (!w)
		return;
	timer_delete(w->timer);
	watched = NULL;
	sigaction(SIGALRM, &w->before, NULL);
	if (w->set_stack)
		sigaltstack(&w->before_stack, NULL);
	runtime->watchdog = NULL;
	if (!runtime->current)
		runtime->interrupt = 0;
	wx_free(runtime->alloc, w);
}

void wx_interrupt(struct wx_runtime *runtime)
{
	struct watchdog *w = runtime->watchdog;
	if (!runtime->current)
		return;
	runtime->interrupt = 1;
	if (w) {
		w->once = true;
		arm(w, 1);
	}
}

void wx_watchdog_calls_ended(struct wx_runtime *runtime)
{
	struct watchdog *w = runtime->watchdog;
	if (w && w->once) {
		w->once = false;
		arm(w, w->deadline);
	}
	runtime->interrupt = w && w->over;
}

#else

/* A board's own timer calls wx_interrupt_frame or wx_interrupt_redirect. */
bool wx_watchdog_start(struct wx_runtime *runtime, uint32_t milliseconds)
{
	(void)runtime;
	(void)milliseconds;
	return false;
}

void wx_watchdog_stop(struct wx_runtime *runtime)
{
	(void)runtime;
}

void wx_interrupt(struct wx_runtime *runtime)
{
	if (runtime->current)
		runtime->interrupt = 1;
}

void wx_watchdog_calls_ended(struct wx_runtime *runtime)
{
	runtime->interrupt = 0;
}

#endif
