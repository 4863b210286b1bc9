"""Without a provider in scope a tenant's rows cannot be reached; with one, only its own."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Max, QuerySet
from django_scopes import scope, scopes_disabled
from django_scopes.exceptions import ScopeError

from conftest import House, add_member
from providers import selectors
from providers.actors import Actor
from providers.models import Location, Member, Provider, Role, Service, Trade
from providers.services.members import member_update
from providers.services.providers import provider_update

ASK: dict[str, Callable[[], Any]] = {
    "get": lambda: Service.objects.get(pk=1),
    "filter": lambda: Service.objects.filter(pk=1),
    "exclude": lambda: Service.objects.exclude(pk=1),
    "all": lambda: list(Service.objects.all()),
    "count": lambda: Service.objects.count() + 1,
    "exists": lambda: not Service.objects.exists(),
    "create": lambda: Service.objects.create(name="x"),
    "bulk_create": lambda: Service.objects.bulk_create([Service(name="x")]),
    "update": lambda: Service.objects.update(name="x"),
    "get_or_create": lambda: Service.objects.get_or_create(name="x"),
    "select_related": lambda: Service.objects.select_related("provider"),
    "values": lambda: Service.objects.values("name"),
    "last": lambda: [Service.objects.last()],
    "aggregate": lambda: Service.objects.aggregate(Max("id")),
    "raw": lambda: list(Service.objects.raw("SELECT * FROM providers_service")),
}


@pytest.mark.django_db
@pytest.mark.parametrize("ask", ASK)
def test_without_a_scope_nothing_can_be_asked(house: House, ask: str) -> None:
    with pytest.raises(ScopeError, match="Service was asked for without a provider in scope"):
        ASK[ask]()


def test_none_needs_no_scope(house: House) -> None:
    assert list(Service.objects.none()) == []


def test_only_the_rows_of_the_provider_in_scope_are_found(
    in_house: House, other_house: House
) -> None:
    assert list(Service.objects.all()) == [in_house.service]
    assert not Service.objects.filter(pk=other_house.service.pk).exists()
    assert Service.objects.exclude(pk=in_house.service.pk).count() == 0
    with pytest.raises(Service.DoesNotExist):
        Service.objects.get(pk=other_house.service.pk)


def test_an_update_or_a_deletion_reaches_only_the_provider_in_scope(
    in_house: House, other_house: House
) -> None:
    Location.objects.update(address="new")
    Member.objects.all().delete()
    with scopes_disabled():
        assert [location.address for location in Location.objects.order_by("id")] == ["new", ""]
        assert Member.objects.get().provider == other_house.provider


def test_a_provider_reaches_its_own_rows_only_in_its_own_scope(
    house: House, other_house: House
) -> None:
    with pytest.raises(ScopeError):
        house.provider.services.count()
    with scope(provider=other_house.provider):
        assert house.provider.services.count() == 0
    with scope(provider=house.provider):
        assert list(house.provider.services.all()) == [house.service]
        assert list(house.queue.services.all()) == [house.service]


def test_a_row_in_hand_reaches_what_it_refers_to_without_a_scope(house: House) -> None:
    with scopes_disabled():
        queue = type(house.queue).objects.get(pk=house.queue.pk)
    assert (queue.location, queue.provider) == (house.location, house.provider)


def test_a_queryset_keeps_the_scope_that_it_was_made_in(house: House, other_house: House) -> None:
    with scope(provider=house.provider):
        services: QuerySet[Service] = Service.objects.all()
    with scope(provider=other_house.provider):
        assert list(services) == [house.service]


def test_scopes_disabled_crosses_providers(house: House, other_house: House) -> None:
    with scopes_disabled():
        assert Service.objects.count() == 2


def test_a_scope_inside_a_scope_is_the_inner_ones(in_house: House, other_house: House) -> None:
    with scope(provider=other_house.provider):
        assert Service.objects.get() == other_house.service
    assert Service.objects.get() == in_house.service


def test_a_membership_is_found_by_user_and_provider_only(house: House, other_house: House) -> None:
    member = add_member(house.provider, Role.STAFF)
    assert selectors.membership(member.user, "clinic") == member
    assert selectors.membership(member.user, "salon") is None
    assert selectors.memberships_of(member.user) == [member]


def test_an_actor_owns_only_its_providers_locations(house: House, other_house: House) -> None:
    assert house.actor.owns(house.location)
    assert not house.actor.owns(other_house.location)


def test_a_member_with_its_locations_gone_does_not_get_all_others(in_house: House) -> None:
    member = add_member(in_house.provider, Role.STAFF)
    north = Location.objects.create(
        provider=in_house.provider, name="North", time_zone="Asia/Jerusalem"
    )
    member = member_update(actor=in_house.actor, member=member, locations=[north])
    assert not Actor.for_member(member).works_at(in_house.location.pk)
    north.delete()
    assert not Actor.for_member(member).works_at(in_house.location.pk)


@pytest.mark.parametrize("role", Role)
def test_a_role_includes_those_before_it(role: Role) -> None:
    order = [Role.VIEWER, Role.STAFF, Role.MANAGER, Role.OWNER]
    assert [role.includes(other) for other in order] == [
        order.index(role) >= place for place in range(4)
    ]


def test_a_customer_has_no_role(house: House) -> None:
    assert not any(Actor.customer(house.provider).may(role) for role in Role)


def test_two_changes_of_a_provider_at_once_do_not_undo_each_other(house: House) -> None:
    stale = Actor.system(Provider.objects.get(pk=house.provider.pk))
    provider_update(actor=house.actor, name="New name")
    provider_update(actor=stale, trade=Trade.SALON)
    house.provider.refresh_from_db()
    assert (house.provider.name, house.provider.trade) == ("New name", "salon")
