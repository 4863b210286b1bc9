"""From a change of the provider to its app: the outbox, the message, and what finds lost ones."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django_scopes import scope

from conftest import House, build_house
from events.models import OutboxMessage
from events.outbox import relay_batch
from providers.services.providers import provider_set_look
from pwa import storage
from pwa.models import Build, BuildState
from pwa.services.builds import build_request
from pwa.tasks import build_app, build_overdue_apps
from waitlessq import clock


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The providers whose builds were sent to workers."""
    providers: list[int] = []
    monkeypatch.setattr("pwa.handlers.send_soon", lambda _, provider: providers.append(provider))
    return providers


@pytest.fixture
def committed(transactional_db: None) -> Iterator[House]:
    """The house, its transactions committed for real."""
    house = build_house("clinic")
    with scope(provider=house.provider):
        yield house


def test_a_changed_provider_is_asked_for_once_and_sent(committed: House, sent: list[int]) -> None:
    for colour in ("#111111", "#222222"):
        provider_set_look(actor=committed.actor, colour=colour)
    relay_batch()
    assert sent == [committed.provider.pk]
    assert [build.state for build in Build.objects.all()] == [BuildState.QUEUED]


def test_hearing_of_it_twice_does_no_harm(committed: House, sent: list[int]) -> None:
    for _ in range(2):
        OutboxMessage.objects.create(
            provider_id=committed.provider.pk, topic="provider.changed", subject_id=1
        )
        relay_batch()
        build_app(committed.provider.pk)
    assert [build.state for build in Build.objects.all()] == [BuildState.PUBLISHED]


def test_a_provider_that_is_gone_is_passed_over(committed: House, sent: list[int]) -> None:
    OutboxMessage.objects.all().delete()
    OutboxMessage.objects.create(provider_id=10**9, topic="provider.changed", subject_id=1)
    assert relay_batch().messages == 1
    build_app(10**9)
    assert Build.objects.count() == 0


def test_without_a_broker_the_request_stays_and_is_found_when_overdue(
    committed: House, sent: list[int]
) -> None:
    relay_batch()
    assert not OutboxMessage.objects.filter(topic="provider.changed").exists()
    build_overdue_apps()
    assert storage.current_digest("clinic") is None  # Not yet: a worker may be on its way.
    with clock.override(clock.now() + timedelta(minutes=1)):
        build_overdue_apps()
    assert storage.current_digest("clinic") is not None


@pytest.mark.parametrize("state", [BuildState.QUEUED, BuildState.BUILDING])
def test_what_nobody_carried_out_is_built_for_every_provider(db: None, state: BuildState) -> None:
    for slug in ("clinic", "salon"):
        provider = build_house(slug).provider
        with scope(provider=provider):
            build_request(provider=provider)
            Build.objects.update(state=state, requested_at=clock.now() - timedelta(minutes=1))
    build_overdue_apps()
    assert storage.current_digest("clinic")
    assert storage.current_digest("salon")
