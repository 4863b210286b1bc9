"""Sends what is due to push services (RFC 8030), and heeds what they answer.

Nothing is lost with the broker: a regular task looks into PostgreSQL for what is due.
"""

import json
import logging
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F
from pywebpush import WebPushException, webpush
from requests import RequestException

from notifications.keys import base64url, signer_for
from notifications.messages import Message, compose
from notifications.models import Notification, Outcome, PushSubscription
from waitlessq import clock
from waitlessq.db.transactions import in_transaction
from waitlessq.metrics import NOTIFICATIONS
from waitlessq.outbound import NotPublicError, OutboundSession

logger = logging.getLogger(__name__)

AT_ONCE = 20
# However slow push services are, it ends within a task's time limit; the next one goes on.
MOST_ROUNDS = 30
CLAIMED_FOR = timedelta(minutes=1)
SECONDS_EACH = 8
LONGEST_ANSWER = 10_000
FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 300.0
# What push services may ask for.
LONGEST_ASKED_SECONDS = 86_400.0
GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
OVERLOADED = HTTPStatus.TOO_MANY_REQUESTS
TOPIC_BYTES = 24


@dataclass(frozen=True, slots=True)
class Letter:
    """A notification that is ready to be sent, and for how long it is of use."""

    notification: Notification
    message: Message
    seconds_left: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the push service said: a status, None for no answer; how long it wants to rest."""

    status: int | None
    retry_after_seconds: float = 0.0


def send_due() -> int:
    """Sends what is due; returns how many were taken. What fails is tried again, later each time.

    A worker that dies between sending and noting it sends that one again, in place of the first:
    one notification a ticket is shown. Needs all scopes.
    """
    sent = 0
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in range(MOST_ROUNDS):
            claimed = _claim()
            if not claimed:
                break
            letters = [letter for each in claimed if (letter := _letter_or_none(each))]
            for letter, answer in zip(letters, threads.map(_post, letters), strict=True):
                _note(letter.notification, answer)
                sent += answer.status is not None and answer.status < HTTPStatus.BAD_REQUEST
    return sent


@in_transaction
def _claim() -> Sequence[Notification]:
    now = clock.now()
    due = Notification.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        due_at__lte=now, done_at__isnull=True
    )
    free = due.exclude(claimed_until__gt=now).order_by("due_at")[:AT_ONCE]
    ids = [notification.pk for notification in free]
    Notification.objects.filter(pk__in=ids).update(
        claimed_until=now + CLAIMED_FOR, attempts=F("attempts") + 1
    )
    rows = Notification.objects.filter(pk__in=ids).order_by("due_at", "pk")
    return list(
        rows.select_related(
            "subscription__provider",
            "subscription__ticket__queue",
            "subscription__ticket__counter",
            "subscription__appointment__location",
            "subscription__entry__location",
        )
    )


def _letter_or_none(notification: Notification) -> Letter | None:
    """One that can not be put into words is put off, since others wait as well."""
    try:
        return _letter(notification)
    except Exception as error:
        logger.exception("No words for %s (%s).", notification, type(error).__name__)
        _postpone(notification, 0)
        return None


def _letter(notification: Notification) -> Letter | None:
    """What is to be sent; None, and noted, if there is nothing to tell any more."""
    left = notification.useful_until - clock.now()
    if left <= timedelta():
        _finish(notification, Outcome.LATE)
        return None
    message = compose(notification)
    if message is None:
        _finish(notification, Outcome.OVERTAKEN)
        return None
    return Letter(notification, message, max(1, int(left.total_seconds())))


def _post(letter: Letter) -> Answer:
    """Sends one letter; runs beside others, without the database. Nothing it meets stops them."""
    try:
        return _sent(letter)
    except Exception as error:
        logger.exception("%s: not sent (%s).", letter.notification, type(error).__name__)
        return Answer(None)


def _sent(letter: Letter) -> Answer:
    to, message = letter.notification.subscription, letter.message
    signer = signer_for(to.server_key)
    if signer is None:
        # Whoever runs this worker forgot a key; the browser has done nothing wrong.
        logger.error("%s: no key in VAPID_PRIVATE_KEYS is the one it subscribed with.", to)
        return Answer(None)
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    try:
        response = webpush(
            {"endpoint": to.endpoint, "keys": {"p256dh": to.p256dh, "auth": to.auth}},
            json.dumps(message.as_payload(), ensure_ascii=False),
            vapid_private_key=signer,
            vapid_claims={"sub": f"mailto:{sender}"},
            ttl=letter.seconds_left,
            headers={"Urgency": "high", "Topic": _topic(to, message.tag)},
            requests_session=OutboundSession(seconds=SECONDS_EACH, most_bytes=LONGEST_ANSWER),
        )
    except WebPushException as refused:
        return _answer_of(refused)
    except NotPublicError:
        logger.warning("%s: its push service is not public.", to)
        return Answer(HTTPStatus.GONE)
    except RequestException as error:
        logger.info("%s: no answer (%s).", to, type(error).__name__)
        return Answer(None)
    return Answer(response.status_code)


def _topic(to: PushSubscription, tag: str) -> str:
    """Of messages that wait for a phone, one a ticket: the newest (RFC 8030, 5.4)."""
    digest = sha256(f"{to.provider_id} {tag}".encode()).digest()
    return base64url(digest[:TOPIC_BYTES])


def _answer_of(refused: WebPushException) -> Answer:
    response = refused.response
    if response is None:
        # It was never sent: what it subscribed with is no key.
        return Answer(HTTPStatus.BAD_REQUEST)
    asked = response.headers.get("Retry-After", "")
    seconds = float(asked) if asked.isdecimal() else 0.0
    return Answer(response.status_code, min(seconds, LONGEST_ASKED_SECONDS))


def _note(notification: Notification, answer: Answer) -> None:
    status = answer.status
    if status is None or status == OVERLOADED or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _postpone(notification, answer.retry_after_seconds)
    elif status in GONE:
        NOTIFICATIONS.labels(notification.kind, "gone").inc()
        PushSubscription.objects.filter(endpoint=notification.subscription.endpoint).delete()
    elif status >= HTTPStatus.MULTIPLE_CHOICES:
        host = urlsplit(notification.subscription.endpoint).hostname
        logger.warning("%s refused %s: %s.", host, notification, status)
        _finish(notification, Outcome.REFUSED)
    else:
        _finish(notification, Outcome.SENT)


def _postpone(notification: Notification, wanted_seconds: float) -> None:
    """Tries again later, as long as it is of use."""
    pause = FIRST_PAUSE_SECONDS * 2 ** min(notification.attempts - 1, 10)
    pause = max(wanted_seconds, min(pause, LONGEST_PAUSE_SECONDS))
    pause *= random.uniform(1.0, 1.5)  # noqa: S311 (so that not all come back at once)
    due_at = clock.now() + timedelta(seconds=pause)
    if due_at >= notification.useful_until:
        _finish(notification, Outcome.LATE)
        return
    Notification.objects.filter(pk=notification.pk).update(due_at=due_at, claimed_until=None)


def _finish(notification: Notification, outcome: Outcome) -> None:
    NOTIFICATIONS.labels(notification.kind, outcome.value).inc()
    Notification.objects.filter(pk=notification.pk).update(
        done_at=clock.now(), claimed_until=None, outcome=outcome
    )
