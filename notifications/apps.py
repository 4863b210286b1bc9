from django.apps import AppConfig
from django.core.checks import register


class NotificationsConfig(AppConfig):
    """Tells people who are not looking: push messages about their tickets and appointments."""

    name = "notifications"

    def ready(self) -> None:
        from notifications.keys import check_keys  # noqa: PLC0415 (the apps must be loaded first)

        register(check_keys)
