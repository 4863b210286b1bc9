"""The desk: who is next? One counter, its ticket, and the line."""

import json
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop, ngettext
from django.views.decorators.http import require_POST, require_safe

from appointments.selectors import bookable_policies
from console.views.guard import for_members
from events import idempotency
from providers.actors import Actor
from providers.models import Role
from queues import selectors
from queues.channels import LOCATIONS
from queues.models import Ask, Counter, Source, Ticket, TicketState
from queues.models.ticket import REJOINABLE
from queues.services import counters, tickets
from queues.services.people import Person
from queues.services.transfers import ticket_transfer
from queues.services.undo import UNDO_FOR, ticket_undo
from waitlessq import clock
from waitlessq.cache import UNDO
from waitlessq.db.reading import newest
from waitlessq.errors import DomainError
from waitlessq.forms import whole_number
from waitlessq.streams.channels import HEARTBEAT, secret_name


@dataclass(frozen=True, slots=True)
class Done:
    """What an action says, and the ticket on which it can be undone."""

    said: str
    ticket_id: int | None = None


Action = Callable[[Actor, Counter, Any], Done]

LINE_SHOWN = 30
FOUND_SHOWN, FOUND_TEXT = 20, 254
VISITS_SHOWN = 5
ASIDE_SHOWN = 10
# What a form says is compared with the queue's own limit; this one keeps it a number.
MOST_PEOPLE = 1000


