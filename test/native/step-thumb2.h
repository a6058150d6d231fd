/* test_interrupt_everywhere of run-test.c, Thumb-2. */

/* At every instruction of a function, IT blocks included: an undefined one is put in its place. */
static volatile bool stepping;

static void on_step(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	if (!stepping)
		abort();
	stepping = false;
	CHECK(wx_interrupt_frame(runtime, context));
}

static void poke(uint8_t *at, uint16_t halfword)
{
	uint8_t *page = (uint8_t *)((uintptr_t)at & ~(uintptr_t)4095);
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
	memcpy(at, &halfword, 2);
	mprotect(page, 4096, PROT_READ | PROT_EXEC);
	__builtin___clear_cache((char *)at, (char *)at + 4);
}

static void test_interrupt_everywhere(void)
{
	static uint8_t altstack[65536];
	stack_t stack = { .ss_sp = altstack, .ss_size = sizeof(altstack) }, before;
	struct sigaction action, old;
	struct wx_instance *instance;
	struct wx_function_header header;
	struct wx_funcref *f;
	unsigned complete = 0, total = 0, size, function;
	uint8_t *code, *at;
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_step;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigaltstack(&stack, &before);
	sigaction(SIGILL, &action, &old);
	open_world(NULL);
	instance = endless();
	f = exported(instance, "recurse");
	for (function = 6; function < 8; function++) {
		code = (uint8_t *)wx_module_region(wx_instance_module(instance))->base +
			wx_module_code(wx_instance_module(instance), function - 1);
		memcpy(&header, code - sizeof(header), sizeof(header));
		size = header.code & 0xFFFFFF;
		for (at = code; at < code + size;) {
			uint16_t was;
			uint64_t values[4] = { 5 };
			int trap;
			memcpy(&was, at, 2);
			stepping = true;
			poke(at, 0xDE00);
			trap = wx_call(runtime, function == 7 ? f : exported(instance, "add"), values, &trace);
			poke(at, was);
			if (stepping) {
				EQUAL(trap, 0);
				EQUAL(values[0], function == 7 ? 7 : 6);
			} else {
				EQUAL(trap, WX_TRAP_INTERRUPTED);
				total++;
				if (trace.count >= 1 && trace.places[trace.count - 1].function == function)
					complete++;
			}
			stepping = false;
			at += was >> 11 >= 0x1D ? 4 : 2;
		}
	}
	CHECK(total > 15);
	if (complete != total)
		printf("(stepped: backtrace reaches the outermost in %u of %u)\n", complete, total);
	sigaction(SIGILL, &old, NULL);
	sigaltstack(&before, NULL);
	close_world();
}
