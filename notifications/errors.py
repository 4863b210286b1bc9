"""What can not be done with notifications."""

from waitlessq.errors import DomainError


class PushOffError(DomainError):
    """The platform has no keys to push with."""

    code = "push-off"
    title = "Nothing is pushed from here"
