"""Chromium for the browser tests: found, or installed where that needs nobody's password."""

import os
import shutil
import subprocess
from collections.abc import Sequence

from embedded.say import ProblemError, say, step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = "Install it: sudo apt-get install chromium; or name a Chromium in CHROMIUM."
INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
UPDATE = ("apt-get", "update")


def find_chromium() -> str | None:
    """The program that CHROMIUM names, else the first Chromium on PATH that runs, else None.

    Raises:
        ProblemError: what CHROMIUM names does not run.
    """
    given = os.environ.get("CHROMIUM")
    if given:
        if not _runs(given):
            raise ProblemError(f"CHROMIUM names {given}, which does not run.")
        return given
    found = (path for name in NAMES if (path := shutil.which(name)))
    return next((path for path in found if _runs(path)), None)


def find_or_install_chromium() -> str | None:
    """As `find_chromium`; where there is none, root on Debian gets Debian's package.

    That it can not be installed is said and is no failure.
    """
    found = find_chromium()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
        found = find_chromium()
    return found


def _runs(path: str) -> bool:
    # Ubuntu's chromium-browser is a script that only says where to get the real one.
    try:
        done = subprocess.run([path, "--version"], capture_output=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _install() -> None:
    say("  ·  No Chromium for the browser tests: installing Debian's, which may take minutes")
    try:
        with step("Install Chromium (apt-get install chromium)"):
            # The lists of packages may be missing, as in a fresh container, or old.
            if _apt(INSTALL):
                _must(UPDATE)
                _must(INSTALL)
    except ProblemError as problem:
        say(str(problem))


def _apt(command: Sequence[str]) -> str:
    """Run apt-get without questions; what it said last if it failed, else nothing."""
    variables = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode == 0:
        return ""
    last = (done.stdout + done.stderr).splitlines()[-5:]
    return "\n".join(f"     {line}" for line in last) or "     it said nothing"


def _must(command: Sequence[str]) -> None:
    failure = _apt(command)
    if failure:
        raise ProblemError(f"`{' '.join(command)}` failed:\n{failure}")
