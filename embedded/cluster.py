"""The primary and its streaming standby."""

import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import Connection, sql

from embedded.keys import Keys, save_private
from embedded.ports import LOOPBACK
from embedded.postgres import SUPERUSER, Server, data_major
from embedded.say import ProblemError, say

DATABASE = "waitlessq"
APPLICATION_ROLE = "waitlessq"
REPLICATION_ROLE = "replicator"
SLOT = "standby1"
STREAMING_SECONDS = 20.0
MAX_CONNECTIONS = 100

Hook = Callable[[str, int], None]
Section = Callable[[], AbstractContextManager[None]]


@dataclass
class Cluster:
    """Both servers.

    `release(name)` lets go of a server's port just before it starts; `started(name, pid)` is told
    of it just after; `section` guards the two from an interruption between them.
    """

    primary: Server
    standby: Server
    keys: Keys
    started: Hook
    durable: bool
    section: Section
    release: Callable[[str], int]

    def start_primary(self) -> None:
        """Make the primary at the first start, start it, and see to its roles and database."""
        if data_major(self.primary.data) is None:
            self._initialise()
        self._launch(self.primary, self._settings(self.primary))
        self.primary.wait_ready()
        with self.primary.connect(self.keys.superuser_password) as connection:
            _ensure_roles(connection, self.keys)
        if self.primary.binaries.has_statement_statistics:
            password = self.keys.superuser_password
            with self.primary.connect(password, database=DATABASE) as connection:
                connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def relaunch(self, server: Server) -> None:
        """Start a server again that was killed, and wait until it takes queries."""
        if server is self.standby:
            self._launch_standby()
        else:
            self._launch(server, self._settings(server))
        server.wait_ready()

    def start_standby(self) -> None:
        """Start the standby and wait until it streams; one that is broken is made anew.

        Raises:
            ProblemError: a fresh standby does not stream either.
        """
        reason = self._standby_fault()
        if reason is None:
            self._launch_standby()
            reason = self._wait_streaming()
        if reason is None:
            return
        if self.standby.data.exists():
            say(f"  ·  The standby {reason}: making it anew from the primary")
        self.standby.stop(5)
        self._copy_primary()
        self._launch_standby()
        reason = self._wait_streaming()
        if reason is not None:
            raise ProblemError(f"The fresh standby {reason}:\n{self.standby.last_words()}")

    def stop(self) -> None:
        """Stop the standby, then the primary."""
        self.standby.stop(2)
        self.primary.stop(3)

    def _launch(self, server: Server, settings: Mapping[str, str]) -> None:
        with self.section():
            self.release(server.name)
            self.started(server.name, server.start(settings))

    def _initialise(self) -> None:
        server = self.primary
        # Made beside its place and then moved, so that an interruption leaves no half database.
        draft = server.folder / "primary.new"
        shutil.rmtree(draft, ignore_errors=True)
        server.account.make_private_folder(draft)
        password = server.folder / "primary.password"
        save_private(password, self.keys.superuser_password)
        server.account.own(password)
        server.run(
            "initdb",
            *("-D", str(draft), "-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", str(password)),
            # PostgreSQL's own locale: the same order and case rules on every machine.
            *("-E", "UTF8", "--locale", "C", "--locale-provider", "builtin"),
            *("--builtin-locale", "C.UTF-8"),
            *(() if self.durable else ("--no-sync",)),
        )
        password.unlink()
        draft.rename(server.data)

    def _settings(self, server: Server) -> dict[str, str]:
        libraries = "pg_stat_statements" if server.binaries.has_statement_statistics else ""
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(server.port),
            # Paths of sockets may not exceed 107 bytes, which a deep checkout does; TCP it is.
            "unix_socket_directories": "",
            "cluster_name": SLOT if server is self.standby else server.name,
            "max_connections": str(MAX_CONNECTIONS),
            "shared_buffers": "128MB",
            "shared_preload_libraries": libraries,
            "wal_level": "replica",
            "max_wal_senders": "5",
            "max_replication_slots": "5",
            "max_slot_wal_keep_size": "1GB",
            "max_wal_size": "512MB",
            "hot_standby": "on",
            "hot_standby_feedback": "on",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "lc_messages": "C",
            "default_text_search_config": "pg_catalog.simple",
            "logging_collector": "on",
            "log_directory": str(server.folder / "log"),
            "log_filename": f"{server.name}-%a.log",
            "log_rotation_age": "1d",
            "log_rotation_size": "0",
            "log_truncate_on_rotation": "on",
            "log_min_duration_statement": "500ms",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return settings

    def _standby_fault(self) -> str | None:
        """Why the standby cannot even be tried, as the rest of "The standby …"; None if it can."""
        if not self.standby.data.exists():
            return "is missing"
        if data_major(self.standby.data) != data_major(self.primary.data):
            return "has no data or data of another PostgreSQL"
        try:
            if _system_identifier(self.standby) != _system_identifier(self.primary):
                return "belongs to another primary"
        except ProblemError:
            return "is damaged"
        with self.primary.connect(self.keys.superuser_password) as connection:
            slot = connection.execute(
                "SELECT wal_status FROM pg_replication_slots WHERE slot_name = %s", (SLOT,)
            ).fetchone()
        if slot is None or slot[0] == "lost":
            return "has fallen too far behind"
        return None

    def _launch_standby(self) -> None:
        server = self.standby
        passwords = server.folder / "standby.pgpass"
        password = self.keys.replication_password
        save_private(passwords, f"{LOOPBACK}:*:*:{REPLICATION_ROLE}:{password}\n")
        server.account.own(passwords)
        # Written at each start, because the primary's port may have changed.
        source = {
            "host": LOOPBACK,
            "port": str(self.primary.port),
            "user": REPLICATION_ROLE,
            "passfile": str(passwords),
            "application_name": SLOT,
        }
        settings = self._settings(server) | {
            "primary_conninfo": _connection_string(source),
            "primary_slot_name": SLOT,
        }
        self._launch(server, settings)

    def _wait_streaming(self) -> str | None:
        """None once the standby streams; otherwise why not."""
        deadline = time.monotonic() + STREAMING_SECONDS
        query = "SELECT state FROM pg_stat_replication WHERE application_name = %s"
        with self.primary.connect(self.keys.superuser_password) as connection:
            while time.monotonic() < deadline:
                if not self.standby.is_running():
                    return "stopped by itself"
                row = connection.execute(query, (SLOT,)).fetchone()
                if row is not None and row[0] == "streaming":
                    break
                if row is not None:
                    # It catches up on what it missed: it is sound, however long that takes.
                    deadline = time.monotonic() + STREAMING_SECONDS
                time.sleep(0.05)
            else:
                return f"did not stream within {STREAMING_SECONDS:.0f} s"
        try:
            self.standby.wait_ready()
            password = self.keys.superuser_password
            with self.standby.connect(password, database=DATABASE) as connection:
                connection.execute("SELECT 1")
        except (ProblemError, psycopg.Error):
            return "takes no queries"
        return None

    def _copy_primary(self) -> None:
        server = self.standby
        draft = server.folder / "standby.new"
        for old in (draft, server.data):
            shutil.rmtree(old, ignore_errors=True)
        server.account.make_private_folder(draft)
        self._drop_slot()
        server.run(
            "pg_basebackup",
            *("-h", LOOPBACK, "-p", str(self.primary.port), "-U", REPLICATION_ROLE),
            *("-D", str(draft), "-X", "stream", "-C", "-S", SLOT, "-c", "fast", "--no-password"),
            *(() if self.durable else ("--no-sync",)),
            extra={"PGPASSWORD": self.keys.replication_password},
        )
        signal_file = draft / "standby.signal"
        signal_file.touch(0o600)
        server.account.own(signal_file)
        draft.rename(server.data)

    def _drop_slot(self) -> None:
        """Drop the slot; the server may need a moment to see that its old user has gone."""
        deadline = time.monotonic() + 5
        with self.primary.connect(self.keys.superuser_password) as connection:
            while time.monotonic() < deadline:
                rows = connection.execute(
                    "SELECT active FROM pg_replication_slots WHERE slot_name = %s", (SLOT,)
                ).fetchall()
                if not rows:
                    return
                if not rows[0][0]:
                    connection.execute("SELECT pg_drop_replication_slot(%s)", (SLOT,))
                    return
                time.sleep(0.05)
        raise ProblemError(f"Another standby still uses the replication slot {SLOT}.")


