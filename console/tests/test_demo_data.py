from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django_scopes import scope, scopes_disabled

from appointments.models import Appointment
from providers.actors import Actor
from providers.models import Provider
from queues.models import Queue, QueueStatus, Ticket, TicketState
from queues.services.queues import queue_update
from waitlessq import clock


def run() -> str:
    out = StringIO()
    call_command("demo_data", stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", "a demo pass phrase")


def test_three_providers_in_three_time_zones_with_people_waiting(db: None) -> None:
    run()
    with scopes_disabled():
        assert Provider.objects.count() == 3
        zones = Provider.objects.values_list("locations__time_zone", flat=True)
        assert len(set(zones)) == 3
        for state in (TicketState.WAITING, TicketState.SERVING, TicketState.COMPLETED):
            assert Ticket.objects.filter(state=state).exists()


def test_each_of_them_has_bookings_of_the_coming_days(db: None) -> None:
    run()
    with scopes_disabled():
        first = Appointment.objects.count()
        booked = Appointment.objects.filter(starts_at__gt=clock.now()).values("provider").distinct()
        assert booked.count() == 3
        run()
        assert Appointment.objects.count() == first


def test_the_demo_account_signs_in_and_sees_all_of_them(db: None, client: Client) -> None:
    run()
    response = client.post(
        "/accounts/login/",
        {"login": "owner@demo.example", "password": "a demo pass phrase"},
        follow=True,
    )
    assert "Harbour Clinic" in response.text
    assert "Riverside Council" in response.text


def test_a_second_run_changes_nothing_and_a_late_one_goes_on(db: None) -> None:
    run()
    with scopes_disabled():
        issued = Ticket.objects.count()
        assert "no new tickets" in run()
        assert Ticket.objects.count() == issued
        with clock.override(clock.now() + timedelta(days=1)):
            run()
            assert Ticket.objects.count() > issued
            old = Ticket.objects.filter(issued_at__lt=clock.now() - timedelta(hours=12))
            assert not old.exclude(state__in=["completed", "cancelled", "no_show"]).exists()


def test_without_a_password_it_says_what_to_set(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEMO_PASSWORD")
    with pytest.raises(CommandError, match="DEMO_PASSWORD"):
        run()


def test_it_is_open_at_any_hour_and_says_what_is_not(db: None) -> None:
    with clock.override(datetime(2026, 11, 22, 2, tzinfo=UTC)):
        assert "opens" not in run()
    with scopes_disabled():
        queue = Queue.objects.select_related("provider").get(name="Permits")
        with scope(provider=queue.provider):
            actor = Actor.system(queue.provider)
            queue_update(actor=actor, queue_id=queue.pk, status=QueueStatus.PAUSED)
        with clock.override(datetime(2026, 11, 23, 2, tzinfo=UTC)):
            assert "Permits is paused" in run()
