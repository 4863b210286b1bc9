from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    """API keys, and the replay of queue logs through the API."""

    name = "integrations"
