"""`make clean`: stop what runs and remove what the other commands made."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from embedded.lock import Lock
from embedded.place import recorded_states
from embedded.processes import is_alive, launcher_of, read_record
from embedded.say import ProblemError, say
from embedded.throwaway import remove_stack

STOP_SECONDS = 15.0
CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache")
BUILT = ("build", "node_modules", "static/built", "htmlcov", ".coverage")


def clean(checkout: Path) -> int:
    """Stop the stack of `checkout`, and remove its state, caches and build output.

    `.venv` is left to the Makefile, since this program runs in it.

    Raises:
        ProblemError: something does not stop, or belongs to another user.
    """
    for state in recorded_states(checkout):
        _stop(state, checkout)
    home = checkout / ".embedded"
    lock = None
    if home.exists():
        try:
            lock = Lock(home / "lock")
        except BlockingIOError:
            raise ProblemError(
                "The platform of this checkout is being started; stop it first."
            ) from None
    for state in recorded_states(checkout):
        if state.exists():
            for folder in (*state.glob("test-*"), state):
                remove_stack(folder, checkout)
            if state.exists():
                raise ProblemError(f"Cannot remove {state}: does it belong to another user?")
            say(f"Removed {state}")
    if lock is not None:
        lock.release()
    for path in _leavings(checkout):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        say(f"Removed {path}")
    return 0


def _stop(state: Path, checkout: Path) -> None:
    record = read_record(state, checkout)
    launcher = launcher_of(record) if record else None
    if launcher is None:
        return
    say(f"Stopping the platform (process {launcher.pid})")
    launcher.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while is_alive(launcher):
        if time.monotonic() > deadline:
            raise ProblemError(f"Process {launcher.pid} does not stop; end it and run this again.")
        time.sleep(0.1)


def _leavings(checkout: Path) -> Iterator[Path]:
    for name in (*CACHES, *BUILT):
        if (checkout / name).exists():
            yield checkout / name
    for folder, names, _files in os.walk(checkout):
        names[:] = [name for name in names if name not in {".venv", ".git", "node_modules"}]
        if "__pycache__" in names:
            names.remove("__pycache__")
            yield Path(folder) / "__pycache__"
