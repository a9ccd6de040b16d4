/* SPDX-License-Identifier: MIT */
/*
 * The console on the fake catalog, as a program: for tests in a
 * pseudo-terminal and for looking at screens.
 * usage: console_fake [--script FILE] [--ascii] [--readonly] [--slow] [--mouse] [--executions N] [--open SCREEN] [--paused]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tui/fake_catalog.h"
#include "tui/console.h"

int main(int argc, char **argv)
{
	struct console_options options = { .color = -1, .no_mouse = true };
	struct fake_catalog fake;
	struct err err = { 0 };
	int64_t executions = 1000000;
	bool paused = false;
	int r;

	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--ascii") == 0)
			options.ascii = true;
		else if (strcmp(argv[i], "--mouse") == 0)
			options.no_mouse = false;
		else if (strcmp(argv[i], "--readonly") == 0)
			options.read_only = true;
		else if (strcmp(argv[i], "--paused") == 0)
			paused = true;
		else if (strcmp(argv[i], "--slow") == 0)
			options.slow = true;
		else if (strcmp(argv[i], "--script") == 0 && ++i)
			options.script = value;
		else if (strcmp(argv[i], "--open") == 0 && ++i)
			options.open = value;
		else if (strcmp(argv[i], "--executions") == 0 && ++i)
			executions = strtoll(value, NULL, 10);
		else
			return 2;
	}
	fake_init(&fake, executions);
	fake.paused = fake.no_master = paused;
	snprintf(fake.reason, sizeof(fake.reason), "%s", paused ? "Wartung \xE6\x95\xB0\xE5\xAD\x97 e\xCC\x81" : "");
	options.connector = fake_connector(&fake);
	r = console_run(&options, &err);
	if (r < 0)
		fprintf(stderr, "%s\n%s\n%s\n", err.primary, err.detail, err.hint);
	fake_release(&fake);
	return r < 0 ? 1 : 0;
}
