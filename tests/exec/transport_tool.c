/* SPDX-License-Identifier: MIT */
/*
 * Asks a machine what exec/probe.h offers, for the shell test of the SSH
 * transport:
 *   transport_tool key HOST PORT
 *   transport_tool probe HOST PORT USER IDENTITY HOST-KEYS PROGRAM [JUMP-HOSTS]
 * The passphrase of an encrypted identity: $TRANSPORT_PASSPHRASE. How long it may take: $TRANSPORT_TIMEOUT_MS.
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
	struct transport_target target = { .host = argc > 2 ? argv[2] : "",
		.port = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0, .allow_root = true,
		.timeout_ms = getenv("TRANSPORT_TIMEOUT_MS") ? (int)strtol(getenv("TRANSPORT_TIMEOUT_MS"), NULL, 10) : 10000 };

	if (argc >= 8) {
		target.user = argv[4];
		target.identity = argv[5];
		target.host_keys = argv[6];
		target.program = argv[7];
	}
	target.jump_hosts = argc > 8 ? argv[8] : "";
	target.passphrase = getenv("TRANSPORT_PASSPHRASE");

	if (argc == 4 && strcmp(argv[1], "key") == 0)
		r = probe_host_key(&target, &a, &b, NULL, &err);
	else if (argc >= 8 && strcmp(argv[1], "probe") == 0)
		r = probe_hello(&target, &a, NULL, &err);
	if (r < 0)
		printf("error: %s: %s | %s | %s\n", err_code_name(err.code), err.primary, err.detail, err.hint);
	else
		printf("%s%s%s\n", a, b ? "\n" : "", b ? b : "");
	free(a);
	free(b);
	return r < 0;
}
