# Benchmarks: run by hand or by scripts/bench; each prints "figure" and "ratio" lines.
