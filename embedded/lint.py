"""`make lint`: every check of style, types, layers, migrations and settings, all failures told."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from embedded.build import build
from embedded.client import node_command
from embedded.say import say


@dataclass(frozen=True)
class Check:
    """A tool and its command line."""

    name: str
    command: Sequence[str]


@dataclass(frozen=True)
class Outcome:
    """What a tool said and how long it took, in seconds."""

    check: Check
    code: int
    output: str
    seconds: float


def lint(checkout: Path) -> int:
    """Run every check, two at a time; return 1 if any of them failed."""
    build(checkout)
    with tempfile.TemporaryDirectory() as folder:
        variables = _production_like(Path(folder))

        def carry_out(check: Check) -> Outcome:
            return _carry_out(check, checkout, variables)

        failed = []
        with ThreadPoolExecutor(max_workers=2) as pool:
            for outcome in pool.map(carry_out, _checks(checkout)):
                mark = "✗" if outcome.code else "✓"
                say(f"  {mark}  {outcome.check.name:<52} {outcome.seconds:5.1f} s")
                if outcome.code:
                    failed.append(outcome.check.name)
                    say("\n".join(f"     {line}" for line in outcome.output.splitlines()))
    if failed:
        say(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


def _checks(checkout: Path) -> list[Check]:
    python = sys.executable
    manage = (python, "manage.py")
    templates = [str(path.relative_to(checkout)) for path in _templates(checkout)]
    programs = Path(python).parent
    # mypy takes longest, so it starts first.
    return [
        Check("mypy", (python, "-m", "mypy", ".")),
        Check("types of the client (tsc)", (*node_command(), "node_modules/typescript/bin/tsc")),
        Check("ruff check", (python, "-m", "ruff", "check", ".")),
        Check("ruff format", (python, "-m", "ruff", "format", "--check", ".")),
        Check("import-linter", (python, "-c", _IMPORT_LINTER)),
        *([Check("djade", (str(programs / "djade"), "--check", *templates))] if templates else []),
        Check("Dockerfile (hadolint)", (str(programs / "hadolint"), "Dockerfile")),
        Check("migrations (squawk)", (python, "-m", "tools.lint_migrations")),
        Check("settings (check --deploy)", (*manage, "check", "--deploy", *_FAIL_ON_WARNING)),
        Check("no missing migration", (*manage, "makemigrations", "--check", "--dry-run")),
        Check("OpenAPI document", (*manage, "spectacular", *_SPECTACULAR)),
    ]


# import-linter offers no `python -m`.
_IMPORT_LINTER = "from importlinter.cli import lint_imports_command as main; main()"
_FAIL_ON_WARNING = ("--fail-level", "WARNING")
_SPECTACULAR = ("--validate", "--fail-on-warn", "--file", os.devnull)


def _templates(checkout: Path) -> list[Path]:
    skipped = {".venv", ".embedded", "node_modules"}
    return sorted(
        path
        for path in checkout.rglob("templates/**/*.html")
        if skipped.isdisjoint(path.relative_to(checkout).parts)
    )


def _production_like(folder: Path) -> dict[str, str]:
    """Settings as in production, with no database or cache behind them."""
    nowhere = "127.0.0.1:1"
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "waitlessq.settings",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "waitlessq.example",
        "DEBUG": "false",
        "HTTPS": "true",
        "DATABASE_URL": f"postgres://nobody:nothing@{nowhere}/nowhere",
        "REPLICA_URLS": "",
        "REDIS_URL": f"redis://{nowhere}/0",
        "CELERY_BROKER_URL": f"redis://{nowhere}/1",
        "STATIC_ROOT": str(folder),
        "REPLAY_CLOCK": "false",
        "EMAIL_URL": "consolemail://",
    }


def _carry_out(check: Check, checkout: Path, variables: dict[str, str]) -> Outcome:
    started = time.monotonic()
    done = subprocess.run(
        check.command,
        cwd=checkout,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return Outcome(check, done.returncode, done.stdout, time.monotonic() - started)