def check_major(data: Path, ours: int) -> None:
    """Refuse data of another PostgreSQL major than `ours`, before anything is touched.

    Raises:
        ProblemError: with what to do.
    """
    found = data_major(data)
    if found is None or found == ours:
        return
    raise ProblemError(
        f"The data in {data} are of PostgreSQL {found}; this version of the project comes with"
        f" PostgreSQL {ours}, which cannot read them. Nothing was touched.\n"
        f"  To keep them: go back to the version of the project with PostgreSQL {found}, start it,"
        " save them with pg_dump, return, `make clean`, `make run`, and load them.\n"
        "  To start afresh: `make clean`, which removes them."
    )


def prepare_folder(server: Server) -> None:
    """Make the folder of logs, which the server's account writes."""
    server.account.make_private_folder(server.folder / "log")


def _ensure_roles(connection: Connection[tuple[object, ...]], keys: Keys) -> None:
    """Create what is missing; passwords are set at every start, as they are kept outside."""
    # Waiting for the standby would be wrong here, and the passwords must not enter a log.
    connection.execute("SET log_min_duration_statement = -1")
    connection.execute("SET log_min_error_statement = 'panic'")
    roles = (
        (APPLICATION_ROLE, "LOGIN CREATEDB", keys.database_password),
        (REPLICATION_ROLE, "LOGIN REPLICATION", keys.replication_password),
    )
    for name, rights, password in roles:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
        verb = "ALTER" if known else "CREATE"
        command = sql.SQL(f"{verb} ROLE {{}} {rights} PASSWORD {{}}")
        connection.execute(command.format(sql.Identifier(name), sql.Literal(password)))
    known = connection.execute(
        "SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)
    ).fetchone()
    if not known:
        owner = sql.Identifier(APPLICATION_ROLE)
        command = sql.SQL("CREATE DATABASE {} OWNER {}")
        connection.execute(command.format(sql.Identifier(DATABASE), owner))


def _system_identifier(server: Server) -> str:
    for line in server.run("pg_controldata", str(server.data)).splitlines():
        if line.startswith("Database system identifier:"):
            return line.split(":")[1].strip()
    raise ProblemError("pg_controldata names no system identifier")


def _connection_string(parts: Mapping[str, str]) -> str:
    def escape(value: str) -> str:
        return value.replace("\\", "\\\\").replace("'", "\\'")

    return " ".join(f"{key}='{escape(value)}'" for key, value in parts.items())
