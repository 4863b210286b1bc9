"""What people do beside joining and calling, once each: row 13 wants all of it without Redis."""

import json
import time
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookiejar import CookieJar
from typing import Any

from django_scopes import scope

from appointments.models import Offer, WaitlistEntry
from appointments.services.bookings import appointment_cancel
from appointments.services.offers import freed_slots_offer
from appointments.services.resources import resource_update
from appointments.services.waitlist import waitlist_join
from appointments.tests.cast import Practice, build_practice
from appointments.tokens import waitlist_token
from conftest import PASSWORD, House, add_member
from providers.models import Role
from tests.faults.load import Answer, post, send, send_from

GUESSER = "127.0.0.9"
# Two processes count for themselves while there is no Redis: five a login and address each.
GUESSES = 12
HELD_AND_FREED = 9


@dataclass
class Others:
    """Someone signed in, a queue, a calendar, and a time that is offered; tried hour after hour."""

    url: str
    house: House
    practice: Practice
    staff: urllib.request.OpenerDirector
    hour: int = HELD_AND_FREED
    answers: list[Answer] = field(default_factory=list)

    def failing(self) -> list[str]:
        """What does not go as it should, now. Notes each answer in ``answers``."""
        tries: dict[str, Callable[[], bool]] = {
            "stays signed in": self._stays_signed_in,
            "guesses are limited": self._limits_guesses,
            "snapshot is newest": self._shows_the_newest,
            "a repeat has one effect": self._repeats,
            "booking": self._books,
            "taking what is offered": self._takes_what_is_offered,
        }
        return [what for what, attempt in tries.items() if not attempt()]

    def prepare_offer(self) -> None:
        """Has a time of the next hour freed and offered; call it while all is well."""
        self.hour += 1
        actor = self.house.actor
        with scope(provider=self.house.provider):
            booked = self.practice.book(self.practice.wish(self.hour))
            waitlist_join(
                actor=self.practice.customer,
                wish=self.practice.wish(self.hour),
                last=self.practice.at(self.hour, 15),
                customer=None,
            )
            appointment_cancel(actor=actor, appointment_id=booked.pk)
            while not Offer.objects.filter(state="open").exists():
                time.sleep(0.2)
                freed_slots_offer()

    def _stays_signed_in(self) -> bool:
        began = time.monotonic()
        with self.staff.open(f"{self.url}/console/{self.house.provider.slug}/", timeout=15) as page:
            answer = Answer(page.status, time.monotonic() - began, began, {}, page.read())
            self.answers.append(answer)
            return bool(page.status == HTTPStatus.OK and "/accounts/" not in page.url)

    def _limits_guesses(self) -> bool:
        guess = f"login={uuid.uuid4()}@nowhere.example&password=a".encode()
        url = f"{self.url}/accounts/login/"
        statuses = [send_from(GUESSER, url, guess).status for _ in range(GUESSES)]
        is_let_in_first = statuses[0] not in {0, HTTPStatus.TOO_MANY_REQUESTS}
        return is_let_in_first and statuses[-1] == HTTPStatus.TOO_MANY_REQUESTS

    def _shows_the_newest(self) -> bool:
        public = f"{self.url}/api/v1/public/queues/{self.house.queue.pk}"
        joined = self._post(f"{public}/tickets", {})
        shown = send(f"{public}/snapshot")
        self.answers.append(shown)
        if (joined.status, shown.status) != (201, 200):
            return False
        return bool(_said(shown)["sequence"] >= _said(joined)["sequence"])

    def _repeats(self) -> bool:
        url = f"{self.url}/api/v1/public/queues/{self.house.queue.pk}/tickets"
        key = str(uuid.uuid4())
        same = [self._post(url, {}, key) for _ in range(2)]
        other = self._post(url, {"people": 2}, key)
        codes = {_said(answer).get("code") for answer in same}
        return len(codes) == 1 and [*(a.status for a in same), other.status] == [201, 201, 422]

    def _books(self) -> bool:
        url = f"{self.url}/api/v1/public/providers/{self.house.provider.slug}/appointments"
        wish = self._wish(30)
        return [self._post(url, wish).status for _ in range(2)] == [201, 409]

    def _takes_what_is_offered(self) -> bool:
        with scope(provider=self.house.provider):
            entry = WaitlistEntry.objects.latest("pk")
            offer = entry.offers.get(state="open")
        token = {"Waitlist-Token": waitlist_token(entry.pk)}
        url = f"{self.url}/api/v1/public/waitlist/accept"
        return self._post(url, {"offer": offer.pk}, **token).status == HTTPStatus.CREATED

    def _wish(self, minute: int) -> dict[str, Any]:
        starts_at = self.practice.at(self.hour, minute).isoformat()
        return {"service": self.house.service.pk, "starts_at": starts_at}

    def _post(self, url: str, body: dict[str, Any], key: str = "", **headers: str) -> Answer:
        said = {"Idempotency-Key": key} if key else {}
        answer = post(url, json.dumps(body).encode(), **said, **headers)
        self.answers.append(answer)
        return answer


def build_others(url: str, house: House) -> Others:
    """The calendar, and a member who signed in as people do."""
    with scope(provider=house.provider):
        practice = build_practice(house)
        resource_update(actor=house.actor, resource=practice.ben, is_active=False)
    member = add_member(house.provider, Role.STAFF)
    cookies = CookieJar()
    staff = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(cookies)
    )
    page = f"{url}/accounts/login/"
    staff.open(page, timeout=15).read()
    token = next(one.value for one in cookies if one.name == "csrftoken")
    form = f"login={member.user.email}&password={PASSWORD}&csrfmiddlewaretoken={token}"
    request = urllib.request.Request(page, form.replace(" ", "+").encode(), {"Referer": page})
    staff.open(request, timeout=15).read()
    return Others(url, house, practice, staff)


def _said(answer: Answer) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(answer.body)
    return said
