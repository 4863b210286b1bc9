"""Where the files of the apps are: ``<slug>/<digest>/…``, and which version customers get.

Through Django's storage API, under the alias ``apps``: folders below ``PWA_ROOT``, or a bucket. A
version is written first, complete; then what names the current one is replaced. Each of the two
happens at once or not at all, so whoever is killed in between leaves the version before.
"""

import gzip
import os
import posixpath
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, cast

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.utils._os import safe_join
from redis.exceptions import RedisError
from storages.backends.s3 import S3Storage

from waitlessq.cache import BUCKET_CURRENT

CURRENT, ENTRY = "current", "index.html"
NO_SUCH_FILE = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
# No file of an app has a longer one, and neither disks nor buckets take any.
LONGEST_NAME = 200
FILES_AT_ONCE = 8
# Links from host names to providers' folders; no slug starts with a dot.
HOSTS = ".hosts"
UNFINISHED = ".new-"
COMPRESSED = {".html", ".css", ".js", ".webmanifest"}
CONTENT_TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "png": "image/png",
    "webmanifest": "application/manifest+json",
}
# The name says what is in it, so it may be kept for ever; all else is asked for each time.
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+\Z")
FOR_EVER = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "no-cache"


class Place(Protocol):
    """What a Django storage must do besides, to hold apps."""

    def current(self, slug: str) -> str | None: ...
    def read(self, slug: str, digest: str, name: str) -> bytes | None: ...
    def versions(self, slug: str) -> list[str]: ...
    def write(self, slug: str, digest: str, files: Mapping[str, bytes]) -> None: ...
    def point(self, slug: str, digest: str) -> None: ...
    def keep(self, slug: str, digests: Collection[str]) -> None: ...
    def serve_at(self, host: str, slug: str | None) -> None: ...
    def hosts(self) -> set[str]: ...


def current_digest(slug: str) -> str | None:
    """Which version of a provider's app customers get; None before the first.

    Raises:
        OSError: nobody can say which.
    """
    return _place().current(slug)


def read_file(slug: str, digest: str, name: str) -> bytes | None:
    """A file of one version; None if it has no such file, whatever the name says.

    Raises:
        OSError: nobody can say whether it has.
    """
    if len(name) > LONGEST_NAME:
        return None
    try:
        return _place().read(slug, digest, name)
    except (*NO_SUCH_FILE, SuspiciousFileOperation, ValueError):
        return None


def read_kept_file(slug: str, name: str) -> bytes | None:
    """A file of whichever kept version has it; for names that say what is in them.

    Raises:
        OSError: nobody can say whether one has.
    """
    found = (read_file(slug, digest, name) for digest in versions(slug))
    return next((content for content in found if content is not None), None)


def versions(slug: str) -> list[str]:
    """The versions whose files are there, and what a killed process left unfinished.

    Raises:
        OSError: nobody can say.
    """
    return _place().versions(slug)


def write_version(slug: str, digest: str, files: Mapping[str, bytes]) -> None:
    """Keeps the files of a version; customers do not get them yet. A second time changes nothing.

    One at a time for each slug (the caller holds a lock).

    Raises:
        OSError: they could not be written.
    """
    _place().write(slug, digest, files)


def publish(slug: str, digest: str) -> None:
    """Makes a version that was written, at once, what customers get.

    Raises:
        OSError: it could not be done; the version before is still there.
    """
    _place().point(slug, digest)


def prune(slug: str, keep: Collection[str]) -> None:
    """Removes the versions that are not to be kept, and what a killed process left unfinished."""
    current = current_digest(slug)
    _place().keep(slug, {*keep, current} if current else set(keep))


def serve_at(host: str, slug: str | None) -> None:
    """Tells the edge whose app is at a host name, or that nobody's is.

    Raises:
        OSError: it could not be told; the platform answers there all the same.
    """
    _place().serve_at(host, slug)


def hosts() -> set[str]:
    """The host names that the edge was told of.

    Raises:
        OSError: they could not be read.
    """
    return _place().hosts()


def cache_control(name: str) -> str:
    """For how long a browser may keep a file."""
    return FOR_EVER if HASHED.search(name) else ASK_EACH_TIME


def _place() -> Place:
    return cast(Place, storages["apps"])


