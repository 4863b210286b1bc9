"""An app as one file that any static host can serve, against the platform's address."""

import posixpath
import zipfile
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import HashedFilesMixin, staticfiles_storage

from pwa.bundle import APP, STYLE, WORKER, Look, Place, bundle, parts_of_app, release

SHELL = "shell"
# The first that the format knows: when it was made is nothing of what it is.
NO_TIME = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16
UNIX = 3
# By each process: an archive has some hundred kilobytes.
KEPT = 8


def archive(look: Look, platform: str) -> bytes:
    """A zip of all files; ``platform`` is the origin of the API. The same app, the same bytes.

    What was asked for last is kept: whoever asks again and again has it drawn once.

    Raises:
        ValueError: the client was not built or its files were not collected.
    """
    return _archive(look, platform, release())


@lru_cache(maxsize=KEPT)
def _archive(look: Look, platform: str, _release: str) -> bytes:
    place = Place(platform=platform, shell=SHELL)
    return _zipped(bundle(look, place=place) | shared_files(place))


def shared_files(place: Place) -> dict[str, bytes]:
    """The files of the release that an app loads, by where they are at a place of its own."""
    shared = {place.shared(name): _shared(name) for name in (APP, STYLE, WORKER)}
    return shared | {place.part(name): _shared(name) for name in parts_of_app()["parts"]}


def _shared(name: str) -> bytes:
    """A file of the release, as it is served."""
    if isinstance(staticfiles_storage, HashedFilesMixin):
        with staticfiles_storage.open(staticfiles_storage.stored_name(name)) as file:
            return bytes(file.read())
    path = finders.find(name)
    if path is None:
        raise ValueError(f"{posixpath.basename(name)} is not built.")
    return Path(path).read_bytes()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, NO_TIME)
            entry.create_system, entry.external_attr = UNIX, READABLE
            entry.compress_type = zipfile.ZIP_DEFLATED
            whole.writestr(entry, content)
    return archive.getvalue()
