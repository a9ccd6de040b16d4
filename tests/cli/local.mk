EXTRA_DIST += tests/cli/test_cli.sh
