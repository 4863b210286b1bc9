"""`make bench-scale`: event streams and requests at once, on the whole platform, on one machine."""
