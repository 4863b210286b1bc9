"""The cast of every test: two providers, the people who work there, a queue and its counters."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
from django.utils import translation
from django_scopes import scope

from integrations.keys import api_key_create
from providers.actors import Actor
from providers.models import Location, Member, Provider, Role, Service, Trade, User
from providers.services.locations import location_create
from providers.services.providers import provider_create
from providers.services.services import service_create
from queues.models import Counter, Queue
from queues.services.counters import counter_create, counter_open
from queues.services.queues import queue_create

# Each of the workers that run tests at the same time has cache keys of its own.
settings.CACHES["default"]["KEY_PREFIX"] = os.environ.get("PYTEST_XDIST_WORKER", "alone")

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


@dataclass(frozen=True)
class House:
    """A provider with one location, one service, one open queue and two open counters."""

    provider: Provider
    actor: Actor
    location: Location
    service: Service
    queue: Queue
    counter: Counter
    counter2: Counter


PASSWORD = "a long enough pass phrase"  # noqa: S105 (of people who do not exist)


def build_house(slug: str) -> House:
    owner = User.objects.create_user(f"owner@{slug}.example")
    provider = provider_create(name=slug.title(), slug=slug, trade=Trade.CLINIC, owner=owner)
    actor = Actor.system(provider)
    with scope(provider=provider):
        location = location_create(actor=actor, name="Main", time_zone="Asia/Jerusalem")
        service = service_create(actor=actor, name="Advice")
        queue = queue_create(
            actor=actor, location=location, name="Walk-in", prefix="A", services=[service]
        )
        counters = [
            counter_create(actor=actor, location=location, name=name, queues=[queue])
            for name in ("1", "2")
        ]
        for counter in counters:
            counter_open(actor=actor, counter_id=counter.pk)
        queue.refresh_from_db()
    return House(provider, actor, location, service, queue, *counters)


def add_member(provider: Provider, role: Role) -> Member:
    user = User.objects.create_user(f"{role}@{provider.slug}.example.org", PASSWORD)
    with scope(provider=provider):
        return Member.objects.create(provider=provider, user=user, role=role)


def client_of(member: Member) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(member.user)
    return client


@pytest.fixture(autouse=True)
def _plain_settings() -> None:
    """Static files are not collected for tests, passwords need not be safe, and English is said."""
    # A page that was asked for in another language leaves that behind.
    translation.activate(settings.LANGUAGE_CODE)
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True, scope="session")
def _emptied_by_deleting() -> Iterator[None]:
    """After a test that commits, only tables with rows are emptied, which are few and small.

    Truncating makes new files for all tables that refer to one another: all of them, and for each
    of their indexes.
    """

    def deletes(
        operations: DatabaseOperations, style: object, tables: Sequence[str], **_: object
    ) -> list[str]:
        names = [operations.quote_name(table) for table in tables]
        has_rows = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)  # noqa: S608
        with operations.connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(has_rows))
            full = [name for (name,) in cursor.fetchall()]
        # Rows refer to one another; that is looked at only at the end.
        return ["SET CONSTRAINTS ALL DEFERRED", *(f"DELETE FROM {name}" for name in full)]  # noqa: S608

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", deletes)
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    yield
    # Not clear(): it empties the server, which the other workers use too.
    cache.delete_pattern("*")  # type: ignore[attr-defined]


@pytest.fixture
def house(db: None) -> House:
    """The provider that most tests are about."""
    return build_house("clinic")


@pytest.fixture
def other_house(db: None) -> House:
    """Another provider, whose rows must never show."""
    return build_house("salon")


@pytest.fixture
def in_house(house: House) -> Iterator[House]:
    """The house, with its provider in scope."""
    with scope(provider=house.provider):
        yield house


@pytest.fixture
def owner(house: House) -> Client:
    """Signed in as an owner of the house."""
    return client_of(add_member(house.provider, Role.OWNER))


@pytest.fixture
def staff(house: House) -> Client:
    """Signed in as a staff member of the house."""
    return client_of(add_member(house.provider, Role.STAFF))


@pytest.fixture
def api_key(house: House) -> str:
    """An API key of the house in the role of an owner."""
    with scope(provider=house.provider):
        _, text = api_key_create(actor=house.actor, name="Test", role=Role.OWNER)
    return text
