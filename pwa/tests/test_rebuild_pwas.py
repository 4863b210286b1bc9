import shutil
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django_scopes import scope

from conftest import House
from pwa import storage
from pwa.models import Build
from pwa.selectors import providers_to_build
from queues.models import Source
from queues.services.tickets import ticket_join


def rebuild(**options: Any) -> str:
    out = StringIO()
    call_command("rebuild_pwas", stdout=out, **options)
    return out.getvalue()


def test_all_apps_are_built_or_one(house: House, other_house: House) -> None:
    assert rebuild(provider="salon").startswith("1 apps: 1 new")
    assert storage.current_digest("clinic") is None
    # Salon has its app already: whoever was interrupted goes on.
    assert rebuild().startswith("1 apps: 1 new")
    assert storage.current_digest("clinic") is not None


def test_what_is_built_already_makes_no_new_version(house: House) -> None:
    assert rebuild().startswith("1 apps: 1 new")
    assert rebuild().startswith("0 apps")
    assert rebuild(all=True).startswith("1 apps: 1 unchanged")
    with scope(provider=house.provider):
        assert Build.objects.count() == 1


def test_a_lost_disk_and_another_release_are_built_again(
    house: House, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rebuild()
    shutil.rmtree(root / "clinic")
    assert rebuild().startswith("1 apps: 1 unchanged")
    monkeypatch.setattr("pwa.bundle.static", lambda name: f"/static/next/{name}")
    assert rebuild().startswith("1 apps: 1 new")
    assert rebuild().startswith("0 apps")


def test_who_was_used_last_comes_first(house: House, other_house: House) -> None:
    for used, slugs in ((other_house, ["salon", "clinic"]), (house, ["clinic", "salon"])):
        with scope(provider=used.provider):
            ticket_join(actor=used.actor, queue_id=used.queue.pk, source=Source.STAFF)
        assert providers_to_build(everything=False) == slugs


def test_a_name_that_is_none_is_said(house: House) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        rebuild(provider="nowhere")


def test_what_fails_is_said_after_the_others_were_built(
    house: House, other_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_version = storage.write_version

    def fail_for_clinic(slug: str, digest: str, files: Mapping[str, bytes]) -> None:
        if slug == "clinic":
            raise OSError
        write_version(slug, digest, files)

    monkeypatch.setattr(storage, "write_version", fail_for_clinic)
    with pytest.raises(CommandError, match="Not built: clinic"):
        rebuild()
    with scope(provider=other_house.provider):
        assert Build.objects.get().state == "published"
