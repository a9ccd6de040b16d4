/* SPDX-License-Identifier: MIT */
/*
 * Inside the runtime: the objects of one run and what its files offer each
 * other. Only run.h is for others.
 *
 * Theory of operation. One thread, one loop. Every executable of the package
 * is a struct unit, a small state machine: idle, running, done. A unit that
 * has to wait (a process) registers descriptors or a deadline with the loop
 * and goes on from its ops' callbacks; a container is queued when one of its
 * children has ended and then starts what its constraints allow. Nothing
 * recurses through siblings, so a loop of a million iterations needs no stack.
 *
 * Event handlers must run before the raiser goes on. event_raise therefore
 * makes a fresh unit tree of the handler and runs the same loop until it is
 * done, while everything else goes on inside it. That nests at most as deep as
 * there are branches running at once, because a branch whose handler runs
 * cannot raise another event. A unit is marked done only after its last event
 * was raised, so a container never ends under a nested loop.
 */
#ifndef SO_RUNTIME_ENGINE_H
#define SO_RUNTIME_ENGINE_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/path.h"
#include "package/dtsx.h"
#include "package/event.h"
#include "runtime/expr.h"
#include "runtime/run.h"
#include "runtime/value.h"

struct run;
struct package;
struct unit;

/* ---- variables, parameters ---- */

struct var {
	const char *space, *name; /* borrowed from the package */
	const char *description, *id;
	struct value_type type; /* as declared */
	struct value value;     /* of that type; of any type when it is Object */
	struct expr *expr; /* EvaluateAsExpression, parsed at first read */
	const char *expr_text;
	bool read_only, raise_changed, sensitive, required, in_dump;
	bool reading; /* being evaluated: finds circles */
	struct unit *owner; /* NULL for parameters */
};

/* ---- properties ---- */

enum property_type { PROP_BOOL, PROP_INT, PROP_TEXT, PROP_ENUM };

/* One property of a task or of every executable: its names, and where it lives in the struct. */
struct property {
	const char *name;      /* as property expressions and paths call it */
	const char *attribute; /* in the task's element; NULL when it is not there */
	enum property_type type;
	size_t offset;                 /* bool, int, char * (owned), int */
	const char *fallback;          /* when the attribute is absent */
	const char *const *enum_names; /* PROP_ENUM: names ended by NULL; the number is the position plus enum_first */
	int enum_first;
};

/* A property expression, parsed at its first evaluation. */
struct unit_expression {
	const char *property, *text;
	struct expr *expr;
};

/* ---- units ---- */

enum unit_state { UNIT_IDLE, UNIT_RUNNING, UNIT_DONE };
enum unit_result { UNIT_SUCCESS = 0, UNIT_FAILURE = 1, UNIT_COMPLETION = 2, UNIT_CANCELLED = 3 };
enum constraint_state { CONSTRAINT_OPEN, CONSTRAINT_HOLDS, CONSTRAINT_FAILS };

struct unit_ops {
	enum dtsx_kind kind;
	bool container; /* has children, takes no slot */
	const struct property *properties; /* of the task, in struct unit.task */
	size_t property_count;
	size_t task_size;
	/* Each may be NULL. validate raises its own events and returns 0 or -1. */
	int (*validate)(struct unit *unit);
	void (*start)(struct unit *unit); /* leads to unit_finish, now or later */
	void (*pump)(struct unit *unit);  /* containers: a child has ended, or a slot is free */
	void (*ready)(struct unit *unit, int fd, short revents);
	void (*timer)(struct unit *unit);
	void (*cancel)(struct unit *unit);
	void (*release)(struct unit *unit);
};

/* The event that a handler instance serves. */
struct raised {
	struct unit *source;
	int type;
	const char *event_name;
	int32_t code;
	const char *text;
	const struct var *var; /* OnVariableValueChanged */
};

struct unit {
	struct run *run;
	struct package *package; /* that def is from */
	const struct dtsx_executable *def;
	const struct unit_ops *ops; /* NULL: not available here */
	struct unit *parent;        /* container, or host of a handler */
	struct unit **children;
	size_t child_count;
	struct var *vars;
	size_t var_count;
	struct unit_expression *expressions;
	size_t expression_count;
	void *task; /* ops->task_size bytes */
	const struct raised *raised; /* event handlers: what they serve */

