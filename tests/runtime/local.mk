# tests/runtime
