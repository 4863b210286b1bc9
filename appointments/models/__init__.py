from appointments.models.appointment import (
    BLOCKING,
    Appointment,
    AppointmentDetails,
    AppointmentEvent,
    AppointmentResource,
    AppointmentState,
    SlotHold,
)
from appointments.models.availability import (
    AvailabilityException,
    AvailabilityRule,
    ExceptionKind,
    RuleKind,
)
from appointments.models.feed import BusyFeed, CalendarFeed, FeedProblem
from appointments.models.mail import AppointmentMail, MailKind
from appointments.models.policy import (
    Assignment,
    BookingPolicy,
    BookingRules,
    NoShowConsequence,
)
from appointments.models.resource import Resource, ResourceKind
from appointments.models.waitlist import (
    FreedSlot,
    Offer,
    OfferState,
    WaitlistEntry,
    WaitlistState,
)

__all__ = [
    "BLOCKING",
    "Appointment",
    "AppointmentDetails",
    "AppointmentEvent",
    "AppointmentMail",
    "AppointmentResource",
    "AppointmentState",
    "Assignment",
    "AvailabilityException",
    "AvailabilityRule",
    "BookingPolicy",
    "BookingRules",
    "BusyFeed",
    "CalendarFeed",
    "ExceptionKind",
    "FeedProblem",
    "FreedSlot",
    "MailKind",
    "NoShowConsequence",
    "Offer",
    "OfferState",
    "Resource",
    "ResourceKind",
    "RuleKind",
    "SlotHold",
    "WaitlistEntry",
    "WaitlistState",
]
