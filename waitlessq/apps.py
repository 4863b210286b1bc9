from django.apps import AppConfig
from django.core.checks import Tags, register

from waitlessq import checks


class WaitlessqConfig(AppConfig):
    """The kernel: no models, but checks of its own settings."""

    name = "waitlessq"

    def ready(self) -> None:
        register(checks.check_replay_clock, Tags.security, deploy=True)
        register(checks.check_unlimited_addresses, Tags.security, deploy=True)
        register(checks.check_connection_budget)
