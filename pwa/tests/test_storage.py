"""Customers get a complete version at any moment: the one before or the one after."""

import gzip
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from pwa import storage

OLD, NEW = "a" * 64, "b" * 64


def publish(slug: str, digest: str, files: Mapping[str, bytes]) -> None:
    storage.write_version(slug, digest, files)
    storage.publish(slug, digest)


@pytest.fixture(autouse=True)
def _published() -> None:
    publish("clinic", OLD, {"index.html": b"old", "icons/a.png": b"old"})


class KilledError(BaseException):
    """Stands for kill -9: nothing after it runs."""


def test_a_published_version_is_what_customers_get() -> None:
    publish("clinic", NEW, {"index.html": b"new"})
    assert storage.current_digest("clinic") == NEW
    assert storage.read_file("clinic", NEW, "index.html") == b"new"
    assert storage.read_file("clinic", OLD, "index.html") == b"old"


@pytest.mark.parametrize("moment", ["fsync", "rename", "symlink_to", "replace"])
def test_whoever_is_killed_at_any_moment_leaves_the_old_version_and_the_next_one_wins(
    monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def die(*args: object, **kwargs: object) -> None:
        raise KilledError

    target = "os.fsync" if moment == "fsync" else f"pathlib.Path.{moment}"
    with monkeypatch.context() as killing:
        killing.setattr(target, die)
        with pytest.raises(KilledError):
            publish("clinic", NEW, {"index.html": b"new", "b.css": b"new"})
    assert storage.current_digest("clinic") == OLD
    assert storage.read_file("clinic", OLD, "icons/a.png") == b"old"
    publish("clinic", NEW, {"index.html": b"new", "b.css": b"new"})
    assert storage.read_file("clinic", NEW, "b.css") == b"new"


def test_a_version_that_has_its_name_is_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []
    rename = Path.rename

    def note(self: Path, target: Path) -> Path:
        written.extend(self.rglob("*"))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", note)
    publish("clinic", NEW, {"index.html": b"new", "icons/b.png": b"new"})
    assert {path.name for path in written} == {
        "index.html",
        "index.html.gz",
        "icons",
        "b.png",
    }


def test_only_what_is_kept_is_left(root: Path) -> None:
    for digest in ("c" * 64, NEW):
        publish("clinic", digest, {"index.html": b""})
    (root / "clinic" / ".new-left-behind").mkdir()
    storage.prune("clinic", {OLD})
    left = {path.name for path in (root / "clinic").iterdir()}
    assert left == {OLD, NEW, "current"}  # What is live is never removed.


def test_before_the_first_version_there_is_nothing() -> None:
    assert storage.current_digest("salon") is None


@pytest.mark.parametrize(
    "name",
    ["../../secret", "/etc/passwd", "icons", "", ".", "icons/../../../secret", "a\0b", "x" * 5000],
)
def test_no_name_leads_out_of_a_version(root: Path, name: str) -> None:
    (root / "secret").write_text("secret")
    assert storage.read_file("clinic", OLD, name) is None


def test_a_lost_disk_is_filled_again(root: Path) -> None:
    shutil.rmtree(root / "clinic")
    assert storage.current_digest("clinic") is None
    publish("clinic", OLD, {"index.html": b"old"})
    assert storage.current_digest("clinic") == OLD


def test_texts_have_a_compressed_variant_for_the_edge(root: Path) -> None:
    folder = root / "clinic" / OLD
    assert gzip.decompress((folder / "index.html.gz").read_bytes()) == b"old"
    assert not (folder / "icons" / "a.png.gz").exists()


def test_versions_of_one_second_have_files_of_different_times(root: Path) -> None:
    publish("clinic", NEW, {"index.html": b"new"})
    times = {(root / "clinic" / one / "index.html").stat().st_mtime for one in (OLD, NEW)}
    assert len(times) == 2
    assert all(time < 300_000_000 for time in times)
