# Benchmarks: run by hand; each prints "figure" and "ratio" lines.
noinst_PROGRAMS += bench/spawn
bench_spawn_SOURCES = bench/spawn.c
bench_spawn_LDADD = libbase.a
EXTRA_DIST += bench/dispatch
