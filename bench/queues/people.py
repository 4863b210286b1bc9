"""Who stands in the base: a provider with so many queues, and a counter for each of the first."""

from dataclasses import dataclass

import django
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from django_scopes import scope

django.setup()

from integrations.keys import api_key_create  # noqa: E402 (settings come first)
from providers.actors import Actor  # noqa: E402
from providers.models import Member, Role, Trade, User  # noqa: E402
from providers.services.locations import location_create  # noqa: E402
from providers.services.providers import provider_create  # noqa: E402
from queues.models import Queue  # noqa: E402
from queues.services.counters import counter_create, counter_open  # noqa: E402
from queues.services.queues import queue_create  # noqa: E402

SLUG = "bench"


@dataclass(frozen=True)
class People:
    """What requests name: queues, counters of the first of them, and what proves who one is."""

    provider: int
    queues: list[int]
    counters: list[int]
    api_key: str
    session: str


def build_people(queues: int, counters: int) -> People:
    """The provider, its queues and open counters, an API key and a signed-in member."""
    owner = User.objects.create_user("bench@example.org")
    provider = provider_create(name="Bench", slug=SLUG, trade=Trade.CLINIC, owner=owner)
    actor = Actor.system(provider)
    with scope(provider=provider):
        location = location_create(actor=actor, name="Main", time_zone="Europe/Berlin")
        made = [
            queue_create(actor=actor, location=location, name=f"Queue {n}", prefix="A")
            for n in range(queues)
        ]
        opened = [_counter(actor, queue, n) for n, queue in enumerate(made[:counters])]
        _, key = api_key_create(actor=actor, name="Bench", role=Role.OWNER)
        session = _session(Member.objects.select_related("user").get(user=owner).user)
    return People(provider.pk, [queue.pk for queue in made], opened, key, session)


def _counter(actor: Actor, queue: Queue, number: int) -> int:
    counter = counter_create(
        actor=actor, location=queue.location, name=f"{number + 1}", queues=[queue]
    )
    return counter_open(actor=actor, counter_id=counter.pk).pk


def _session(user: User) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    key = store.session_key
    assert key is not None  # noqa: S101 (just created)
    return key
