/* SPDX-License-Identifier: MIT */
/*
 * Running a package for a worker: "scaleout-dtexec --task", and the same in a
 * process that the worker's fork server made (doc/protocol.md §8).
 */
#ifndef SO_RUNTIME_TASK_MODE_H
#define SO_RUNTIME_TASK_MODE_H

/*
 * Arguments: NAME --task --project-dir DIR [--dump-dir DIR] [--clock TICKS@MICROSECONDS]:
 * the wall clock at a monotonic time. Descriptor 3 holds the
 * task specification (with secrets; read to its end and closed), events go to
 * descriptor 4, words to people to 2. Returns an exit status (enum run_exit).
 * Once per process: it catches signals and replaces jansson's allocator.
 */
int task_mode(int argc, char **argv);

/* Set *flag on SIGTERM, SIGINT and SIGHUP; ignore SIGPIPE. The flag must live on. */
void stop_on_signals(volatile int *flag);

#endif
