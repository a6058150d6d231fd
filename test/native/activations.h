/*
 * The states of a call (docs/ARCHITECTURE.md): each way that a call comes to be, in each state, meets each event. What
 * it ends with is looked at, and that nothing is left of it. That nothing is used after it was freed is the sanitizer's
 * part. Included by run-test.c.
 */

/* How the call begins that the event meets: the subject. */
enum way {
	PLAIN,
	PROMISING,
	NESTED, /* in a host call of a promising one, which is so below JavaScript frames */
	NESTED_PROMISING, /* in a host call of a plain one */
	RESUMED,
	RESUMED_NESTED, /* in a host call of a promising one */
	START, /* it is a start function */
	WAYS
};

enum event {
	RETURN,
	TRAP,
	OVERFLOW,
	INTERRUPT,
	EXHAUSTION, /* of memory */
	ABANDONMENT, /* a longjmp across its C frames */
	RUNNING_EVENTS, /* the others are of host functions */
	EXCEPTION = RUNNING_EVENTS,
	NO_STATUS, /* the host function returns what is none */
	COLLECTION, /* when nothing but the call holds the instance any more */
	ITSELF, /* the host function tries to resume and to release the call that it is called by */
	SUSPENSION,
	INTERRUPTED_SUSPENSION,
	EVENTS
};

/* What the host functions are called with. */
enum { GO = 1000, OUTER, SUBJECT };
/* What the guest does with the result. */
enum { DO_RETURN = 1, DO_TRAP, DO_OVERFLOW, DO_LOOP, DO_WIDE, DO_HOST };

static struct {
	enum way way;
	enum event event;
	bool in_host;
	struct wx_instance *guest;
	struct wx_activation *activation; /* of a suspended subject */
	struct wx_trace trace;
	jmp_buf abandoned;
	int status; /* of the subject */
	uint64_t result;
} subject;

static bool is_promising(enum way way)
{
	return way == PROMISING || way == NESTED_PROMISING || way == RESUMED || way == RESUMED_NESTED;
}

static bool is_nested(enum way way)
{
	return way == NESTED || way == NESTED_PROMISING || way == RESUMED_NESTED;
}

/* For the event of a subject that runs: what it is told to do, and what must be there for that. */
static uint32_t prepare(void)
{
	if (subject.in_host)
		return DO_HOST;
	switch (subject.event) {
	case TRAP: return DO_TRAP;
	case OVERFLOW: return DO_OVERFLOW;
	case INTERRUPT: CHECK(wx_watchdog_start(runtime, 1)); return DO_LOOP;
	case EXHAUSTION: memory.fail_after = memory.requests + 1; return DO_WIDE;
	case ABANDONMENT: abandon = &subject.abandoned; return DO_LOOP;
	default: return DO_RETURN;
	}
}

/* A call begins, or is resumed, that may become the subject. */
static void begin_subject(void)
{
	uint64_t values[WX_TRACE_MAX] = { GO };
	struct wx_funcref *f = exported(subject.guest, "run");
	switch (subject.way) {
	case PROMISING:
	case NESTED_PROMISING:
		subject.status = wx_call_promising(runtime, f, values, &subject.trace, &subject.activation);
		CHECK((subject.status == WX_SUSPENDED) == (subject.activation != NULL));
		break;
	case RESUMED:
	case RESUMED_NESTED:
		values[0] = prepare();
		subject.status = wx_activation_resume(subject.activation, 0, values, &subject.trace);
		if (subject.status != WX_SUSPENDED)
			subject.activation = NULL;
		break;
	default: subject.status = wx_call(runtime, f, values, &subject.trace); break;
	}
	subject.result = values[0];
}

