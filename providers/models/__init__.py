from providers.models.customer import ContactKind, ContactPoint, Customer
from providers.models.hours import OpeningException, OpeningHours
from providers.models.location import Location
from providers.models.member import Member, Role
from providers.models.provider import DEFAULT_COLOUR, Provider, ProviderLogo, Trade, is_colour
from providers.models.service import Service, ServiceUse
from providers.models.user import User

__all__ = [
    "DEFAULT_COLOUR",
    "ContactKind",
    "ContactPoint",
    "Customer",
    "Location",
    "Member",
    "OpeningException",
    "OpeningHours",
    "Provider",
    "ProviderLogo",
    "Role",
    "Service",
    "ServiceUse",
    "Trade",
    "User",
    "is_colour",
]
