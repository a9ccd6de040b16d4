/* SPDX-License-Identifier: MIT */
/*
 * scaleout.conf(5): the settings of the master, one row of a table each. The
 * row gives name, kind, limits, default with its reason, what the product
 * calls it, and whether SIGHUP is enough for a change.
 *
 * A value comes from (the first that has one) the command line, the
 * environment (SCALEOUT_NAME), the file, the default. The file is lines
 * "name = value"; '#' begins a comment line. Anything else is an error with
 * its line, an unknown name with the nearest known one.
 */
#ifndef SO_EXEC_SETTINGS_H
#define SO_EXEC_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum setting_kind { SETTING_TIME, SETTING_NUMBER, SETTING_SWITCH, SETTING_TEXT };

struct setting {
	const char *name;
	enum setting_kind kind;
	size_t offset;        /* in struct settings: int (times in milliseconds), bool or char * */
	int low, high;        /* times in milliseconds */
	const char *standard; /* default, as one would write it */
	bool reload;          /* SIGHUP is enough */
	const char *product;  /* the product's setting, "" = none */
	const char *reason;   /* what it is, and why the default is what it is */
};
/* Ended by a row without a name. */
extern const struct setting setting_table[];

#define SETTING_COUNT_MAX 32

/* Where a value came from. */
enum setting_source { SETTING_STANDARD, SETTING_FILE, SETTING_ENVIRONMENT, SETTING_OPTION };

struct settings {
	int poll_ms, ping_ms, watchdog_ms, lease_ms, margin_ms, grace_ms;
	int heartbeat_ms, worker_heartbeat_ms, maintenance_ms, patience_ms;
	int max_cpu_percent, min_memory_mb, local_slots;
	int log_max_mb, log_keep;
	bool fast;
	char *log, *metrics;
	enum setting_source sources[SETTING_COUNT_MAX]; /* by row of the table */
	int lines[SETTING_COUNT_MAX];                   /* of the file */
};

/* All defaults. */
void settings_init(struct settings *s);
void settings_release(struct settings *s);

/* Set one value; the error names setting and value, and for an unknown name the nearest one. */
int settings_set(struct settings *s, const char *name, const char *value, enum setting_source source, struct err *err);
/* Take a file; a missing one is an error only when must_exist. Nothing is set that something stronger has set. */
int settings_file(struct settings *s, const char *path, bool must_exist, struct err *err);
/* Take text as of a file called name. */
int settings_text(struct settings *s, const char *name, const char *text, size_t len, struct err *err);
/* Take SCALEOUT_NAME of every row. */
int settings_environment(struct settings *s, struct err *err);

/*
 * The file that counts: given, else $SCALEOUT_CONF, else scaleout.conf in the
 * user's folder, else /etc/scaleout/scaleout.conf. Caller frees. *ret_named:
 * somebody named it, so it must exist.
 */
char *settings_path(const char *given, bool *ret_named);

/* The value of a row as one would write it. */
void settings_format(const struct settings *s, const struct setting *row, struct buf *ret);
/* All of it as a file with comments: what is set, from where, and why the default is what it is. */
void settings_print(const struct settings *s, struct buf *ret);

#endif
