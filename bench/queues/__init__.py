"""How fast queues are, beside PostgreSQL's own speed, and with years of past tickets."""
