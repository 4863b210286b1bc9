"""The right to replay: a key for the length of one replay, and one replay of a log at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from django.db import connection
from django_scopes import scope

from integrations.keys import api_key_create, api_key_revoke
from integrations.models import ApiKey
from integrations.replay.client import Client, RefusedError
from integrations.replay.errors import ReplayError
from providers.actors import Actor
from providers.models import Provider, Role

LONGEST_NAME = 100
LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"


@contextmanager
def only_replay(provider: Provider, name: str) -> Iterator[None]:
    """Holds, for this database connection, the right to replay the log ``name``.

    Raises:
        ReplayError: another process replays it into this provider.
    """
    lock = f"replay {provider.pk} {name}"
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [lock])
        if not cursor.fetchone()[0]:
            raise ReplayError(f"Another replay of {name} into {provider.slug} is running.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(UNLOCK, [lock])


@contextmanager
def replay_key(provider: Provider, name: str) -> Iterator[str]:
    """The text of a new replay key, revoked at the end; so are those a killed replay left."""
    key_name = f"Replay of {name}"[:LONGEST_NAME]
    actor = Actor.system(provider)
    with scope(provider=provider):
        for left_over in ApiKey.objects.filter(name=key_name, revoked_at=None, may_replay=True):
            api_key_revoke(actor=actor, key=left_over)
        key, text = api_key_create(actor=actor, name=key_name, role=Role.OWNER, may_replay=True)
    try:
        yield text
    finally:
        with scope(provider=provider):
            api_key_revoke(actor=actor, key=key)


def check_clock(client: Client, url: str) -> None:
    """Makes sure that the platform lets this key set the clock, without changing anything.

    It asks for a time that is none: only a platform that would set the clock objects to it.

    Raises:
        ReplayError: it does not, or it is not there.
    """
    try:
        client.get("", headers={"Replay-Clock": "none"})
    except RefusedError as refusal:
        if refusal.code == "invalid-input":
            return
        if refusal.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise ReplayError(
                f"The platform at {url} refuses the replay key ({refusal}). Either REPLAY_CLOCK is "
                "off there, or it has another database than this command."
            ) from refusal
        raise ReplayError(
            f"The platform at {url} answers {refusal.status} ({refusal}). Is it the right URL?"
        ) from refusal
    raise ReplayError(
        f"The platform at {url} does not let a replay set the clock: REPLAY_CLOCK is off there. "
        "Replay where it is on, never in production."
    )