class AppFolders(FileSystemStorage):
    """Folders below ``PWA_ROOT``; the link ``<slug>/current`` names the version customers get.

    Beside each text lies its compressed variant, for the edge.
    """

    @property
    def base_location(self) -> str:
        return str(settings.PWA_ROOT)

    @property
    def location(self) -> str:
        return os.path.abspath(self.base_location)  # noqa: PTH100 (as its base does)

    def current(self, slug: str) -> str | None:
        try:
            return (self._folder(slug) / CURRENT).readlink().name
        except NO_SUCH_FILE:
            return None

    def read(self, slug: str, digest: str, name: str) -> bytes | None:
        return Path(safe_join(self._folder(slug) / digest, name)).read_bytes()

    def versions(self, slug: str) -> list[str]:
        return [path.name for path in self._folder(slug).iterdir() if not path.is_symlink()]

    def write(self, slug: str, digest: str, files: Mapping[str, bytes]) -> None:
        folder = self._folder(slug)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / digest).is_dir():
            _write_folder(folder, digest, files)

    def point(self, slug: str, digest: str) -> None:
        folder = self._folder(slug)
        link = folder / f"{UNFINISHED}{CURRENT}"
        with suppress(FileNotFoundError):
            link.unlink()
        link.symlink_to(digest)
        link.replace(folder / CURRENT)

    def keep(self, slug: str, digests: Collection[str]) -> None:
        for path in self._folder(slug).iterdir():
            if path.name in digests or path.name == CURRENT:
                continue
            if path.is_symlink():
                path.unlink()
            else:
                shutil.rmtree(path, ignore_errors=True)

    def serve_at(self, host: str, slug: str | None) -> None:
        links = Path(self.path(HOSTS))
        links.mkdir(parents=True, exist_ok=True)
        if slug is None:
            (links / host).unlink(missing_ok=True)
            return
        new = links / f"{UNFINISHED}{host}"
        new.unlink(missing_ok=True)
        new.symlink_to(Path("..") / slug)
        new.replace(links / host)

    def hosts(self) -> set[str]:
        links = Path(self.path(HOSTS))
        if not links.is_dir():
            return set()
        return {path.name for path in links.iterdir() if not path.name.startswith(UNFINISHED)}

    def _folder(self, slug: str) -> Path:
        return Path(self.path(slug))


class AppBucket(S3Storage):  # type: ignore[misc]
    """A bucket, below ``PWA_BUCKET_PREFIX``; ``<slug>/current`` names the version customers get.

    Objects say themselves for how long they may be kept, so whatever serves the bucket tells it.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(default_acl=None, file_overwrite=True, querystring_auth=False, **options)

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """Beside what is set for all: type and cache headers by the name."""
        kind = CONTENT_TYPES.get(name.rpartition(".")[2], "text/plain")
        told = {"CacheControl": cache_control(name), "ContentType": kind}
        return {**super().get_object_parameters(name), **told}

    def current(self, slug: str) -> str | None:
        return BUCKET_CURRENT.get_or_make(slug, make=lambda: self._current(slug))

    def read(self, slug: str, digest: str, name: str) -> bytes | None:
        if posixpath.normpath(name) != name or name.startswith(".."):
            raise SuspiciousFileOperation(name)
        with _as_os_errors(), self.open(f"{slug}/{digest}/{name}") as file:
            return bytes(file.read())

    def versions(self, slug: str) -> list[str]:
        with _as_os_errors():
            return list(self.listdir(slug)[0])

    def write(self, slug: str, digest: str, files: Mapping[str, bytes]) -> None:
        # The entry is written last: where it is, all is.
        if self._has(f"{slug}/{digest}/{ENTRY}"):
            return
        names = sorted(files.keys() - {ENTRY})
        with ThreadPoolExecutor(FILES_AT_ONCE) as uploads:
            list(uploads.map(lambda name: self._put(f"{slug}/{digest}/{name}", files[name]), names))
        self._put(f"{slug}/{digest}/{ENTRY}", files[ENTRY])

    def point(self, slug: str, digest: str) -> None:
        self._put(f"{slug}/{CURRENT}", digest.encode())
        with suppress(RedisError):
            BUCKET_CURRENT.forget(slug)

    def keep(self, slug: str, digests: Collection[str]) -> None:
        with _as_os_errors():
            for digest in set(self.versions(slug)) - set(digests):
                for name in self._names(f"{slug}/{digest}"):
                    self.delete(name)

    def serve_at(self, host: str, slug: str | None) -> None:
        """Nothing: the platform answers at all names."""

    def hosts(self) -> set[str]:
        return set()

    def _current(self, slug: str) -> str | None:
        try:
            with _as_os_errors(), self.open(f"{slug}/{CURRENT}") as file:
                return bytes(file.read()).decode()
        except FileNotFoundError:
            return None

    def _names(self, folder: str) -> Iterator[str]:
        folders, files = self.listdir(folder)
        yield from (f"{folder}/{name}" for name in files)
        for name in folders:
            yield from self._names(f"{folder}/{name}")

    def _has(self, name: str) -> bool:
        with _as_os_errors():
            return bool(self.exists(name))

    def _put(self, name: str, content: bytes) -> None:
        with _as_os_errors():
            self.save(name, ContentFile(content))


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """What fails in a bucket fails as it does in a folder."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise OSError(str(error)) from error


def _write_folder(folder: Path, digest: str, files: Mapping[str, bytes]) -> None:
    """Under a passing name, which is changed once all is written."""
    unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder))
    # As other folders are: the web server may be somebody else.
    unfinished.chmod(0o755)
    for name, content in files.items():
        path = unfinished / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, content, digest)
        if path.suffix in COMPRESSED:
            _write(path.with_name(f"{path.name}.gz"), gzip.compress(content, mtime=0), digest)
    # Together, so that they share the disk's waits: each on its own would have one.
    with ThreadPoolExecutor(FILES_AT_ONCE) as threads:
        list(threads.map(_sync, unfinished.rglob("*")))
    unfinished.rename(folder / digest)


def _write(path: Path, content: bytes, digest: str) -> None:
    path.write_bytes(content)
    # The edge makes a file's entity tag of its time and length. Two versions of one second may be
    # as long as each other, so the time, of the seventies, says which version it is.
    time = int(digest[:7], 16)
    os.utime(path, (time, time))


def _sync(path: Path) -> None:
    """Returns once it is on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
