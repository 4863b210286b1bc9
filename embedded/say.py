"""What the embedded stack tells the person at the terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class ProblemError(Exception):
    """A fault the reader can do something about; it is printed without a traceback."""


class _Terminal:
    """Whether the last line on the terminal waits to be replaced by its outcome."""

    unfinished = False


def say(text: str = "", *, unfinished: bool = False) -> None:
    """Print `text`; an `unfinished` line gives way to the next one.

    A terminal that was closed meanwhile must not keep us from stopping.
    """
    start = "\r\033[K" if _Terminal.unfinished else ""
    _Terminal.unfinished = unfinished
    with suppress(OSError, ValueError):
        print(start + text, end="" if unfinished else "\n", flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print `title` with the seconds its block took, or that it failed."""
    if sys.stdout.isatty():
        say(f"  ·  {title} …", unfinished=True)
    started = time.monotonic()
    mark = "✗"
    try:
        yield
        mark = "✓"
    finally:
        say(f"  {mark}  {title:<52} {time.monotonic() - started:5.1f} s")


def tail(path: Path, lines: int = 20) -> str:
    """The last `lines` lines of a log file, indented; empty when there is none."""
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join(f"     {line}" for line in text.splitlines()[-lines:])
