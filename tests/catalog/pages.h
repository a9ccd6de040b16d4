/* SPDX-License-Identifier: MIT */
/* The pages that the console and scripts read from large catalogs: test_pages looks at their plans, bench/catalog at their time. */
#ifndef SO_TESTS_CATALOG_PAGES_H
#define SO_TESTS_CATALOG_PAGES_H

#include <stddef.h>

#define PAGE_ROWS "50"

/* What @key of a page is. */
enum page_key {
	KEY_SPREAD, /* the id of an execution: any of them, so the page may lie anywhere */
	KEY_BIG,    /* the id of the execution with very many messages */
	KEY_NEWEST, /* not used: always the same page */
	KEY_WHOLE,  /* not used, and no condition: the list itself is walked in its order */
};

struct page {
	const char *name;
	enum page_key key;
	const char *batch; /* one SELECT; @key bigint */
};

extern const struct page catalog_pages[];
extern const size_t catalog_page_count;

#endif
