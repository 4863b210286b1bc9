import json
import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from conftest import House, add_member, client_of
from providers.models import Role
from queues.models import Ticket, TicketState
from queues.services.counters import counter_update
from queues.services.tickets import ticket_call, ticket_call_next, ticket_start
from queues.services.undo import UNDO_FOR
from queues.tests.test_join import join
from queues.tests.test_life import other_queue
from waitlessq.cache import UNDO

HTMX = {"HX-Request": "true"}


def url(house: House, action: str = "") -> str:
    path = f"/console/clinic/desk/{house.counter.pk}/"
    return f"{path}{action}/" if action else path


def url2(house: House) -> str:
    return f"/console/clinic/desk/{house.counter2.pk}/"


def act(client: Client, house: House, action: str, **form: Any) -> tuple[int, str]:
    response = client.post(url(house, action), form, headers=HTMX)
    return response.status_code, response.text


def test_one_chooses_a_counter(in_house: House, staff: Client) -> None:
    ticket_call(actor=in_house.actor, ticket_id=join(in_house).pk, counter_id=in_house.counter.pk)
    text = staff.get("/console/clinic/desk/").text
    assert url(in_house) in text
    assert "Has A001" in text
    assert "Free" in text


def test_an_empty_desk_says_what_will_happen(in_house: House, staff: Client) -> None:
    text = staff.get(url(in_house)).text
    assert "Nobody is waiting. New arrivals appear here." in text


def test_a_whole_service_from_the_desk(in_house: House, staff: Client) -> None:
    first, second = join(in_house), join(in_house)
    assert "Call A001" in staff.get(url(in_house)).text
    assert "You called A001." in act(staff, in_house, "next", expected="A001")[1]
    assert "You called A001 again." in act(staff, in_house, "recall", ticket=first.pk)[1]
    status, text = act(staff, in_house, "start", ticket=first.pk)
    assert (status, "Done, call A002" in text) == (HTTPStatus.OK, True)
    act(staff, in_house, "next", expected="A002")
    states = [Ticket.objects.get(pk=t.pk).state for t in (first, second)]
    assert states == [TicketState.COMPLETED, TicketState.CALLED]
    assert "A002 did not come." in act(staff, in_house, "no-show", ticket=second.pk)[1]


def test_hold_resume_and_back_in_line_from_the_desk(in_house: House, staff: Client) -> None:
    ticket = join(in_house)
    act(staff, in_house, "next", expected="A001")
    assert 'data-key="KeyB"' in staff.get(url(in_house)).text
    act(staff, in_house, "start", ticket=ticket.pk)
    assert 'data-key="KeyH"' in staff.get(url(in_house)).text
    _, held = act(staff, in_house, "hold", ticket=ticket.pk)
    assert "A001 is on hold." in held
    assert "Nobody is at this counter." in held
    assert f'id="resume-{ticket.pk}"' in held
    assert f'id="resume-{ticket.pk}"' not in staff.get(url2(in_house)).text
    _, resumed = act(staff, in_house, "resume", ticket=ticket.pk)
    assert "Being served" in resumed
    assert "On hold" not in resumed
    act(staff, in_house, "hold", ticket=ticket.pk)
    assert "A001 is back in the line." in act(staff, in_house, "return", ticket=ticket.pk)[1]
    assert Ticket.objects.get(pk=ticket.pk).state == TicketState.WAITING


def test_who_did_not_come_is_taken_back_from_the_desk(in_house: House, staff: Client) -> None:
    ticket = join(in_house)
    act(staff, in_house, "next", expected="A001")
    _, text = act(staff, in_house, "no-show", ticket=ticket.pk)
    assert "Did not come" in text
    assert f'id="rejoin-{ticket.pk}"' in text
    assert "A001 is back in the line." in act(staff, in_house, "rejoin", ticket=ticket.pk)[1]
    assert Ticket.objects.get(pk=ticket.pk).state == TicketState.WAITING


def test_a_ticket_is_transferred_from_the_desk(in_house: House, staff: Client) -> None:
    ticket = join(in_house)
    act(staff, in_house, "next", expected="A001")
    assert "KeyT" not in staff.get(url(in_house)).text
    second = other_queue(in_house)
    assert 'data-key="KeyT"' in staff.get(url(in_house)).text
    _, text = act(staff, in_house, "transfer", ticket=ticket.pk, queue=second.pk)
    assert "A001 is in the line of Second now." in text
    assert Ticket.objects.get(pk=ticket.pk).queue == second
    assert act(staff, in_house, "transfer", ticket=ticket.pk)[0] == HTTPStatus.NOT_FOUND


def test_what_was_just_done_is_undone_from_the_desk(in_house: House, staff: Client) -> None:
    first, second = join(in_house), join(in_house)
    act(staff, in_house, "next", expected="A001")
    act(staff, in_house, "next", expected="A002")
    page = staff.get(url(in_house))
    assert page.context["undo"]["pk"] == second.pk
    assert page.context["undo"]["said"] == "You called A002."
    assert 'data-key="KeyU"' in page.text
    _, undone = act(staff, in_house, "undo", ticket=second.pk)
    assert "Undone: A002 is where it was." in undone
    assert "KeyU" not in undone
    states = [Ticket.objects.get(pk=t.pk).state for t in (first, second)]
    assert states == [TicketState.CALLED, TicketState.WAITING]


