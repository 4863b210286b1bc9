"""How people sign in and up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from waitlessq.limits import client_address


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: members are added by an owner."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)
