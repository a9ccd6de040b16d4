/* SPDX-License-Identifier: MIT */
/*
 * Time zones: TZif files (RFC 8536) read directly, because the C library knows
 * one zone per process. Moments after the last transition follow the rule at the
 * end of the file.
 */
#include "tsql/timezone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

/* Windows' names, as Unicode's CLDR maps them. */
static const struct {
	const char *windows, *tzdata;
} names[] = {
	{ "AUS Eastern Standard Time", "Australia/Sydney" },
	{ "Arabian Standard Time", "Asia/Dubai" },
	{ "Argentina Standard Time", "America/Argentina/Buenos_Aires" },
	{ "Atlantic Standard Time", "America/Halifax" },
	{ "Cen. Australia Standard Time", "Australia/Adelaide" },
	{ "Central America Standard Time", "America/Guatemala" },
	{ "Central Asia Standard Time", "Asia/Almaty" },
	{ "Central Europe Standard Time", "Europe/Budapest" },
	{ "Central European Standard Time", "Europe/Warsaw" },
	{ "Central Standard Time", "America/Chicago" },
	{ "Central Standard Time (Mexico)", "America/Mexico_City" },
	{ "China Standard Time", "Asia/Shanghai" },
	{ "E. Africa Standard Time", "Africa/Nairobi" },
	{ "E. Australia Standard Time", "Australia/Brisbane" },
	{ "E. Europe Standard Time", "Europe/Chisinau" },
	{ "E. South America Standard Time", "America/Sao_Paulo" },
	{ "Eastern Standard Time", "America/New_York" },
	{ "Egypt Standard Time", "Africa/Cairo" },
	{ "FLE Standard Time", "Europe/Kiev" },
	{ "GMT Standard Time", "Europe/London" },
	{ "GTB Standard Time", "Europe/Bucharest" },
	{ "Greenwich Standard Time", "Atlantic/Reykjavik" },
	{ "Hawaiian Standard Time", "Pacific/Honolulu" },
	{ "Alaskan Standard Time", "America/Anchorage" },
	{ "India Standard Time", "Asia/Kolkata" },
	{ "Israel Standard Time", "Asia/Jerusalem" },
	{ "Korea Standard Time", "Asia/Seoul" },
	{ "Mountain Standard Time", "America/Denver" },
	{ "New Zealand Standard Time", "Pacific/Auckland" },
	{ "Newfoundland Standard Time", "America/St_Johns" },
	{ "Pacific SA Standard Time", "America/Santiago" },
	{ "Pacific Standard Time", "America/Los_Angeles" },
	{ "Romance Standard Time", "Europe/Paris" },
	{ "Russian Standard Time", "Europe/Moscow" },
	{ "SA Pacific Standard Time", "America/Bogota" },
	{ "SE Asia Standard Time", "Asia/Bangkok" },
	{ "Singapore Standard Time", "Asia/Singapore" },
	{ "South Africa Standard Time", "Africa/Johannesburg" },
	{ "Tokyo Standard Time", "Asia/Tokyo" },
	{ "Turkey Standard Time", "Europe/Istanbul" },
	{ "US Eastern Standard Time", "America/Indiana/Indianapolis" },
	{ "US Mountain Standard Time", "America/Phoenix" },
	{ "UTC", "Etc/UTC" },
	{ "W. Australia Standard Time", "Australia/Perth" },
	{ "W. Europe Standard Time", "Europe/Berlin" },
	{ "West Asia Standard Time", "Asia/Tashkent" },
};

#define ZONE_FILE_MAX (256 * 1024)
#define EPOCH_TICKS (INT64_C(719162) * TICKS_PER_DAY) /* 1970-01-01 */

static int64_t big_endian(const unsigned char *at, int bytes)
{
	uint64_t v = at[0] & 0x80 ? UINT64_MAX : 0;

	for (int i = 0; i < bytes; i++)
		v = v << 8 | at[i];
	return (int64_t)v;
}

/* The 64-bit block of a TZif file, version 2 and up. */
struct zone {
	const unsigned char *times, *kinds, *types;
	int64_t time_count, type_count;
	const char *rule; /* what holds after the last transition, as in TZ; or NULL */
};

static bool read_zone(const struct buf *file, struct zone *ret)
{
	const unsigned char *at = (const unsigned char *)file->data, *end = at + file->len;
	int64_t n[6] = { 0 };

	for (int block = 0; block < 2; block++) {
		int width = block ? 8 : 4;
		int64_t size;
		if (end - at < 44 || memcmp(at, "TZif", 4) != 0 || at[4] < '2')
			return false;
		for (int i = 0; i < 6; i++) /* isutc, isstd, leap, time, type, char */
			n[i] = big_endian(at + 20 + 4 * i, 4);
		for (int i = 0; i < 6; i++)
			if (n[i] < 0 || n[i] > ZONE_FILE_MAX)
				return false;
		size = n[3] * (width + 1) + n[4] * 6 + n[5] + n[2] * (width + 4) + n[1] + n[0];
		at += 44;
		if (size > end - at || n[4] < 1)
			return false;
		if (block) {
			ret->times = at;
			ret->kinds = at + n[3] * 8;
			ret->types = ret->kinds + n[3];
			ret->time_count = n[3];
			ret->type_count = n[4];
		}
		at += size;
	}
	ret->rule = end - at > 2 && *at == '\n' ? (const char *)at + 1 : NULL;
	return true;
}

