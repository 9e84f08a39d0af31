/* What every unit test includes: cmocka, with the headers that it wants to see first. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A program that dies shall have said by then how far it came. */
__attribute__((constructor)) static inline void unit_say_at_once(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
}
