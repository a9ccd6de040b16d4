/* SPDX-License-Identifier: MIT */
/*
 * The Execute dialog as data: packages with their options and values, and
 * machines; and the T-SQL that OK runs and Script shows, one batch per
 * package. No curses, no connection.
 */
#ifndef SO_TUI_FORM_H
#define SO_TUI_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "tui/jobs.h"

/* A parameter of a package or project, or a property of a connection manager (CM.manager.property). */
struct form_value {
	int object_type; /* 20 project, 30 package */
	char *name;
	char *data_type; /* "Int32" */
	char *standard;  /* what is used when it is not edited, as clean text */
	char *description;
	bool required, sensitive;
	bool has_standard; /* a server value or, when not required, a design value */
	bool is_connection;
	bool bound;      /* takes the value of an environment variable */
	bool edited;
	struct tsql_value value; /* when edited */
};

/* A property that is set for one execution (spec/console.md §2.1), "\\Package.Properties[MaximumErrorCount]". */
struct form_override {
	char *path, *value;
	bool sensitive;
};

struct form_reference {
	int64_t id;
	char *label; /* ".\Dev" or "Folder\Dev" */
};

struct form_package {
	int64_t project_id;
	char *folder, *project, *package;
	bool checked;
	bool loaded; /* values and references have been read */
	VEC(struct form_value) values;
	VEC(struct form_reference) references;
	VEC(struct form_override) overrides;
	int64_t reference_id; /* 0 = no environment */
	int logging_level;
	unsigned retry_count;
	bool dump_on_error, use_32_bit;
};

struct form_worker {
	char *id, *name, *machine, *account, *state; /* clean */
	bool enabled, online, checked;
};

struct form {
	bool scale_out;
	bool any_worker;
	VEC(struct form_package) packages;
	VEC(struct form_worker) workers;
};

void form_init(struct form *form, bool scale_out);
void form_release(struct form *form);
/* Add a package with the default options. */
struct form_package *form_add_package(struct form *form, int64_t project_id, const char *folder,
    const char *project, const char *package);
void form_value_release(struct form_value *value);
/* Add an override, or change the one with that path. */
void form_override_set(struct form_package *package, const char *path, const char *value, bool sensitive);
void form_override_remove(struct form_package *package, size_t index);

size_t form_checked(const struct form *form);

/* Set from what was typed; ERR_SQL or ERR_INVALID when it does not suit the type. */
int form_value_edit(struct form_value *value, const char *text, struct err *err);
void form_value_reset(struct form_value *value);
/* What the list shows: the edited or the standard value, stars for a secret. */
void form_value_shown(const struct form_value *value, struct buf *ret);
/* The text to begin editing with. */
void form_value_text(const struct form_value *value, struct buf *ret);

/* Can OK run? Names what is missing. */
int form_check(const struct form *form, struct err *err);

/*
 * The batch that creates and starts one package. Sensitive values are not in
 * the text: they are parameters @secret0, @secret1 ... of the batch, added to
 * params (may be NULL).
 */
void form_batch(const struct form *form, const struct form_package *package, struct buf *ret,
    struct job_params *params);
/* All batches of the ticked packages, each ended by GO. */
void form_script(const struct form *form, struct buf *ret);

#endif
