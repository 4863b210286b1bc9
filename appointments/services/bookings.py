"""The life of an appointment. Each function is one transaction; resources are locked first, by id.

All of them raise NotFoundError for what the actor may not see, AppointmentStateError when the
appointment's state does not lead there, and what ``find_place``, ``check_start`` and ``find_slot``
(appointments.services.seats) raise of a time that can not be had.
"""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from appointments.errors import (
    BookingRefusedError,
    ChangeTooLateError,
    HoldExpiredError,
    SeriesConflictError,
    TooManyChangesError,
)
from appointments.models import (
    BLOCKING,
    Appointment,
    AppointmentDetails,
    AppointmentResource,
    AppointmentState,
    BookingPolicy,
    NoShowConsequence,
    SlotHold,
)
from appointments.selectors import (
    bookable_policy,
    needed_kinds,
    notice_of,
    rules_of,
    was_delayed,
)
from appointments.services.changes import calendar_changed, record, slot_freed
from appointments.services.locks import lock_appointment, lock_resources
from appointments.services.seats import (
    Place,
    Seat,
    Wish,
    check_start,
    choose_seats,
    find_place,
    lock_seats,
    read_day,
    take_seats,
)
from appointments.transitions import Change, next_state
from providers.actors import Actor
from providers.models import Customer, Role
from providers.selectors import customers_alike
from waitlessq import clock
from waitlessq.db.rows import insert_row, update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import DomainError, InvalidInputError, NotFoundError
from waitlessq.walltime import instant

HELD_FOR = timedelta(minutes=5)
MOST_IN_SERIES = 52


@dataclass(frozen=True, slots=True)
class Details:
    """What is asked besides the time: who comes, a note, answers by the id of their question."""

    customer: Customer | None = None
    note: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    source: str = "staff"


@in_transaction
def hold_create(*, actor: Actor, wish: Wish) -> SlotHold:
    """Keeps a time for five minutes. Locks the resources that could be booked."""
    place = find_place(actor, wish)
    check_start(actor, place)
    day = read_day(place, place.starts_at)
    seats = lock_seats(place, day, place.starts_at, wish.resource_id)
    hold = SlotHold.objects.create(
        provider=actor.provider,
        location=place.location,
        service=place.policy.service,
        starts_at=place.starts_at,
        expires_at=clock.now() + HELD_FOR,
    )
    take_seats(actor.provider.pk, seats, hold=hold)
    calendar_changed(actor.provider.pk)
    return hold


@in_transaction
def hold_release(*, actor: Actor, hold_id: int) -> None:
    """Gives a kept time back; once more does nothing."""
    SlotHold.objects.filter(pk=hold_id, provider=actor.provider).delete()
    calendar_changed(actor.provider.pk)


@in_transaction
def appointment_book(*, actor: Actor, wish: Wish, details: Details) -> Appointment:
    """Books a time at once, or asks for it where the provider approves. Locks the resources.

    Emits ``appointment.changed``.
    """
    place = find_place(actor, wish)
    check_start(actor, place)
    day = read_day(place, place.starts_at)
    seats = lock_seats(place, day, place.starts_at, wish.resource_id)
    return _book(actor, place, place.starts_at, seats, details)


@in_transaction
def appointment_book_held(*, actor: Actor, hold_id: int, details: Details) -> Appointment:
    """Books the time that a hold keeps; the hold is used up. Locks the hold.

    Emits ``appointment.changed``.

    Raises:
        HoldExpiredError: the time is not kept any more, or was booked already.
    """
    holds = SlotHold.objects.select_for_update(of=("self",)).select_related("service", "location")
    hold = holds.filter(pk=hold_id, provider=actor.provider).first()
    if hold is None or hold.expires_at <= clock.now():
        raise _expired()
    policy = bookable_policy(hold.service_id)
    place = Place(policy, hold.location, (), hold.starts_at)
    appointment = _create(actor, place, hold.starts_at, details)
    taken_over = AppointmentResource.objects.filter(hold=hold).update(
        appointment=appointment, hold=None, held_until=None
    )
    if taken_over < len(needed_kinds(policy)):
        # It expired this very moment, and somebody else has taken it.
        raise _expired()
    hold.delete()
    record(appointment, Change.BOOKED, actor=actor, from_state="")
    return appointment


@in_transaction
def series_book(
    *,
    actor: Actor,
    wish: Wish,
    details: Details,
    weeks: int,
    times: int,
    skip_conflicts: bool,
    hold_id: int | None = None,
) -> list[Appointment]:
    """Books the same wall time every so many weeks. Locks the resources once.

    All of it or nothing, unless ``skip_conflicts`` leaves out the times that are not free. A hold
    that kept the first time is used up.

    Raises:
        SeriesConflictError: some are not free; lists them with the reason and what is free instead.
    """
    place = find_place(actor, wish)
    lock_resources(place.resource_ids)
    if hold_id is not None:
        SlotHold.objects.filter(pk=hold_id, provider=actor.provider).delete()
    starts = _series_starts(place, weeks, times)
    series, booked, conflicts = uuid.uuid4(), [], []
    for starts_at in starts:
        try:
            check_start(actor, place, starts_at)
            seats = choose_seats(read_day(place, starts_at), starts_at, wish.resource_id)
        except DomainError as error:
            conflicts.append(
                {
                    "starts_at": starts_at.astimezone(place.location.zone).isoformat(),
                    "code": error.code,
                    "detail": error.detail,
                    "free": error.data.get("free", []),
                }
            )
            continue
        booked.append(_book(actor, place, starts_at, seats, details, series))
    if conflicts and (not skip_conflicts or not booked):
        raise SeriesConflictError(
            gettext("%(taken)s of %(all)s are not free. Leave them out, or choose another time.")
            % {"taken": len(conflicts), "all": len(starts)},
            conflicts=conflicts,
        )
    return booked


