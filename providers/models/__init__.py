from providers.models.location import Location
from providers.models.member import Member, Role
from providers.models.provider import Provider, Trade
from providers.models.service import Service, ServiceUse
from providers.models.user import User

__all__ = ["Location", "Member", "Provider", "Role", "Service", "ServiceUse", "Trade", "User"]
