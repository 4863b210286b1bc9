"""The virtual environment: made, filled and repaired with the standard library alone."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Self

REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
STAMP = "waitlessq.json"


class SetUpError(Exception):
    """The environment cannot be made; the text says what to do."""


def set_up(root: Path) -> int:
    """Bring `.venv` in `root` up to date with the requirements files; return the exit code."""
    # Two commands at once must not fill the same folder; the lock ends with this process.
    with (root / REQUIREMENTS[-1]).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            _bring_up_to_date(root)
        except SetUpError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        except KeyboardInterrupt:
            sys.stderr.write("Interrupted; the next `make run` goes on from here.\n")
            return 130
    return 0


def _bring_up_to_date(root: Path) -> None:
    venv = root / ".venv"
    wanted = _wanted_stamp(root, venv)
    if _read_stamp(venv) == wanted:
        return
    if not _is_sound(venv):
        if venv.exists():
            print("  ·  .venv is incomplete, was moved or is of another Python: made anew")
            shutil.rmtree(venv)
        _create(venv)
        wanted = _wanted_stamp(root, venv)
    _install(root, venv)
    (venv / STAMP).write_text(json.dumps(wanted))


def _wanted_stamp(root: Path, venv: Path) -> dict[str, str]:
    digest = hashlib.sha256()
    for name in REQUIREMENTS:
        digest.update((root / name).read_bytes())
    return {
        "requirements": digest.hexdigest(),
        "folder": str(venv),
        "python": _venv_version(venv),
    }


def _read_stamp(venv: Path) -> dict[str, str] | None:
    try:
        stamp: dict[str, str] = json.loads((venv / STAMP).read_text())
    except (OSError, ValueError):
        return None
    return stamp


def _venv_version(venv: Path) -> str:
    """The version of the environment's Python; empty when it does not run."""
    command = [str(venv / "bin" / "python"), "-c", "import sys; print(*sys.version_info[:3])"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def _is_sound(venv: Path) -> bool:
    """Whether `venv` was made here, by a Python that still runs, and holds a working pip."""
    version = _venv_version(venv)
    if not version:
        return False
    stamp = _read_stamp(venv)
    if stamp is not None and (stamp["folder"] != str(venv) or stamp["python"] != version):
        return False
    command = [str(venv / "bin" / "python"), "-m", "pip", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0 and f" from {venv.resolve()}{os.sep}" in done.stdout


def _create(venv: Path) -> None:
    with _Step(f"Create .venv with Python {sys.version_info[0]}.{sys.version_info[1]}"):
        if not _has_ensurepip() and os.geteuid() == 0 and shutil.which("apt-get"):
            _quietly(["apt-get", "install", "-y", "python3-venv"])
        if _has_ensurepip():
            _must([sys.executable, "-m", "venv", str(venv)])
        elif _quietly([sys.executable, "-m", "pip", "--version"]) == 0:
            # A bare environment that the system's own pip fills.
            _must([sys.executable, "-m", "venv", "--without-pip", str(venv)])
            python = str(venv / "bin" / "python")
            _must([sys.executable, "-m", "pip", "--python", python, "install", "-q", "pip"])
        else:
            raise SetUpError(
                "This Python can make no virtual environment: install the package python3-venv (on"
                " Debian and Ubuntu `sudo apt-get install python3-venv`) and run `make run` again."
            )


def _has_ensurepip() -> bool:
    return _quietly([sys.executable, "-c", "import ensurepip"]) == 0


def _quietly(command: list[str]) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode


def _must(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-8:])
        raise SetUpError(f"`{' '.join(command)}` failed:\n{last}")


def _install(root: Path, venv: Path) -> None:
    """Install exactly what the requirements file lists, each package checked by its hash."""
    listed = sum(
        1 for line in (root / REQUIREMENTS[-1]).read_text().splitlines() if "==" in line[:60]
    )
    command = [str(venv / "bin" / "python"), "-m", "pip", "install", "--require-hashes"]
    # The list is complete, so pip need not work out dependencies again.
    command += ["--no-deps", "--no-input", "--progress-bar", "off", "--disable-pip-version-check"]
    command += ["-r", str(root / REQUIREMENTS[-1])]
    last: deque[str] = deque(maxlen=15)
    fetched = 0
    with (
        _Step(f"Install {listed} packages") as step,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as pip,
    ):
        for line in pip.stdout or ():
            last.append(line.rstrip())
            if line.startswith(("Collecting ", "Requirement already satisfied")):
                fetched += 1
                step.progress(f"{fetched} of {listed} fetched", fetched)
            elif line.startswith("Installing collected"):
                step.progress("all fetched, unpacking", 0)
        if pip.wait() != 0:
            raise SetUpError("pip could not install the packages:\n" + "\n".join(last))


class _Step:
    """A line with the step's duration, and on the way how far it is."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._live = sys.stdout.isatty()
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        self.progress("", 0)
        return self

    def progress(self, text: str, count: int) -> None:
        """Say `text`: on a terminal in place, in a log file a line for every 25th `count`."""
        if self._live:
            print(f"\r\033[K  ·  {self._title} … {text}", end="", flush=True)
        elif text and count % 25 == 0:
            print(f"  ·  {self._title} … {text}", flush=True)

    def __exit__(self, kind: object, *_: object) -> None:
        seconds = time.monotonic() - self._started
        mark = "✓" if kind is None else "✗"
        start = "\r\033[K" if self._live else ""
        print(f"{start}  {mark}  {self._title:<52} {seconds:5.1f} s", flush=True)
