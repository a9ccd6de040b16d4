/* SPDX-License-Identifier: MIT */
/* Wall and monotonic clocks, and the civil calendar (days algorithm after Howard Hinnant's public description). */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

int64_t clock_wall(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return TICKS_UNIX_EPOCH + (int64_t)now.tv_sec * TICKS_PER_SECOND + now.tv_nsec / 100;
}

int64_t clock_mono_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

struct clock_steady clock_steady_from(int64_t ticks)
{
	return (struct clock_steady){ .ticks = ticks ? ticks : clock_wall(), .at_us = clock_mono_us() };
}

int64_t clock_steady_now(const struct clock_steady *clock)
{
	return clock->ticks + (clock_mono_us() - clock->at_us) * (TICKS_PER_MS / 1000);
}

int clock_local_offset_min(int64_t ticks)
{
	time_t seconds = (time_t)((ticks - TICKS_UNIX_EPOCH) / TICKS_PER_SECOND);
	struct tm local;

	if (!localtime_r(&seconds, &local))
		return 0;
	return (int)(local.tm_gmtoff / 60);
}

int64_t clock_days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? (int64_t)year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 306; /* 0001-01-01 is day 0 */
}

void clock_civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
	int64_t z = days + 306;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*ret_day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*ret_month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*ret_year = (int)(yoe + era * 400 + (*ret_month <= 2));
}

static void split(int64_t ticks, int *y, int *mo, int *d, int *h, int *mi, int *s, int *frac)
{
	int64_t days = ticks / TICKS_PER_DAY;
	int64_t rest = ticks % TICKS_PER_DAY;

	if (rest < 0) {
		rest += TICKS_PER_DAY;
		days--;
	}
	clock_civil_from_days(days, y, mo, d);
	*frac = (int)(rest % TICKS_PER_SECOND);
	rest /= TICKS_PER_SECOND;
	*h = (int)(rest / 3600);
	*mi = (int)(rest / 60 % 60);
	*s = (int)(rest % 60);
}

void clock_format_local(int64_t ticks, char *text, size_t size)
{
	int y, mo, d, h, mi, s, frac;

	split(ticks + (int64_t)clock_local_offset_min(ticks) * 60 * TICKS_PER_SECOND, &y, &mo, &d, &h,
	    &mi, &s, &frac);
	snprintf(text, size, "%04d-%02d-%02d %02d:%02d:%02d", y, mo, d, h, mi, s);
}

void clock_format_utc(int64_t ticks, char *text, size_t size)
{
	int y, mo, d, h, mi, s, frac;

	split(ticks, &y, &mo, &d, &h, &mi, &s, &frac);
	snprintf(text, size, "%04d-%02d-%02dT%02d:%02d:%02d.%07dZ", y, mo, d, h, mi, s, frac);
}
