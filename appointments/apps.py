from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    """Resources, when they are free, and what they are booked for."""

    name = "appointments"
