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

bool wx_redirect(struct wx_runtime *runtime, uintptr_t pc, uintptr_t sp, uintptr_t lr, uintptr_t context)
{
	struct wx_activation *a = runtime->current;
	if (!a)
		return false;
	runtime->interrupt = 1;
	/* The address first: in emitted code `current` runs; elsewhere it may have been abandoned, and is not looked at. */
	if (!wx_code_holds(runtime, pc) || a->state != WX_ACTIVATION_RUNNING)
		return false;
	a->trap_pc = pc;
	a->trap_sp = sp;
	a->trap_link = lr;
	a->trap_context = context;
	a->asynchronous = true;
	return true;
}

bool wx_interrupt_redirect(struct wx_runtime *runtime, uintptr_t *pc, uintptr_t sp, uintptr_t lr, uintptr_t *argument)
{
	if (!wx_redirect(runtime, *pc, sp, lr, 0))
		return false;
	*pc = wx_code_address(wx_interrupt_exit);
	*argument = (uintptr_t)runtime->current;
	return true;
}

bool wx_interrupted(const struct wx_runtime *runtime)
{
	return runtime->interrupt != 0;
}

#if defined(__linux__)

#include <signal.h>
#include <time.h>
#include <ucontext.h>
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

bool wx_redirect_signal(struct wx_runtime *runtime, void *ucontext)
{
	mcontext_t *machine = &((ucontext_t *)ucontext)->uc_mcontext;
#if defined(__x86_64__)
	greg_t *r = machine->gregs;
	if (!wx_redirect(runtime, (uintptr_t)r[REG_RIP], (uintptr_t)r[REG_RSP], 0, (uintptr_t)r[REG_R14]))
		return false;
	r[REG_RIP] = (greg_t)wx_code_address(wx_interrupt_exit);
	r[REG_RDI] = (greg_t)(uintptr_t)runtime->current;
	return true;
#elif defined(__arm__)
	if (!wx_redirect(runtime, machine->arm_pc, machine->arm_sp, machine->arm_lr, machine->arm_r9))
		return false;
	machine->arm_pc = wx_code_address(wx_interrupt_exit) & ~(uintptr_t)1;
	machine->arm_r0 = (uintptr_t)runtime->current;
	/* Thumb state, outside any IT block */
	machine->arm_cpsr = (machine->arm_cpsr & ~0x0600FC00ul) | 0x20;
	return true;
#else
	(void)machine;
	runtime->interrupt = 1;
	return false;
#endif
}

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
	wx_redirect_signal(runtime, data);
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

#if defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
bool wx_interrupt_frame(struct wx_runtime *runtime, uint32_t *frame, bool extended)
{
	uintptr_t pc = frame[6], argument, sp = (uintptr_t)frame + (extended ? 104 : 32);
	/* xPSR bit 9: a word of padding */
	if (frame[7] & 0x200)
		sp += 4;
	if (!wx_interrupt_redirect(runtime, &pc, sp, frame[5], &argument))
		return false;
	frame[0] = argument;
	frame[6] = pc & ~(uintptr_t)1;
	frame[7] = (frame[7] & ~0x0600FC00u) | 0x01000000u;
	return true;
}
#endif

/* A board's own timer calls wx_interrupt_redirect. */
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
