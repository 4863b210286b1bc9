"""Who works for a provider: adding, changing and removing members."""

from functools import partial
from http import HTTPStatus
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django_scopes import scope, scopes_disabled

from conftest import House, add_member, build_house, client_of
from providers.errors import AlreadyMemberError, LastOwnerError
from providers.models import Member, Role, User
from providers.services import members
from providers.services.members import member_add, member_remove, member_update
from tests.races.at_once import at_once
from waitlessq.errors import DomainError, NotFoundError

MEMBERS = "/api/v1/providers/clinic/members"
JSON = "application/json"


def first_owner(house: House) -> Member:
    return Member.objects.get(role=Role.OWNER, provider=house.provider)


def test_a_new_person_becomes_a_member_without_a_password(in_house: House) -> None:
    member = member_add(actor=in_house.actor, email="New@Clinic.example", role=Role.STAFF, name="N")
    assert (member.user.email, member.name) == ("new@clinic.example", "N")
    assert not member.user.has_usable_password()
    assert member.provider == in_house.provider


def test_a_known_person_keeps_their_account(in_house: House, other_house: House) -> None:
    known = add_member(other_house.provider, Role.OWNER).user
    member = member_add(actor=in_house.actor, email=known.email.upper(), role=Role.VIEWER)
    assert member.user == known
    assert User.objects.filter(email__iexact=known.email).count() == 1
    with scopes_disabled():
        assert {(m.provider.slug, m.role) for m in known.memberships.all()} == {
            ("salon", "owner"),
            ("clinic", "viewer"),
        }


def test_adding_a_known_person_does_not_show_the_name_another_provider_gave_them(
    owner: Client, other_house: House
) -> None:
    with scope(provider=other_house.provider):
        member_add(
            actor=other_house.actor, email="n@x.example", role=Role.STAFF, name="As the salon says"
        )
    body = {"email": "n@x.example", "role": "viewer"}
    response = owner.post(MEMBERS, body, content_type=JSON)
    assert response.status_code == HTTPStatus.CREATED
    assert "salon" not in response.text


def test_nobody_is_a_member_twice(in_house: House) -> None:
    member_add(actor=in_house.actor, email="new@clinic.example", role=Role.STAFF)
    with pytest.raises(AlreadyMemberError):
        member_add(actor=in_house.actor, email="NEW@clinic.example", role=Role.OWNER)
    assert Member.objects.get(user__email="new@clinic.example").role == Role.STAFF


def test_a_person_who_came_in_the_meantime_is_the_same_person(
    in_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = User.objects.create_user("new@clinic.example")
    # As if the other provider's request had committed just after this one looked.
    monkeypatch.setattr(User.objects, "filter", lambda **_: User.objects.none())
    assert member_add(actor=in_house.actor, email=known.email, role=Role.STAFF).user == known


def test_locations_limit_a_member_and_must_be_the_providers(
    in_house: House, other_house: House
) -> None:
    add = partial(member_add, actor=in_house.actor, role=Role.STAFF)
    member = add(email="a@x.example", locations=[in_house.location])
    assert list(member.locations.all()) == [in_house.location]
    with pytest.raises(NotFoundError):
        add(email="b@x.example", locations=[in_house.location, other_house.location])
    assert not User.objects.filter(email="b@x.example").exists()


def test_a_change_to_another_providers_location_changes_nothing(
    in_house: House, other_house: House
) -> None:
    member = add_member(in_house.provider, Role.STAFF)
    with pytest.raises(NotFoundError):
        member_update(
            actor=in_house.actor,
            member=member,
            role=Role.OWNER,
            locations=[other_house.location],
        )
    member.refresh_from_db()
    assert (member.role, member.locations.count()) == (Role.STAFF, 0)


def test_another_providers_member_is_not_changed_or_removed_by_a_service(
    in_house: House, other_house: House
) -> None:
    stranger = add_member(other_house.provider, Role.STAFF)
    with pytest.raises(DomainError):
        member_update(actor=in_house.actor, member=stranger, role=Role.OWNER)
    with pytest.raises(DomainError):
        member_remove(actor=in_house.actor, member=stranger)


def test_the_last_owner_stays_an_owner(in_house: House) -> None:
    owner = first_owner(in_house)
    with pytest.raises(LastOwnerError):
        member_update(actor=in_house.actor, member=owner, role=Role.MANAGER)
    with pytest.raises(LastOwnerError):
        member_remove(actor=in_house.actor, member=owner)
    assert first_owner(in_house) == owner


def test_one_of_two_owners_may_go(in_house: House) -> None:
    first, second = first_owner(in_house), add_member(in_house.provider, Role.OWNER)
    member_update(actor=in_house.actor, member=first, role=Role.VIEWER)
    with pytest.raises(LastOwnerError):
        member_remove(actor=in_house.actor, member=second)


def test_an_owner_of_another_provider_does_not_count(in_house: House, other_house: House) -> None:
    with pytest.raises(LastOwnerError):
        member_remove(actor=in_house.actor, member=first_owner(in_house))


def test_whoever_is_removed_keeps_their_account(in_house: House) -> None:
    member = add_member(in_house.provider, Role.STAFF)
    member_remove(actor=in_house.actor, member=member)
    assert not Member.objects.filter(user=member.user).exists()
    assert User.objects.filter(pk=member.user_id).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["demote", "remove"])
