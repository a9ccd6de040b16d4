/* SPDX-License-Identifier: MIT */
/*
 * Errors: what a fallible function tells its caller.
 *
 * A function that can fail returns 0 or a negative code (-ERR_...) and fills
 * a struct err: one lower-case line for the status bar (primary), more for the
 * pop-up (detail), and what to do about it (hint). The struct owns nothing, so
 * there is nothing to free and it may live on the stack. Passing NULL for err
 * is always allowed.
 */
#ifndef SO_BASE_ERR_H
#define SO_BASE_ERR_H

enum err_code {
	ERR_NONE = 0,
	ERR_INTERNAL,    /* our bug */
	ERR_USAGE,       /* called wrongly: command line, arguments */
	ERR_NOT_FOUND,   /* the named thing does not exist, or may not be seen */
	ERR_EXISTS,      /* the name is taken */
	ERR_DENIED,      /* no right to do it */
	ERR_INVALID,     /* a value or file is not what it should be */
	ERR_IO,          /* the operating system said no (errno text in detail) */
	ERR_CORRUPT,     /* our own stored data is damaged */
	ERR_BUSY,        /* locked or in use by another; try again */
	ERR_TIMEOUT,     /* a deadline passed */
	ERR_UNSUPPORTED, /* known, but not offered here */
	ERR_LIMIT,       /* larger than a documented limit */
	ERR_CANCELLED,   /* the user or a stop asked for it */
	ERR_NETWORK,     /* could not reach or talk to the other side */
	ERR_TRUST,       /* host key or signature not trusted */
	ERR_SQL,         /* a T-SQL error; number and so on in sql_* */
	ERR_CODE_COUNT
};

struct err {
	enum err_code code;
	int sql_number;   /* T-SQL error number when code is ERR_SQL, else 0 */
	int sql_severity; /* 0-25 */
	int sql_state;
	int sql_line;     /* 1-based line in the batch, 0 unknown */
	char primary[512];
	char detail[2048];
	char hint[512];
};

/* Reset to "no error". NULL is a no-op. */
void err_clear(struct err *err);

/* Set code and primary line, dropping detail and hint. Returns -code, for "return err_set(...)". */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set with ERR_IO, and strerror(errno_value) as detail. */
int err_set_errno(struct err *err, int errno_value, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Add or replace the detail or hint text; too long text is cut. */
void err_detail(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void err_hint(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Put "context: " before the primary line (for a caller that knows the object's name). Returns -err->code. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Name of a code ("not found"), never NULL. */
const char *err_code_name(enum err_code code);

#endif
