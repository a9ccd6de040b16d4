/* SPDX-License-Identifier: MIT */
/*
 * Asks a machine what exec/probe.h offers, for the shell test of the SSH
 * transport:
 *   transport_tool key HOST PORT
 *   transport_tool probe HOST PORT USER IDENTITY HOST-KEYS PROGRAM
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/probe.h"

int main(int argc, char **argv)
{
	struct err err = { 0 };
	char *a = NULL, *b = NULL;
	int r = -1;

	if (argc == 4 && strcmp(argv[1], "key") == 0)
		r = exec_host_key(argv[2], (int)strtol(argv[3], NULL, 10), 10000, &a, &b, &err);
	else if (argc == 8 && strcmp(argv[1], "probe") == 0)
		r = exec_probe_worker(argv[2], (int)strtol(argv[3], NULL, 10), argv[4], argv[5], argv[6], argv[7],
		    NULL, 10000, &a, &err);
	if (r < 0)
		printf("error: %s: %s | %s | %s\n", err_code_name(err.code), err.primary, err.detail, err.hint);
	else
		printf("%s%s%s\n", a, b ? "\n" : "", b ? b : "");
	free(a);
	free(b);
	return r < 0;
}