/* The event meets the subject in a host call. */
static int meet(struct wx_host_call *c)
{
	uint64_t values[1] = { 0 };
	struct wx_activation *a;
	int status;
	EQUAL(c->activation != NULL, is_promising(subject.way));
	CHECK(c->activation == wx_runtime_suspendable(runtime));
	switch (subject.event) {
	case TRAP: return WX_TRAP_MEMORY;
	case OVERFLOW: return wx_call(runtime, exported(subject.guest, "deep"), values, &trace);
	case INTERRUPT:
		wx_interrupt(runtime);
		/* calls that begin now end at once, and a host function cannot prevent it */
		EQUAL(wx_call(runtime, exported(subject.guest, "run"), values, &trace), WX_TRAP_INTERRUPTED);
		EQUAL(wx_call_promising(runtime, exported(subject.guest, "run"), values, &trace, &a), WX_TRAP_INTERRUPTED);
		CHECK(a == NULL);
		return 0;
	case EXHAUSTION:
		memory.fail_after = memory.requests + 1;
		status = wx_call_promising(runtime, exported(subject.guest, "run"), values, &trace, &a);
		CHECK(a == NULL);
		return status;
	case ABANDONMENT: longjmp(subject.abandoned, 1);
	case EXCEPTION: return WX_TRAP_HOST;
	case NO_STATUS: return 0x7FFF;
	case COLLECTION:
		collect(NULL);
		EQUAL(runtime->instance_count, 1);
		break;
	case ITSELF:
		if (c->activation) {
			EQUAL(wx_activation_resume(c->activation, 0, values, &trace), WX_TRAP_SUSPEND);
			EQUAL(wx_activation_resume(c->activation, WX_TRAP_HOST, values, &trace), WX_TRAP_SUSPEND);
			wx_activation_release(c->activation);
		}
		break;
	case INTERRUPTED_SUSPENSION: wx_interrupt(runtime); return WX_SUSPENDED;
	case SUSPENSION: return WX_SUSPENDED;
	default: break;
	}
	c->values[0] = DO_RETURN;
	return 0;
}

static int states_host(struct wx_host_call *c)
{
	switch ((uint32_t)c->values[0]) {
	case OUTER:
		begin_subject();
		memory.fail_after = 0;
		c->values[0] = DO_RETURN;
		return 0;
	case SUBJECT: return meet(c);
	case GO:
		if (subject.way == RESUMED || subject.way == RESUMED_NESTED)
			return WX_SUSPENDED;
		c->values[0] = prepare();
		return 0;
	default: c->values[0] = DO_RETURN; return 0;
	}
}

static int states_wide(struct wx_host_call *c)
{
	(void)c;
	CHECK(false);
	return 0;
}

static struct wx_instance *states_guest(bool starts)
{
	struct wx_import_value imports[2] = { host_import(states_host, NULL), host_import(states_wide, NULL) };
	begin();
	type("i>i");
	type("iiiiiiiiiiii>i");
	type(">");
	import_function("host", 0);
	import_function("wide", 1);
	function(0);
	function(0);
	function(0);
	function(2);
	export(0, "run", 2);
	export(0, "deep", 4);
	if (starts)
		record(WX_PLAN_START, 0, 0, 5);
	CODE(4);
	BODY(0, 2, LEAVES, GET(0), CALL(0, 0), SET(0), GET(0), I32(DO_HOST), OP(I32_EQ), OP2(IF, 0x40, 0), I32(SUBJECT),
		CALL(0, 0), SET(0), END, GET(0), CALL(0, 3), I32(1), OP(I32_ADD), END);
	BODY(0, 3, LEAVES, GET(0), I32(DO_TRAP), OP(I32_EQ), OP2(IF, 0x40, 0), OP(UNREACHABLE), END, GET(0),
		I32(DO_OVERFLOW), OP(I32_EQ), OP2(IF, 0x40, 0), GET(0), CALL(0, 4), OP(DROP), END, GET(0), I32(DO_LOOP),
		OP(I32_EQ), OP2(IF, 0x40, 0), OP2(LOOP, 0x40, 1), OP2(BR, 0, 0), END, OP(UNREACHABLE), END, GET(0),
		I32(DO_WIDE), OP(I32_EQ), OP2(IF, 0x40, 0), GET(0), GET(0), GET(0), GET(0), GET(0), GET(0), GET(0), GET(0),
		GET(0), GET(0), GET(0), GET(0), CALL(1, 1), OP(DROP), END, I32(5), END);
	BODY(0, 4, CALLS, GET(0), CALL(0, 4), I32(1), OP(I32_ADD), END);
	BODY(2, 5, LEAVES, I32(GO), CALL(0, 2), OP(DROP), END);
	return instantiate_with(imports, 2);
}

