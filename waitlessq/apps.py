from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core.checks import Tags, register

from waitlessq import checks
from waitlessq.middleware import note_sign_in


class WaitlessqConfig(AppConfig):
    """The kernel: no models, but checks of its own settings."""

    name = "waitlessq"

    def ready(self) -> None:
        user_logged_in.connect(note_sign_in)
        register(checks.check_replay_clock, Tags.security, deploy=True)
        register(checks.check_unlimited_addresses, Tags.security, deploy=True)
        register(checks.check_connection_budget)
