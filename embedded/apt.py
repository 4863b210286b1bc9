"""Debian's packages, installed where that needs nobody's password."""

import os
import shutil
import subprocess
from collections.abc import Sequence

from embedded.say import ProblemError, say, step

UPDATE = ("apt-get", "update")


def can_install() -> bool:
    """Whether this is root on Debian."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(title: str, packages: Sequence[str]) -> None:
    """Install packages; that they can not be had is said and is no failure."""
    command = ("apt-get", "install", "--yes", "--no-install-recommends", *packages)
    try:
        with step(f"Install {title} (apt-get install {' '.join(packages)})"):
            # The lists of packages may be missing, as in a fresh container, or old.
            if _apt(command):
                _must(UPDATE)
                _must(command)
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
