"""`make faults`: parts of a platform of its own are killed and frozen; is what was promised kept?

`make faults ARGS='9 13'` tries these rows of docs/operations.md only. Prints a table; the exit code
is 1 if a promise was not kept.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from embedded.edge import ADVICE, find_or_install_nginx
from embedded.ports import LOOPBACK
from embedded.say import ProblemError, say
from embedded.stop_signals import StopSignals
from tests.browser.whole import Platform

CHECKOUT = Path(__file__).resolve().parents[2]


def main(chosen: Sequence[str]) -> int:
    """Tries the rows and returns the exit code."""
    StopSignals()
    if find_or_install_nginx() is None:
        say(f"  !  Event streams are the hub's, not an edge's: there is no nginx. {ADVICE}")
    else:
        os.environ["EDGE"] = "true"
    platform = Platform(CHECKOUT, durable=True)
    # Load is from there; whoever guesses is counted.
    platform.environment["RATE_UNLIMITED_ADDRESSES"] = LOOPBACK
    os.environ.update(platform.environment)
    try:
        platform.start()
        return _try_rows(platform, chosen)
    except ProblemError as problem:
        say(str(problem))
        return 1
    finally:
        platform.stop()


def _try_rows(platform: Platform, chosen: Sequence[str]) -> int:
    import django  # noqa: PLC0415 (the platform's settings come first)

    django.setup()
    from django.db import connections  # noqa: PLC0415

    from tests.faults.rows import ROWS, Outcome, build_scene  # noqa: PLC0415

    broken = 0
    for number, (what, attempt) in ROWS.items():
        if chosen and number not in chosen:
            continue
        began = time.monotonic()
        try:
            outcome = attempt(build_scene(platform, f"row-{number}"))
        except Exception as error:  # noqa: BLE001 (the other rows are tried all the same)
            outcome = Outcome(f"not tried to the end: {error!r}", is_kept=False)
        connections.close_all()
        broken += not outcome.is_kept
        mark = "✓" if outcome.is_kept else "✗"
        say(f"  {mark}  {number:>2}  {what:<42} {outcome.seen} ({time.monotonic() - began:.0f} s)")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
