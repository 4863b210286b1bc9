import argparse
import json
import math
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseFailure
from tqdm import tqdm

from integrations.replay.errors import InterruptedReplayError, ReplayError
from integrations.replay.replay import Options, Progress, replay

DEFAULT_URL = "http://127.0.0.1:8000"
INTERRUPTED = 130


class Command(BaseCommand):
    help = (
        "Drives the running platform with a queue log, through its API, and checks the result. "
        "Started again, it goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the log, csv or csv.gz")
        parser.add_argument("--provider", required=True, metavar="SLUG")
        parser.add_argument(
            "--speed",
            type=_not_negative,
            default=0.0,
            help="factor of real time; 0, the default: as fast as it goes",
        )
        parser.add_argument(
            "--url",
            default=os.environ.get("WEB_URL", DEFAULT_URL),
            help="where the platform is; default: WEB_URL, else %(default)s",
        )
        parser.add_argument(
            "--time-zone", type=_zone, default="Asia/Jerusalem", help="of the log's times"
        )
        parser.add_argument(
            "--head-start",
            type=_seconds,
            default="90",
            metavar="SECONDS",
            help="how much earlier a ticket counts for each step of its priority",
        )
        parser.add_argument("--connections", type=_positive, default=4, metavar="N")
        for name in ("--from", "--until"):
            parser.add_argument(name, type=_date, metavar="DATE", help="of joining, inclusive")
        parser.add_argument("--report", type=Path, metavar="FILE.json", help="write it there too")

    def handle(self, *args: Any, **arguments: Any) -> None:
        options = Options(
            path=arguments["file"],
            provider=arguments["provider"],
            url=arguments["url"],
            time_zone=arguments["time_zone"],
            speed=arguments["speed"],
            head_start=arguments["head_start"],
            connections=arguments["connections"],
            first_date=arguments["from"],
            last_date=arguments["until"],
        )
        try:
            with _terminated_as_interrupted(), _progress_bar() as on_progress:
                report = replay(options, say=self.stdout.write, on_progress=on_progress)
        except InterruptedReplayError as interruption:
            raise CommandError(str(interruption), returncode=INTERRUPTED) from None
        except KeyboardInterrupt:
            raise CommandError(
                "Interrupted. The same command goes on from there.", returncode=INTERRUPTED
            ) from None
        except ReplayError as error:
            raise CommandError(str(error)) from error
        except DatabaseFailure as error:
            raise CommandError(f"The database failed: {error}") from error
        self.stdout.write(report.as_text())
        if arguments["report"]:
            _write(arguments["report"], report.as_json())
        if report.exit_code:
            raise CommandError("The platform does not hold what the log says; see above.")
        self.stdout.write("The platform holds what the log says.")


@contextmanager
def _progress_bar() -> Iterator[Progress]:
    """A bar on the terminal, from the first progress on; nothing elsewhere."""
    # A terminal that does not know its size gets 80 × 24; by itself, tqdm would show nothing.
    size = shutil.get_terminal_size()
    with ExitStack() as stack:
        bar: tqdm[Any] | None = None

        def show(to_do: int, left: int) -> None:
            nonlocal bar
            if bar is None:
                bar = stack.enter_context(
                    tqdm(
                        total=to_do,
                        unit=" requests",
                        disable=None,
                        ncols=size.columns,
                        nrows=size.lines,
                    )
                )
            bar.update(to_do - left - bar.n)

        yield show


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM is Ctrl-C here, so that the key is revoked."""
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _write(path: Path, content: object) -> None:
    try:
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"The report can not be written: {error}") from error


def _checked(
    convert: Callable[[str], Any], what: str, is_good: Callable[[Any], bool] | None = None
) -> Any:
    """An argparse type: text that converts, and then is good."""

    def parse(text: str) -> Any:
        try:
            value = convert(text)
        except (ValueError, OverflowError):
            value = None
        if value is None or (is_good and not is_good(value)):
            raise argparse.ArgumentTypeError(f"“{text}” is not {what}")
        return value

    return parse


_not_negative = _checked(float, "a number from 0", lambda n: n >= 0 and math.isfinite(n))
_positive = _checked(int, "a whole number from 1", lambda n: n > 0)
_seconds = _checked(
    lambda text: timedelta(seconds=int(text)),
    "a whole number of seconds, up to a day",
    lambda span: timedelta() <= span <= timedelta(days=1),
)
_date = _checked(date.fromisoformat, "a date like 1999-01-31")
_zone = _checked(
    lambda name: ZoneInfo(name) if name in available_timezones() else None, "an IANA time zone"
)
