from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client

from conftest import House
from queues.models import Ask, QueueStatus, Ticket, TicketState
from queues.services.queues import queue_update
from queues.services.tickets import (
    ticket_call_next,
    ticket_hold,
    ticket_mark_no_show,
    ticket_start,
)
from queues.snapshot import build_snapshot, keep_snapshots
from queues.tests.test_join import join
from waitlessq import clock

HOME = "/q/clinic/"
TICKET = "/q/clinic/ticket/"
ONE_FORM = "5f0c2f2e-52a5-4a3c-9a43-0c7a0b7f2c11"
ANOTHER_FORM = "0d1b6d0a-3f55-4f0b-8d5c-6f6a2c1b9e22"


def join_page(client: Client, house: House, key: str = ONE_FORM) -> Client:
    client.post(f"{HOME}join/{house.queue.pk}/", {"key": key})
    return client


def test_home_says_what_one_can_queue_for(in_house: House, client: Client) -> None:
    assert "Nobody is waiting." in client.get(HOME).text
    join(in_house)
    assert "1 waiting, 2 counters open" in client.get(HOME).text


def test_joining_leads_to_ones_ticket_and_its_place(in_house: House, client: Client) -> None:
    join(in_house)
    response = client.post(f"{HOME}join/{in_house.queue.pk}/", {"key": "k"}, follow=True)
    assert response.redirect_chain == [(TICKET, HTTPStatus.FOUND)]
    assert "A002" in response.text
    assert "1 person before you" in response.text


def test_a_form_sent_twice_gives_one_ticket(in_house: House, client: Client) -> None:
    for _ in range(2):
        join_page(client, in_house)
    assert Ticket.objects.count() == 1
    join_page(client, in_house, ANOTHER_FORM)
    assert Ticket.objects.count() == 2


@pytest.mark.parametrize("key", ["", "1", "\0", "x" * 500])
def test_a_key_that_others_may_think_of_is_no_key(
    in_house: House, client: Client, key: str
) -> None:
    for _ in range(2):
        join_page(client, in_house, key)
    assert Ticket.objects.count() == 2


def test_the_token_is_in_no_address_and_no_script_sees_it(in_house: House, client: Client) -> None:
    join_page(client, in_house)
    cookie = client.cookies["ticket"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == HOME
    assert cookie.value not in client.get(TICKET).text


def test_the_call_shows_with_its_counter(in_house: House, client: Client) -> None:
    join_page(client, in_house)
    called = ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    text = client.get(TICKET).text
    assert "it is your turn" in text
    assert 'turn__counter"><bdi>1</bdi>' in text
    ticket_start(actor=in_house.actor, ticket_id=called.pk)
    assert "You are being served at counter" in client.get(TICKET).text


def test_polling_costs_an_answer_only_when_something_changed(
    in_house: House, client: Client
) -> None:
    join_page(client, in_house)
    stamp = client.get(TICKET).context["stamp"]
    htmx = {"HX-Request": "true"}
    quiet = client.get(TICKET, {"since": stamp}, headers=htmx)
    assert quiet.status_code == HTTPStatus.NO_CONTENT
    ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    changed = client.get(TICKET, {"since": stamp}, headers=htmx)
    assert "it is your turn" in changed.text
    assert "<!doctype html>" not in changed.text


def test_who_missed_the_call_takes_up_the_place_again(in_house: House, client: Client) -> None:
    join_page(client, in_house)
    ticket = ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    ticket_mark_no_show(actor=in_house.actor, ticket_id=ticket.pk)
    text = client.get(TICKET).text
    assert "Your place is kept until" in text
    for _ in range(2):
        response = client.post(f"{TICKET}rejoin/", follow=True)
        assert "You are next" in response.text
    ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    ticket = ticket_mark_no_show(actor=in_house.actor, ticket_id=ticket.pk)
    with clock.override(clock.now() + timedelta(hours=1)):
        assert "Your place is kept until" not in client.get(TICKET).text
        late = client.post(f"{TICKET}rejoin/")
    assert late.status_code == HTTPStatus.CONFLICT
    assert "The place of A001 is not kept any more." in late.text


def test_who_is_not_ready_lets_others_go_first(in_house: House, client: Client) -> None:
    join_page(client, in_house)
    refused = client.post(f"{TICKET}defer/")
    assert refused.status_code == HTTPStatus.CONFLICT
    assert "Nobody is behind A001 in the line." in refused.text
    for _ in range(3):
        join(in_house)
    assert "2 people before you" in client.post(f"{TICKET}defer/", follow=True).text


def test_letting_others_go_first_counts_once_for_each_form(in_house: House, client: Client) -> None:
    join_page(client, in_house)
    for _ in range(5):
        join(in_house)
    for _ in range(2):
        text = client.post(f"{TICKET}defer/", {"key": ANOTHER_FORM}, follow=True).text
        assert "2 people before you" in text


def test_who_is_on_hold_is_asked_to_stay_near(in_house: House, client: Client) -> None:
    join_page(client, in_house)
    ticket = ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    ticket_start(actor=in_house.actor, ticket_id=ticket.pk)
    ticket_hold(actor=in_house.actor, ticket_id=ticket.pk)
    assert "You are not done yet" in client.get(TICKET).text


def wait_of(house: House, seconds: list[int]) -> None:
    """Lets whoever waits there be told this wait."""
    document = build_snapshot(house.queue.pk)
    document |= {"waits": [seconds] * len(document["waiting"]), "newcomer": seconds}
    keep_snapshots([document])


def test_the_wait_leads_the_ticket_and_its_place_follows(in_house: House, client: Client) -> None:
    join(in_house)
    join_page(client, in_house)
    assert '<h1 class="ticket__ahead">' in client.get(TICKET).text
    wait_of(in_house, [1260, 1560, 2070])
    text = client.get(TICKET).text
    assert '<h1 class="ticket__ahead"><bdi dir="ltr">20–35</bdi> min</h1>' in text
    assert 'most likely <bdi dir="ltr">25</bdi>' in text
    assert "1 person before you" in text
    assert '<bdi dir="ltr">20–35</bdi> min' in client.get(HOME).text
    arabic = client.get(TICKET, headers={"Accept-Language": "ar"}).text
    assert '<bdi dir="ltr">20–35</bdi> دقيقة' in arabic


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ([24, 132, 840], 'Up to <bdi dir="ltr">15</bdi> min'),
        ([12, 48, 150], "Any minute"),
        ([5700, 8400, 12000], '<bdi dir="ltr">1.5–3.5</bdi> h'),
        ([3600, 3600, 3600], 'Up to <bdi dir="ltr">60</bdi> min'),
    ],
)
def test_a_wait_reads_as_it_does_in_the_app(
    in_house: House, client: Client, seconds: list[int], text: str
) -> None:
    join(in_house)
    join_page(client, in_house)
    wait_of(in_house, seconds)
    assert text in client.get(TICKET).text


