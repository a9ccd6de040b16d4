/* SPDX-License-Identifier: MIT */
/* A blocking master for tests: starts fake_worker on a socket pair and speaks frames with it. Failures end the case. */
#ifndef SO_TESTS_EXEC_CLIENT_H
#define SO_TESTS_EXEC_CLIENT_H

#include <sys/types.h>

#include "exec/protocol.h"
#include "tests/harness.h"

#define CATALOG_ID "11111111-2222-4333-8444-555555555555"
#define WORKER_ID "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
/* SHA-256 of "project one". */
#define PROJECT_BYTES "project one"
#define PROJECT_HASH "65fe8ad99da8ea12d89d420d614ae0bdd1e667a27fc8202674b9d532f30ecf76"
#define DEADLINE_MS 60000

struct client {
	pid_t pid;
	int fd;
	struct frame_reader in;
	struct buf events; /* lines of all EVENTS frames */
	char *spool;       /* folder given to --spool */
};

/* Whether agents run the program fake_dtexec, instead of the same built in. */
extern bool client_runs_program;

/* Start an agent over a spool folder, with fake_dtexec as its runtime. */
void client_start(struct client *c, const char *spool);
/* Say HELLO and read its answer and the first TASKS; ret_tasks (may be NULL) gets the array, to be decref'd. */
void client_hello(struct client *c, int64_t epoch, int64_t session, json_t **ret_tasks);
/* client_start, HELLO, and PUT of the project. */
void client_open(struct client *c, const char *spool, int64_t epoch, int64_t session);
void client_send(struct client *c, json_t *head, const void *blob, size_t len);
/* The next frame of a type (others are dropped, EVENTS are collected). frame_release it. */
struct frame client_expect(struct client *c, enum message type);
void client_put_project(struct client *c, const char *hash, const char *bytes);
/* START with steps for fake_dtexec, ended by NULL. */
void client_start_task(struct client *c, const char *key, int64_t lease_ms, int64_t grace_ms, ...)
    __attribute__((sentinel));
/* A request about a key. */
void client_ask(struct client *c, enum message type, const char *key);
/* Wait for RESULT of any task; checks its outcome. The frame is to be released. */
struct frame client_result(struct client *c, enum task_outcome outcome);
/* Close our side and wait for the agent's end; returns its exit status. */
int client_close(struct client *c);
void client_kill(struct client *c);
/* Wait until a file exists. */
void wait_for_file(const char *path);
/* Whole text of a file, "" when absent; caller frees. */
char *slurp(const char *path);
/* Path of a file of a task in the spool; caller frees. */
char *task_path(const struct client *c, const char *key, const char *name);

#endif
