"""What the rules of queues forbid."""

from http import HTTPStatus

from waitlessq.errors import DomainError


class IllegalTransitionError(DomainError):
    """The ticket's state does not lead where it was asked to go."""

    code = "illegal-transition"
    title = "Not possible in this state"


class QueueNotOpenError(DomainError):
    """The queue takes no new tickets."""

    code = "queue-not-open"
    title = "The queue takes no new tickets"


class RemoteJoinOffError(DomainError):
    """The queue gives numbers only to who is there."""

    code = "remote-join-off"
    title = "The queue is joined at the place itself"


class QueueFullError(DomainError):
    """As many wait as the queue has room for."""

    code = "queue-full"
    title = "The queue is full"


class ServiceNotTakenError(DomainError):
    """The queue does not take tickets for this service."""

    code = "service-not-taken"
    title = "The queue does not take this service"


class GroupTooLargeError(DomainError):
    """The queue gives no number to so many people at once."""

    code = "group-too-large"
    title = "The group is too large"


class ServiceNotServedError(DomainError):
    """The counter does not do what the ticket is for."""

    code = "service-not-served"
    title = "The counter does not serve this service"


class ReferenceTakenError(DomainError):
    """The queue has a ticket with this reference."""

    code = "reference-taken"
    title = "This reference is taken"


class CounterClosedError(DomainError):
    """Nobody is at the counter."""

    code = "counter-closed"
    title = "The counter is closed"


class CounterBusyError(DomainError):
    """The counter has a ticket called or in service."""

    code = "counter-busy"
    title = "The counter has a ticket already"


class QueueNotServedError(DomainError):
    """The counter does not serve the ticket's queue."""

    code = "queue-not-served"
    title = "The counter does not serve this queue"


class ChangedSinceError(DomainError):
    """Something happened to the ticket since it was looked at."""

    code = "changed-since"
    title = "The ticket was changed since"


class UndoTooLateError(DomainError):
    """What should be undone was done too long ago."""

    code = "undo-too-late"
    title = "It is too late to undo this"


class NothingToUndoError(DomainError):
    """The last thing that happened to the ticket can not be undone."""

    code = "nothing-to-undo"
    title = "There is nothing to undo"


class RejoinTooLateError(DomainError):
    """Whoever did not come may not take up their place again any more."""

    code = "rejoin-too-late"
    title = "The place is not kept any more"


class NobodyBehindError(DomainError):
    """There is nobody to let go first."""

    code = "nobody-behind"
    title = "Nobody waits behind"


class NobodyWaitingError(DomainError):
    """There is no ticket to call."""

    code = "nobody-waiting"
    title = "Nobody is waiting"


class TooManyPairingsError(DomainError):
    """As many screens as may be wait for somebody to type their code."""

    code = "too-many-pairings"
    title = "Too many screens are being paired"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class NoEstimateError(DomainError):
    """Nobody can say how long people wait."""

    code = "no-estimate"
    title = "There is no estimate yet"


class NoQueueForItError(DomainError):
    """No queue of the location takes the service."""

    code = "no-queue"
    title = "No queue takes this service"


class NoBookingError(DomainError):
    """Nobody with this number is expected there today."""

    code = "no-booking"
    title = "There is no such booking today"


class CheckInTooEarlyError(DomainError):
    """The appointment is on a later day."""

    code = "check-in-too-early"
    title = "The booking is on another day"


class NotOnSiteError(DomainError):
    """Who checks in here says the code that the screens in the hall show."""

    code = "not-on-site"
    title = "Check in at the place itself"