	/* properties that every executable has */
	bool disabled, disable_event_handlers, delay_validation;
	bool fail_package, fail_parent, force_value;
	int max_errors, force_result, transaction_option, isolation_level, locale_id;
	char *description, *forced_value;

	/* one execution */
	enum unit_state state;
	enum unit_result result;
	int error_count;
	bool stopped;   /* container: starts no more children, and fails */
	bool queued;    /* in run->queue */
	bool starved;   /* container: a child waits for a slot */
	bool has_slot, executed; /* executed: OnPreExecute was raised */
	size_t running;
	enum constraint_state *constraints; /* one per def->constraints */
	int iteration;                      /* loops: 1, 2, ... */
	struct value exec_value;
	int64_t start_ticks, start_mono_ms;
	int64_t deadline_ms; /* 0 = none */
};

/* ---- connection managers ---- */

struct connection {
	const struct dtsx_connection *def;
	char *connection_string;
	struct connection_property {
		char *name, *value;
		bool sensitive;
	} *properties; /* set from outside or by expressions */
	size_t property_count;
	struct unit_expression *expressions;
	size_t expression_count;
	bool secret_string; /* the whole string was given as a secret: no message may show it */
	bool evaluating;
};

/* ---- the run ---- */

struct watch {
	int fd;
	short events;
	struct unit *unit;
};

/* A property override that names one executable. */
struct unit_override {
	const struct dtsx_executable *def;
	const char *variable; /* "User::x" (owned), or NULL */
	char *property, *value;
	bool sensitive;
};

struct event_log {
	int fd;
	int64_t seq;
	struct buf pending;
	int64_t flushed_ms;
	int64_t last_time; /* of the last record that has one */
	int64_t written; /* number of the last record in the file */
	int64_t dropped; /* records that the file did not take and that nothing in it tells of */
	bool told;       /* pending begins with a record about those */
	int error;       /* errno of the last failed write, 0 none */
};

/* A loaded package: the one of the run, or a child that an Execute Package task runs. */
struct package {
	struct run *run;
	char *name; /* "Package.dtsx" */
	struct dtsx *dtsx;
	struct dtsx_conmgr **conmgrs;
	size_t conmgr_count;
	struct xml_doc *project_params;
	struct unit *root; /* owned here for the run's own package, by the task's unit for a child */
	struct var *params; /* $Package, then $Project */
	size_t param_count;
	struct connection *connections; /* the package's, then the project's */
	size_t connection_count;
	VEC(struct unit_override) overrides;
	int depth; /* 0 for the run's own */
};

struct run {
	const struct run_options *options;
	struct package main;
	int level;
	int64_t event_mask, profile_mask;

	VEC(struct watch) watches;
	VEC(struct unit *) active; /* running leaves that wait */
	VEC(struct unit *) queue;  /* containers to pump; queue_head is the next */
	size_t queue_head;
	int slots, slots_used;
	bool cancelling, starved;
	sigset_t old_mask;
	int64_t cancel_checked_ms;

	struct event_log log;
	char execution_guid[UUID_TEXT_LEN + 3];
	struct clock_steady clock; /* what records show: setting the machine's clock moves no duration */
	int64_t start_ticks;
	int errors, warnings;
	VEC(struct package *) children; /* child packages that are loaded */
	bool missing; /* something the package needs is not available */
	bool dumped;
	int dump_count; /* of those asked for */
};

/* ---- unit.c ---- */

