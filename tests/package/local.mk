# tests/package
