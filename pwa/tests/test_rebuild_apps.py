from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django_scopes import scope

from conftest import House
from pwa import storage
from pwa.models import Build


def rebuild(**options: str) -> str:
    out = StringIO()
    call_command("rebuild_apps", stdout=out, **options)
    return out.getvalue()


def test_all_apps_are_built_or_one(house: House, other_house: House) -> None:
    assert "Salon: version" in rebuild(provider="salon")
    assert storage.current_digest("clinic") is None
    assert "Clinic: version" in rebuild()


def test_a_second_time_makes_no_new_version(house: House) -> None:
    assert rebuild().split("(")[0] == rebuild().split("(")[0]
    with scope(provider=house.provider):
        assert Build.objects.count() == 1


def test_a_name_that_is_none_is_said(house: House) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        rebuild(provider="nowhere")


def test_what_fails_is_said_after_the_others_were_built(
    house: House, other_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_for_clinic(slug: str, *args: object) -> None:
        if slug == "clinic":
            raise OSError

    monkeypatch.setattr(storage, "publish", fail_for_clinic)
    monkeypatch.setattr(storage, "prune", lambda *_: None)
    with pytest.raises(CommandError, match="Not built: clinic"):
        rebuild()
    with scope(provider=other_house.provider):
        assert Build.objects.get().state == "published"
