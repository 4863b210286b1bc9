from typing import Any

from django.core.management.base import BaseCommand

from notifications.keys import make_private_key


class Command(BaseCommand):
    """Prints a key that push messages can be signed with."""

    help = "Print a new private key for VAPID_PRIVATE_KEYS."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(make_private_key())
