"""What the rules of tenants and members forbid."""

from http import HTTPStatus

from waitlessq.errors import DomainError


class NameTakenError(DomainError):
    """Another row of the provider has this name already."""

    code = "name-taken"
    title = "This name is taken"


class LastOwnerError(DomainError):
    """A provider keeps at least one owner."""

    code = "last-owner"
    title = "A provider needs an owner"


class AlreadyMemberError(DomainError):
    """The person is a member already."""

    code = "already-member"
    title = "This person is a member already"


class RoleTooLowError(DomainError):
    """The actor's role does not allow this."""

    code = "forbidden"
    title = "Not allowed"
    status = HTTPStatus.FORBIDDEN
