if HAVE_CHECK
CATALOG_TEST_LIBS = libcatalog.a libpackage.a libtsql.a $(TEST_LIBS) $(SQLITE_LIBS) $(CRYPTO_LIBS) \
	$(EXPAT_LIBS) $(MINIZIP_LIBS) $(ZLIB_LIBS) $(JANSSON_LIBS) -lm
check_PROGRAMS += test_catalog_store test_catalog_queue
TESTS += test_catalog_store test_catalog_queue
test_catalog_store_SOURCES = tests/catalog/test_store.c tests/catalog/fixture.c tests/catalog/fixture.h
test_catalog_store_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_store_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_queue_SOURCES = tests/catalog/test_queue.c tests/catalog/fixture.c tests/catalog/fixture.h
test_catalog_queue_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_queue_LDADD = $(CATALOG_TEST_LIBS)
endif
