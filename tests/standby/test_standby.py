from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import InternalError, connections
from django.db.utils import OperationalError
from django_scopes import scope

from conftest import build_house
from queues.models import Source, Ticket
from queues.services.tickets import ticket_call_next, ticket_join
from tests.standby.conftest import REPLICA, value

pytestmark = pytest.mark.django_db(databases=["default", REPLICA], transaction=True)


def test_it_is_another_server_in_recovery() -> None:
    assert settings.DATABASES[REPLICA]["PORT"] != settings.DATABASES["default"]["PORT"]
    assert value("default", "SELECT pg_is_in_recovery()") is False
    assert value(REPLICA, "SELECT pg_is_in_recovery()") is True


def test_what_was_committed_arrives_whole(replayed: Callable[[], None]) -> None:
    house = build_house("standby")
    with scope(provider=house.provider):
        ticket_join(actor=house.actor, queue_id=house.queue.pk, source=Source.STAFF)
        called = ticket_call_next(actor=house.actor, counter_id=house.counter.pk)
        replayed()
        copy = Ticket.objects.using(REPLICA).get(pk=called.pk)
        assert (copy.code, copy.state, copy.called_at) == ("A001", "called", called.called_at)
        events = copy.events.using(REPLICA).order_by("sequence")
        assert [event.type for event in events] == ["issued", "called"]


def test_it_refuses_to_be_written_to() -> None:
    with (
        pytest.raises((InternalError, OperationalError), match="read-only transaction"),
        connections[REPLICA].cursor() as cursor,
    ):
        cursor.execute("DELETE FROM queues_ticket")
