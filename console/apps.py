from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The providers' door: screens for the people who work there."""

    name = "console"
