/* SPDX-License-Identifier: MIT */
/*
 * Signal handlers can find nothing but globals, so the client that runs is
 * one: set for the time of a batch, in the one thread there is.
 */
#include "cli/sql_signals.h"

#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

static struct tsql_client *volatile running;
static volatile sig_atomic_t interrupted, timed_out;
static struct sigaction interrupt_before, alarm_before;

static void on_interrupt(int number)
{
	(void)number;
	interrupted = 1;
	if (running)
		tsql_client_cancel(running);
}

static void on_alarm(int number)
{
	(void)number;
	timed_out = 1;
	if (running)
		tsql_client_cancel(running);
}

/* No SA_RESTART: a prompt that waits for a key has to see the interrupt. */
void sql_signals_keep_alive(void)
{
	struct sigaction action = { .sa_handler = on_interrupt };

	sigaction(SIGINT, &action, NULL);
}

void sql_signals_watch(struct tsql_client *client, int timeout_s)
{
	struct sigaction interrupt = { .sa_handler = on_interrupt, .sa_flags = SA_RESTART };
	struct sigaction alarm_action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct itimerval timer = { .it_value = { .tv_sec = timeout_s } };

	/* With a prompt, Ctrl-C since the last key read is meant for this batch. */
	bool already = interrupted;

	timed_out = 0;
	tsql_client_rearm(client);
	running = client;
	if (already)
		tsql_client_cancel(client);
	sigaction(SIGINT, &interrupt, &interrupt_before);
	sigaction(SIGALRM, &alarm_action, &alarm_before);
	if (timeout_s > 0)
		setitimer(ITIMER_REAL, &timer, NULL);
}

enum sql_stop sql_signals_unwatch(void)
{
	struct itimerval never = { 0 };

	setitimer(ITIMER_REAL, &never, NULL);
	running = NULL;
	sigaction(SIGALRM, &alarm_before, NULL);
	sigaction(SIGINT, &interrupt_before, NULL);
	bool by_user = sql_signals_interrupted();
	return by_user ? SQL_STOP_INTERRUPT : timed_out ? SQL_STOP_TIMEOUT : SQL_STOP_NONE;
}

bool sql_signals_interrupted(void)
{
	bool was = interrupted;

	interrupted = 0;
	return was;
}
