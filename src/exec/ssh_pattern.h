/* SPDX-License-Identifier: MIT */
/* Patterns of ssh_config(5) and known_hosts: *, ?, lists, negation with !. */
#ifndef SO_EXEC_SSH_PATTERN_H
#define SO_EXEC_SSH_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* A list with any of the separators between its patterns. A negated pattern that matches makes the whole list fail. Without regard to case. */
bool ssh_pattern_list(const char *list, size_t len, const char *separators, const char *text);

#endif