/* What the event ends the subject with. */
static int expected_status(void)
{
	switch (subject.event) {
	case TRAP: return subject.in_host ? WX_TRAP_MEMORY : WX_TRAP_UNREACHABLE;
	case OVERFLOW:
	case EXHAUSTION: return WX_TRAP_STACK;
	case INTERRUPT: return WX_TRAP_INTERRUPTED;
	case EXCEPTION:
	case NO_STATUS: return WX_TRAP_HOST;
	case SUSPENSION: return is_promising(subject.way) ? WX_SUSPENDED : WX_TRAP_SUSPEND;
	case INTERRUPTED_SUSPENSION: return is_promising(subject.way) ? WX_SUSPENDED : WX_TRAP_INTERRUPTED;
	default: return 0;
	}
}

/* A call is over: nothing of it is left, and others go as ever. */
static void nothing_left(void)
{
	uint64_t values[2] = { 0 };
	struct wx_activation *a;
	struct wx_runtime_figures figures;
	wx_watchdog_stop(runtime);
	memory.fail_after = 0;
	CHECK(!wx_interrupted(runtime));
	CHECK(runtime->current == NULL && runtime->promising == NULL);
	wx_runtime_measure(runtime, &figures);
	EQUAL(figures.suspended, 0);
	EQUAL(figures.nesting, 0);
	CHECK(figures.stacks <= 2);
	EQUAL(wx_call(runtime, exported(subject.guest, "run"), values, &trace), 0);
	EQUAL(values[0], 6);
	values[0] = 0;
	EQUAL(wx_call_promising(runtime, exported(subject.guest, "run"), values, &trace, &a), 0);
	EQUAL(values[0], 6);
}

/* The frames of all calls were left by a longjmp. */
static void end_abandoned_world(void)
{
	abandon = NULL;
	/* the innermost call's record is gone: whoever looks at it is found out */
	runtime->current = (struct wx_activation *)sizeof(struct wx_activation);
	/* the watchdog's time comes now */
	CHECK(wx_watchdog_start(runtime, 0));
	runtime->interrupt = 0;
	while (!wx_interrupted(runtime))
		;
	/* a collector releases in any order, the run time last */
	wx_instance_release(subject.guest);
	if (subject.activation)
		wx_activation_release(subject.activation);
	wx_runtime_release(runtime);
	EQUAL(memory.current, 0);
	runtime = NULL;
}

/* How a suspended subject ends. */
enum ending { RESUMPTION, FAILURE, RELEASE, WITH_RUNTIME, ENDINGS };

static void end_suspended(enum ending ending)
{
	struct wx_activation *a = subject.activation;
	bool interrupted = subject.event == INTERRUPTED_SUSPENSION;
	struct wx_visitor visitor = { 0 };
	uint64_t values[2] = { DO_RETURN };
	wx_activation_mark(a, &visitor);
	EQUAL(runtime->suspended_count, 1);
	EQUAL(wx_activation_interrupted(a), interrupted);
	EQUAL(wx_functype_get(runtime, wx_activation_host_type(a))->parameters, 1);
	switch (ending) {
	case RESUMPTION:
		EQUAL(wx_activation_resume(a, 0, values, &trace), interrupted ? WX_TRAP_INTERRUPTED : 0);
		if (interrupted)
			CHECK(trace.kind == WX_TRAP_INTERRUPTED && trace.count == 1 && trace.places[0].function == 2);
		else
			EQUAL(values[0], 6);
		break;
	case FAILURE:
		EQUAL(wx_activation_resume(a, WX_TRAP_HOST, values, &trace), interrupted ? WX_TRAP_INTERRUPTED : WX_TRAP_HOST);
		break;
	case RELEASE: wx_activation_release(a); break;
	default: return;
	}
	nothing_left();
}

