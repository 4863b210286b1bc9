"""The names of channels.

A public channel is named by what it is about. The name of a secret one is signed, so that only
whom a request gave it to can listen, and nothing has to be asked when they connect: on the same
name without its signature nothing is ever published. A signature is good for the rest of its day
and for the next; what publishes uses both names.
"""

import re
from datetime import timedelta

from django.utils.crypto import constant_time_compare, salted_hmac

from waitlessq import clock

HEARTBEAT = "heartbeat"
"""The channel on which the publisher says, every few seconds, that it is alive and up to date."""

SIGNED_FOR = timedelta(days=1)
SIGNATURE_LENGTH = 32

_PUBLIC = re.compile(r"[a-z]+-[0-9]{1,19}")
_SECRET = re.compile(rf"([a-z]+-[0-9]{{1,19}})-([0-9a-f]{{{SIGNATURE_LENGTH}}})")


def public_name(kind: str, subject_id: int) -> str:
    """The channel of a subject that everybody may follow."""
    return f"{kind}-{subject_id}"


def secret_name(kind: str, subject_id: int) -> str:
    """The channel of a subject, for somebody who may follow it from now on."""
    return _signed(public_name(kind, subject_id), _period())


def secret_names(kind: str, subject_id: int) -> tuple[str, str]:
    """All names of a secret channel under which somebody may listen now."""
    name = public_name(kind, subject_id)
    return _signed(name, _period()), _signed(name, _period() - 1)


def exists(name: str) -> bool:
    """Whether something may be published under this name at this moment."""
    if name == HEARTBEAT or _PUBLIC.fullmatch(name):
        return True
    signed = _SECRET.fullmatch(name)
    return signed is not None and any(
        constant_time_compare(name, _signed(signed[1], period))
        for period in (_period(), _period() - 1)
    )


def _period() -> int:
    return int(clock.now().timestamp() // SIGNED_FOR.total_seconds())


def _signed(name: str, period: int) -> str:
    signature = salted_hmac("waitlessq.streams", f"{name}@{period}", algorithm="sha256")
    return f"{name}-{signature.hexdigest()[:SIGNATURE_LENGTH]}"
