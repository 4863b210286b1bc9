"""Django looks for a backend's classes here."""

from functools import cache
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from psycopg_pool import PoolTimeout

from waitlessq.db.pooled import PooledConnection
from waitlessq.db.replicas import Replica, replica

# What the primary would refuse as well: 22 data, 23 constraint, 25006 a write, 57014 too slow.
REFUSED_ANYWHERE = ("22", "23", "25006", "57014")


class ReplicaConnection(PooledConnection):
    """Waits only while the replica is not left out, so nobody waits for one that is frozen."""

    replica: Replica

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Any:
        made = super().connect(*args, **kwargs)
        cls.replica.forget_position()
        return made

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        return super().wait(self._while_in(gen), interval, timeout)

    def _while_in(self, gen: Any) -> Any:
        try:
            wanted = next(gen)
            while True:
                is_ready = yield wanted
                if not is_ready and not self.replica.is_in:
                    raise psycopg.OperationalError("the replica does not answer")
                wanted = gen.send(is_ready)
        except StopIteration as end:
            return end.value


@cache
def connection_class(alias: str) -> type[ReplicaConnection]:
    """The class of all connections to one replica."""
    return type("ReplicaConnection", (ReplicaConnection,), {"replica": replica(alias)})


class _ElseOnPrimary(CursorWrapper):
    """A statement that fails because of the replica is run on the primary instead."""

    def execute(self, sql: Any, params: Any = None) -> Any:
        try:
            return super().execute(sql, params)
        except Error as error:
            if not isinstance(self.db, DatabaseWrapper) or _is_refused_anywhere(error):
                raise
            self.db.give_up(error)
            primary = connections[DEFAULT_DB_ALIAS]
            self.cursor, self.db = primary.cursor(), primary
            return self.cursor.execute(sql, params)


class _DebuggedElseOnPrimary(_ElseOnPrimary, CursorDebugWrapper):
    pass


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to a replica, for reads outside of transactions."""

    def __init__(self, settings_dict: dict[str, Any], alias: str = DEFAULT_DB_ALIAS) -> None:
        super().__init__(settings_dict, alias)
        if pool := settings_dict["OPTIONS"].get("pool"):
            pool["connection_class"] = connection_class(alias)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if self.pool:
            return super().get_new_connection(conn_params)
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return connection_class(self.alias).connect(**conn_params)

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        return _ElseOnPrimary(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> CursorDebugWrapper:
        return _DebuggedElseOnPrimary(cursor, self)

    def _cursor(self, name: str | None = None) -> Any:
        try:
            return super()._cursor(name)  # type: ignore[misc]
        except (Error, PoolTimeout) as error:
            self.give_up(error)
            return connections[DEFAULT_DB_ALIAS].cursor()

    def give_up(self, error: Exception) -> None:
        """Lets go of the connection; if it was lost, the replica is left out for now."""
        if self.connection is None or self.connection.closed:
            replica(self.alias).take_out(error)
        self.close()


def _is_refused_anywhere(error: Error) -> bool:
    sqlstate = getattr(error.__cause__, "sqlstate", None) or ""
    return sqlstate.startswith(REFUSED_ANYWHERE)
