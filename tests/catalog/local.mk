# tests/catalog