@in_transaction
def appointment_confirm(*, actor: Actor, appointment_id: int) -> Appointment:
    """Approves what was asked for. Locks the appointment."""
    return _move(actor, lock_appointment(actor, appointment_id), Change.CONFIRMED)


@in_transaction
def appointment_decline(*, actor: Actor, appointment_id: int, reason: str = "") -> Appointment:
    """Refuses what was asked for, and frees its time. Locks the appointment."""
    appointment = lock_appointment(actor, appointment_id)
    return _move(actor, appointment, Change.DECLINED, {"reason": reason} if reason else None)


@in_transaction
def appointment_cancel(*, actor: Actor, appointment_id: int, reason: str = "") -> Appointment:
    """Frees the time; emits ``slot.freed`` too. Locks the appointment.

    Raises:
        ChangeTooLateError: the provider wants customers to say so earlier.
    """
    appointment = lock_appointment(actor, appointment_id)
    next_state(appointment, Change.CANCELLED)
    if not actor.may(Role.STAFF):
        policy = bookable_policy(appointment.service_id)
        _check_notice(appointment, policy.cancel_notice)
    return _move(actor, appointment, Change.CANCELLED, {"reason": reason} if reason else None)


@in_transaction
def appointment_fulfil(*, actor: Actor, appointment_id: int) -> Appointment:
    """It took place. Locks the appointment."""
    return _move(actor, lock_appointment(actor, appointment_id), Change.FULFILLED)


@in_transaction
def appointment_mark_no_show(*, actor: Actor, appointment_id: int) -> Appointment:
    """The customer did not come. Locks the appointment."""
    return _move(actor, lock_appointment(actor, appointment_id), Change.NO_SHOW)


@in_transaction
def appointment_check_in(*, actor: Actor, appointment_id: int) -> Appointment:
    """The customer is there; queues issue the ticket in the same transaction. Locks it."""
    return _move(actor, lock_appointment(actor, appointment_id), Change.CHECKED_IN)


@in_transaction
def appointment_return(*, actor: Actor, appointment_id: int) -> Appointment:
    """Whoever was checked in has left the line: expected again. Locks the appointment."""
    return _move(actor, lock_appointment(actor, appointment_id), Change.RETURNED)


@in_transaction
def appointment_reopen(*, actor: Actor, appointment_id: int) -> Appointment:
    """Its customer is there after all: what ended it was undone. Locks resources, then the row.

    Keeps its time again, unless somebody else was given it meanwhile.
    """
    rows = AppointmentResource.objects.filter(appointment=appointment_id)
    lock_resources(rows.values_list("resource_id", flat=True))
    appointment = _move(actor, lock_appointment(actor, appointment_id), Change.REOPENED)
    with suppress(IntegrityError), transaction.atomic():
        rows.update(is_blocking=True)
    return appointment


@in_transaction
def appointment_reschedule(
    *,
    actor: Actor,
    appointment_id: int,
    starts_at: datetime,
    resource_id: int | None = None,
    length: timedelta | None = None,
) -> Appointment:
    """Takes the new time and frees the old one, both or neither. Locks resources, then the row.

    Keeps the resources where they are free then. ``length`` is as it was unless given; only staff
    give one. Emits ``appointment.changed`` and ``slot.freed``.

    Raises:
        ChangeTooLateError, TooManyChangesError: customers may not any more.
    """
    known = Appointment.objects.filter(pk=appointment_id).first()
    if known is None:
        raise NotFoundError("There is no such appointment.")
    wish = Wish(known.service_id, starts_at, known.location_id, resource_id)
    place = find_place(actor, wish)
    starts_at = place.starts_at
    had = list(known.resources.values_list("resource_id", flat=True))
    lock_resources([*place.resource_ids, *had])
    appointment = lock_appointment(actor, appointment_id)
    next_state(appointment, Change.RESCHEDULED)
    if not actor.may(Role.STAFF):
        _check_may_reschedule(appointment, place.policy)
    check_start(actor, place)
    old = {"starts_at": appointment.starts_at.isoformat(), "resources": had}
    slot_freed(appointment)
    appointment.resources.all().delete()
    length = length or appointment.ends_at - appointment.starts_at
    seats = choose_seats(read_day(place, starts_at, length), starts_at, resource_id, had)
    take_seats(appointment.provider_id, seats, appointment=appointment)
    changes: dict[str, Any] = {
        "starts_at": starts_at,
        "ends_at": starts_at + length,
        "sequence": appointment.sequence + 1,
    }
    if not actor.may(Role.STAFF):
        changes["reschedule_count"] = appointment.reschedule_count + 1
    update_row(appointment, changes)
    record(appointment, Change.RESCHEDULED, actor=actor, from_state=appointment.state, data=old)
    return appointment


