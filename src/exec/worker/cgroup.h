/* SPDX-License-Identifier: MIT */
/*
 * A control group per task: a systemd scope where a service manager can be
 * asked for one, else a group of our own below a delegated one, or one that
 * we may delegate to ourselves (cgroups(7), version 2).
 */
#ifndef SO_EXEC_WORKER_CGROUP_H
#define SO_EXEC_WORKER_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum cgroup_how {
	CGROUP_NONE,   /* why says why not */
	CGROUP_DIRECT, /* groups are made in base */
	CGROUP_SCOPE   /* by systemd-run */
};

struct cgroup {
	enum cgroup_how how;
	bool wanted;           /* told to use it */
	int memory_max_mb, cpu_max_percent; /* 0 = no limit */
	char root[256];        /* where cgroup2 is mounted, "" = nowhere */
	char base[512];        /* the delegated group's folder */
	char systemd_run[256]; /* path */
	char why[384];
};

/* Find out what this account can do; keeps wanted and the limits. root: where cgroup2 is, NULL = look for it. */
void cgroup_probe(struct cgroup *cgroup, const char *root);
/* "systemd scope", "control group", or "" for none. */
const char *cgroup_how_name(enum cgroup_how how);

/*
 * CGROUP_SCOPE: the arguments to put before a program's own, ended by NULL;
 * name: of the unit. The caller frees them and their array.
 */
char **cgroup_scope_argv(const struct cgroup *cgroup, const char *name);

/* CGROUP_DIRECT: make the group with its limits and enter it (children inherit it). 0 or an errno. */
int cgroup_enter(const struct cgroup *cgroup, const char *name);
/* Go back to the base's own leaf, so that the group holds the task alone. */
void cgroup_leave(const struct cgroup *cgroup);
/* Folder of a task's group, pid being a process in it; NULL when that cannot be told. Caller frees. */
char *cgroup_folder(const struct cgroup *cgroup, const char *name, pid_t pid);
/* End every process in a group, its forks included (cgroup.kill, Linux 5.14). */
bool cgroup_kill(const char *folder);
/*
 * What tells of the memory of a group: a descriptor that polls as POLLPRI when there is news (once it
 * was read), or -1. A scope goes with its last process, and with it what this could tell.
 */
int cgroup_memory_open(const char *folder);
/* Whether the kernel has ended a process there because the group's memory was used up. */
bool cgroup_out_of_memory(int memory);
/* Kill what is left in the group and delete it. */
void cgroup_remove(const struct cgroup *cgroup, const char *name);

#endif
