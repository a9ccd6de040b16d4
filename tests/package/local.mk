if HAVE_CHECK
PACKAGE_TESTS = test_package_connstr test_package_dtsx test_package_event test_package_project test_package_protect test_package_samples \
	test_package_xml
check_PROGRAMS += $(PACKAGE_TESTS)
TESTS += $(PACKAGE_TESTS)
PACKAGE_TEST_LIBS = libharness.a $(PACKAGE_LIBS) $(CHECK_LIBS)
test_package_connstr_SOURCES = tests/package/test_connstr.c
test_package_connstr_CPPFLAGS = $(TEST_CPPFLAGS)
test_package_connstr_LDADD = $(PACKAGE_TEST_LIBS)
test_package_dtsx_SOURCES = tests/package/test_dtsx.c
test_package_dtsx_CPPFLAGS = $(TEST_CPPFLAGS)
test_package_dtsx_LDADD = $(PACKAGE_TEST_LIBS)
test_package_event_SOURCES = tests/package/test_event.c
test_package_event_CPPFLAGS = $(TEST_CPPFLAGS)
test_package_event_LDADD = $(PACKAGE_TEST_LIBS)
test_package_project_SOURCES = tests/package/test_project.c tests/package/zipper.c tests/package/zipper.h
test_package_project_CPPFLAGS = $(TEST_CPPFLAGS)
test_package_project_LDADD = $(PACKAGE_TEST_LIBS)
test_package_protect_SOURCES = tests/package/test_protect.c tests/package/protect_vectors.h
test_package_protect_CPPFLAGS = $(TEST_CPPFLAGS)
test_package_protect_LDADD = libharness.a libpackage_protect.a $(PACKAGE_LIBS) $(CHECK_LIBS) $(CRYPTO_LIBS)
test_package_samples_SOURCES = tests/package/test_samples.c
test_package_samples_CPPFLAGS = $(TEST_CPPFLAGS)
test_package_samples_LDADD = $(PACKAGE_TEST_LIBS)
test_package_xml_SOURCES = tests/package/test_xml.c
test_package_xml_CPPFLAGS = $(TEST_CPPFLAGS)
test_package_xml_LDADD = $(PACKAGE_TEST_LIBS)
endif
TESTS += tests/package/test_pack.sh
EXTRA_DIST += tests/package/test_pack.sh
if FUZZ
noinst_PROGRAMS += fuzz_dtsx fuzz_event fuzz_ispac fuzz_manifest
fuzz_dtsx_SOURCES = tests/fuzz/fuzz_dtsx.c
fuzz_dtsx_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_dtsx_LDADD = $(PACKAGE_LIBS)
fuzz_event_SOURCES = tests/fuzz/fuzz_event.c
fuzz_event_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_event_LDADD = $(PACKAGE_LIBS)
fuzz_ispac_SOURCES = tests/fuzz/fuzz_ispac.c
fuzz_ispac_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_ispac_LDADD = $(PACKAGE_LIBS)
fuzz_manifest_SOURCES = tests/fuzz/fuzz_manifest.c tests/package/zipper.c tests/package/zipper.h
fuzz_manifest_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
fuzz_manifest_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_manifest_LDADD = $(PACKAGE_LIBS)
endif
# Seeds: tests/fuzz/corpus and samples/. "fuzz_dtsx -dict=tests/fuzz/xml.dict NEW tests/fuzz/corpus/dtsx samples/LogCare"
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/xml.dict
