/* An example as a program of this machine: prints what run() and repeat(100) return. */

#include EXAMPLE

#include <stdio.h>

int main(void)
{
	printf("%d %d\n", (int32_t)run(), (int32_t)repeat(100));
	return 0;
}
