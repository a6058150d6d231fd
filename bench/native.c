/*
 * A kernel as a program of its own: native FEWER MORE. Prints what repeat() gives for both counts, and tells the
 * counting emulator (native/tools/insn.c) when each begins and ends.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

extern uint32_t repeat(uint32_t rounds);

static uint32_t counted(int phase, uint32_t rounds)
{
	uint32_t result;
	syscall(SYS_write, -77, (long)phase, 0);
	result = repeat(rounds);
	syscall(SYS_write, -77, 0, 0);
	return result;
}

int main(int argc, char **argv)
{
	uint32_t fewer, more;
	if (argc != 3)
		return 3;
	/* For tables that a kernel makes once. */
	repeat((uint32_t)atoi(argv[1]));
	fewer = counted(2, (uint32_t)atoi(argv[1]));
	more = counted(4, (uint32_t)atoi(argv[2]));
	printf("%d %d\n", (int32_t)fewer, (int32_t)more);
	return 0;
}
