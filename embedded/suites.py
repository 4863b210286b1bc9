"""`make test`: the suites, each on what it needs."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from embedded.browser import ADVICE, find_or_install_chromium
from embedded.build import build
from embedded.client import run_client_tests
from embedded.edge import ADVICE as EDGE_ADVICE
from embedded.edge import find_or_install_nginx
from embedded.limits import raise_open_files
from embedded.pgbouncer import pgbouncer
from embedded.ports import LOOPBACK
from embedded.postgres import SUPERUSER
from embedded.project import Stack, environment
from embedded.say import ProblemError, say
from embedded.stop_signals import StopSignals
from embedded.throwaway import throwaway_stack

STANDBY_SUITE = "tests/standby"
BROWSER_SUITE = "tests/browser"
EDGE_SUITE = "tests/edge"
PICTURES = f"{BROWSER_SUITE}/screenshots.py"
NOTHING_COLLECTED = 5
# So many platforms at once stand 2 cores without a test that runs out of time.
WHOLE_PARTS = 2
Process = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Suite:
    """One run of pytest.

    `replica` tells the platform of the standby; `has_edge` is for tests of nginx. `is_whole` is for
    tests that start all of the platform on a stack of their own, and look at it with Chromium.
    """

    arguments: Sequence[str]
    replica: bool = False
    is_whole: bool = False
    has_edge: bool = False


def choose_suites(checkout: Path, arguments: Sequence[str]) -> list[Suite]:
    """All suites with pytest's options among `arguments`, or only the tests they name."""
    options = [one for one in arguments if not _names_tests(checkout, one)]
    named = [one for one in arguments if _names_tests(checkout, one)]
    special = [
        one for one in (STANDBY_SUITE, EDGE_SUITE, BROWSER_SUITE) if (checkout / one).is_dir()
    ]
    chosen = named or special
    standby = [one for one in chosen if one.startswith(STANDBY_SUITE)]
    browser = [one for one in chosen if one.startswith(BROWSER_SUITE)]
    edge = [one for one in chosen if one.startswith(EDGE_SUITE)]
    ordinary = [one for one in named if one not in {*standby, *edge, *browser}]
    suites = []
    if ordinary or not named:
        workers = str(max(2, min(4, os.cpu_count() or 2)))
        ignored = [f"--ignore={one}" for one in special]
        suites.append(Suite(["-n", workers, *ordinary, *ignored, *options]))
    # One after the other: they share the one standby, and the one platform.
    if standby:
        suites.append(Suite(["-n", "0", *standby, *options], replica=True))
    if edge:
        suites.append(Suite(["-n", "0", *edge, *options], has_edge=True))
    if browser:
        suites.append(Suite(["-n", "0", *browser, *options], is_whole=True))
    return suites


def run_suites(checkout: Path, arguments: Sequence[str]) -> int:
    """Run the ordinary suite in parallel, then the one with the standby, then the one in Chromium.

    `arguments` go to pytest; where they name files, only those run. Returns the first failing exit
    code. A suite in which `arguments` leave nothing to run is a failure only if all are so. Without
    Chromium its suite is left out, and without nginx the edge's, which is said; that is a failure
    only if nothing else ran.

    Raises:
        ProblemError: the stack for the tests does not start.
    """
    raise_open_files()
    StopSignals()
    try:
        build(checkout)
        suites = choose_suites(checkout, arguments)
        chromium, left_out = _look_for_chromium(checkout, suites)
        suites, without_edge = _look_for_nginx(suites)
        codes = [] if arguments else [run_client_tests(checkout)]
        codes += _run_on_stack(checkout, [suite for suite in suites if not suite.is_whole])
        if chromium is not None:
            parts = 1 if arguments else WHOLE_PARTS
            for suite in (suite for suite in suites if suite.is_whole):
                codes += _run_whole(checkout, suite, chromium, parts)
    except KeyboardInterrupt:
        say("Interrupted.")
        return 130
    for left in filter(None, (left_out, without_edge)):
        say(left)
    if arguments and any(code != NOTHING_COLLECTED for code in codes):
        codes = [code for code in codes if code != NOTHING_COLLECTED]
    return next((code for code in codes if code != 0), 0 if codes else 1)


def run_through_pgbouncer(checkout: Path, arguments: Sequence[str]) -> int:
    """Run the ordinary suite through PgBouncer, but for tests of what needs a session of its own.

    Raises:
        ProblemError: the stack, or PgBouncer, does not start.
    """
    raise_open_files()
    StopSignals()
    build(checkout)
    without = ["-m", "not session", "--ignore=embedded"]
    [suite] = choose_suites(checkout, arguments)[:1]
    suite = Suite([*suite.arguments, *without])
    with throwaway_stack(checkout) as stack, pgbouncer(checkout, stack) as port:
        variables = environment(stack, replica=False)
        direct = f":{stack.ports['primary']}/"
        url = variables["DATABASE_URL"].replace(direct, f":{port}/")
        variables |= {"DATABASE_URL": url, "PGBOUNCER": "true"}
        return _pytest(checkout, "pytest", suite, variables)


