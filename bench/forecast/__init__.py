"""`make bench-forecast`: how right the wait estimate is on a queue log, and what it costs."""
