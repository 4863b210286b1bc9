"""An app built against collected files names them by their hashes, as in production."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from pytest_django.fixtures import Settings

from pwa import icons
from pwa.bundle import Look, bundle

BUILT = ("app.js", "app.css", "worker.js")


@pytest.fixture
def collected(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """The client's files, as few as there can be, with their hashes in their names."""
    built = tmp_path / "sources" / "built"
    built.mkdir(parents=True)
    for name in (*BUILT, "part-ABCD1234.js"):
        (built / name).write_text(f"/* {name} */")
    (built / "app.json").write_text('{"eager": [], "parts": ["built/part-ABCD1234.js"]}')
    settings.STATICFILES_DIRS = [tmp_path / "sources"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    icons._fonts.cache_clear()
    yield built
    icons._fonts.cache_clear()


def shell(look: Look) -> list[dict[str, str | None]]:
    [kept, _] = bundle(look)["sw.js"].decode().splitlines()
    entries = json.loads(kept.removeprefix("self.__precache = ").removesuffix(";"))
    return [entry for entry in entries if entry["url"].startswith("/static/")]


def test_parts_keep_the_names_by_which_they_load_each_other(collected: Path, look: Look) -> None:
    [*_, part] = shell(look)
    assert part == {"url": "/static/built/part-ABCD1234.js", "revision": None}
    assert Path(django_settings.STATIC_ROOT, "built/part-ABCD1234.js").is_file()


def test_the_shell_is_named_by_its_hashes(collected: Path, look: Look) -> None:
    files = bundle(look)
    for entry in shell(look)[:2]:
        address = str(entry["url"])
        assert address.count(".") == 2
        assert entry["revision"] is None
        assert address in files["index.html"].decode()


def test_a_release_that_changes_the_shell_changes_the_app(collected: Path, look: Look) -> None:
    before = bundle(look)
    (collected / "app.js").write_text("/* new */")
    call_command("collectstatic", interactive=False, verbosity=0)
    after = bundle(look)
    assert before["sw.js"] != after["sw.js"]
    assert before["manifest.webmanifest"] == after["manifest.webmanifest"]


def test_without_collected_files_nothing_is_built(collected: Path, look: Look) -> None:
    (collected / "app.js").unlink()
    for manifest in (collected.parent.parent / "static").rglob("staticfiles.json"):
        manifest.unlink()
    call_command("collectstatic", interactive=False, verbosity=0)
    with pytest.raises(ValueError, match=r"built/app\.js"):
        bundle(look)


def test_initials_are_lettered_without_our_fonts_too(collected: Path) -> None:
    assert len(icons._fonts()) == 1
    drawn = icons.draw_icons(name="Clinic", fill="#000000", on_fill="#FFFFFF", logo=None)
    mark = icons.draw_icons(name="", fill="#000000", on_fill="#FFFFFF", logo=None)
    assert drawn["icon-512.png"] != mark["icon-512.png"]
