from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Tenants, the people who work for them, their locations and services."""

    name = "providers"