/* Build the tree of an executable below parent. Never fails; what cannot be read is told by validation. */
struct unit *unit_new(struct package *package, const struct dtsx_executable *def, struct unit *parent);
void unit_free(struct unit *unit);
/* Begin: property expressions, validation, OnPreExecute, work. */
void unit_start(struct unit *unit);
/* The work is over; raises the last events and tells the parent. */
void unit_finish(struct unit *unit, enum unit_result result);
/* OnPreValidate ... OnPostValidate for the unit and all below; 0, or -1 when something is wrong. */
int unit_validate(struct unit *unit);
/* Ready to run again (next iteration). */
void unit_reset(struct unit *unit);
bool unit_in_handler(const struct unit *unit);
/* A task, as opposed to a container (the package, loops, sequences, handlers). */
bool unit_is_task(const struct unit *unit);
/* Wait in the loop: as one of the active leaves. */
void unit_wait(struct unit *unit);
void unit_set_exec_value(struct unit *unit, const struct value *value);
/* Paths as the catalog shows them (spec/package.md §6.2). */
void unit_package_path(const struct unit *unit, struct buf *out);
void unit_execution_path(const struct unit *unit, struct buf *out);
const struct unit_ops *unit_ops_find(enum dtsx_kind kind);

/* ---- container.c ---- */

extern const struct unit_ops package_ops, sequence_ops, handler_ops;
/* Forget what ran before and queue the container. */
void children_begin(struct unit *unit);
/* Start what may start; true when nothing runs and nothing can start. */
bool children_pump(struct unit *unit);
/* Called when a child has its result: decides the constraints that leave it. */
void children_decide(struct unit *container, struct unit *child);

extern const struct unit_ops for_ops, foreach_ops, process_ops, expression_ops, file_system_ops,
    package_task_ops;

/* ---- run.c ---- */

/* The executables records of a package, handlers and what is in them too. */
void run_write_executables(const struct package *package);

/* ---- loop.c ---- */

void loop_init(struct run *run);
void loop_release(struct run *run);
/* Run until that unit is done. */
void loop_until(struct run *run, struct unit *unit);
void loop_queue(struct unit *container);
void loop_watch(struct unit *unit, int fd, short events);
void loop_unwatch(struct run *run, int fd);
/* Look for a stop request without waiting; true once the run is being cancelled. */
bool loop_cancelled(struct run *run);

/* ---- raise.c ---- */

