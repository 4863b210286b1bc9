"""What Django checks of our own settings before anything runs."""

from django.conf import settings
from django.core.checks import CheckMessage, Error


def check_replay_clock(**_: object) -> list[CheckMessage]:
    """A production platform must not let a request say what time it is."""
    if not settings.REPLAY_CLOCK:
        return []
    return [
        Error("REPLAY_CLOCK is on.", hint="Leave it out in production.", id="waitlessq.E001"),
    ]


def check_unlimited_addresses(**_: object) -> list[CheckMessage]:
    """On a production platform nobody may ask as often as they like."""
    if not settings.RATE_UNLIMITED_ADDRESSES:
        return []
    hint = "Leave it out in production; raise a provider's requests_per_minute instead."
    return [Error("RATE_UNLIMITED_ADDRESSES is set.", hint=hint, id="waitlessq.E003")]


def check_connection_budget(**_: object) -> list[CheckMessage]:
    """All pools together, filled to the brim, must fit into what a server takes."""
    processes = settings.WEB_PODS_MAX * settings.WEB_WORKERS
    errors: list[CheckMessage] = []
    for name, pool in (("DATABASE", settings.PRIMARY_POOL), ("REPLICA", settings.REPLICA_POOL)):
        total = processes * sum(pool)
        if total > settings.DATABASE_CONNECTIONS:
            text = (
                f"{settings.WEB_PODS_MAX} pods × {settings.WEB_WORKERS} processes × {sum(pool)} "
                f"connections are {total}; a server takes {settings.DATABASE_CONNECTIONS}."
            )
            hint = f"Lower {name}_POOL_SIZE or {name}_POOL_OVERFLOW, or WEB_WORKERS."
            errors.append(Error(text, hint=hint, id="waitlessq.E002"))
    return errors
