from django.apps import AppConfig


class QueuesConfig(AppConfig):
    """Walk-in queues: their tickets, the counters that call them, and what happened."""

    name = "queues"
