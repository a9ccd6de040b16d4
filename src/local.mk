# The programs: main_*.c is the only place that sees all rooms.
