"""Many who ask for the same app at once cost one build, or one more."""

import time
from collections.abc import Mapping
from threading import Event

import pytest
from django_scopes import scope

from conftest import build_house
from providers.actors import Actor
from providers.services.providers import provider_set_look
from pwa import storage
from pwa.bundle import Look, bundle
from pwa.models import Build, BuildState
from pwa.services import builds
from pwa.services.builds import build_request
from pwa.tasks import build_app
from tests.races.at_once import at_once


@pytest.mark.django_db(transaction=True)
def test_a_crowd_during_a_build_costs_one_build_more(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = build_house("clinic").provider
    is_running, may_finish = Event(), Event()
    colours: list[str] = []

    def slowly(look: Look) -> Mapping[str, bytes]:
        colours.append(look.colour)
        is_running.set()
        assert may_finish.wait(timeout=10)
        return bundle(look)

    monkeypatch.setattr(builds, "bundle", slowly)
    build_request(provider=provider)

    def ask_again() -> None:
        assert is_running.wait(timeout=10)
        build_request(provider=provider)
        build_app(provider.pk)

    def change_and_finish() -> None:
        assert is_running.wait(timeout=10)
        with scope(provider=provider):
            provider_set_look(actor=Actor.system(provider), colour="#FFD400")
        build_request(provider=provider)
        time.sleep(0.3)  # So that the crowd stands at the lock.
        may_finish.set()

    at_once([lambda: build_app(provider.pk), change_and_finish, *[ask_again] * 5])
    assert colours == ["#005956", "#FFD400"]
    with scope(provider=provider):
        last = Build.objects.order_by("id").last()
        assert last is not None
        assert storage.current_digest("clinic") == last.digest
        assert set(Build.objects.values_list("state", flat=True)) == {BuildState.PUBLISHED}
