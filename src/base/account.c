/* SPDX-License-Identifier: MIT */
/* One pass over /etc/passwd, kept for the life of the process. */
#include "base/account.h"

#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

static struct account self;

static void read_passwd(uid_t uid)
{
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *entry = NULL;

	while (file && (entry = fgetpwent(file)) && entry->pw_uid != uid)
		;
	if (entry) {
		self.name = xstrdup(entry->pw_name);
		self.home = xstrdup(entry->pw_dir);
	}
	if (file)
		fclose(file);
}

static void read_self(void)
{
	read_passwd(geteuid());
	if (!self.name) {
		const char *name = getenv("USER"), *home = getenv("HOME");
		self.name = name && *name ? xstrdup(name) : xasprintf("%u", (unsigned)geteuid());
		self.home = xstrdup(home ? home : "/");
	}
	if (self.home[0] != '/')
		self.home = "/";
}

const struct account *account_self(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_self);
	return &self;
}
