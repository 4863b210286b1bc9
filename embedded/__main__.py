"""`python -m embedded COMMAND`: what the Makefile calls."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from embedded.attach import execute, open_psql
from embedded.build import build
from embedded.cleaning import clean
from embedded.launcher import run
from embedded.lint import lint
from embedded.project import edge_plan, edge_ports, platform_plan
from embedded.say import ProblemError, say
from embedded.suites import run_suites, run_through_pgbouncer, take_pictures
from embedded.texts import update_catalogs

CHECKOUT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str]) -> int:
    """Carry out one command and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m embedded", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run the whole platform until Ctrl-C")
    edge = commands.add_parser("edge", help="run it behind the edge, as production does")
    edge.add_argument("--shards", type=int, default=2)
    commands.add_parser("lint", help="run every check of style, types and settings")
    commands.add_parser("build", help="build what browsers get, and the translations")
    commands.add_parser("texts", help="bring the translators' files up to date")
    commands.add_parser("screenshots", help="take the README's pictures anew")
    commands.add_parser("clean", help="stop this checkout's platform and remove what it made")
    for name, text in (
        ("test", "run the tests on a stack of their own: test -- PYTEST ARGUMENTS"),
        ("test-pgbouncer", "run the tests through PgBouncer: test-pgbouncer -- PYTEST ARGUMENTS"),
        ("exec", "run a command in the running platform's environment: exec -- COMMAND"),
        ("psql", "open the running platform's database: psql -- PSQL ARGUMENTS"),
    ):
        commands.add_parser(name, help=text).add_argument("rest", nargs=argparse.REMAINDER)
    chosen = parser.parse_args(arguments)
    rest = list(getattr(chosen, "rest", []))
    if rest[:1] == ["--"]:
        rest = rest[1:]
    carry_out: dict[str, Callable[[], int | None]] = {
        "run": lambda: run(CHECKOUT, platform_plan, _web_port()),
        "edge": lambda: run(CHECKOUT, edge_plan, _web_port(), edge_ports(chosen.shards)),
        "test": lambda: run_suites(CHECKOUT, rest),
        "test-pgbouncer": lambda: run_through_pgbouncer(CHECKOUT, rest),
        "exec": lambda: execute(CHECKOUT, rest),
        "psql": lambda: open_psql(CHECKOUT, rest),
        "build": lambda: build(CHECKOUT),
        "lint": lambda: lint(CHECKOUT),
        "texts": lambda: update_catalogs(CHECKOUT),
        "screenshots": lambda: take_pictures(CHECKOUT),
        "clean": lambda: clean(CHECKOUT),
    }
    try:
        return carry_out[chosen.command]() or 0
    except ProblemError as problem:
        say(str(problem))
        return 1


def _web_port() -> int:
    return int(os.environ.get("WEB_PORT") or 8000)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
