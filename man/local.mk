# Manual pages (mdoc).
dist_man_MANS += man/scaleout.1 man/scaleoutd.8 man/scaleout-worker.1