def take_pictures(checkout: Path) -> int:
    """Take the README's pictures of the platform anew; return the exit code.

    Raises:
        ProblemError: there is no Chromium.
    """
    raise_open_files()
    StopSignals()
    build(checkout)
    chromium = find_or_install_chromium()
    if chromium is None:
        raise ProblemError(f"No Chromium to take pictures with. {ADVICE}")
    try:
        [code] = _run_whole(checkout, Suite(["-n", "0", PICTURES], is_whole=True), chromium)
    except KeyboardInterrupt:
        return 130
    return code


def _look_for_chromium(checkout: Path, suites: Sequence[Suite]) -> tuple[str | None, str]:
    """Chromium if one of `suites` needs it; where it is missing, what to say about that."""
    if not any(suite.is_whole for suite in suites):
        return None, ""
    chromium = find_or_install_chromium()
    if chromium is not None:
        return chromium, ""
    left_out = _left_out(checkout)
    say(left_out)
    return None, left_out


def _look_for_nginx(suites: Sequence[Suite]) -> tuple[list[Suite], str]:
    """The suites that can run; where nginx is missing, what to say about that."""
    if not any(suite.has_edge for suite in suites) or find_or_install_nginx() is not None:
        return list(suites), ""
    left_out = f"  !  The tests of the edge ({EDGE_SUITE}) are left out: no nginx. {EDGE_ADVICE}"
    say(left_out)
    return [suite for suite in suites if not suite.has_edge], left_out


def _run_on_stack(checkout: Path, suites: Sequence[Suite]) -> list[int]:
    if not suites:
        return []
    with throwaway_stack(checkout) as stack:
        return [_pytest(checkout, "pytest", suite, _variables(stack, suite)) for suite in suites]


def _variables(stack: Stack, suite: Suite) -> dict[str, str]:
    variables = environment(stack, replica=suite.replica)
    if suite.replica:
        # Only a superuser can pause the replay.
        user = f"{SUPERUSER}:{stack.keys.superuser_password}"
        address = f"{LOOPBACK}:{stack.ports['standby']}/postgres"
        variables["STANDBY_ADMIN_URL"] = f"postgres://{user}@{address}"
    return variables


def _run_whole(checkout: Path, suite: Suite, chromium: str, parts: int = 1) -> list[int]:
    """Runs `suite` in so many parts at once, each with a platform of its own: tests mostly wait.

    What the first says is seen as it comes, what the others say once they end.
    """
    variables = os.environ | {"CHROMIUM": chromium}
    with ExitStack() as stack:
        outputs = [stack.enter_context(TemporaryFile()) for _ in range(parts - 1)]
        first, *others = (
            _start(
                checkout, "tests.browser", suite, variables | {"PART": f"{part}/{parts}"}, output
            )
            for part, output in enumerate([None, *outputs], 1)
        )
        codes = [_end(first, others)]
        for process, output in zip(others, outputs, strict=True):
            codes.append(_end(process, others))
            output.seek(0)
            say(output.read().decode(errors="replace"))
    return codes


def _pytest(checkout: Path, module: str, suite: Suite, variables: Mapping[str, str]) -> int:
    return _end(_start(checkout, module, suite, variables))


def _start(
    checkout: Path,
    module: str,
    suite: Suite,
    variables: Mapping[str, str],
    output: IO[bytes] | None = None,
) -> Process:
    command = [sys.executable, "-m", module, *suite.arguments]
    say(f"pytest {' '.join(suite.arguments)}")
    return subprocess.Popen(
        command, cwd=checkout, env=dict(variables), stdout=output, stderr=output
    )


def _end(process: Process, others: Sequence[Process] = ()) -> int:
    try:
        return process.wait()
    except KeyboardInterrupt:
        # Ctrl-C reached pytest as well; it prints its summary before it ends.
        for one in (process, *others):
            one.terminate()
        for one in (process, *others):
            one.wait()
        raise


def _left_out(checkout: Path) -> str:
    """That, and how many, tests in the browser are left out, and what to do about it."""
    command = [sys.executable, "-m", "tests.browser", "--collect-only", "-q", BROWSER_SUITE]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    count = sum("::" in line for line in done.stdout.splitlines())
    return (
        f"  !  The browser tests ({BROWSER_SUITE}, {count} tests) are left out: no Chromium."
        f" {ADVICE}"
    )


def _names_tests(checkout: Path, argument: str) -> bool:
    path, _, _ = argument.partition("::")
    return not argument.startswith("-") and (checkout / path).exists()
