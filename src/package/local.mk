# src/package
