"""The embedded stack: PostgreSQL with a standby, Valkey and the platform itself, out of one folder.

`make run`, `make test` and their relatives call this package. Production does not use it.
"""
