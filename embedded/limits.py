"""Limits of the machine that are worth a word before they bite."""

import resource
import shutil
from pathlib import Path

OPEN_FILES = 4096
OPEN_FILES_CEILING = 65536
FREE_BYTES = 1024**3


def raise_open_files() -> str | None:
    """Raise the soft limit of open files where the hard one allows; return a warning if too low."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= OPEN_FILES:
        return None
    # Not to infinity: programs that close every possible descriptor would take minutes.
    wanted = OPEN_FILES_CEILING if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES_CEILING)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    except (ValueError, OSError):
        pass
    if soft >= OPEN_FILES:
        return None
    return (
        f"Only {soft} files may be open at once here ({OPEN_FILES} are advised): many guests at"
        f" once may be refused. Raise the limit with `ulimit -n {OPEN_FILES}` before `make run`."
    )


def disk_warning(folder: Path, least: int = FREE_BYTES) -> str | None:
    """A warning when fewer than `least` bytes are free where `folder` is."""
    free = shutil.disk_usage(folder).free
    if free >= least:
        return None
    return f"Only {free / 1024**2:.0f} MiB are free at {folder}; PostgreSQL stops when it is full."
