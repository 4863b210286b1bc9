"""Which database a query goes to."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models

from waitlessq.db.reading import current_reader


class ReplicaRouter:
    """Reads go to replicas where ``waitlessq.db.reading`` lets them, all else to the primary.

    A model with ``always_newest`` is never read from a replica: what it takes away (a session, a
    membership) must be gone at once.
    """

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        reader = current_reader()
        if (
            reader is None
            or connection.in_atomic_block
            or _is_always_newest(model)
            or _is_always_newest(hints.get("instance"))
        ):
            return DEFAULT_DB_ALIAS
        return reader.alias()

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        reader = current_reader()
        # Django asks for an assigned foreign key, too: that is no write where nothing may be.
        if reader is not None and reader.may_write:
            reader.has_written = True
        return DEFAULT_DB_ALIAS

    def allow_relation(self, *rows: models.Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


def _is_always_newest(of: object) -> bool:
    if getattr(of, "always_newest", False):
        return True
    meta = getattr(of, "_meta", None)
    return meta is not None and meta.app_label == "sessions"
