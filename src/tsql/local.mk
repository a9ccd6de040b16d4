# src/tsql