def test_an_undo_is_offered_where_it_is_possible_and_to_who_did_it(
    in_house: House, staff: Client
) -> None:
    ticket = join(in_house)
    act(staff, in_house, "next", expected="A001")
    colleague = client_of(add_member(in_house.provider, Role.MANAGER))
    assert colleague.get(url(in_house)).context["undo"] is None
    assert staff.get(url2(in_house)).context["undo"] is None
    assert staff.get(url(in_house)).context["undo"] is not None
    act(staff, in_house, "recall", ticket=ticket.pk)
    assert staff.get(url(in_house)).context["undo"] is None
    act(staff, in_house, "next", expected="")
    assert staff.get(url(in_house)).context["undo"]["pk"] == ticket.pk


def test_an_undo_that_comes_too_late_says_so(in_house: House, staff: Client) -> None:
    ticket = join(in_house)
    act(staff, in_house, "next", expected="A001")
    ticket_start(actor=in_house.actor, ticket_id=ticket.pk)
    status, text = act(staff, in_house, "undo", ticket=ticket.pk)
    assert (status, "Somebody else changed A001 since." in text) == (HTTPStatus.CONFLICT, True)


def test_somebody_else_was_quicker_and_the_desk_says_so(in_house: House, staff: Client) -> None:
    join(in_house)
    join(in_house)
    ticket_call_next(actor=in_house.actor, counter_id=in_house.counter2.pk)
    _, text = act(staff, in_house, "next", expected="A001")
    assert "Counter 2 took A001; you called A002." in text


@pytest.mark.parametrize("expected", ["\0", "no code", ""])
def test_an_expectation_that_is_no_code_is_passed_over(
    in_house: House, staff: Client, expected: str
) -> None:
    join(in_house)
    status, text = act(staff, in_house, "next", expected=expected)
    assert (status, "You called A001." in text) == (HTTPStatus.OK, True)


def test_the_desk_follows_a_ticket_whose_queue_it_serves_no_longer(
    in_house: House, staff: Client
) -> None:
    ticket = join(in_house)
    ticket_call(actor=in_house.actor, ticket_id=ticket.pk, counter_id=in_house.counter.pk)
    counter_update(actor=in_house.actor, counter_id=in_house.counter.pk, queues=[])
    stamp = staff.get(url(in_house)).context["stamp"]
    ticket_start(actor=in_house.actor, ticket_id=ticket.pk)
    assert staff.get(url(in_house)).context["stamp"] != stamp


def test_the_desk_says_why_the_next_one_is_next(in_house: House, staff: Client) -> None:
    join(in_house)
    assert "Next is A001, which waited longest." in staff.get(url(in_house)).text
    join(in_house, priority=2)
    text = staff.get(url(in_house)).text
    assert "Next is A002: its priority counts as 30 min of waiting." in text


def test_one_button_is_filled_whatever_the_desk_shows(in_house: House, staff: Client) -> None:
    def filled() -> int:
        return staff.get(url(in_house)).text.count('class="button--main"')

    ticket = join(in_house)
    found = [filled()]
    ticket_call(actor=in_house.actor, ticket_id=ticket.pk, counter_id=in_house.counter.pk)
    found.append(filled())
    ticket_start(actor=in_house.actor, ticket_id=ticket.pk)
    found.append(filled())
    join(in_house)
    found.append(filled())
    assert found == [1] * 4


def test_what_the_script_says_comes_with_the_page(in_house: House, staff: Client) -> None:
    page = staff.get(url(in_house), headers={"Accept-Language": "he"}).text
    block = re.search(r'<script type="application/json" id="texts">(.*?)</script>', page)
    assert block is not None
    texts = json.loads(block[1])
    assert texts["live"] == "מתעדכן כעת"
    assert "{since}" in texts["noConnection"]
    assert set(texts) == {"live", "noConnection", "notDone", "helpAsked"}


def test_a_refusal_shown_without_script_leads_back_to_the_desk(
    in_house: House, staff: Client
) -> None:
    join(in_house)
    ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    refused = staff.post(url(in_house, "close")).text
    assert f'name="next" value="{url(in_house)}"' in refused


def test_a_walk_in_gets_a_number(in_house: House, staff: Client) -> None:
    _, text = act(staff, in_house, "walk-in", queue=in_house.queue.pk)
    assert "A001 is in the line, at place 1." in text


def test_what_the_domain_forbids_is_said_and_changes_nothing(
    in_house: House, staff: Client
) -> None:
    ticket = join(in_house)
    status, text = act(staff, in_house, "complete", ticket=ticket.pk)
    assert (status, "A001 is waiting" in text) == (HTTPStatus.CONFLICT, True)
    ticket.refresh_from_db()
    assert ticket.state == TicketState.WAITING


