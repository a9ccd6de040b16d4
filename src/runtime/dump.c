/* SPDX-License-Identifier: MIT */
#include "runtime/engine.h"

void dump_consider(struct run *run, struct unit *source, int type, int32_t code, const char *text)
{
	(void)run, (void)source, (void)type, (void)code, (void)text;
}
