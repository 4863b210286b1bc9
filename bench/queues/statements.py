"""What one request asks of PostgreSQL, written down while it does so, as a script for pgbench.

So pgbench runs the very same statements; what a request knows from an earlier answer (the queue's
sequence number, the ticket that was next) it takes from there, too.
"""

import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg import sql

from bench.queues.clients import Measured
from embedded.ports import LOOPBACK

Known = Mapping[Any, str]
"""What stands in a script for a value of the request that was written down."""


@contextmanager
def written_down() -> Iterator[list[tuple[str, list[Any]]]]:
    """The statements of the block and their parameters."""
    statements: list[tuple[str, list[Any]]] = []

    def note(
        execute: Callable[..., Any], text: str, parameters: Any, many: Any, context: Any
    ) -> Any:
        statements.append((text, list(parameters or [])))
        return execute(text, parameters, many, context)

    with connection.execute_wrapper(note):
        yield statements


def script(statements: Sequence[tuple[str, list[Any]]], known: Known) -> str:
    """The statements as one transaction of pgbench, from the first that locks."""
    lines: list[str] = []
    is_open = False
    for text, parameters in statements:
        if not is_open and "FOR NO KEY UPDATE" in text:
            lines.append("BEGIN;")
            is_open = True
        lines.append(_filled(text, parameters, known) + _kept(text))
    if is_open:
        lines.append("COMMIT;")
    return "\n".join(lines) + "\n"


def _filled(text: str, parameters: Sequence[Any], known: Known) -> str:
    pieces = text.replace("%%", "%").split("%s")
    filled = pieces[0] + "".join(
        f"{_value(value, known)}{piece}"
        for value, piece in zip(parameters, pieces[1:], strict=True)
    )
    return re.sub(r"\s+", " ", filled).strip()


def _value(value: Any, known: Known) -> str:
    if isinstance(value, datetime):
        return "now()"
    if isinstance(value, list) and value:
        return f"ARRAY[{', '.join(_value(one, known) for one in value)}]::bigint[]"
    if isinstance(value, list):
        return "'{}'::bigint[]"
    if isinstance(value, (int, str)) and not isinstance(value, bool) and value in known:
        return known[value]
    return sql.Literal(value).as_string(connection.connection)


def _kept(text: str) -> str:
    """What of an answer later statements need."""
    if "FROM queues_queue" in text and "FOR NO KEY UPDATE" in text:
        return " \\gset q_"
    if "LIMIT 1" in text and "state = 'waiting'" in text:
        return " \\gset t_"
    if "RETURNING ticket_id" in text:
        return " \\gset e_"
    return ";"


class Pgbench:
    """Runs scripts with as many clients as there are counters."""

    def __init__(self, program: Path, port: int, user: str, password: str, clients: int) -> None:
        self._program = program
        self._environment = {"PGPASSWORD": password}
        self._where = ["-h", LOOPBACK, "-p", str(port), "-U", user]
        self._clients = clients

    def run(self, database: str, text: str, seconds: float) -> Measured:
        """How many transactions were done.

        Raises:
            RuntimeError: it failed; says how.
        """
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(text)
            file.flush()
            done = subprocess.run(
                [
                    *(str(self._program), *self._where, "-n", "-M", "prepared", "-f", file.name),
                    *("-c", str(self._clients), "-j", "2", "-T", str(max(1, round(seconds)))),
                    database,
                ],
                env=self._environment,
                capture_output=True,
                text=True,
                check=False,
            )
        found = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
        failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
        if done.returncode or found is None or (failed and int(failed[1])):
            raise RuntimeError(f"pgbench failed:\n{done.stdout}\n{done.stderr}\n{text}")
        rate = float(found[1])
        return Measured(seconds=[self._clients / rate] * round(rate * seconds), elapsed=seconds)
