"""Where the files of published apps are: ``PWA_ROOT/<slug>/<digest>/…``.

The link ``PWA_ROOT/<slug>/current`` names the version that customers get. A version is written
beside the others under a passing name and renamed when it is complete; then the link is replaced.
Each of the two happens at once or not at all, so whoever is killed in between leaves the version
before.

Beside each text lies its compressed variant, for the edge.
"""

import gzip
import os
import shutil
import tempfile
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.utils._os import safe_join

CURRENT = "current"
UNFINISHED = ".new-"
COMPRESSED = {".html", ".css", ".js", ".webmanifest"}


def current_digest(slug: str) -> str | None:
    """Which version of a provider's app customers get; None before the first."""
    try:
        return (_folder(slug) / CURRENT).readlink().name
    except OSError:
        return None


def read_file(slug: str, digest: str, name: str) -> bytes | None:
    """A file of one version; None if it has no such file, whatever the name says."""
    try:
        return Path(safe_join(_folder(slug) / digest, name)).read_bytes()
    except (OSError, SuspiciousFileOperation, ValueError):
        return None


def read_kept_file(slug: str, name: str) -> bytes | None:
    """A file of whichever kept version has it; for names that say what is in them."""
    digests = [path.name for path in _folder(slug).iterdir() if not path.is_symlink()]
    found = (read_file(slug, digest, name) for digest in digests)
    return next((content for content in found if content is not None), None)


def publish(slug: str, digest: str, files: Mapping[str, bytes]) -> None:
    """Makes these files, complete and at once, what customers get.

    One at a time for each slug (the caller holds a lock). A second time changes nothing.

    Raises:
        OSError: they could not be written; the version before is still there.
    """
    folder = _folder(slug)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / digest).is_dir():
        _write_version(folder, digest, files)
    _switch(folder, digest)


def prune(slug: str, keep: Collection[str]) -> None:
    """Removes the versions that are not to be kept, and what a killed process left unfinished."""
    kept = {*keep, CURRENT, current_digest(slug)}
    for path in _folder(slug).iterdir():
        if path.name in kept:
            continue
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path, ignore_errors=True)


def _write_version(folder: Path, digest: str, files: Mapping[str, bytes]) -> None:
    unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder))
    # As other folders are: the web server may be somebody else.
    unfinished.chmod(0o755)
    for name, content in files.items():
        path = unfinished / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, content, digest)
        if path.suffix in COMPRESSED:
            _write(path.with_name(f"{path.name}.gz"), gzip.compress(content, mtime=0), digest)
    unfinished.rename(folder / digest)


def _write(path: Path, content: bytes, digest: str) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    # The edge makes a file's entity tag of its time and length. Two versions of one second may be
    # as long as each other, so the time, of the seventies, says which version it is.
    time = int(digest[:7], 16)
    os.utime(path, (time, time))


def _switch(folder: Path, digest: str) -> None:
    link = folder / f"{UNFINISHED}{CURRENT}"
    with suppress(FileNotFoundError):
        link.unlink()
    link.symlink_to(digest)
    link.replace(folder / CURRENT)


def _folder(slug: str) -> Path:
    return Path(safe_join(settings.PWA_ROOT, slug))
