"""Make `.venv` ready: `python3 embedded/bootstrap.py`, with nothing but a system Python.

This file is also read by Pythons that are too old for the project, so that it can say so; it
therefore keeps to the plainest syntax.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")


def find_newer() -> str:
    """The path of a Python that is new enough, or an empty string."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    for name in NAMES:
        path = shutil.which(name)
        if path and subprocess.call([path, "-c", check], stderr=subprocess.DEVNULL) == 0:
            return path
    return ""


def main() -> int:
    """Set up the environment, with a newer Python if this one is too old; return the exit code."""
    if sys.version_info < OLDEST:
        newer = find_newer()
        if newer:
            os.execv(newer, [newer, *sys.argv])  # noqa: S606 - becomes this program once more
        version = ".".join(str(part) for part in sys.version_info[:2])
        sys.stderr.write(
            f"WaitLessQ needs Python 3.11 or newer; this one is {version} ({sys.executable}), and"
            " no newer one is on PATH.\n"
        )
        return 1
    checkout = Path(__file__).resolve().parent.parent
    # This folder must not come first on the path: its modules are not meant to hide others.
    sys.path[0] = str(checkout)
    from embedded.virtual_environment import set_up  # noqa: PLC0415 - too new for old Pythons

    return set_up(checkout)


if __name__ == "__main__":
    sys.exit(main())