def check_answers(policy: BookingPolicy, answers: Mapping[str, str]) -> None:
    """Refuses answers that are missing, or to what was not asked.

    Raises:
        InvalidInputError: one is; names the question.
    """
    asked = {question["id"]: question for question in policy.questions}
    for question_id in answers:
        if question_id not in asked:
            raise InvalidInputError(f"answers.{question_id}", "There is no such question.")
    for question_id, question in asked.items():
        if question["required"] and not answers.get(question_id, "").strip():
            raise InvalidInputError(
                f"answers.{question_id}",
                gettext("Answer “%(question)s”.") % {"question": question["label"]},
            )


def _expired() -> HoldExpiredError:
    return HoldExpiredError(gettext("Choose a time again. Nothing else is lost."))


def _book(
    actor: Actor,
    place: Place,
    starts_at: datetime,
    seats: Sequence[Seat],
    details: Details,
    series: uuid.UUID | None = None,
) -> Appointment:
    appointment = _create(actor, place, starts_at, details, series)
    take_seats(appointment.provider_id, seats, appointment=appointment)
    record(appointment, Change.BOOKED, actor=actor, from_state="")
    return appointment


def _create(
    actor: Actor,
    place: Place,
    starts_at: datetime,
    details: Details,
    series: uuid.UUID | None = None,
) -> Appointment:
    """The appointment, and what was said of it; it has no seats yet."""
    check_answers(place.policy, details.answers)
    if details.customer is not None:
        actor.check_owns(details.customer)
    is_asked_for = not actor.may(Role.STAFF) and (
        place.policy.needs_approval or _often_missed(actor, details.customer)
    )
    appointment = insert_row(
        Appointment(
            provider=actor.provider,
            location=place.location,
            service=place.policy.service,
            customer=details.customer,
            starts_at=starts_at,
            ends_at=starts_at + place.policy.service.duration,
            state=AppointmentState.PENDING if is_asked_for else AppointmentState.BOOKED,
            source=details.source,
            series=series,
        )
    )
    if details.note or details.answers:
        AppointmentDetails.objects.create(
            provider=actor.provider,
            appointment=appointment,
            customer=details.customer,
            note=details.note,
            answers=dict(details.answers),
        )
    return appointment


def _often_missed(actor: Actor, customer: Customer | None) -> bool:
    """Whether somebody looks at a customer's bookings first, since they often did not come.

    Raises:
        BookingRefusedError: the provider's rule is that they do not book by themselves.
    """
    if customer is None:
        return False
    rules = rules_of(actor.provider)
    if not rules.no_show_limit:
        return False
    missed = Appointment.objects.filter(
        customer__in=customers_alike(customer),
        state=AppointmentState.NO_SHOW,
        starts_at__gt=clock.now() - rules.no_show_window,
    ).count()
    if missed < rules.no_show_limit:
        return False
    if rules.no_show_consequence == NoShowConsequence.REFUSED:
        raise BookingRefusedError(gettext("Please ask the provider."))
    return True


def _move(
    actor: Actor,
    appointment: Appointment,
    change: Change,
    data: Mapping[str, Any] | None = None,
) -> Appointment:
    """Brings a locked appointment to its next state, frees its time if that state does."""
    before, state = appointment.state, next_state(appointment, change)
    update_row(appointment, {"state": state, "sequence": appointment.sequence + 1})
    if state not in BLOCKING:
        appointment.resources.update(is_blocking=False)
    if change in {Change.CANCELLED, Change.DECLINED} and appointment.ends_at > clock.now():
        slot_freed(appointment)
    record(appointment, change, actor=actor, from_state=before, data=data)
    return appointment


def _check_may_reschedule(appointment: Appointment, policy: BookingPolicy) -> None:
    _check_notice(appointment, policy.reschedule_notice)
    is_often = appointment.reschedule_count >= policy.most_reschedules
    if is_often and not was_delayed(appointment):
        raise TooManyChangesError(gettext("Please ask the provider."), most=policy.most_reschedules)


def _check_notice(appointment: Appointment, notice: timedelta) -> None:
    until = appointment.starts_at - notice_of(appointment, notice)
    if clock.now() > until:
        raise ChangeTooLateError(
            gettext("This was possible until %(time)s. Please ask the provider.")
            % {"time": f"{until.astimezone(appointment.location.zone):%Y-%m-%d %H:%M}"},
            until=until.isoformat(),
        )


def _series_starts(place: Place, weeks: int, times: int) -> list[datetime]:
    zone = place.location.zone
    first = place.starts_at.astimezone(zone)
    days = [first.date() + timedelta(weeks=weeks * n) for n in range(1, times)]
    return [place.starts_at, *(instant(day, first.time(), zone) for day in days)]
