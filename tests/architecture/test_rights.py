"""Who may do what: one table of every route, tried as everybody.

A route that is missing in the table fails; so does a row whose route is gone.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

import pytest
from django.test import Client
from django_scopes import scope

from appointments.models import ExceptionKind
from appointments.services.bookings import hold_create
from appointments.services.feeds import busy_feed_add, calendar_feed_open
from appointments.services.resources import availability_exception_add
from appointments.services.waitlist import waitlist_join
from appointments.tests.cast import build_practice
from appointments.tokens import (
    appointment_token,
    feed_token,
    hold_token,
    waitlist_token,
)
from conftest import House, add_member, client_of
from integrations.keys import api_key_create, api_key_revoke
from providers.models import Member, Role, User
from providers.services.customers import customer_find_or_create
from queues.models import Source
from queues.services.tickets import ticket_join
from queues.tests.test_boards import build_board, paired_screen
from queues.tests.test_kiosks import build_kiosk, paired_kiosk
from queues.tokens import token_for
from tests.architecture.routes import Route, all_routes


class Who(StrEnum):
    """Besides the roles of a provider: who else a route can be for."""

    EVERYBODY = "everybody"
    SIGNED_IN = "signed in, for any provider or none"
    HOLDER = "whoever has the ticket's token"
    BOOKED = "whoever has the appointment's token"
    KEEPER = "whoever has the hold's token"
    WAITING = "whoever has the token of the wait list's entry"
    LINK = "whoever has the link, with the token in it"
    SCREEN = "the screen that is paired with a board"
    KIOSK = "the touch screen that is paired with a kiosk"


P = "api/v1/providers/<slug:provider>"
S = "console/<slug:provider>/settings"
ROWS: list[tuple[str, str, Role | Who]] = [
    ("", "GET", Who.SIGNED_IN),
    ("console/<slug:provider>/", "GET", Role.VIEWER),
    ("console/<slug:provider>/app/", "GET", Role.VIEWER),
    ("console/<slug:provider>/app/look/", "POST", Role.MANAGER),
    ("console/<slug:provider>/app/site/", "GET POST", Role.MANAGER),
    ("console/<slug:provider>/app/domains/", "POST", Role.MANAGER),
    ("console/<slug:provider>/app/domains/remove/", "POST", Role.MANAGER),
    ("console/<slug:provider>/app/domains/verify/", "POST", Role.MANAGER),
    ("console/<slug:provider>/app/publish/", "POST", Role.MANAGER),
    ("console/<slug:provider>/app/publishing/", "POST", Role.MANAGER),
    ("console/<slug:provider>/app/zip/", "GET", Role.MANAGER),
    ("console/<slug:provider>/boards/", "GET", Role.VIEWER),
    ("console/<slug:provider>/boards/new/", "GET POST", Role.MANAGER),
    ("console/<slug:provider>/boards/<int:screen_id>/", "GET POST", Role.MANAGER),
    ("console/<slug:provider>/boards/<int:screen_id>/pair/", "POST", Role.MANAGER),
    ("console/<slug:provider>/boards/<int:screen_id>/unpair/", "POST", Role.MANAGER),
    ("console/<slug:provider>/boards/<int:screen_id>/remove/", "POST", Role.MANAGER),
    ("console/<slug:provider>/kiosks/", "GET", Role.VIEWER),
    ("console/<slug:provider>/kiosks/new/", "GET POST", Role.MANAGER),
    ("console/<slug:provider>/kiosks/<int:screen_id>/", "GET POST", Role.MANAGER),
    ("console/<slug:provider>/kiosks/<int:screen_id>/pair/", "POST", Role.MANAGER),
    ("console/<slug:provider>/kiosks/<int:screen_id>/unpair/", "POST", Role.MANAGER),
    ("console/<slug:provider>/kiosks/<int:screen_id>/remove/", "POST", Role.MANAGER),
    ("console/<slug:provider>/calendar/", "GET", Role.VIEWER),
    ("console/<slug:provider>/calendar/book/", "GET POST", Role.STAFF),
    ("console/<slug:provider>/calendar/late/", "POST", Role.STAFF),
    ("console/<slug:provider>/calendar/late/undo/", "POST", Role.STAFF),
    ("console/<slug:provider>/calendar/<int:appointment_id>/", "GET", Role.VIEWER),
    ("console/<slug:provider>/calendar/<int:appointment_id>/places/", "GET", Role.STAFF),
    ("console/<slug:provider>/calendar/<int:appointment_id>/<slug:change>/", "POST", Role.STAFF),
    ("console/<slug:provider>/calendar/feed/", "GET POST", Role.VIEWER),
    ("console/<slug:provider>/calendar/waiting/", "GET", Role.STAFF),
    ("console/<slug:provider>/calendar/waiting/add/", "GET POST", Role.STAFF),
    (
        "console/<slug:provider>/calendar/waiting/<int:entry_id>/<slug:answer>/",
        "POST",
        Role.STAFF,
    ),
    ("console/<slug:provider>/figures/", "GET", Role.VIEWER),
    ("console/<slug:provider>/figures.csv", "GET", Role.VIEWER),
    ("console/<slug:provider>/poster/<int:queue_id>/", "GET", Role.VIEWER),
    ("console/<slug:provider>/settings/", "GET", Role.MANAGER),
    ("console/<slug:provider>/settings/provider/", "GET POST", Role.OWNER),
    (f"{S}/locations/<int:pk>/exceptions/", "POST", Role.MANAGER),
    (f"{S}/locations/<int:pk>/exceptions/<str:day>/remove/", "POST", Role.MANAGER),
    (f"{S}/members/<int:pk>/remove/", "POST", Role.OWNER),
    (f"{S}/locations/", "GET", Role.MANAGER),
    (f"{S}/locations/new/", "GET POST", Role.MANAGER),
    (f"{S}/locations/<int:pk>/", "GET POST", Role.MANAGER),
    (f"{S}/queues/", "GET", Role.MANAGER),
    (f"{S}/queues/new/", "GET POST", Role.MANAGER),
    (f"{S}/queues/<int:pk>/", "GET POST", Role.MANAGER),
    (f"{S}/counters/", "GET", Role.MANAGER),
    (f"{S}/counters/new/", "GET POST", Role.MANAGER),
    (f"{S}/counters/<int:pk>/", "GET POST", Role.MANAGER),
    (f"{S}/services/", "GET", Role.MANAGER),
    (f"{S}/services/new/", "GET POST", Role.MANAGER),
    (f"{S}/services/<int:pk>/", "GET POST", Role.MANAGER),
    (f"{S}/resources/", "GET", Role.MANAGER),
    (f"{S}/resources/new/", "GET POST", Role.MANAGER),
    (f"{S}/resources/<int:pk>/", "GET POST", Role.MANAGER),
    (f"{S}/resources/<int:pk>/away/", "POST", Role.MANAGER),
    (f"{S}/resources/<int:pk>/away/<int:part_id>/remove/", "POST", Role.MANAGER),
    (f"{S}/resources/<int:pk>/rules/", "POST", Role.MANAGER),
    (f"{S}/resources/<int:pk>/rules/<int:part_id>/remove/", "POST", Role.MANAGER),
    (f"{S}/resources/<int:pk>/calendars/", "POST", Role.MANAGER),
    (f"{S}/resources/<int:pk>/calendars/<int:part_id>/remove/", "POST", Role.MANAGER),
    (f"{S}/resources/<int:pk>/calendars/<int:part_id>/retry/", "POST", Role.MANAGER),
    (f"{S}/booking/", "GET", Role.MANAGER),
    (f"{S}/booking/<int:pk>/", "GET POST", Role.MANAGER),
    (f"{S}/booking-rules/", "GET POST", Role.MANAGER),
    (f"{S}/members/", "GET", Role.OWNER),
    (f"{S}/members/new/", "GET POST", Role.OWNER),
    (f"{S}/members/<int:pk>/", "GET POST", Role.OWNER),
    ("console/<slug:provider>/customers/", "GET", Role.STAFF),
    ("console/<slug:provider>/customers/new/", "GET POST", Role.STAFF),
    ("console/<slug:provider>/customers/<int:customer_id>/", "GET", Role.STAFF),
    ("console/<slug:provider>/customers/<int:customer_id>/name/", "POST", Role.STAFF),
    ("console/<slug:provider>/customers/<int:customer_id>/note/", "POST", Role.STAFF),
    ("console/<slug:provider>/customers/<int:customer_id>/join/", "POST", Role.STAFF),
    ("console/<slug:provider>/customers/<int:customer_id>/erase/", "POST", Role.MANAGER),
    ("console/<slug:provider>/desk/<int:counter_id>/search/", "GET", Role.STAFF),
    ("console/<slug:provider>/desk/", "GET", Role.VIEWER),
    ("console/<slug:provider>/desk/<int:counter_id>/", "GET", Role.VIEWER),
    ("console/<slug:provider>/desk/<int:counter_id>/phone/<int:ticket_id>/", "GET", Role.STAFF),
    ("console/<slug:provider>/desk/<int:counter_id>/what-if/", "GET", Role.VIEWER),
    ("console/<slug:provider>/desk/<int:counter_id>/<slug:action>/", "POST", Role.STAFF),
    ("b/<str:token>/", "GET", Who.LINK),
    ("b/<str:token>/cancel/", "POST", Who.LINK),
    ("b/<str:token>/check-in/", "POST", Who.LINK),
    ("b/<str:token>/feed/", "POST", Who.LINK),
    ("b/<str:token>/move/", "GET POST", Who.LINK),
    ("feeds/<str:token>.ics", "GET", Who.LINK),
    ("feeds/<str:token>/close/", "GET POST", Who.LINK),
    ("w/<str:token>/", "GET", Who.LINK),
    ("w/<str:token>/accept/", "POST", Who.LINK),
    ("w/<str:token>/leave/", "POST", Who.LINK),
    ("w/<str:token>/refuse/", "POST", Who.LINK),
    ("p/<slug:provider>/", "GET", Who.EVERYBODY),
    ("p/<slug:provider>/<path:name>", "GET", Who.EVERYBODY),
    ("p/<slug:provider>/embed", "GET", Who.EVERYBODY),
    ("preview/<slug:provider>/<str:key>/", "GET", Who.EVERYBODY),
    ("preview/<slug:provider>/<str:key>/<path:name>", "GET", Who.EVERYBODY),
    ("q/<slug:provider>/", "GET", Who.EVERYBODY),
    ("q/<slug:provider>/join/<int:queue_id>/", "GET POST", Who.EVERYBODY),
    ("q/<slug:provider>/ticket/", "GET", Who.EVERYBODY),
    ("q/<slug:provider>/ticket/defer/", "POST", Who.EVERYBODY),
    ("q/<slug:provider>/ticket/leave/", "POST", Who.EVERYBODY),
    ("q/<slug:provider>/ticket/postpone/", "POST", Who.EVERYBODY),
    ("q/<slug:provider>/ticket/rejoin/", "POST", Who.EVERYBODY),
    ("q/<slug:provider>/ticket/return/", "POST", Who.EVERYBODY),
    ("q/<slug:provider>/ticket/why/", "GET", Who.EVERYBODY),
    ("kiosk/", "GET", Who.EVERYBODY),
    ("kiosk/pair/", "POST", Who.EVERYBODY),
    ("kiosk/check-in/", "POST", Who.KIOSK),
    ("kiosk/data/", "GET", Who.KIOSK),
    ("kiosk/help/", "POST", Who.KIOSK),
    ("kiosk/tickets/", "POST", Who.KIOSK),
    ("board/", "GET", Who.EVERYBODY),
    ("board/pair/", "POST", Who.EVERYBODY),
    ("board/data/", "GET", Who.SCREEN),
    ("language/", "POST", Who.EVERYBODY),
    ("livez", "GET", Who.EVERYBODY),
    ("readyz", "GET", Who.EVERYBODY),
    ("health", "GET", Who.EVERYBODY),
    ("api/v1/docs/", "GET", Who.EVERYBODY),
    ("api/v1/schema", "GET", Who.EVERYBODY),
    ("api/v1/me", "GET", Who.SIGNED_IN),
    (P, "GET", Role.VIEWER),
    (P, "PATCH", Role.OWNER),
    (f"{P}/api-keys", "GET POST", Role.OWNER),
    (f"{P}/api-keys/<int:pk>", "GET DELETE", Role.OWNER),
    (f"{P}/appointments", "GET", Role.VIEWER),
    (f"{P}/appointments", "POST", Role.STAFF),
    (f"{P}/appointments/series", "POST", Role.STAFF),
    (f"{P}/appointments/<int:pk>", "GET", Role.VIEWER),
    (f"{P}/appointments/<int:pk>/events", "GET", Role.VIEWER),
    (f"{P}/appointments/<int:pk>/cancel", "POST", Role.STAFF),
    (f"{P}/appointments/<int:pk>/check-in", "POST", Role.STAFF),
    (f"{P}/appointments/<int:pk>/confirm", "POST", Role.STAFF),
    (f"{P}/appointments/<int:pk>/decline", "POST", Role.STAFF),
    (f"{P}/appointments/<int:pk>/fulfil", "POST", Role.STAFF),
    (f"{P}/appointments/<int:pk>/no-show", "POST", Role.STAFF),
    (f"{P}/appointments/<int:pk>/reschedule", "POST", Role.STAFF),
    (f"{P}/appointments/<int:pk>/walk-in", "POST", Role.STAFF),
    (f"{P}/availability-exceptions", "GET", Role.VIEWER),
    (f"{P}/availability-exceptions", "POST", Role.MANAGER),
    (f"{P}/availability-exceptions/<int:pk>", "GET", Role.VIEWER),
    (f"{P}/availability-exceptions/<int:pk>", "DELETE", Role.MANAGER),
    (f"{P}/availability-rules", "GET", Role.VIEWER),
    (f"{P}/availability-rules", "POST", Role.MANAGER),
    (f"{P}/availability-rules/<int:pk>", "GET", Role.VIEWER),
    (f"{P}/availability-rules/<int:pk>", "DELETE", Role.MANAGER),
    (f"{P}/booking-policies", "GET", Role.VIEWER),
    (f"{P}/booking-policies", "POST", Role.MANAGER),
    (f"{P}/booking-policies/<int:pk>", "GET", Role.VIEWER),
    (f"{P}/booking-policies/<int:pk>", "PATCH", Role.MANAGER),
    (f"{P}/booking-rules", "GET", Role.VIEWER),
    (f"{P}/booking-rules", "PATCH", Role.MANAGER),
    (f"{P}/busy-feeds", "GET POST", Role.MANAGER),
    (f"{P}/busy-feeds/<int:pk>", "GET DELETE", Role.MANAGER),
    (f"{P}/busy-feeds/<int:pk>/retry", "POST", Role.MANAGER),
    (f"{P}/calendar-feed", "POST DELETE", Role.VIEWER),
    (f"{P}/holds", "POST", Role.STAFF),
    (f"{P}/holds/<int:pk>", "DELETE", Role.STAFF),
    (f"{P}/resources", "GET", Role.VIEWER),
    (f"{P}/resources", "POST", Role.MANAGER),
    (f"{P}/resources/<int:pk>", "GET", Role.VIEWER),
    (f"{P}/resources/<int:pk>", "PATCH", Role.MANAGER),
    (f"{P}/resources/<int:pk>/late", "POST", Role.STAFF),
    (f"{P}/resources/<int:pk>/late/undo", "POST", Role.STAFF),
    (f"{P}/slots", "GET", Role.VIEWER),
    (f"{P}/waitlist", "GET", Role.VIEWER),
    (f"{P}/waitlist", "POST", Role.STAFF),
    (f"{P}/waitlist/<int:pk>", "GET", Role.VIEWER),
    (f"{P}/waitlist/<int:pk>/accept", "POST", Role.STAFF),
    (f"{P}/waitlist/<int:pk>/leave", "POST", Role.STAFF),
    (f"{P}/waitlist/<int:pk>/refuse", "POST", Role.STAFF),
    (f"{P}/counters", "GET", Role.VIEWER),
    (f"{P}/counters", "POST", Role.MANAGER),
    (f"{P}/counters/<int:pk>", "GET", Role.VIEWER),
    (f"{P}/counters/<int:pk>", "PATCH", Role.MANAGER),
    (f"{P}/counters/<int:pk>/call-next", "POST", Role.STAFF),
    (f"{P}/counters/<int:pk>/close", "POST", Role.STAFF),
    (f"{P}/counters/<int:pk>/open", "POST", Role.STAFF),
    (f"{P}/figures", "GET", Role.VIEWER),
    (f"{P}/locations", "GET", Role.VIEWER),
    (f"{P}/locations", "POST", Role.MANAGER),
    (f"{P}/locations/<int:pk>", "GET", Role.VIEWER),
    (f"{P}/locations/<int:pk>", "PATCH", Role.MANAGER),
    (f"{P}/locations/<int:pk>/hours", "GET", Role.VIEWER),
    (f"{P}/locations/<int:pk>/hours", "PATCH", Role.MANAGER),
    (f"{P}/locations/<int:pk>/exceptions", "POST", Role.MANAGER),
    (f"{P}/locations/<int:pk>/exceptions/<str:day>", "DELETE", Role.MANAGER),
    (f"{P}/members", "GET", Role.MANAGER),
    (f"{P}/members", "POST", Role.OWNER),
    (f"{P}/members/<int:pk>", "GET", Role.MANAGER),
    (f"{P}/members/<int:pk>", "PATCH DELETE", Role.OWNER),
    (f"{P}/queues", "GET", Role.VIEWER),
    (f"{P}/queues", "POST", Role.MANAGER),
    (f"{P}/queues/<int:pk>", "GET", Role.VIEWER),
    (f"{P}/queues/<int:pk>", "PATCH", Role.MANAGER),
    (f"{P}/queues/<int:pk>/what-if", "GET", Role.VIEWER),
    (f"{P}/services", "GET", Role.VIEWER),
    (f"{P}/services", "POST", Role.MANAGER),
    (f"{P}/services/<int:pk>", "GET", Role.VIEWER),
    (f"{P}/services/<int:pk>", "PATCH", Role.MANAGER),
    (f"{P}/tickets", "GET", Role.VIEWER),
    (f"{P}/tickets", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>", "GET", Role.VIEWER),
    (f"{P}/tickets/<int:pk>/events", "GET", Role.VIEWER),
    (f"{P}/tickets/<int:pk>/book", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>/call", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>/cancel", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>/complete", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>/defer", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>/hold", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>/no-show", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>/recall", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>/postpone", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>/rejoin", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>/resume", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>/return", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>/start", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>/transfer", "POST", Role.STAFF),
    (f"{P}/tickets/<int:pk>/undo", "POST", Role.STAFF),
    ("api/v1/public/providers/<slug:provider>", "GET", Who.EVERYBODY),
    ("api/v1/public/queues/<int:queue_id>/snapshot", "GET", Who.EVERYBODY),
    ("api/v1/public/queues/<int:queue_id>/tickets", "POST", Who.EVERYBODY),
    ("api/v1/public/providers/<slug:provider>/appointments", "POST", Who.EVERYBODY),
    ("api/v1/public/providers/<slug:provider>/appointments/series", "POST", Who.EVERYBODY),
    ("api/v1/public/providers/<slug:provider>/booking", "GET", Who.EVERYBODY),
    ("api/v1/public/providers/<slug:provider>/holds", "POST", Who.EVERYBODY),
    ("api/v1/public/providers/<slug:provider>/places", "GET", Who.EVERYBODY),
    ("api/v1/public/providers/<slug:provider>/slots", "GET", Who.EVERYBODY),
    ("api/v1/public/providers/<slug:provider>/waitlist", "POST", Who.EVERYBODY),
    ("api/v1/public/waitlist", "GET", Who.WAITING),
    ("api/v1/public/waitlist/accept", "POST", Who.WAITING),
    ("api/v1/public/waitlist/leave", "POST", Who.WAITING),
    ("api/v1/public/waitlist/refuse", "POST", Who.WAITING),
    ("api/v1/public/ticket/offer", "GET", Who.HOLDER),
    ("api/v1/public/ticket/offer/accept", "POST", Who.HOLDER),
    ("api/v1/public/ticket/offer/refuse", "POST", Who.HOLDER),
    ("api/v1/public/appointment", "GET", Who.BOOKED),
    ("api/v1/public/appointment/cancel", "POST", Who.BOOKED),
    ("api/v1/public/appointment/feed", "POST", Who.BOOKED),
    ("api/v1/public/appointment/slots", "GET", Who.BOOKED),
    ("api/v1/public/appointment/check-in", "POST", Who.BOOKED),
    ("api/v1/public/appointment/reschedule", "POST", Who.BOOKED),
    ("api/v1/public/hold/release", "POST", Who.KEEPER),
    ("api/v1/public/push", "GET", Who.EVERYBODY),
    ("api/v1/public/push/renew", "POST", Who.EVERYBODY),
    ("api/v1/public/push/shown", "POST", Who.EVERYBODY),
    ("api/v1/public/appointment/push", "POST", Who.BOOKED),
    ("api/v1/public/appointment/push/remove", "POST", Who.BOOKED),
    ("api/v1/public/waitlist/push", "POST", Who.WAITING),
    ("api/v1/public/waitlist/push/remove", "POST", Who.WAITING),
    ("api/v1/public/ticket/push", "POST", Who.HOLDER),
    ("api/v1/public/ticket/push/remove", "POST", Who.HOLDER),
    ("api/v1/public/ticket/push/test", "POST", Who.HOLDER),
    ("api/v1/public/ticket", "GET", Who.HOLDER),
    ("api/v1/public/ticket/cancel", "POST", Who.HOLDER),
    ("api/v1/public/ticket/defer", "POST", Who.HOLDER),
    ("api/v1/public/ticket/postpone", "POST", Who.HOLDER),
    ("api/v1/public/ticket/rejoin", "POST", Who.HOLDER),
    ("api/v1/public/ticket/return", "POST", Who.HOLDER),
    ("api/v1/public/ticket/why", "GET", Who.HOLDER),
    ("accounts/login/", "GET POST PUT", Who.EVERYBODY),
    ("accounts/logout/", "GET POST", Who.EVERYBODY),
    ("accounts/signup/", "GET POST PUT", Who.EVERYBODY),
    ("accounts/inactive/", "GET", Who.EVERYBODY),
    ("accounts/confirm-email/", "GET", Who.EVERYBODY),
    (r"accounts/^confirm-email/(?P<key>[-:\w]+)/$", "GET POST", Who.EVERYBODY),
    ("accounts/login/code/confirm/", "GET POST PUT", Who.EVERYBODY),
    ("accounts/password/reset/", "GET POST PUT", Who.EVERYBODY),
    ("accounts/password/reset/done/", "GET", Who.EVERYBODY),
    ("accounts/password/reset/key/done/", "GET", Who.EVERYBODY),
    (
        r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        "GET POST PUT",
        Who.EVERYBODY,
    ),
    ("accounts/email/", "GET POST PUT", Who.SIGNED_IN),
    ("accounts/password/change/", "GET POST PUT", Who.SIGNED_IN),
    ("accounts/password/set/", "GET POST PUT", Who.SIGNED_IN),
    ("accounts/reauthenticate/", "GET POST PUT", Who.SIGNED_IN),
]
TABLE = {Route(path, method): who for path, methods, who in ROWS for method in methods.split()}
REFUSALS = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
}


VARIABLES = {
    "<slug:provider>": "provider",
    "<int:queue_id>": "queues",
    "<int:counter_id>": "counters",
    "<int:customer_id>": "customers",
    "<int:ticket_id>": "tickets",
    "<slug:action>": "action",
    "<slug:change>": "change",
    "<slug:answer>": "answer",
    "<int:entry_id>": "waitlist",
    "<int:appointment_id>": "appointments",
    "<path:name>": "name",
    "<str:day>": "day",
    "<str:key>": "key",
}


HEADERS: dict[Role | Who, str] = {
    Who.HOLDER: "Ticket-Token",
    Who.BOOKED: "Appointment-Token",
    Who.KEEPER: "Hold-Token",
    Who.WAITING: "Waitlist-Token",
}


# Whose token is in a link, by where it leads.
LINKS = {"b": Who.BOOKED, "w": Who.WAITING, "feeds": Who.LINK}


@dataclass(frozen=True)
class Cast:
    """Clients of everybody, and what stands for the variables of an address."""

    clients: dict[str, Client]
    values: dict[str, str]
    tokens: dict[str, str]

    def ask(self, who: str, route: Route, token: str = "") -> tuple[int, str]:
        """The status of a request, and where it was redirected to."""
        header = HEADERS.get(TABLE[route])
        response = self.clients[who].generic(
            route.method,
            "/" + self._address(route.path).replace("<str:token>", token),
            "{}",
            content_type="application/json",
            headers={header: token} if header and token else {},
        )
        return response.status_code, response.headers.get("Location", "")

    def _address(self, path: str) -> str:
        if "^" in path:  # A library's regular expression.
            path = path.replace("^", "").replace("$", "")
            path = re.sub(r"\(\?P<\w+>[^)]+\)", "x", path)
        resource = re.search(r"/([\w-]+)/<int:pk>", path)
        if resource:
            path = path.replace("<int:pk>", self.values[resource[1]])
        parts = re.search(r"/(away|calendars|rules)/<int:part_id>", path)
        if parts:
            path = path.replace("<int:part_id>", self.values[parts[1]])
        screens = re.search(r"/(boards|kiosks)/<int:screen_id>", path)
        if screens:
            path = path.replace("<int:screen_id>", self.values[screens[1]])
        for variable, name in VARIABLES.items():
            path = path.replace(variable, self.values[name])
        return path


def build_cast(house: House, other_house: House, rows_of: House) -> Cast:
    """Everybody, asking at the address of ``house`` for rows of ``rows_of``."""
    members = {role: add_member(house.provider, role) for role in Role}
    with scope(provider=house.provider):
        keys = {
            f"{role} key": api_key_create(actor=house.actor, name=role, role=role) for role in Role
        }
        revoked, revoked_text = api_key_create(actor=house.actor, name="x", role=Role.OWNER)
        api_key_revoke(actor=house.actor, key=revoked)
    with scope(provider=rows_of.provider):
        ticket = ticket_join(actor=rows_of.actor, queue_id=rows_of.queue.pk, source=Source.STAFF)
        key_row, _ = api_key_create(actor=rows_of.actor, name="row", role=Role.VIEWER)
        member_row = add_member_row(rows_of)
        customer = customer_find_or_create(actor=rows_of.actor, name="Dana")
        board = build_board(rows_of)
        kiosk = build_kiosk(rows_of)
        practice = build_practice(rows_of)
        booked = practice.book(practice.wish(10))
        hold = hold_create(actor=rows_of.actor, wish=practice.wish(11))
        entry = waitlist_join(actor=rows_of.actor, wish=practice.wish(9), last=practice.at(12))
        busy = busy_feed_add(
            actor=rows_of.actor, resource=practice.ada, url="https://calendar.example/ada.ics"
        )
        feed = calendar_feed_open(actor=rows_of.actor, customer=customer)
        rule = practice.ada.availability_rules.get()
        closed = availability_exception_add(
            actor=rows_of.actor,
            resource=practice.ada,
            kind=ExceptionKind.CLOSED,
            starts_at=practice.at(15),
            ends_at=practice.at(16),
        )
    clients = {role.value: client_of(member) for role, member in members.items()}
    clients |= {
        name: Client(headers={"Authorization": f"Bearer {text}"})
        for name, (_, text) in keys.items()
    }
    clients["revoked key"] = Client(headers={"Authorization": f"Bearer {revoked_text}"})
    clients["nobody"] = Client()
    clients["outsider"] = client_of(add_member(other_house.provider, Role.OWNER))
    return Cast(
        clients,
        {
            "provider": house.provider.slug,
            "action": "open",
            "change": "fulfil",
            "answer": "leave",
            "name": "sw.js",
            "key": "of-no-version",
            "day": "2026-12-24",
            "locations": str(rows_of.location.pk),
            "services": str(rows_of.service.pk),
            "queues": str(rows_of.queue.pk),
            "counters": str(rows_of.counter.pk),
            "boards": str(board.pk),
            "kiosks": str(kiosk.pk),
            "customers": str(customer.pk),
            "tickets": str(ticket.pk),
            "api-keys": str(key_row.pk),
            "members": str(member_row),
            "resources": str(practice.ada.pk),
            "appointments": str(booked.pk),
            "holds": str(hold.pk),
            "waitlist": str(entry.pk),
            "busy-feeds": str(busy.pk),
            "availability-rules": str(rule.pk),
            "availability-exceptions": str(closed.pk),
            "booking-policies": str(rows_of.service.pk),
            "booking": str(rows_of.service.pk),
            "away": str(closed.pk),
            "rules": str(rule.pk),
            "calendars": str(busy.pk),
        },
        {
            Who.HOLDER: token_for(ticket.pk),
            Who.BOOKED: appointment_token(booked.pk),
            Who.KEEPER: hold_token(hold.pk),
            Who.WAITING: waitlist_token(entry.pk),
            Who.LINK: feed_token(feed.pk),
        },
    )


def add_member_row(house: House) -> int:
    user = User.objects.create_user(f"row@{house.provider.slug}.example")
    return Member.objects.create(provider=house.provider, user=user, role=Role.VIEWER).pk


@pytest.fixture
def cast(house: House, other_house: House) -> Cast:
    """Everybody, asking for rows of the house."""
    return build_cast(house, other_house, rows_of=house)


def test_the_table_has_exactly_the_routes_that_there_are() -> None:
    routes = all_routes()
    assert sorted(routes - TABLE.keys()) == [], "routes without a row in the table"
    assert sorted(TABLE.keys() - routes) == [], "rows without a route"


def for_roles() -> list[Route]:
    return sorted(route for route, who in TABLE.items() if isinstance(who, Role))


@pytest.mark.parametrize("route", for_roles(), ids=str)
def test_what_a_provider_has_is_for_its_roles(cast: Cast, route: Route) -> None:
    least = TABLE[route]
    assert isinstance(least, Role)
    is_page = not route.path.startswith("api/")
    status, location = cast.ask("nobody", route)
    if is_page:
        assert (status, "/accounts/login/" in location) == (HTTPStatus.FOUND, True)
    else:
        assert status == HTTPStatus.UNAUTHORIZED
        assert cast.ask("revoked key", route)[0] == HTTPStatus.UNAUTHORIZED
    assert cast.ask("outsider", route)[0] == HTTPStatus.NOT_FOUND
    done: set[Route] = set()
    for role in Role:
        for who in [role.value] if is_page else [role.value, f"{role} key"]:
            status, _ = cast.ask(who, route)
            if role.includes(least) and route in done and status == HTTPStatus.NOT_FOUND:
                assert route.method == "DELETE" or route.path.endswith(("/remove/", "/erase/"))
            elif role.includes(least):
                done.add(route)
                assert status not in REFUSALS, (who, status)
                assert status < HTTPStatus.INTERNAL_SERVER_ERROR, (who, status)
            else:
                assert status == HTTPStatus.FORBIDDEN, (who, status)


@pytest.mark.parametrize(
    "route",
    [r for r in for_roles() if re.search("<int:(pk|screen_id|customer_id)>", r.path)],
    ids=str,
)
def test_another_providers_rows_do_not_exist_at_ones_own_address(
    house: House, other_house: House, route: Route
) -> None:
    cast = build_cast(house, other_house, rows_of=other_house)
    # Some name more in the body; without it they are refused before the ticket is sought.
    expected = {HTTPStatus.NOT_FOUND}
    needing_more = ("/book", "/call", "/defer", "/late", "/postpone", "/reschedule", "/transfer")
    if route.path.endswith((*needing_more, "/late/undo")):
        expected.add(HTTPStatus.BAD_REQUEST)
    assert cast.ask(Role.OWNER, route)[0] in expected


@pytest.mark.parametrize(
    "route", sorted(r for r, who in TABLE.items() if who == Who.SIGNED_IN), ids=str
)
def test_some_pages_are_for_whoever_is_signed_in(cast: Cast, route: Route) -> None:
    status, location = cast.ask("nobody", route)
    if route.path.startswith("api/"):
        assert status == HTTPStatus.UNAUTHORIZED
    else:
        assert (status, "login" in location) == (HTTPStatus.FOUND, True)
    status, _ = cast.ask("outsider", route)
    assert status not in REFUSALS
    assert status < HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize(
    "route", sorted(r for r, who in TABLE.items() if who == Who.EVERYBODY), ids=str
)
def test_some_addresses_are_for_everybody(cast: Cast, route: Route) -> None:
    for who in ("nobody", "outsider"):
        status, _ = cast.ask(who, route)
        assert status not in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        assert status < HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize(
    "route", sorted(route for route, who in TABLE.items() if who in HEADERS), ids=str
)
def test_what_is_held_is_for_whoever_has_its_token(cast: Cast, route: Route) -> None:
    token = cast.tokens[TABLE[route]]
    assert cast.ask("nobody", route)[0] == HTTPStatus.NOT_FOUND
    assert cast.ask(Role.OWNER, route)[0] == HTTPStatus.NOT_FOUND
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert cast.ask("nobody", route, forged)[0] == HTTPStatus.NOT_FOUND
    status, _ = cast.ask("nobody", route, token)
    assert status not in REFUSALS
    assert status < HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.mark.parametrize(
    "route", sorted(route for route, who in TABLE.items() if who == Who.LINK), ids=str
)
def test_what_a_link_leads_to_is_for_whoever_has_it(cast: Cast, route: Route) -> None:
    token = cast.tokens[LINKS[route.path.split("/")[0]]]
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    for who in ("nobody", Role.OWNER):
        assert cast.ask(who, route, forged)[0] == HTTPStatus.NOT_FOUND
    status, _ = cast.ask("nobody", route, token)
    assert status not in REFUSALS
    assert status < HTTPStatus.INTERNAL_SERVER_ERROR


def test_what_a_board_shows_is_for_its_screen(cast: Cast, in_house: House) -> None:
    [path] = [route.path for route, who in TABLE.items() if who == Who.SCREEN]
    for who in ("nobody", Role.OWNER):
        assert cast.ask(who, Route(path, "GET"))[0] == HTTPStatus.FORBIDDEN
    assert paired_screen(in_house).get(f"/{path}").status_code == HTTPStatus.OK


def test_what_a_kiosk_does_is_for_its_screen(cast: Cast, in_house: House) -> None:
    screen = paired_kiosk(in_house)
    for route in [route for route, who in TABLE.items() if who == Who.KIOSK]:
        for who in ("nobody", Role.OWNER):
            assert cast.ask(who, route)[0] == HTTPStatus.FORBIDDEN
        status = screen.generic(route.method, f"/{route.path}", "{}").status_code
        assert status in {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.BAD_REQUEST}
