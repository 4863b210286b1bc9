from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class EventsConfig(AppConfig):
    """The outbox, and the records that make a repeated request harmless."""

    name = "events"

    def ready(self) -> None:
        """Imports each app's ``handlers`` module, where it registers what it reacts to."""
        autodiscover_modules("handlers")
