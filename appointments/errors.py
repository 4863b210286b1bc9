"""What the rules of bookings forbid."""

from http import HTTPStatus

from waitlessq.errors import DomainError


class NotBookableError(DomainError):
    """The service is not booked at all, or not there."""

    code = "not-bookable"
    title = "This can not be booked"


class ServiceNotOfferedError(DomainError):
    """The resource, or every resource of the location, lacks the service."""

    code = "service-not-offered"
    title = "The service is not offered there"


class NoSuchTimeError(DomainError):
    """Clocks jump over this time."""

    code = "no-such-time"
    title = "There is no such time on that day"
    status = HTTPStatus.BAD_REQUEST


class OffStepError(DomainError):
    """Bookings start at other times."""

    code = "off-step"
    title = "Bookings do not start at this time"
    status = HTTPStatus.BAD_REQUEST


class TimePastError(DomainError):
    """The time is over."""

    code = "time-past"
    title = "This time is over"


class TooSoonError(DomainError):
    """The service takes more notice."""

    code = "too-soon"
    title = "This is too soon"


class TooFarError(DomainError):
    """The service is not booked so far ahead."""

    code = "too-far"
    title = "This is too far ahead"


class OutsideHoursError(DomainError):
    """Nobody who could do it works at that time."""

    code = "outside-hours"
    title = "Nobody works at that time"


class SlotTakenError(DomainError):
    """Somebody else has the time; ``data["free"]`` lists the nearest that are free."""

    code = "slot-taken"
    title = "This time is taken"


class HoldExpiredError(DomainError):
    """The time was kept for a while, and that is over."""

    code = "hold-expired"
    title = "The time is not kept any more"


class ChangeTooLateError(DomainError):
    """The provider wants to know earlier."""

    code = "change-too-late"
    title = "It is too late to change this"


class TooManyChangesError(DomainError):
    """The appointment was moved as often as customers may."""

    code = "too-many-changes"
    title = "It was moved too often"


class BookingRefusedError(DomainError):
    """Who often did not come is booked for by the provider only."""

    code = "booking-refused"
    title = "Please ask the provider"


class SeriesConflictError(DomainError):
    """Some times of a series are not free; ``data["conflicts"]`` says which."""

    code = "series-conflict"
    title = "Not all of these times are free"


class AppointmentStateError(DomainError):
    """The appointment's state does not allow this; ``data["possible"]`` lists what it does."""

    code = "appointment-state"
    title = "Not possible now"


class NoAddressError(DomainError):
    """What is only written to its customer can not be, without an address."""

    code = "no-address"
    title = "There is no address to write to"


class OfferOverError(DomainError):
    """A freed time was offered, and is somebody else's now."""

    code = "offer-over"
    title = "The offer is over"


class DelayOverError(DomainError):
    """Bookings were moved on too long ago to be moved back together, or changed since."""

    code = "delay-over"
    title = "The delay can not be taken back"