static int type_offset(const struct zone *z, int64_t type)
{
	return type < z->type_count ? (int)(big_endian(z->types + type * 6, 4) / 60) : 0;
}

/* --- the rule after the last transition: std offset [dst [offset],start,end] --- */

static const char *skip_abbreviation(const char *p)
{
	if (*p == '<') {
		const char *close = strchr(p, '>');
		return close ? close + 1 : p + strlen(p);
	}
	while ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'))
		p++;
	return p;
}

/* [+-]hh[:mm[:ss]] in seconds */
static const char *read_span(const char *p, int64_t *ret)
{
	int sign = *p == '-' ? -1 : 1;
	int64_t unit = 3600;

	if (*p == '-' || *p == '+')
		p++;
	*ret = 0;
	for (; unit; unit /= 60) {
		char *end;
		*ret += strtol(p, &end, 10) * unit;
		p = end;
		if (*p != ':')
			break;
		p++;
	}
	*ret *= sign;
	return p;
}

/* Mm.w.d[/time]: seconds since the epoch, on the zone's clock, in this year. */
static const char *read_change(const char *p, int year, int64_t *ret)
{
	int month, week, day, used = 0;
	int64_t first, time = 7200, days;

	if (sscanf(p, ",M%d.%d.%d%n", &month, &week, &day, &used) != 3 || month < 1 || month > 12)
		return NULL;
	p += used;
	if (*p == '/')
		p = read_span(p + 1, &time);
	first = clock_days_from_civil(year, month, 1);
	days = first + (day - (first + 1) % 7 + 7) % 7 + 7 * (int64_t)(week - 1);
	while (days >= (month == 12 ? clock_days_from_civil(year + 1, 1, 1) : clock_days_from_civil(year, month + 1, 1)))
		days -= 7;
	*ret = (days - 719162) * 86400 + time;
	return p;
}

static bool rule_offset(const char *rule, int64_t at, int *ret)
{
	int64_t standard, summer, start, end;
	int year, month, day;
	bool in_summer;

	if (!rule)
		return false;
	rule = read_span(skip_abbreviation(rule), &standard);
	standard = -standard;
	*ret = (int)(standard / 60);
	if (*rule == '\n' || *rule == '\0')
		return true;
	rule = skip_abbreviation(rule);
	summer = standard + 3600;
	if (*rule != ',' && *rule != '\n') {
		rule = read_span(rule, &summer);
		summer = -summer;
	}
	clock_civil_from_days((at + standard) / 86400 + 719162, &year, &month, &day);
	rule = read_change(rule, year, &start);
	if (!rule || !read_change(rule, year, &end))
		return false;
	start -= standard;
	end -= summer;
	in_summer = start < end ? at >= start && at < end : at >= start || at < end;
	*ret = (int)((in_summer ? summer : standard) / 60);
	return true;
}

/* Minutes east of UTC at a moment in seconds since the epoch. */
static int zone_offset(const struct zone *z, int64_t at)
{
	int64_t i = 0, before = 0;
	int minutes;

	for (; i < z->time_count && at >= big_endian(z->times + i * 8, 8); i++)
		before = z->kinds[i];
	if (i == z->time_count && rule_offset(z->rule, at, &minutes))
		return minutes;
	return type_offset(z, before);
}

/*
 * The moment that a clock on the wall means. What it shows twice is read in
 * standard time, what it leaves out is moved ahead: both take the lesser offset.
 */
static int64_t from_civil(const struct zone *z, int64_t at)
{
	int early = zone_offset(z, at - 86400), late = zone_offset(z, at + 86400);
	bool early_fits = zone_offset(z, at - early * 60) == early, late_fits = zone_offset(z, at - late * 60) == late;

	if (early_fits != late_fits)
		return at - (early_fits ? early : late) * 60;
	return at - (early < late ? early : late) * 60;
}

bool timezone_offset(const char *name, bool civil, int64_t *ticks, int *ret_minutes)
{
	const char *tz = name;
	struct buf file = BUF_INIT, path = BUF_INIT;
	struct zone zone;
	bool ok = false;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (utf8_casecmp(names[i].windows, name) == 0)
			tz = names[i].tzdata;
	if (strcmp(tz, "Etc/UTC") == 0) { /* also on a machine without tzdata */
		*ret_minutes = 0;
		return true;
	}
	/* A name of tzdata: letters, digits, - + _ and /, so that no file outside can be named. */
	if (*tz == '\0' || *tz == '/' || strspn(tz, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-+_/") != strlen(tz) || strlen(tz) > 64)
		return false;
	buf_addf(&path, "/usr/share/zoneinfo/%s", tz);
	if (file_read(path.data, ZONE_FILE_MAX, &file, NULL) == 0 && read_zone(&file, &zone)) {
		int64_t at = (*ticks - EPOCH_TICKS) / TICKS_PER_SECOND, utc = civil ? from_civil(&zone, at) : at;
		*ticks += (utc - at) * TICKS_PER_SECOND;
		*ret_minutes = zone_offset(&zone, utc);
		ok = true;
	}
	buf_release(&file);
	buf_release(&path);
	return ok;
}