/* Raise an event: to the log, to the handlers from source outwards. text without the name in front. */
void event_raise(struct unit *source, int type, const char *event_name, int32_t code, const char *text);
void unit_error(struct unit *unit, int32_t code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void unit_fault(struct unit *unit, const struct fault *fault);
void unit_warning(struct unit *unit, int32_t code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void unit_information(struct unit *unit, int32_t code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A task's own event (custom, kept at Verbose). */
void unit_custom(struct unit *unit, const char *event_name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void event_variable_changed(struct unit *owner, const struct var *var);

/* ---- event_log.c ---- */

void event_log_init(struct event_log *log, int fd);
/* Give the record its number and keep it; written when much is there or some time has passed. */
void event_log_add(struct event_log *log, struct event *event);
void event_log_flush(struct event_log *log);
void event_log_release(struct event_log *log);

/* ---- variables.c, system_variables.c ---- */

struct var *var_find(struct unit *scope, const char *space, const char *name, struct fault *fault);
int var_read(struct unit *scope, const char *space, const char *name, struct value *ret,
    struct fault *fault);
int var_write(struct unit *scope, const char *space, const char *name, const struct value *value,
    struct fault *fault);
/* By "User::x" or "x". */
int var_read_qualified(struct unit *scope, const char *name, struct value *ret, struct fault *fault);
int var_write_qualified(struct unit *scope, const char *name, const struct value *value,
    struct fault *fault);
/* Whether the name is a sensitive parameter. */
bool var_is_sensitive(struct unit *scope, const char *name);
/* Whether the name exists and may be written. */
int var_check_writable(struct unit *scope, const char *name, struct fault *fault);
/* Value of a variable that was found; secrets are "" unless show_sensitive. */
int var_value(struct unit *scope, struct var *var, struct value *ret, struct fault *fault);
void var_init(struct var *var, const struct dtsx_variable *def, struct unit *owner);
void var_release(struct var *var);
/* Drop the value; a secret is overwritten. */
void var_clear(struct var *var);
/* A scope for expressions of unit. sensitive_ok: a sensitive parameter may be read. */
struct scope {
	struct expr_scope expr;
	struct unit *unit;
	bool sensitive_ok;
};
void scope_init(struct scope *scope, struct unit *unit, bool writable, bool sensitive_ok);
/* "System::" variables seen from scope; 1 found, 0 unknown. */
int system_variable(struct unit *scope, const char *name, struct value *ret);

/* ---- property.c ---- */

/* Fill a task struct from its element by the table. */
void properties_load(const struct property *table, size_t count, const struct xml_node *node, void *object);
void properties_release(const struct property *table, size_t count, void *object);
int property_assign(const struct property *property, void *object, const struct value *value,
    struct fault *fault);
/* Text of a property's value; false when it is empty. */
void property_text(const struct property *property, const void *object, struct buf *out);
/* The table of what every executable has; offsets are in struct unit. */
const struct property *unit_properties(size_t *ret_count);
const struct property *property_find(const struct unit *unit, const char *name, void **ret_object);
int unit_set_property(struct unit *unit, const char *name, const struct value *value,
    struct fault *fault);
/* Evaluate the unit's property expressions; raises errors itself. */
int unit_evaluate_expressions(struct unit *unit);
void expressions_load(const struct dtsx_expression *defs, size_t count,
    struct unit_expression **ret, size_t *ret_count);
void expressions_release(struct unit_expression *expressions, size_t count);
/* Evaluate one property expression in the scope of unit. */
int expression_evaluate(struct unit_expression *expression, struct unit *unit, bool sensitive_ok,
    struct value *ret, struct fault *fault);

/* ---- connection.c ---- */

void connections_load(struct package *package);
void connections_release(struct package *package);
/* By {GUID}, then by name; package before project. NULL when there is none. */
struct connection *connection_find(struct package *package, const char *ref);
/* Whether this type can be used here. */
bool connection_available(const struct dtsx_connection *def);
int connection_set(struct connection *connection, const char *property, const char *value,
    bool sensitive, struct fault *fault);
/* What was set to from, as if it had been set to the same connection manager of another package. */
void connection_copy(struct connection *to, const struct connection *from);
/* The connection string now: expressions evaluated. Appends to out. */
int connection_string(struct package *package, struct connection *connection, struct buf *out,
    struct fault *fault);
/* A connection string with the values of secrets replaced by stars. */
void connection_mask(const char *text, struct buf *out);

/* ---- load.c, override.c ---- */

/* Load a file; folder is the project's (its parameters and connection managers are read too), or NULL. */
int package_load(struct package *package, const char *folder, const char *file, struct err *err);
/* All but the root unit. */
void package_release(struct package *package);
/* Values and overrides of the task specification. Problems are raised as errors of the package; -1 then. */
int package_apply_spec(struct package *package);
/* Of a child: only the values that are its own (a sensitive design value is not in its file). */
int package_apply_own_values(struct package *child);
/* A parameter by "$Package" or "$Project" and name, or NULL; and giving it a value of any type. */
struct var *package_param(struct package *package, const char *space, const char *name);
int package_set_param(struct package *package, struct var *param, const struct value *given, struct fault *fault);

/* Whether a secret was set to that property from outside, so that it must not be shown. */
bool override_is_sensitive(const struct unit *unit, const char *property);

/* ---- needs.c ---- */

/* Call back for everything executable needs that is not available, in words. Returns how many. */
typedef void needs_fn(void *ctx, const char *what);
int needs_of_executable(const struct dtsx_executable *def, needs_fn *fn, void *ctx);
/* A connection manager of the package or its project, as far as the package uses it. */
int needs_of_connection(const struct dtsx *dtsx, const struct dtsx_connection *c, needs_fn *fn, void *ctx);
int needs_of_package(const struct dtsx *dtsx, needs_fn *fn, void *ctx);

/* ---- dump.c ---- */

/* Write the state dump (once per run) when the specification asks for it at this event. */
/* Write one because it was asked for from outside, as often as that happens. */
void dump_on_request(struct run *run);
void dump_consider(struct run *run, struct unit *source, int type, int32_t code, const char *text);

/* ---- winpath.c ---- */

/* Split one command line by the Windows rules. Words are appended as NUL-terminated strings; returns their number. */
size_t command_split(const char *line, struct buf *out);

#endif
