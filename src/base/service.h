/* SPDX-License-Identifier: MIT */
/*
 * Talking to the service manager (sd_notify(3)) without libsystemd, which
 * is 840 kB on Debian 12 and loads five compression and crypto libraries, for one datagram.
 */
#ifndef SO_BASE_SERVICE_H
#define SO_BASE_SERVICE_H

#include <stdint.h>

/* Send a state ("READY=1", lines) to $NOTIFY_SOCKET; nothing when there is none. */
void service_notify(const char *state);
/* "RELOADING=1" with the time it wants beside it. */
void service_notify_reloading(void);
/* How often "WATCHDOG=1" is wanted, in milliseconds ($WATCHDOG_USEC for this process); 0 = not. */
int64_t service_watchdog_ms(void);

#endif
