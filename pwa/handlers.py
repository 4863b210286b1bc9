"""What the app does once a provider changed."""

from collections.abc import Collection, Sequence

from django.db import transaction

from events.models import OutboxMessage
from events.outbox import handles
from providers.models import Provider
from providers.services.providers import PROVIDER_CHANGED
from pwa.services.builds import build_request
from pwa.tasks import build_app
from waitlessq.sending import send_soon


@handles(PROVIDER_CHANGED)
def build_changed_apps(messages: Sequence[OutboxMessage]) -> None:
    """Asks for each changed provider's app once, however often it changed.

    The request is a row, committed with the relay's transaction; the message to a worker only
    makes it quick. Where the broker is gone, ``build_overdue_apps`` finds the row.
    """
    changed = {message.provider_id for message in messages}
    for provider in Provider.objects.filter(pk__in=changed):
        build_request(provider=provider)
    transaction.on_commit(lambda: _wake_workers(changed), robust=True)


def _wake_workers(provider_ids: Collection[int]) -> None:
    for provider_id in sorted(provider_ids):
        send_soon(build_app, provider_id)
