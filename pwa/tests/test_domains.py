"""Domains of providers: what is one, whose it is, what is answered there and to whom."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from threading import Event

import dns.resolver
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django_scopes import scope
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from conftest import House, build_house
from pwa import domains, storage
from pwa.middleware import ALLOWED, EXPOSED, AppOriginMiddleware
from pwa.models import Build, Domain
from pwa.selectors import slug_at
from pwa.services.domains import (
    GRACE,
    domain_add,
    domain_recheck,
    domain_remove,
    domain_verify,
)
from pwa.tasks import recheck_domains
from tests.races.at_once import at_once
from waitlessq import clock
from waitlessq.errors import InvalidInputError, NotFoundError

HOST = "queue.clinic.example"
ORIGIN = f"https://{HOST}"
PROVIDER = "/api/v1/public/providers/clinic"


class Dns:
    """Stands for DNS: what the TXT records of names say."""

    def __init__(self) -> None:
        self.records: dict[str, set[str]] = {}
        self.is_silent = False

    def txt_records(self, name: str) -> set[str]:
        if self.is_silent:
            raise domains.DnsSilentError(name)
        return self.records.get(name, set())

    def has(self, domain: Domain) -> None:
        """Somebody added the record."""
        self.records[domain.record_name] = {"v=spf1 -all", domain.record_value}


@pytest.fixture
def dns_(monkeypatch: pytest.MonkeyPatch) -> Dns:
    fake = Dns()
    monkeypatch.setattr(domains, "txt_records", fake.txt_records)
    return fake


def verified(house: House, dns_: Dns) -> Domain:
    domain = domain_add(actor=house.actor, name=HOST)
    dns_.has(domain)
    return domain_verify(actor=house.actor, domain_id=domain.pk)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("queue.example.com", "queue.example.com"),
        (" HTTPS://Queue.Example.COM/ ", "queue.example.com"),
        ("queue.example.com.", "queue.example.com"),
        ("תור.מרפאה.example", "xn--9dbqo.xn--4dbah5bv.example"),
    ],
)
def test_a_domain_is_written_in_one_way(text: str, name: str) -> None:
    found = domains.domain_name(text)
    assert found == name or not text.isascii()
    assert found.isascii()
    assert domains.domain_name(found) == found


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "clinic", "localhost", "127.0.0.1", "[::1]", "0x7f.0x1", "1.2.3.04"),
        *("a b.example", "clinic.example/app", "clinic.example:8000", "-a.example", "a..example"),
        *("x" * 64 + ".example", ".".join(["abcdefgh"] * 40), "clinic.example\0", "a_b.example"),
        *("xn--zzzzzzzz.example", "\u2603.example", "user@clinic.example", "*.example.com"),
    ],
)
def test_what_is_no_domain_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"like queue\.example\.com"):
        domains.domain_name(text)


@pytest.mark.parametrize("text", ["waitlessq.example", "x.waitlessq.example", "a.apps.example"])
def test_the_platforms_own_names_are_refused(settings: Settings, text: str) -> None:
    settings.ALLOWED_HOSTS, settings.APPS_DOMAIN = ["waitlessq.example"], "apps.example"
    with pytest.raises(InvalidInputError, match="the platform's"):
        domains.domain_name(text)


@pytest.mark.parametrize(
    ("raised", "is_silent"),
    [
        (dns.resolver.NXDOMAIN, False),
        (dns.resolver.NoAnswer, False),
        (dns.resolver.LifetimeTimeout, True),
        (dns.resolver.NoNameservers, True),
    ],
)
def test_silence_is_not_an_answer(
    monkeypatch: pytest.MonkeyPatch, raised: type[Exception], is_silent: bool
) -> None:
    def resolve(*_: object, **__: object) -> None:
        raise raised.__new__(raised)

    monkeypatch.setattr("dns.resolver.resolve", resolve)
    if is_silent:
        with pytest.raises(domains.DnsSilentError):
            domains.txt_records("clinic.example")
    else:
        assert domains.txt_records("clinic.example") == set()


def test_the_app_is_at_a_domain_only_once_its_record_says_so(
    in_house: House, dns_: Dns, root: Path
) -> None:
    domain = domain_add(actor=in_house.actor, name=HOST)
    for silent, words in ((False, "not found yet"), (True, "does not answer")):
        dns_.is_silent = silent
        with pytest.raises(InvalidInputError, match=words):
            domain_verify(actor=in_house.actor, domain_id=domain.pk)
    assert slug_at(HOST) is None
    dns_.is_silent = False
    dns_.has(domain)
    domain_verify(actor=in_house.actor, domain_id=domain.pk)
    assert slug_at(HOST) == "clinic"
    assert (root / ".hosts" / HOST).readlink() == Path("../clinic")
    domain_remove(actor=in_house.actor, domain_id=domain.pk)
    assert slug_at(HOST) is None
    assert not (root / ".hosts" / HOST).is_symlink()


def test_another_providers_domain_is_not_taken(house: House, other_house: House, dns_: Dns) -> None:
    with scope(provider=house.provider):
        first = verified(house, dns_)
    with scope(provider=other_house.provider):
        second = domain_add(actor=other_house.actor, name=HOST)
        assert second.token != first.token
        with pytest.raises(InvalidInputError, match="not found yet"):
            domain_verify(actor=other_house.actor, domain_id=second.pk)
        dns_.has(second)
        with pytest.raises(InvalidInputError, match="Another provider"):
            domain_verify(actor=other_house.actor, domain_id=second.pk)
        with pytest.raises(NotFoundError):
            domain_remove(actor=other_house.actor, domain_id=first.pk)
    assert slug_at(HOST) == "clinic"


def test_a_domain_whose_record_is_gone_is_taken_out_after_a_grace(
    in_house: House, dns_: Dns
) -> None:
    verified(in_house, dns_)
    dns_.records.clear()
    recheck_domains()
    assert slug_at(HOST) == "clinic"
    with clock.override(clock.now() + GRACE + timedelta(minutes=1)):
        recheck_domains()
    assert slug_at(HOST) is None


def test_a_record_that_comes_back_in_time_is_as_if_it_was_never_gone(
    in_house: House, dns_: Dns
) -> None:
    domain = verified(in_house, dns_)
    dns_.is_silent = True
    recheck_domains()
    dns_.is_silent = False
    recheck_domains()
    assert Domain.objects.get(pk=domain.pk).missing_since is None


def test_a_silent_resolver_counts_against_nobody(in_house: House, dns_: Dns) -> None:
    domain = verified(in_house, dns_)
    dns_.is_silent = True
    recheck_domains()
    assert Domain.objects.get(pk=domain.pk).missing_since is None


def test_a_domain_that_is_removed_while_dns_is_asked_stays_removed(
    in_house: House, dns_: Dns, root: Path
) -> None:
    domain = verified(in_house, dns_)
    domain_remove(actor=in_house.actor, domain_id=domain.pk)
    domain_recheck(domain=domain, has_record=True)
    assert not (root / ".hosts" / HOST).is_symlink()


def test_a_domain_that_is_removed_before_dns_answers_is_not_served(
    in_house: House, dns_: Dns, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = domain_add(actor=in_house.actor, name=HOST)

    def answer_late(_: str) -> set[str]:
        domain_remove(actor=in_house.actor, domain_id=domain.pk)
        return {domain.record_value}

    monkeypatch.setattr(domains, "txt_records", answer_late)
    with pytest.raises(NotFoundError):
        domain_verify(actor=in_house.actor, domain_id=domain.pk)
    assert not (root / ".hosts").exists()


@pytest.mark.django_db(transaction=True)
def test_who_removes_a_domain_while_it_is_verified_has_the_last_word(
    dns_: Dns, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = build_house("clinic")
    with scope(provider=house.provider):
        domain = domain_add(actor=house.actor, name=HOST)
    dns_.has(domain)
    is_telling, is_removed = Event(), Event()
    serve_at = storage.serve_at

    def tell_slowly(host: str, slug: str | None) -> None:
        if slug is not None:
            is_telling.set()
            is_removed.wait(timeout=0.3)
        serve_at(host, slug)

    def verify() -> None:
        with scope(provider=house.provider):
            domain_verify(actor=house.actor, domain_id=domain.pk)

    def remove() -> None:
        assert is_telling.wait(timeout=20)
        with scope(provider=house.provider):
            domain_remove(actor=house.actor, domain_id=domain.pk)
        is_removed.set()

    monkeypatch.setattr(storage, "serve_at", tell_slowly)
    at_once([verify, remove])
    assert not (root / ".hosts" / HOST).is_symlink()


def test_the_edge_forgets_names_that_nobody_has(in_house: House, dns_: Dns, root: Path) -> None:
    verified(in_house, dns_)
    storage.serve_at("gone.example", "clinic")
    recheck_domains()
    assert [path.name for path in (root / ".hosts").iterdir()] == [HOST]


def test_that_a_name_is_nobodys_costs_one_query(
    in_house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        for _ in range(3):
            assert slug_at("nobody.example") is None
    with django_assert_num_queries(0):
        assert slug_at("x" * 254) is None


def test_posts_to_the_same_host_cost_no_query(
    in_house: House, rf: RequestFactory, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    answer = AppOriginMiddleware(lambda _: HttpResponse())
    with django_assert_num_queries(0):
        for host in ("testserver", "console.clinic.example"):
            asks = {"Host": host, "Origin": f"http://{host}"}
            told = answer(rf.post(PROVIDER, headers=asks))
            assert "Access-Control-Allow-Origin" not in told


def test_every_token_may_be_sent_from_elsewhere() -> None:
    allowed = ALLOWED["Access-Control-Allow-Headers"].split(", ")
    tokens = {"Ticket-Token", "Appointment-Token", "Hold-Token", "Waitlist-Token"}
    assert tokens < set(allowed)


def test_the_docs_say_what_may_be_sent_and_read_from_elsewhere() -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text()
    section = text.partition("## From another origin")[2].partition("\n## ")[0]
    for header in f"{ALLOWED['Access-Control-Allow-Headers']}, {EXPOSED}".split(", "):
        assert f"`{header}`" in section, header
    assert f"Access-Control-Max-Age: {ALLOWED['Access-Control-Max-Age']}" in section


def test_there_are_ten_domains_at_most(in_house: House) -> None:
    for number in range(10):
        domain_add(actor=in_house.actor, name=f"a{number}.example")
    domain_add(actor=in_house.actor, name="a1.example")
    with pytest.raises(InvalidInputError, match="Remove a domain"):
        domain_add(actor=in_house.actor, name="b.example")


@pytest.fixture
def _at_home(in_house: House, dns_: Dns, build: Callable[[], Build | None]) -> None:
    build()
    verified(in_house, dns_)


@pytest.mark.usefixtures("_at_home")
def test_at_its_domain_the_app_is_at_the_root(client: Client) -> None:
    page = client.get("/", headers={"Host": HOST})
    assert page.content == client.get("/p/clinic/").content
    for path, status in (
        ("/sw.js", HTTPStatus.OK),
        (PROVIDER, HTTPStatus.OK),
        ("/q/clinic/", HTTPStatus.OK),
        ("/accounts/login/", HTTPStatus.NOT_FOUND),
        ("/console/clinic/", HTTPStatus.NOT_FOUND),
        ("/api/v1/me", HTTPStatus.NOT_FOUND),
        ("/q/salon/", HTTPStatus.NOT_FOUND),
    ):
        assert client.get(path, headers={"Host": HOST}).status_code == status, path


@pytest.mark.usefixtures("_at_home")
def test_a_domain_of_the_platform_has_an_app_for_each_provider(
    client: Client, settings: Settings
) -> None:
    settings.APPS_DOMAIN = "apps.example"
    page = client.get("/", headers={"Host": "clinic.apps.example"})
    assert page.content == client.get("/p/clinic/").content
    for host in ("nobody.apps.example", "a.clinic.apps.example", "apps.example", "evil.example"):
        answer = client.get("/", headers={"Host": host})
        assert answer.status_code == HTTPStatus.BAD_REQUEST, host


@pytest.mark.usefixtures("_at_home")
def test_transport_security_says_nothing_of_what_else_is_below_a_providers_domain(
    client: Client, settings: Settings
) -> None:
    settings.SECURE_HSTS_SECONDS = 60
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    client = Client()
    said = client.get("/", headers={"Host": HOST}, secure=True)["Strict-Transport-Security"]
    assert said == "max-age=60"
    assert "includeSubDomains" in client.get("/", secure=True)["Strict-Transport-Security"]


@pytest.mark.usefixtures("_at_home")
def test_pages_at_verified_domains_may_ask_and_no_others(client: Client) -> None:
    answer = client.get(PROVIDER, headers={"Origin": ORIGIN})
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in answer
    for origin in (
        *("https://evil.example", "null", f"{ORIGIN}:444", f"{ORIGIN}.evil.example"),
        *(f"https://user@{HOST}", f"ftp://{HOST}", "https://[", HOST),
    ):
        answer = client.get(PROVIDER, headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in answer, origin
        assert "Origin" in answer["Vary"]
    asked = client.get("/p/clinic/", headers={"Origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in asked


@pytest.mark.usefixtures("_at_home")
def test_a_browser_that_asks_first_is_answered(client: Client) -> None:
    asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    answer = client.options(PROVIDER, headers=asks)
    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert "Idempotency-Key" in answer["Access-Control-Allow-Headers"]
    other = client.options(PROVIDER, headers=asks | {"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Methods" not in other
