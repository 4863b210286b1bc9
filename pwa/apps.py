from django.apps import AppConfig


class PwaConfig(AppConfig):
    """The customers' door."""

    name = "pwa"