def test_another_wait_is_a_change_and_the_same_in_words_is_none(
    in_house: House, client: Client
) -> None:
    join_page(client, in_house)
    answers = []
    for seconds in ([60, 240, 492], [60, 240, 493], [60, 300, 600]):
        wait_of(in_house, seconds)
        stamp = client.get(TICKET).context["stamp"]
        answers.append(stamp)
    assert answers[0] == answers[1] != answers[2]


def test_leaving_takes_a_press_and_a_second_one_does_no_harm(
    in_house: House, client: Client
) -> None:
    join_page(client, in_house)
    assert client.get(f"{TICKET}leave/").status_code == HTTPStatus.METHOD_NOT_ALLOWED
    for _ in range(2):
        response = client.post(f"{TICKET}leave/", follow=True)
        assert "You left the queue" in response.text
    assert Ticket.objects.get().state == TicketState.CANCELLED


@pytest.mark.parametrize("status", [QueueStatus.PAUSED, QueueStatus.CLOSED])
def test_a_queue_that_stopped_meanwhile_says_so(
    in_house: House, client: Client, status: QueueStatus
) -> None:
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, status=status)
    said = {QueueStatus.PAUSED: "Takes nobody now.", QueueStatus.CLOSED: "Closed."}[status]
    assert said in client.get(HOME).text
    response = client.post(f"{HOME}join/{in_house.queue.pk}/", {"key": "k"})
    assert response.status_code == HTTPStatus.CONFLICT
    assert f"Walk-in is {status}." in response.text


def test_without_a_ticket_one_starts_at_home(house: House, client: Client) -> None:
    assert client.get(TICKET)["Location"] == HOME
    client.cookies["ticket"] = "1:forged"
    assert client.get(TICKET)["Location"] == HOME


def test_one_providers_pages_know_nothing_of_anothers(
    in_house: House, other_house: House, client: Client
) -> None:
    join_page(client, in_house)
    elsewhere = Client()
    elsewhere.cookies["ticket"] = client.cookies["ticket"].value
    assert elsewhere.get("/q/salon/ticket/")["Location"] == "/q/salon/"
    crossed = client.post(f"/q/salon/join/{in_house.queue.pk}/", {"key": "k"})
    assert crossed.status_code == HTTPStatus.NOT_FOUND


def ask_name_and_phone(house: House) -> str:
    queue_update(
        actor=house.actor,
        queue_id=house.queue.pk,
        asks_name=Ask.REQUIRED,
        asks_phone=Ask.OPTIONAL,
    )
    return f"{HOME}join/{house.queue.pk}/"


def test_a_queue_that_asks_has_a_form_of_its_own(in_house: House, client: Client) -> None:
    assert client.get(f"{HOME}join/{in_house.queue.pk}/")["Location"] == HOME
    form = ask_name_and_phone(in_house)
    assert f'href="{form}"' in client.get(HOME).text
    assert 'autocomplete="name"' in client.get(form).text
    told = {"key": ONE_FORM, "name": "Dana", "phone": "050-123-4567"}
    assert client.post(form, told)["Location"] == TICKET
    customer = Ticket.objects.get().customer
    assert customer is not None
    assert (customer.name, customer.language) == ("Dana", "en")
    assert "Dana" not in client.get(TICKET).text


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"name": " ", "phone": "050-123-4567"}, "Write a name."),
        ({"name": "Dana", "phone": "12"}, "Write a phone number that can be called."),
        ({"name": "x" * 10_000, "phone": ""}, "Write no more than 100 characters."),
        ({"name": "a\0b", "phone": ""}, "Null characters are not allowed."),
    ],
)
def test_a_form_that_cannot_be_used_says_why_and_keeps_what_was_typed(
    in_house: House, client: Client, told: dict[str, str], said: str
) -> None:
    response = client.post(ask_name_and_phone(in_house), told)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert said in response.text
    for text in filter(str.strip, told.values()):
        assert text[:100] in response.text
    assert not Ticket.objects.exists()


def test_a_full_queue_keeps_what_was_typed(in_house: House, client: Client) -> None:
    form = ask_name_and_phone(in_house)
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, status=QueueStatus.PAUSED)
    response = client.post(form, {"name": "Dana"})
    assert response.status_code == HTTPStatus.CONFLICT
    assert "Walk-in is paused." in response.text
    assert 'value="Dana"' in response.text
