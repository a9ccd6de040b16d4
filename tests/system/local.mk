# system tests
TESTS += tests/system/test_samples.sh
EXTRA_DIST += tests/system/test_samples.sh
TESTS += tests/system/test_quickstart.sh
EXTRA_DIST += tests/system/test_quickstart.sh
