/* What a program expects of WASI: arguments, environment, both streams, clocks, sleep, random numbers, memory, exit. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct timespec before, after;
	unsigned char bytes[16] = { 0 };
	char line[8];
	int i, any = 0;
	for (i = 1; i < argc; i++)
		printf("argument %d: %s\n", i, argv[i]);
	printf("PLACE=%s\n", getenv("PLACE") ? getenv("PLACE") : "(none)");
	fprintf(stderr, "to standard error\n");
	clock_gettime(CLOCK_MONOTONIC, &before);
	if (usleep(1500000))
		return 10;
	clock_gettime(CLOCK_MONOTONIC, &after);
	if ((after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 < 1500)
		return 16;
	printf("slept\n");
	if (time(NULL) < 1700000000)
		return 11;
	if (getentropy(bytes, sizeof(bytes)))
		return 12;
	for (i = 0; i < 16; i++)
		any |= bytes[i];
	if (!any)
		return 13;
	if (fgets(line, sizeof(line), stdin))
		return 14;
	if (fopen("/etc/passwd", "r"))
		return 15;
	printf("no files: %s\n", errno ? "error" : "no error");
	char *text = malloc(100000);
	memset(text, 'x', 99999);
	text[99999] = 0;
	printf("%.1f %s %zu\n", 0.1 + 0.2, "done", strlen(text));
	fflush(stdout);
	return argc > 1 ? atoi(argv[1]) : 0;
}