def test_two_owners_who_turn_on_each_other_leave_one(change: str) -> None:
    house = build_house("clinic")
    with scope(provider=house.provider):
        owners = [first_owner(house), add_member(house.provider, Role.OWNER)]

    def turn_on(member: Member) -> bool:
        with scope(provider=house.provider):
            try:
                if change == "demote":
                    member_update(actor=house.actor, member=member, role=Role.STAFF)
                else:
                    member_remove(actor=house.actor, member=member)
            except LastOwnerError:
                return False
        return True

    assert sorted(at_once([partial(turn_on, member) for member in owners])) == [False, True]
    with scope(provider=house.provider):
        assert Member.objects.filter(role=Role.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_second_owner_waits_for_the_first_to_have_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = build_house("clinic")
    first_has_gone, check = Event(), members._check_another_owner
    with scope(provider=house.provider):
        owners = [first_owner(house), add_member(house.provider, Role.OWNER)]

    def slow_check(leaving: Member) -> None:
        check(leaving)
        first_has_gone.set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")

    monkeypatch.setattr(members, "_check_another_owner", slow_check)

    def leave(member: Member, *, waits: bool) -> str:
        if waits:
            assert first_has_gone.wait(timeout=10)
        with scope(provider=house.provider):
            try:
                member_remove(actor=house.actor, member=member)
            except LastOwnerError:
                return "stays"
        return "gone"

    jobs = [partial(leave, owners[0], waits=False), partial(leave, owners[1], waits=True)]
    assert at_once(jobs) == ["gone", "stays"]


def test_a_member_who_became_an_owner_in_the_meantime_is_the_last_one_too(
    in_house: House,
) -> None:
    stale = add_member(in_house.provider, Role.STAFF)
    fresh = Member.objects.get(pk=stale.pk)
    member_update(actor=in_house.actor, member=fresh, role=Role.OWNER)
    member_remove(actor=in_house.actor, member=Member.objects.exclude(pk=stale.pk).get())
    with pytest.raises(LastOwnerError):
        member_remove(actor=in_house.actor, member=stale)


def post(client: Client, **body: Any) -> Any:
    client.raise_request_exception = False
    return client.post(MEMBERS, body, content_type=JSON)


def test_the_api_adds_changes_and_removes(owner: Client, house: House) -> None:
    response = post(owner, email="a@x.example", role="staff", locations=[house.location.pk])
    assert response.status_code == HTTPStatus.CREATED
    path = f"{MEMBERS}/{response.json()['id']}"
    assert response.json()["locations"] == [house.location.pk]
    changed = owner.patch(path, {"role": "manager"}, content_type=JSON).json()
    assert (changed["role"], changed["locations"]) == ("manager", [house.location.pk])
    changed = owner.patch(path, {"locations": []}, content_type=JSON).json()
    assert (changed["role"], changed["locations"]) == ("manager", [])
    assert owner.delete(path).status_code == HTTPStatus.NO_CONTENT
    assert owner.get(path).status_code == HTTPStatus.NOT_FOUND


def test_the_api_says_what_is_wrong(owner: Client, house: House, other_house: House) -> None:
    post(owner, email="a@x.example", role="staff")
    again = post(owner, email="A@x.example", role="staff")
    assert (again.status_code, again.json()["code"]) == (HTTPStatus.CONFLICT, "already-member")
    for wrong in (
        {"email": "b@x.example", "role": "king"},
        {"email": "no address", "role": "staff"},
        {"email": "b@x.example", "role": "staff", "locations": [other_house.location.pk]},
        {"email": "b" * 290 + "@x.example", "role": "staff"},
    ):
        assert post(owner, **wrong).status_code == HTTPStatus.BAD_REQUEST, wrong


def test_a_member_knows_what_they_work_for(house: House, other_house: House) -> None:
    member = add_member(house.provider, Role.STAFF)
    body = client_of(member).get("/api/v1/me").json()
    assert body == [
        {"provider": {"slug": "clinic", "name": "Clinic", "trade": "clinic"}, "role": "staff"}
    ]


def test_whoever_is_removed_is_an_outsider_at_once(house: House) -> None:
    member = add_member(house.provider, Role.STAFF)
    client = client_of(member)
    assert client.get("/api/v1/providers/clinic").status_code == HTTPStatus.OK
    with scope(provider=house.provider):
        member_remove(actor=house.actor, member=member)
    assert client.get("/api/v1/providers/clinic").status_code == HTTPStatus.NOT_FOUND


def test_an_owner_is_not_limited_for_nothing_would_hold_them_to_it(
    owner: Client, house: House
) -> None:
    # Owners set everybody's limits, their own too, and make keys, which have none.
    limits = [house.location.pk]
    made = post(owner, email="a@x.example", role="owner", locations=limits)
    assert made.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT}
    member = post(owner, email="b@x.example", role="staff", locations=limits).json()["id"]
    raised = owner.patch(f"{MEMBERS}/{member}", {"role": "owner"}, content_type=JSON)
    assert raised.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT}