static void __attribute__((noinline)) make_calls(enum ending ending)
{
	uint64_t values[2] = { OUTER }, go[2] = { GO };
	enum way way = subject.way;
	struct wx_funcref *run = exported(subject.guest, "run");
	struct wx_activation *a;
	int status = 0;
	if (way == RESUMED || way == RESUMED_NESTED)
		EQUAL(wx_call_promising(runtime, run, go, &trace, &subject.activation), WX_SUSPENDED);
	if (way == START)
		subject.status = wx_instance_start(subject.guest, &subject.trace);
	else if (!is_nested(way))
		begin_subject();
	else if (way == NESTED_PROMISING)
		status = wx_call(runtime, run, values, &trace);
	else
		status = wx_call_promising(runtime, run, values, &trace, &a);
	memory.fail_after = 0;
	/* an interrupt is for all that run */
	if (is_nested(way) && (subject.event == INTERRUPT || subject.event == INTERRUPTED_SUSPENSION))
		EQUAL(status, WX_TRAP_INTERRUPTED);
	else
		EQUAL(status, 0);
	EQUAL(subject.status, expected_status());
	if (!subject.status && way != START)
		EQUAL(subject.result, 6);
	if (subject.status && subject.status != WX_SUSPENDED)
		CHECK(subject.trace.kind == subject.status && subject.trace.count > 0);
	if (subject.activation)
		end_suspended(ending);
	else
		nothing_left();
}

static void meet_event(enum way way, enum event event, bool in_host, enum ending ending)
{
	memset(&subject, 0, sizeof(subject));
	subject.way = way;
	subject.event = event;
	subject.in_host = in_host;
	open_world(NULL);
	subject.guest = states_guest(way == START);
	if (way != START)
		EQUAL(wx_instance_start(subject.guest, &trace), 0);
	if (setjmp(subject.abandoned)) {
		end_abandoned_world();
		return;
	}
	make_calls(ending);
	close_world();
}

static void test_states(void)
{
	enum way way;
	enum event event;
	enum ending ending;
	for (way = 0; way < WAYS; way++) {
		for (event = 0; event < RUNNING_EVENTS; event++)
			/* what runs can be left only by way of its meter */
			if (event != ABANDONMENT || metered)
				meet_event(way, event, false, RESUMPTION);
		for (event = 0; event < EVENTS; event++) {
			bool suspends = is_promising(way) && (event == SUSPENSION || event == INTERRUPTED_SUSPENSION);
			for (ending = 0; ending < (suspends ? ENDINGS : 1); ending++) {
				int before = failures;
				meet_event(way, event, true, ending);
				if (failures != before)
					printf("(way %d, event %d, ending %d)\n", way, event, ending);
			}
		}
	}
}

/* ---- suspended: what happens elsewhere meanwhile ---- */

static struct {
	struct wx_activation *a, *b;
	struct wx_instance *guest;
	bool interrupts;
	int status;
	uint32_t depth;
} meanwhile;

/* Ever deeper until no call may be nested any more; then the suspended one is resumed. */
static int resume_inside(struct wx_host_call *c)
{
	uint64_t values[2] = { 2 };
	if (!c->values[0])
		return WX_SUSPENDED;
	if (c->values[0] == 1) {
		c->values[0] = 40;
		return 0;
	}
	if (meanwhile.interrupts)
		wx_interrupt(runtime);
	else if (runtime->depth < runtime->config.nesting) {
		int status = wx_call(runtime, exported(meanwhile.guest, "run"), values, &trace);
		c->values[0] = values[0];
		return status;
	}
	meanwhile.depth = runtime->depth;
	meanwhile.status = wx_activation_resume(meanwhile.a, 0, values, &trace);
	c->values[0] = 1;
	return 0;
}

static void open_meanwhile(void)
{
	struct wx_import_value import = host_import(resume_inside, NULL);
	memset(&meanwhile, 0, sizeof(meanwhile));
	open_world(NULL);
	begin();
	type("i>i");
	import_function("host", 0);
	function(0);
	function(0);
	export(0, "run", 1);
	export(0, "loop", 2);
	CODE(2);
	BODY(0, 1, LEAVES, GET(0), CALL(0, 0), I32(1), OP(I32_ADD), END);
	BODY(0, 2, 0, OP2(LOOP, 0x40, 1), OP2(BR, 0, 0), END, OP(UNREACHABLE), END);
	meanwhile.guest = instantiate(&import, 1);
	EQUAL(promise(meanwhile.guest, "run", 0, &meanwhile.a), WX_SUSPENDED);
	EQUAL(promise(meanwhile.guest, "run", 0, &meanwhile.b), WX_SUSPENDED);
}

