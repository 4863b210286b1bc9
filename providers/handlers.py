"""What is forgotten once a provider changed."""

from collections.abc import Sequence

from events.models import OutboxMessage
from events.outbox import handles
from providers.models import Provider
from providers.services.providers import PROVIDER_CHANGED
from waitlessq.cache import PROVIDER


@handles(PROVIDER_CHANGED)
def forget_changed_providers(messages: Sequence[OutboxMessage]) -> None:
    """Makes the public see the change at once.

    Raises:
        redis.RedisError: Redis is gone, so the messages stay.
    """
    changed = {message.provider_id for message in messages}
    for slug in Provider.objects.filter(pk__in=changed).values_list("slug", flat=True):
        PROVIDER.forget(slug)
