if HAVE_CHECK
CATALOG_TEST_LIBS = libcatalog.a libpackage.a libtsql.a $(TEST_LIBS) $(SQLITE_LIBS) $(CRYPTO_LIBS) \
	$(EXPAT_LIBS) $(MINIZIP_LIBS) $(ZLIB_LIBS) $(JANSSON_LIBS) -lm
CATALOG_FIXTURE = tests/catalog/fixture.c tests/catalog/fixture.h
CATALOG_CLIENT_FIXTURE = $(CATALOG_FIXTURE) tests/catalog/client_fixture.c \
	tests/catalog/client_fixture.h tests/package/zipper.c tests/package/zipper.h
CATALOG_WORLD = tests/catalog/world.c tests/catalog/world.h $(CATALOG_CLIENT_FIXTURE)
CATALOG_TESTS = test_catalog_store test_catalog_queue test_catalog_executions test_catalog_deploy \
	test_catalog_rights test_catalog_views test_catalog_maintenance test_catalog_admin
CATALOG_TESTS += test_catalog_contract test_catalog_backup test_catalog_protected
CATALOG_TESTS += test_catalog_faults test_catalog_pages
CATALOG_TESTS += test_catalog_matrix
CATALOG_TESTS += test_catalog_requests
CATALOG_TESTS += test_catalog_errors
CATALOG_TESTS += test_catalog_validation
CATALOG_TESTS += test_catalog_packages
check_PROGRAMS += $(CATALOG_TESTS)
TESTS += $(CATALOG_TESTS)
test_catalog_store_SOURCES = tests/catalog/test_store.c $(CATALOG_FIXTURE)
test_catalog_store_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_store_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_queue_SOURCES = tests/catalog/test_queue.c $(CATALOG_FIXTURE)
test_catalog_queue_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_queue_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_executions_SOURCES = tests/catalog/test_executions.c $(CATALOG_CLIENT_FIXTURE)
test_catalog_executions_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_executions_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_deploy_SOURCES = tests/catalog/test_deploy.c $(CATALOG_CLIENT_FIXTURE)
test_catalog_deploy_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_deploy_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_rights_SOURCES = tests/catalog/test_rights.c $(CATALOG_CLIENT_FIXTURE)
test_catalog_rights_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_rights_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_views_SOURCES = tests/catalog/test_views.c $(CATALOG_CLIENT_FIXTURE)
test_catalog_views_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_views_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_maintenance_SOURCES = tests/catalog/test_maintenance.c $(CATALOG_CLIENT_FIXTURE)
test_catalog_maintenance_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_maintenance_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_protected_SOURCES = tests/catalog/test_protected.c tests/package/protect_vectors.h $(CATALOG_CLIENT_FIXTURE)
test_catalog_protected_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_protected_LDADD = libcatalog.a libpackage_protect.a $(CATALOG_TEST_LIBS)
test_catalog_backup_SOURCES = tests/catalog/test_backup.c $(CATALOG_CLIENT_FIXTURE)
test_catalog_backup_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_backup_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_admin_SOURCES = tests/catalog/test_admin.c $(CATALOG_CLIENT_FIXTURE)
test_catalog_admin_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_admin_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_packages_SOURCES = tests/catalog/test_packages.c tests/package/protect_vectors.h $(CATALOG_CLIENT_FIXTURE)
test_catalog_packages_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_packages_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_validation_SOURCES = tests/catalog/test_validation.c $(CATALOG_CLIENT_FIXTURE)
test_catalog_validation_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_validation_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_faults_SOURCES = tests/catalog/test_faults.c tests/catalog/fault_vfs.c \
	tests/catalog/fault_vfs.h $(CATALOG_CLIENT_FIXTURE)
test_catalog_faults_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_faults_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_pages_SOURCES = tests/catalog/test_pages.c tests/catalog/pages.c tests/catalog/pages.h \
	$(CATALOG_CLIENT_FIXTURE)
test_catalog_pages_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_pages_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_contract_SOURCES = tests/catalog/test_contract.c $(CATALOG_CLIENT_FIXTURE)
test_catalog_contract_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_contract_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_errors_SOURCES = tests/catalog/test_errors.c $(CATALOG_WORLD)
test_catalog_errors_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_errors_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_requests_SOURCES = tests/catalog/test_requests.c $(CATALOG_CLIENT_FIXTURE)
test_catalog_requests_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_requests_LDADD = $(CATALOG_TEST_LIBS)
test_catalog_matrix_SOURCES = tests/catalog/test_matrix.c $(CATALOG_WORLD)
test_catalog_matrix_CPPFLAGS = $(TEST_CPPFLAGS)
test_catalog_matrix_LDADD = $(CATALOG_TEST_LIBS)
endif
EXTRA_DIST += tests/catalog/contract.tsv tests/catalog/rights.tsv tests/catalog/errors.tsv