@require_safe
@for_members(Role.VIEWER)
def choose_counter(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Which counter am I at?"""
    rows = selectors.counters_for(actor).select_related("location")
    context = {
        "provider": actor.provider,
        "screen": "desk",
        "counters": rows.order_by("location__name", "id"),
    }
    return render(request, "console/desk_choose.html", context)


@require_safe
@newest
@for_members(Role.VIEWER)
def desk(request: HttpRequest, actor: Actor, counter_id: int) -> HttpResponse:
    """The page, and for htmx the part of it that changes: 204 when nothing did."""
    counter = counter_of(actor, counter_id)
    is_part = request.headers.get("HX-Request") is not None
    if is_part and request.GET.get("since") == _stamp(counter):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    context = _context(actor, counter)
    if is_part:
        return render(request, "console/_desk.html", context)
    context["undo"] = undo = _offered_undo(actor, counter_id)
    context["notice"] = undo["said"] if undo else ""
    return render(request, "console/desk.html", context)


@require_safe
@newest
@for_members(Role.STAFF)
def search(request: HttpRequest, actor: Actor, counter_id: int) -> HttpResponse:
    """Today's tickets of the desk's location by number, name or phone; a part of the desk."""
    counter = counter_of(actor, counter_id)
    text = request.GET.get("q", "")
    at_counter = getattr(counter, "current_tickets", [])
    found = selectors.tickets_today(counter.location, text, limit=FOUND_SHOWN)
    context = {
        "provider": actor.provider,
        "counter": counter,
        "text": text[:FOUND_TEXT],
        "found": found,
        "served": {queue.pk for queue in counter.queues.all()},
        "here": selectors.HERE,
        "bookable": _bookable(found),
        "may_call": counter.is_open and not at_counter,
        "form_key": uuid.uuid4(),
    }
    return render(request, "console/_desk_found.html", context)


def _bookable(found: Iterable[Ticket]) -> set[int]:
    """The services of tickets that can be booked instead; asks nobody where there are none."""
    services = {one.service_id for one in found if one.service_id}
    return set(bookable_policies().filter(service__in=services).values_list("service", flat=True))


@require_POST
@for_members(Role.STAFF)
def act(request: HttpRequest, actor: Actor, counter_id: int, action: str) -> HttpResponse:
    """Does what a key or button says, once for each time it was shown, and shows the desk after it.

    What the domain forbids is said on the desk, with status 409; nothing is changed then.
    """
    counter = counter_of(actor, counter_id)
    if action not in ACTIONS:
        raise Http404
    status, is_error = HTTPStatus.OK, False
    try:
        done = _do_once(actor, counter, action, request.POST)
        notice = done.said
        _offer_undo(actor, counter, done)
    except DomainError as error:
        notice, status, is_error = error.detail, HTTPStatus.CONFLICT, True
    if request.headers.get("HX-Request") is None and not is_error:
        return redirect("console-desk", actor.provider.slug, counter_id)
    context = _context(actor, counter_of(actor, counter_id))
    context |= {"notice": notice, "notice_is_error": is_error}
    context["undo"] = None if is_error else _offered_undo(actor, counter_id)
    is_part = request.headers.get("HX-Request") is not None
    context["is_part"] = is_part
    template = "console/_desk.html" if is_part else "console/desk.html"
    return render(request, template, context, status=status)


def _do_once(actor: Actor, counter: Counter, action: str, form: Any) -> Done:
    """Does it, unless the very same form did it before: whoever got no answer tries again."""
    ticket = form.get("ticket", "")
    about = f"{action}:{ticket}" if ticket.isdecimal() else action

    def effect() -> idempotency.Answer:
        done = ACTIONS[action](actor, counter, form)
        return idempotency.Answer(HTTPStatus.OK, json.dumps(asdict(done)))

    answer = idempotency.run_once(
        scope=f"provider:{actor.provider.pk}/{actor.name}/counter:{counter.pk}/{about[:32]}",
        key=idempotency.form_key(form.get("key", "")),
        fingerprint="",
        effect=effect,
    )
    return Done(**json.loads(answer.body))


def _offer_undo(actor: Actor, counter: Counter, done: Done) -> None:
    """Remembers what the member can undo at this counter, which is the last thing done there.

    In the cache, for as long as it is possible: without a cache there is no offer, and nothing else
    is lost.
    """
    key = UNDO.key(actor.name, counter.pk)
    if done.ticket_id is None:
        cache.delete(key)
    else:
        offer = {"pk": done.ticket_id, "said": done.said, "until": clock.now() + UNDO_FOR}
        cache.set(key, offer, UNDO.seconds)


def _offered_undo(actor: Actor, counter_id: int) -> dict[str, Any] | None:
    offer: dict[str, Any] | None = cache.get(UNDO.key(actor.name, counter_id))
    if offer is None:
        return None
    return offer | {"seconds_left": int((offer["until"] - clock.now()).total_seconds())}


def counter_of(actor: Actor, counter_id: int) -> Counter:
    """A counter that is open to the actor.

    Raises:
        Http404: there is none.
    """
    counter = selectors.counters_for(actor).filter(pk=counter_id).first()
    if counter is None:
        raise Http404
    return counter


def _context(actor: Actor, counter: Counter) -> dict[str, Any]:
    now = clock.now()
    queues = list(counter.queues.all())
    line, total = selectors.line_of(counter, limit=LINE_SHOWN)
    at_counter = getattr(counter, "current_tickets", [])
    current = at_counter[0] if at_counter else None
    aside = selectors.aside_of(counter, limit=ASIDE_SHOWN)
    services = frozenset(counter.services.values_list("pk", flat=True))
    passed_over, following = _next_in(line, services)
    if following is None and total > len(line):
        following = selectors.next_of(counter, services)
    may_act = actor.may(Role.STAFF)
    return {
        "provider": actor.provider,
        "screen": "desk",
        "may_act": may_act,
        "may_call": may_act and counter.is_open and current is None,
        "counter": counter,
        "queues": queues,
        "current": current,
        "other_queues": (
            selectors.other_queues(current, counter.location_id) if current and may_act else []
        ),
        "visits": _earlier_visits(actor, current) if may_act else [],
        "asks_name": any(queue.asks_name != Ask.NO for queue in queues),
        "asks_phone": any(queue.asks_phone != Ask.NO for queue in queues),
        "current_is_called": current is not None and current.state == TicketState.CALLED,
        "line": [
            {
                "ticket": ticket,
                "minutes": int((now - ticket.issued_at).total_seconds() // 60),
                "is_served": _is_for(services, ticket),
            }
            for ticket in line
        ],
        "held": [ticket for ticket in aside if ticket.state == TicketState.ON_HOLD],
        "deferred": [ticket for ticket in aside if ticket.state == TicketState.DEFERRED],
        "missed": [ticket for ticket in aside if ticket.state in REJOINABLE],
        "zone": counter.location.zone,
        # Who was carried over keeps a number that another has today.
        "today": clock.local_date(counter.location.zone),
        "next": following,
        "why": _why(following, passed_over) if line else "",
        "undoable_since": now - UNDO_FOR,
        "gives_to_groups": max((queue.max_people for queue in queues), default=1),
        "total": total,
        "issued": sum(queue.last_number for queue in queues),
        "hidden": total - len(line),
        "as_of": now.astimezone(counter.location.zone).replace(tzinfo=None),
        "stream": (
            f"{settings.STREAMS_URL}{secret_name(LOCATIONS, counter.location_id)},{HEARTBEAT}"
        ),
        "stamp": _stamp(counter),
        "form_key": uuid.uuid4(),
    }


def _earlier_visits(actor: Actor, current: Ticket | None) -> list[Ticket]:
    if current is None or current.customer_id is None:
        return []
    visits = selectors.visits_of(actor, current.customer_id, limit=VISITS_SHOWN + 1)
    return [visit for visit in visits if visit.pk != current.pk][:VISITS_SHOWN]


def _stamp(counter: Counter) -> str:
    """Differs when the desk would.

    That is with its queues, with its ticket (which may be of a queue that it serves no longer)
    and, for the waits, with the minute.
    """
    parts = [f"{queue.pk}.{queue.sequence}" for queue in counter.queues.all()]
    tickets_there = getattr(counter, "current_tickets", [])
    parts += [f"{ticket.code}.{ticket.state}.{ticket.call_count}" for ticket in tickets_there]
    return f"{counter.is_open:d}-{'-'.join(parts)}-{clock.now():%H%M}"


def _is_for(services: Collection[int], ticket: Ticket) -> bool:
    """Whether a counter that does these services, none being all, does what the ticket is for."""
    return not services or ticket.service_id is None or ticket.service_id in services


def _next_in(line: Sequence[Ticket], services: Collection[int]) -> tuple[int, Ticket | None]:
    """Who is next where these are done, and how many before it are for other counters."""
    for place, ticket in enumerate(line):
        if _is_for(services, ticket):
            return place, ticket
    return len(line), None


def _why(first: Ticket | None, passed_over: int) -> str:
    """Why this ticket is the next one."""
    if first is None:
        return gettext("Nobody waits for what this counter does.")
    if passed_over:
        text = ngettext(
            "Next is %(code)s: %(count)d before it is for other counters.",
            "Next is %(code)s: %(count)d before it are for other counters.",
            passed_over,
        )
        return text % {"code": first.code, "count": passed_over}
    if not first.priority:
        return gettext("Next is %(code)s, which waited longest.") % {"code": first.code}
    head_start = first.priority * first.queue.head_start
    return gettext("Next is %(code)s: its priority counts as %(minutes)d min of waiting.") % {
        "code": first.code,
        "minutes": head_start.total_seconds() // 60,
    }


def _next(actor: Actor, counter: Counter, form: Any) -> Done:
    turn = tickets.ticket_finish_and_call_next(actor=actor, counter_id=counter.pk)
    ticket = turn.called
    if ticket is None:
        finished = None if turn.finished is None else turn.finished.pk
        _, total = selectors.line_of(counter, limit=0)
        nobody = gettext_noop("Nobody is waiting.")
        others = gettext_noop("Nobody waits for what this counter does.")
        return Done(gettext(others if total else nobody), finished)
    expected = form.get("expected", "")
    # Whatever else a request may say, only a code can be looked for.
    if expected == ticket.code or not expected.isalnum():
        return Done(gettext("You called %(code)s.") % {"code": ticket.code}, ticket.pk)
    taken = selectors.where_called(counter, expected)
    codes = {"expected": expected, "code": ticket.code, "counter": taken}
    if taken:
        said = gettext("Counter %(counter)s took %(expected)s; you called %(code)s.") % codes
    else:
        said = gettext("%(expected)s is not waiting any more; you called %(code)s.") % codes
    return Done(said, ticket.pk)


def _walk_in(actor: Actor, counter: Counter, form: Any) -> Done:
    queue_id = whole_number(form.get("queue", ""))
    if queue_id is None:
        raise Http404
    ticket = tickets.ticket_join(
        actor=actor,
        queue_id=queue_id,
        source=Source.STAFF,
        service_id=whole_number(form.get("service", "")),
        people=min(whole_number(form.get("people", "")) or 1, MOST_PEOPLE),
        person=Person(name=form.get("name", ""), phone=form.get("phone", "")),
    )
    place = {"code": ticket.code, "place": selectors.position(ticket)}
    return Done(gettext("%(code)s is in the line, at place %(place)s.") % place)


def _transfer(actor: Actor, counter: Counter, form: Any) -> Done:
    queue_id = whole_number(form.get("queue", ""))
    if queue_id is None:
        raise Http404
    ticket = ticket_transfer(actor=actor, ticket_id=_ticket_id(form), queue_id=queue_id)
    names = {"code": ticket.code, "queue": ticket.queue.name}
    return Done(gettext("%(code)s is in the line of %(queue)s now.") % names, ticket.pk)


def _open(actor: Actor, counter: Counter, form: Any) -> Done:
    counters.counter_open(actor=actor, counter_id=counter.pk)
    return Done(gettext("The counter is open."))


def _close(actor: Actor, counter: Counter, form: Any) -> Done:
    counters.counter_close(actor=actor, counter_id=counter.pk)
    return Done(gettext("The counter is closed."))


def _call(actor: Actor, counter: Counter, form: Any) -> Done:
    ticket_id = _ticket_id(form)
    ticket = tickets.ticket_call(actor=actor, ticket_id=ticket_id, counter_id=counter.pk)
    return Done(gettext("You called %(code)s.") % {"code": ticket.code}, ticket.pk)


def _on_ticket(service: Callable[..., Ticket], outcome: str, *, can_undo: bool = True) -> Action:
    def do(actor: Actor, counter: Counter, form: Any) -> Done:
        ticket = service(actor=actor, ticket_id=_ticket_id(form))
        return Done(gettext(outcome) % {"code": ticket.code}, ticket.pk if can_undo else None)

    return do


def _ticket_id(form: Any) -> int:
    ticket_id = whole_number(form.get("ticket", ""))
    if ticket_id is None:
        raise Http404
    return ticket_id


BACK = gettext_noop("%(code)s is back in the line.")
SERVED = gettext_noop("%(code)s is being served.")
ACTIONS: dict[str, Action] = {
    "next": _next,
    "call": _call,
    "recall": _on_ticket(
        tickets.ticket_recall, gettext_noop("You called %(code)s again."), can_undo=False
    ),
    "start": _on_ticket(tickets.ticket_start, SERVED),
    "hold": _on_ticket(tickets.ticket_hold, gettext_noop("%(code)s is on hold.")),
    "resume": _on_ticket(tickets.ticket_resume, SERVED),
    "return": _on_ticket(tickets.ticket_return, BACK),
    "rejoin": _on_ticket(tickets.ticket_rejoin, BACK),
    "complete": _on_ticket(tickets.ticket_complete, gettext_noop("%(code)s is done.")),
    "no-show": _on_ticket(tickets.ticket_mark_no_show, gettext_noop("%(code)s did not come.")),
    "undo": _on_ticket(
        ticket_undo, gettext_noop("Undone: %(code)s is where it was."), can_undo=False
    ),
    "transfer": _transfer,
    "walk-in": _walk_in,
    "open": _open,
    "close": _close,
}
