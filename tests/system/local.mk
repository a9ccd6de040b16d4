# system tests
TESTS += tests/system/test_samples.sh
EXTRA_DIST += tests/system/test_samples.sh
