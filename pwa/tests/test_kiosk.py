"""The kiosk's page: what it offers, and the number that it gives."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from appointments.tests.cast import build_practice
from conftest import House
from events.models import OutboxMessage
from providers.services.customers import customer_find_or_create
from queues.handlers import publish_help
from queues.models import CheckIn, Kiosk, QueueStatus, Source, Ticket
from queues.on_site import is_on_site_code
from queues.services.queues import queue_update
from queues.services.screens import screen_unpair
from queues.tests.test_boards import add_queue, paired_screen
from queues.tests.test_kiosks import build_kiosk, paired_kiosk
from queues.tokens import ticket_id_from
from waitlessq import clock

KEY = "5f0c2f2e-52a5-4a3c-9a43-0c7a0b7f2c11"


def take(screen: Client, house: House, key: str = KEY, **told: Any) -> Any:
    body = {"queue": house.queue.pk, "people": 1} | told
    return screen.post(
        "/kiosk/tickets/",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )


def test_it_shows_a_code_until_it_is_paired(client: Client, in_house: House) -> None:
    assert "then Kiosks" in client.get("/kiosk/").text
    kiosk = build_kiosk(in_house, languages=["he", "en"], paper="58")
    screen = paired_kiosk(in_house, kiosk)
    text = screen.get("/kiosk/").text
    assert '<html lang="he" dir="rtl">' in text
    assert "paper_58" in text
    screen_unpair(kind=Kiosk, actor=in_house.actor, screen_id=kiosk.pk)
    assert screen.get("/kiosk/data/").status_code == HTTPStatus.FORBIDDEN


def test_a_boards_screen_is_no_kiosk(in_house: House) -> None:
    screen = paired_screen(in_house)
    screen.cookies["kiosk"] = screen.cookies["board"].value
    assert screen.get("/kiosk/data/").status_code == HTTPStatus.FORBIDDEN


def test_it_says_what_its_queues_ask_and_when_nothing_changed(in_house: House) -> None:
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, asks_name="required")
    add_queue(in_house, "Elsewhere")
    screen = paired_kiosk(in_house)
    answer = screen.get("/kiosk/data/")
    [queue] = answer.json()["queues"]
    assert (queue["name"], queue["status"], queue["asks_name"]) == ("Walk-in", "open", "required")
    assert queue["services"] == [{"id": in_house.service.pk, "name": "Advice"}]
    again = screen.get("/kiosk/data/", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == HTTPStatus.NOT_MODIFIED


def test_a_lost_answer_asked_for_again_is_the_same_number(in_house: House) -> None:
    screen = paired_kiosk(in_house)
    answers = [take(screen, in_house, service=in_house.service.pk) for _ in range(2)]
    assert answers[0].status_code == HTTPStatus.CREATED
    assert answers[0].json() == answers[1].json()
    ticket = Ticket.objects.get()
    assert (ticket.source, answers[0].json()["code"]) == (Source.KIOSK, ticket.code)
    assert answers[0].json()["qr"].startswith("<svg")
    assert take(screen, in_house, key=KEY.replace("5", "6")).json()["code"] == "A002"


def test_the_way_to_the_phone_is_in_no_address_that_a_server_sees(
    in_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def draw(text: str, **_: Any) -> str:
        drawn.append(text)
        return ""

    monkeypatch.setattr("pwa.views.kiosk.qr_svg", draw)
    take(paired_kiosk(in_house), in_house)
    address, token = drawn[0].split("#/take/")
    assert address.endswith("/p/clinic/")
    assert ticket_id_from(token) == Ticket.objects.get().pk


def test_nothing_personal_is_on_paper(in_house: House) -> None:
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, asks_name="required")
    answer = take(paired_kiosk(in_house), in_house, name="Dana")
    assert "Dana" not in answer.text
    customer = Ticket.objects.get().customer
    assert customer is not None
    assert customer.name == "Dana"


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 10_000}, "name"),
        ({"name": "Dana", "queue": "x"}, "queue"),
        ({"name": "Dana", "queue": 0}, "queue"),
        ({"name": "Dana", "people": 0}, "people"),
    ],
)
def test_what_cannot_be_used_is_said_by_field(
    in_house: House, told: dict[str, Any], field: str
) -> None:
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, asks_name="required")
    answer = take(paired_kiosk(in_house), in_house, **told)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert answer.json()["errors"][0]["field"] == field
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"queue": {}}', "[" * 100_000])
def test_nonsense_is_refused(in_house: House, body: str) -> None:
    screen = paired_kiosk(in_house)
    answer = screen.post("/kiosk/tickets/", body, content_type="application/json")
    assert answer.status_code == HTTPStatus.BAD_REQUEST


def test_a_queue_that_takes_nobody_says_so(in_house: House) -> None:
    screen = paired_kiosk(in_house)
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, status=QueueStatus.PAUSED)
    answer = take(screen, in_house)
    assert (answer.status_code, answer.json()["code"]) == (HTTPStatus.CONFLICT, "queue-not-open")


def test_another_queue_is_not_the_kiosks(in_house: House, other_house: House) -> None:
    screen = paired_kiosk(in_house)
    for queue in (add_queue(in_house, "Elsewhere"), other_house.queue):
        assert take(screen, in_house, queue=queue.pk).status_code == HTTPStatus.BAD_REQUEST


def test_help_rings_the_desks(in_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr("queues.handlers.publish", told.extend)
    assert paired_kiosk(in_house).post("/kiosk/help/").status_code == HTTPStatus.CREATED
    publish_help(list(OutboxMessage.objects.filter(topic="kiosk.help_asked")))
    assert {(one.event, one.data["kiosk"]) for one in told} == {("help", "Paired")}


def test_another_site_takes_no_number(in_house: House) -> None:
    screen = paired_kiosk(in_house)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = screen.cookies
    assert take(strict, in_house).status_code == HTTPStatus.FORBIDDEN


def check_in(screen: Client, phone: Any, key: str = KEY) -> Any:
    return screen.post(
        "/kiosk/check-in/",
        json.dumps({"phone": phone}),
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )


def test_who_booked_checks_in_by_number_once_for_each_booking(in_house: House) -> None:
    screen = paired_kiosk(in_house)
    assert not screen.get("/kiosk/data/").json()["takes_bookings"]
    practice = build_practice(in_house)
    assert screen.get("/kiosk/data/").json()["takes_bookings"]
    dana = customer_find_or_create(actor=in_house.actor, name="Dana", phone="+972501234567")
    later, first = (practice.book(practice.wish(hour), customer=dana) for hour in (12, 10))
    assert check_in(screen, "050-123-4567").json()["code"] == "no-booking"
    # Where numbers are given at the place alone it stands there, and shows phones the code.
    assert screen.get("/kiosk/data/").json()["on_site"] is None
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, remote_join=False)
    shown = screen.get("/kiosk/data/").json()["on_site"]
    assert is_on_site_code(in_house.location.pk, shown["code"])
    assert shown["qr"].startswith("<svg")
    with clock.override(practice.at(9)):
        for _ in range(2):
            assert check_in(screen, "050-123-4567").json()["code"] == "A001"
        answer = check_in(screen, "+972 50 123 4567", KEY.replace("5", "6"))
        assert (answer.json()["code"], "Dana" in answer.text) == ("A002", False)
        over = check_in(screen, "0501234567", KEY.replace("5", "7"))
        assert over.json()["code"] == "no-booking"
    came = CheckIn.objects.order_by("id").values_list("appointment", flat=True)
    assert list(came) == [first.pk, later.pk]


@pytest.mark.parametrize("phone", ["", "12", "x" * 10_000, None, {}])
def test_what_is_no_number_is_asked_for_again(in_house: House, phone: Any) -> None:
    answer = check_in(paired_kiosk(in_house), phone)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert answer.json()["errors"][0]["field"] == "phone"


def test_a_booking_elsewhere_is_not_the_kiosks(in_house: House, other_house: House) -> None:
    with scope(provider=other_house.provider):
        practice = build_practice(other_house)
        who = {"name": "Dana", "phone": "+972501234567"}
        dana = customer_find_or_create(actor=other_house.actor, **who)
        practice.book(practice.wish(10), customer=dana)
    with clock.override(practice.at(9)):
        assert check_in(paired_kiosk(in_house), "+972501234567").json()["code"] == "no-booking"
