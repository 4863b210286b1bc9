from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    """The outbox, and the records that make a repeated request harmless."""

    name = "events"

    def ready(self) -> None:
        """Imports what each app registers itself with: what it reacts to, and its health checks."""
        autodiscover_modules("handlers", "health")
