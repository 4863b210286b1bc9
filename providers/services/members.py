"""Writes of memberships: who works for a provider, and as what."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from providers.actors import Actor
from providers.errors import AlreadyMemberError, LastOwnerError
from providers.models import Location, Member, Provider, Role, User
from waitlessq.errors import NotFoundError


@transaction.atomic
def member_add(
    *, actor: Actor, email: str, role: Role, name: str = "", locations: Sequence[Location] = ()
) -> Member:
    """Makes the person with this address a member; a new one sets a password by mail.

    Raises:
        AlreadyMemberError: they are one.
        NotFoundError: a location is not the provider's.
    """
    _check_locations(actor, locations)
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        user = User.objects.create_user(email, name=name)
    try:
        with transaction.atomic():
            member = Member.objects.create(provider=actor.provider, user=user, role=role)
    except IntegrityError as error:
        raise AlreadyMemberError(f"{email} works here already.") from error
    member.locations.set(locations)
    return member


@transaction.atomic
def member_update(
    *,
    actor: Actor,
    member: Member,
    role: Role | None = None,
    locations: Sequence[Location] | None = None,
) -> Member:
    """Changes the role, or the locations that the member is limited to (none: everywhere).

    Raises:
        LastOwnerError: the last owner would become something less.
        NotFoundError: a location is not the provider's.
    """
    if role is not None and role != member.role:
        if member.role == Role.OWNER:
            _check_another_owner(actor.provider, member)
        member.role = role
        member.save(update_fields=["role"])
    if locations is not None:
        _check_locations(actor, locations)
        member.locations.set(locations)
    return member


@transaction.atomic
def member_remove(*, actor: Actor, member: Member) -> None:
    """Ends the membership; the person's account stays.

    Raises:
        LastOwnerError: nobody would be left to own the provider.
    """
    if member.role == Role.OWNER:
        _check_another_owner(actor.provider, member)
    member.delete()


def _check_another_owner(provider: Provider, leaving: Member) -> None:
    # The lock orders two owners who demote each other at the same moment.
    Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
    if not Member.objects.filter(role=Role.OWNER).exclude(pk=leaving.pk).exists():
        raise LastOwnerError("Make somebody else an owner first.")


def _check_locations(actor: Actor, locations: Sequence[Location]) -> None:
    if not all(actor.owns(location) for location in locations):
        raise NotFoundError("There is no such location.")
