"""Many who ask for the same app at once cost one build, or one more."""

import time
from collections.abc import Mapping
from threading import Event

import pytest
from django.db import connection
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

CROWD = 5
WAITING_FOR_A_LOCK = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def wait_for_the_crowd() -> None:
    """Until all of it stands at the lock."""
    give_up = time.monotonic() + 10
    with connection.cursor() as cursor:
        while time.monotonic() < give_up:
            cursor.execute(WAITING_FOR_A_LOCK)
            [waiting] = cursor.fetchone()
            if waiting == CROWD:
                return
            time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_a_crowd_during_a_build_costs_one_build_more(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = build_house("clinic").provider
    is_running, is_changed, may_finish = Event(), Event(), Event()
    colours: list[str] = []

    def slowly(look: Look, **_: object) -> Mapping[str, bytes]:
        colours.append(look.colour)
        is_running.set()
        may_finish.wait(timeout=25)
        return bundle(look)

    monkeypatch.setattr(builds, "bundle", slowly)
    build_request(provider=provider)

    def change_and_let_finish() -> None:
        assert is_running.wait(timeout=20)
        with scope(provider=provider):
            provider_set_look(actor=Actor.system(provider), colour="#FFD400")
        is_changed.set()
        wait_for_the_crowd()
        may_finish.set()

    def ask_again() -> None:
        assert is_changed.wait(timeout=20)
        with connection.cursor() as cursor:
            # However slow the machine is, nobody leaves before the crowd is complete.
            cursor.execute("SET lock_timeout = 0")
        build_request(provider=provider)
        build_app(provider.pk)

    at_once([lambda: build_app(provider.pk), change_and_let_finish, *[ask_again] * CROWD])
    assert colours == ["#005956", "#FFD400"]
    with scope(provider=provider):
        versions = list(Build.objects.order_by("id"))
    assert [version.state for version in versions] == [BuildState.PUBLISHED] * 2
    assert storage.current_digest("clinic") == versions[-1].digest
