# tests/tsql
