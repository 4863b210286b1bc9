"""Chromium for the browser tests: found, or installed where that needs nobody's password."""

import os
import shutil
import subprocess

from embedded import apt
from embedded.say import ProblemError, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = "Install it: sudo apt-get install chromium; or name a Chromium in CHROMIUM."


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
    if found is None and apt.can_install():
        say("  ·  No Chromium for the browser tests: installing Debian's, which may take minutes")
        apt.install("Chromium", ["chromium"])
        found = find_chromium()
    return found


def _runs(path: str) -> bool:
    # Ubuntu's chromium-browser is a script that only says where to get the real one.
    try:
        done = subprocess.run([path, "--version"], capture_output=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
