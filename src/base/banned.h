/* SPDX-License-Identifier: MIT */
/*
 * Functions we do not call (STYLE: ownership and strings). Force-included in
 * every file by the build, after the system headers that declare them.
 */
#ifndef SO_BASE_BANNED_H
#define SO_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol localtime gmtime gets

#endif