def test_it_works_without_script(in_house: House, staff: Client) -> None:
    join(in_house)
    response = staff.post(url(in_house, "next"), {"expected": "A001"})
    assert (response.status_code, response["Location"]) == (HTTPStatus.FOUND, url(in_house))
    refused = staff.post(url(in_house, "close"))
    assert refused.status_code == HTTPStatus.CONFLICT
    assert "Finish A001 first." in refused.text
    assert "<!doctype html>" in refused.text


def test_polling_costs_an_answer_only_when_something_changed(
    in_house: House, staff: Client
) -> None:
    stamp = staff.get(url(in_house)).context["stamp"]
    quiet = staff.get(url(in_house), {"since": stamp}, headers=HTMX)
    assert quiet.status_code == HTTPStatus.NO_CONTENT
    join(in_house)
    changed = staff.get(url(in_house), {"since": stamp}, headers=HTMX)
    assert (changed.status_code, "A001" in changed.text) == (HTTPStatus.OK, True)
    assert "<!doctype html>" not in changed.text


def test_a_viewer_sees_the_desk_without_its_keys(in_house: House) -> None:
    join(in_house)
    viewer = client_of(add_member(in_house.provider, Role.VIEWER))
    text = viewer.get(url(in_house)).text
    assert "A001" in text
    assert "data-key" not in text
    assert viewer.post(url(in_house, "next")).status_code == HTTPStatus.FORBIDDEN


def test_another_providers_desk_does_not_exist(
    other_house: House, in_house: House, staff: Client
) -> None:
    path = f"/console/clinic/desk/{other_house.counter.pk}/"
    assert staff.get(path).status_code == HTTPStatus.NOT_FOUND
    assert staff.post(f"{path}next/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("action", "form"), [("dance", {}), ("start", {}), ("start", {"ticket": "x"}), ("walk-in", {})]
)
def test_a_request_that_no_button_sends_finds_nothing(
    in_house: House, staff: Client, action: str, form: dict[str, str]
) -> None:
    assert act(staff, in_house, action, **form)[0] == HTTPStatus.NOT_FOUND


def test_the_cost_does_not_grow_with_the_line(
    in_house: House, staff: Client, django_assert_num_queries: Any
) -> None:
    for waiting in (5, 40):
        while Ticket.objects.count() < waiting:
            join(in_house)
        staff.get(url(in_house))
        with django_assert_num_queries(10):
            staff.get(url(in_house))


FORM = "7b0d4c39-2f0c-4a43-9d6e-0f4f3a1f9f10"
OTHER_FORM = "0a6b3a0e-55c0-4a0f-8a8e-3d2b7c1d2e3f"


@pytest.mark.parametrize("action", ["walk-in", "next"])
def test_a_press_that_is_sent_twice_has_one_effect(
    in_house: House, staff: Client, action: str
) -> None:
    join(in_house)
    join(in_house)
    form = {"queue": in_house.queue.pk, "key": FORM}
    first, again = (act(staff, in_house, action, **form) for _ in range(2))
    assert first[0] == again[0] == HTTPStatus.OK
    assert (Ticket.objects.count(), called()) == ((3, 0) if action == "walk-in" else (2, 1))
    act(staff, in_house, action, **form | {"key": OTHER_FORM})
    assert (Ticket.objects.count(), called()) == ((4, 0) if action == "walk-in" else (2, 2))


def called() -> int:
    return Ticket.objects.exclude(state=TicketState.WAITING).count()


def test_what_was_refused_may_be_tried_again_with_the_same_form(
    in_house: House, staff: Client
) -> None:
    status, _ = act(staff, in_house, "next", key=FORM)
    assert status == HTTPStatus.OK  # Nobody is waiting: said, and done.
    ticket = join(in_house)
    start = {"ticket": ticket.pk, "key": FORM}
    assert act(staff, in_house, "start", **start)[0] == HTTPStatus.CONFLICT
    ticket_call(actor=in_house.actor, ticket_id=ticket.pk, counter_id=in_house.counter.pk)
    assert act(staff, in_house, "start", **start)[0] == HTTPStatus.OK


def test_the_walk_in_has_a_new_key_after_each_press(in_house: House, staff: Client) -> None:
    page = staff.get(url(in_house)).text
    _, part = act(staff, in_house, "walk-in", queue=in_house.queue.pk)
    keys = [re.findall(r'class="form-key" value="([^"]+)"', text) for text in (page, part)]
    assert len(set(keys[0])) == len(keys[1]) == 1
    assert keys[0][0] != keys[1][0]


def test_a_desk_where_nothing_happened_is_asked_little(
    in_house: House, staff: Client, django_assert_num_queries: Any
) -> None:
    join(in_house)
    stamp = staff.get(url(in_house)).context["stamp"]
    # Who asks: 2. The counter, its queues, its ticket.
    with django_assert_num_queries(2 + 3):
        quiet = staff.get(url(in_house), {"since": stamp}, headers=HTMX)
    assert quiet.status_code == HTTPStatus.NO_CONTENT


def test_an_undo_is_offered_for_as_long_as_it_is_possible() -> None:
    assert timedelta(seconds=UNDO.seconds) == UNDO_FOR
