"""Who does something, and at what."""

from dataclasses import dataclass
from typing import Protocol

from django_scopes import scope

from providers.models import Location, Member, Provider, Role
from waitlessq.errors import NotFoundError


class Owned(Protocol):
    """A row of a provider."""

    provider_id: int


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts for a provider: a member, an API key, a customer or the system.

    ``name`` is what events record, e.g. ``member:7``; ``role`` is None for customers, who act on
    their own ticket only; ``location_ids`` is None where no location is closed to the actor.
    """

    provider: Provider
    name: str
    role: Role | None = None
    location_ids: frozenset[int] | None = None

    @classmethod
    def for_member(cls, member: Member) -> "Actor":
        """The member as an actor; reads the locations that limit it (one query, if any do)."""
        location_ids = None
        if member.is_limited:
            with scope(provider=member.provider):
                location_ids = frozenset(member.locations.values_list("id", flat=True))
        return cls(member.provider, f"member:{member.pk}", Role(member.role), location_ids)

    @classmethod
    def system(cls, provider: Provider) -> "Actor":
        """The platform itself, for demo data and scheduled work."""
        return cls(provider, "system", Role.OWNER)

    @classmethod
    def customer(cls, provider: Provider) -> "Actor":
        """Whoever holds a ticket, or is about to."""
        return cls(provider, "customer")

    def may(self, role: Role) -> bool:
        """Whether the actor has at least ``role``."""
        return self.role is not None and self.role.includes(role)

    def works_at(self, location_id: int) -> bool:
        """Whether the location is open to the actor."""
        return self.location_ids is None or location_id in self.location_ids

    def check_owns(self, row: "Owned") -> None:
        """Refuses to go on with a row of another provider, as if there were none.

        Raises:
            NotFoundError: the row is not the actor's provider's.
        """
        if row.provider_id != self.provider.pk:
            raise NotFoundError("There is nothing like that here.")

    def owns(self, location: Location) -> bool:
        """Whether ``location`` is the actor's provider's, and open to the actor."""
        return location.provider_id == self.provider.pk and self.works_at(location.pk)