static int go_on(struct wx_activation *a)
{
	uint64_t values[2] = { 41 };
	int status = wx_activation_resume(a, 0, values, &trace);
	if (!status)
		EQUAL(values[0], 42);
	return status;
}

static void test_meanwhile(void)
{
	uint64_t values[2] = { 2 };
	struct wx_activation *further;
	/* nothing runs: an interrupt is nobody's */
	open_meanwhile();
	wx_interrupt(runtime);
	CHECK(!wx_activation_interrupted(meanwhile.a));
	EQUAL(go_on(meanwhile.a), 0);
	EQUAL(go_on(meanwhile.b), 0);
	close_world();
	/* another call is interrupted */
	open_meanwhile();
	CHECK(wx_watchdog_start(runtime, 1));
	EQUAL(call1(meanwhile.guest, "loop", 0), -WX_TRAP_INTERRUPTED);
	wx_watchdog_stop(runtime);
	CHECK(!wx_activation_interrupted(meanwhile.a));
	EQUAL(go_on(meanwhile.b), 0);
	EQUAL(go_on(meanwhile.a), 0);
	close_world();
	/* its time passes: it does not run any more, though it would not run for long; another time is another matter */
	open_meanwhile();
	CHECK(wx_watchdog_start(runtime, 0));
	while (!wx_interrupted(runtime))
		;
	CHECK(!wx_activation_interrupted(meanwhile.a));
	EQUAL(go_on(meanwhile.a), WX_TRAP_INTERRUPTED);
	CHECK(trace.count == 1 && trace.places[0].function == 1);
	for (int i = 0; i < 1000; i++)
		EQUAL(call1(meanwhile.guest, "run", 1), -WX_TRAP_INTERRUPTED);
	CHECK(wx_watchdog_start(runtime, 100000));
	EQUAL(go_on(meanwhile.b), 0);
	wx_watchdog_stop(runtime);
	EQUAL(call1(meanwhile.guest, "run", 1), 41);
	close_world();
	/* it is resumed in a host call of one that is interrupted, and where no more calls may be nested */
	open_meanwhile();
	meanwhile.interrupts = true;
	EQUAL(call1(meanwhile.guest, "run", 2), -WX_TRAP_INTERRUPTED);
	EQUAL(meanwhile.status, WX_TRAP_INTERRUPTED);
	CHECK(!wx_interrupted(runtime));
	EQUAL(go_on(meanwhile.b), 0);
	meanwhile.interrupts = false;
	EQUAL(promise(meanwhile.guest, "run", 0, &meanwhile.a), WX_SUSPENDED);
	EQUAL(wx_call(runtime, exported(meanwhile.guest, "run"), values, &trace), 0);
	EQUAL(meanwhile.depth, runtime->config.nesting);
	EQUAL(meanwhile.status, WX_TRAP_STACK);
	close_world();
	/* memory is short: a further call does not begin, what is suspended has all that it needs */
	open_meanwhile();
	for (uint32_t more = 1; more <= 2; more++) {
		memory.fail_after = memory.requests + more;
		EQUAL(promise(meanwhile.guest, "run", 1, &further), WX_TRAP_STACK);
		CHECK(further == NULL);
	}
	memory.fail_after = 1;
	EQUAL(go_on(meanwhile.a), 0);
	EQUAL(go_on(meanwhile.b), 0);
	memory.fail_after = 0;
	close_world();
	/* a collector finds it and its instance unreachable in one collection */
	open_meanwhile();
	wx_instance_release(meanwhile.guest);
	wx_activation_release(meanwhile.a);
	wx_activation_release(meanwhile.b);
	EQUAL(wx_runtime_flash(runtime)->held, 0);
	close_world();
}
