"""`make test`: the suites, each on what it needs."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from embedded.build import build
from embedded.client import run_client_tests
from embedded.limits import raise_open_files
from embedded.project import Stack, environment
from embedded.say import say
from embedded.stop_signals import StopSignals
from embedded.throwaway import throwaway_stack

STANDBY_SUITE = "tests/standby"
NOTHING_COLLECTED = 5


@dataclass(frozen=True)
class Suite:
    """One run of pytest; `replica` tells the platform of the standby."""

    arguments: Sequence[str]
    replica: bool


def choose_suites(checkout: Path, arguments: Sequence[str]) -> list[Suite]:
    """Both suites with pytest's options among `arguments`, or only the tests they name."""
    options = [one for one in arguments if not _names_tests(checkout, one)]
    named = [one for one in arguments if _names_tests(checkout, one)]
    standby = [one for one in named if one.startswith(STANDBY_SUITE)]
    ordinary = [one for one in named if one not in standby]
    if not named:
        ordinary = [f"--ignore={STANDBY_SUITE}"]
        standby = [STANDBY_SUITE] if (checkout / STANDBY_SUITE).is_dir() else []
    suites = []
    if ordinary:
        workers = str(max(2, min(4, os.cpu_count() or 2)))
        suites.append(Suite(["-n", workers, *ordinary, *options], replica=False))
    if standby:
        # One after the other: they share the one standby.
        suites.append(Suite(["-n", "0", *standby, *options], replica=True))
    return suites


def run_suites(checkout: Path, arguments: Sequence[str]) -> int:
    """Run the ordinary suite in parallel, then the one that needs the standby.

    `arguments` go to pytest; where they name files, only those run. Returns the first failing exit
    code. A suite in which `arguments` leave nothing to run is a failure only if both are so.

    Raises:
        ProblemError: the stack for the tests does not start.
    """
    raise_open_files()
    StopSignals()
    try:
        build(checkout)
        with throwaway_stack(checkout) as stack:
            suites = choose_suites(checkout, arguments)
            codes = [] if arguments else [run_client_tests(checkout)]
            codes += [_pytest(checkout, stack, suite) for suite in suites]
    except KeyboardInterrupt:
        say("Interrupted.")
        return 130
    if arguments and any(code != NOTHING_COLLECTED for code in codes):
        codes = [code for code in codes if code != NOTHING_COLLECTED]
    return next((code for code in codes if code != 0), 0)


def _pytest(checkout: Path, stack: Stack, suite: Suite) -> int:
    variables = environment(stack, replica=suite.replica)
    command = [sys.executable, "-m", "pytest", *suite.arguments]
    say(f"pytest {' '.join(suite.arguments)}")
    process = subprocess.Popen(command, cwd=checkout, env=variables)
    try:
        return process.wait()
    except KeyboardInterrupt:
        # Ctrl-C reached pytest as well; it prints its summary before it ends.
        process.terminate()
        process.wait()
        raise


def _names_tests(checkout: Path, argument: str) -> bool:
    path, _, _ = argument.partition("::")
    return not argument.startswith("-") and (checkout / path).exists()
