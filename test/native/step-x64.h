/* test_interrupt_everywhere of run-test.c, x86-64. */

/* At every single instruction: the processor's trap flag steps through the call. */
static volatile long steps_left, steps_seen;
static volatile bool stepping;

static void on_step(int signal, siginfo_t *info, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
	(void)info;
	if (signal == SIGUSR1) {
		r[REG_EFL] |= 0x100;
		return;
	}
	if (!stepping) {
		r[REG_EFL] &= ~0x100;
		return;
	}
	if (!wx_flash_holds(&runtime->flash, (uintptr_t)r[REG_RIP]))
		return;
	steps_seen++;
	if (steps_left-- > 0)
		return;
	stepping = false;
	r[REG_EFL] &= ~0x100;
	CHECK(wx_interrupt_frame(runtime, context));
}

static void test_interrupt_everywhere(void)
{
	static uint8_t altstack[65536];
	stack_t stack = { .ss_sp = altstack, .ss_size = sizeof(altstack) }, before;
	struct sigaction action, old_trap, old_usr;
	struct wx_instance *instance;
	long n;
	unsigned complete = 0, total = 0;
	bool done = false;
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_step;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigaltstack(&stack, &before);
	sigaction(SIGTRAP, &action, &old_trap);
	sigaction(SIGUSR1, &action, &old_usr);
	open_world(NULL);
	instance = endless();
	struct wx_funcref *f = exported(instance, "recurse");
	for (n = 0; !done && n < 5000; n++) {
		uint64_t values[4] = { 5 };
		int trap;
		steps_left = n;
		stepping = true;
		raise(SIGUSR1);
		trap = wx_call(runtime, f, values, &trace);
		done = stepping;
		stepping = false;
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
	CHECK(done && n > 50);
	if (complete != total)
		printf("(stepped: backtrace reaches the outermost in %u of %u)\n", complete, total);
	sigaction(SIGTRAP, &old_trap, NULL);
	sigaction(SIGUSR1, &old_usr, NULL);
	sigaltstack(&before, NULL);
	close_world();
}
