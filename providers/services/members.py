"""Writes of memberships: who works for a provider, and as what."""

from collections.abc import Sequence

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from providers import selectors
from providers.actors import Actor
from providers.errors import AlreadyMemberError, LastOwnerError
from providers.models import Location, Member, Provider, Role, User
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import InvalidInputError, NotFoundError


@in_transaction
def member_add(
    *, actor: Actor, email: str, role: Role, name: str = "", locations: Sequence[Location] = ()
) -> Member:
    """Makes the person with this address a member; a new one sets a password by mail.

    ``locations`` are those that the member is limited to; none means everywhere.

    Raises:
        AlreadyMemberError: they are one.
        InvalidInputError: an owner would be limited.
        NotFoundError: a location is not the provider's.
    """
    _check_locations(actor, role, locations)
    user, _ = User.objects.get_or_create(
        email=email.lower(), defaults={"password": make_password(None)}
    )
    try:
        with transaction.atomic():
            member = Member.objects.create(
                provider=actor.provider,
                user=user,
                name=name,
                role=role,
                is_limited=bool(locations),
            )
    except IntegrityError as error:
        raise AlreadyMemberError(f"{email} works here already.") from error
    member.locations.set(locations)
    return member


@in_transaction
def member_update(
    *,
    actor: Actor,
    member: Member,
    role: Role | None = None,
    name: str | None = None,
    locations: Sequence[Location] | None = None,
) -> Member:
    """Changes role, name, or the locations that the member is limited to (none: everywhere).

    Locks the provider, which orders two owners who demote each other at the same moment.

    Raises:
        LastOwnerError: the last owner would become something less.
        InvalidInputError: an owner would be limited.
        NotFoundError: there is no such member, or a location is not the provider's.
    """
    member = _lock_member(actor, member)
    new_role = Role(member.role if role is None else role)
    if member.role == Role.OWNER and new_role != Role.OWNER:
        _check_another_owner(member)
    if locations is not None or new_role == Role.OWNER:
        kept = list(member.locations.all()) if locations is None else locations
        _check_locations(actor, new_role, kept)
    changes: dict[str, object] = {"role": new_role}
    if name is not None:
        changes["name"] = name
    if locations is not None:
        member.locations.set(locations)
        changes["is_limited"] = bool(locations)
    return update_row(member, changes)


@in_transaction
def member_remove(*, actor: Actor, member: Member) -> None:
    """Ends the membership; the person's account stays. Locks the provider.

    Raises:
        LastOwnerError: nobody would be left to own the provider.
        NotFoundError: there is no such member.
    """
    member = _lock_member(actor, member)
    if member.role == Role.OWNER:
        _check_another_owner(member)
    member.delete()


def _lock_member(actor: Actor, member: Member) -> Member:
    """The member as it is behind the lock of the provider."""
    Provider.objects.select_for_update(no_key=True).get(pk=actor.provider.pk)
    locked = selectors.members().filter(pk=member.pk, provider=actor.provider).first()
    if locked is None:
        raise NotFoundError("There is no such member.")
    return locked


def _check_another_owner(leaving: Member) -> None:
    if not Member.objects.filter(role=Role.OWNER).exclude(pk=leaving.pk).exists():
        raise LastOwnerError("Make somebody else an owner first.")


def _check_locations(actor: Actor, role: Role, locations: Sequence[Location]) -> None:
    if not all(actor.owns(location) for location in locations):
        raise NotFoundError("There is no such location.")
    if role == Role.OWNER and locations:
        raise InvalidInputError("locations", "An owner works at every location.")
