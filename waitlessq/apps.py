from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


class WaitlessqConfig(AppConfig):
    """The kernel: no models, but a check of its own settings."""

    name = "waitlessq"

    def ready(self) -> None:
        register(check_replay_clock, Tags.security, deploy=True)


def check_replay_clock(**_: object) -> list[CheckMessage]:
    """A production platform must not let a request say what time it is."""
    if not settings.REPLAY_CLOCK:
        return []
    return [
        Error("REPLAY_CLOCK is on.", hint="Leave it out in production.", id="waitlessq.E001"),
    ]
