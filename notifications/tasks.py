"""Scheduled work."""

from celery import shared_task
from django_scopes import scopes_disabled

from notifications.services.forgetting import subscriptions_forget
from notifications.services.sending import send_due


@shared_task
def send_due_notifications() -> None:
    """Sends the notifications that are due."""
    with scopes_disabled():
        send_due()


@shared_task
def forget_subscriptions() -> None:
    """Deletes subscriptions to what ended a day ago."""
    with scopes_disabled():
        subscriptions_forget()
