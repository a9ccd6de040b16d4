/* SPDX-License-Identifier: MIT */
/* What the files of FORMAT share. Inside the room only. */
#ifndef SO_TSQL_FORMAT_IMPL_H
#define SO_TSQL_FORMAT_IMPL_H

#include "tsql/value.h"

/* How a culture writes; the texts of dates are custom patterns. */
struct culture {
	const char *name, *currency;
	const char *short_date, *long_date, *short_time, *long_time, *month_day, *year_month;
	bool percent_blank; /* "12.00 %" */
};

/* Append a character of a pattern that stands for itself: quoted, escaped or plain. *p stays on its last byte. */
void format_literal(const char **p, struct buf *out);
/* A date, time or moment by a standard or custom pattern; false when the pattern does not fit the value. */
bool format_date(const struct tsql_value *v, const char *format, const struct culture *culture, struct buf *out);

#endif
