"""Making, checking and revoking API keys.

A key reads ``wlq_<prefix>_<secret>``. Its secret has 256 bits from the system's generator, so a
plain SHA-256 of it cannot be turned back; there is nothing to guess that a slow hash would slow.
"""

import hashlib
import hmac
import re
import secrets

from integrations.models import ApiKey
from providers.actors import Actor
from providers.errors import RoleTooLowError
from providers.models import Provider, Role
from waitlessq import clock
from waitlessq.db.rows import read_rows

KEY_MARK = "wlq"
PREFIX = re.compile("[0-9a-f]{12}")
# Each request of an integrator asks this, so it is not built by the ORM (docs/adr/0004).
FIND_KEY = """
SELECT key.*, provider.name AS provider_name,
    provider.slug AS provider_slug, provider.trade AS provider_trade,
    provider.requests_per_minute AS provider_requests_per_minute
FROM integrations_apikey AS key JOIN providers_provider AS provider
ON provider.id = key.provider_id
WHERE key.prefix = %s AND key.revoked_at IS NULL
"""


def api_key_create(
    *, actor: Actor, name: str, role: Role, may_replay: bool = False
) -> tuple[ApiKey, str]:
    """A new key and its text, which is shown this once and kept nowhere.

    Raises:
        RoleTooLowError: the key would be allowed more than its maker.
    """
    if not actor.may(role):
        raise RoleTooLowError("A key can not be allowed more than you are.")
    prefix, secret = secrets.token_hex(6), secrets.token_hex(32)
    key = ApiKey.objects.create(
        provider=actor.provider,
        name=name,
        role=role,
        prefix=prefix,
        secret_hash=_hash(secret),
        may_replay=may_replay,
    )
    return key, f"{KEY_MARK}_{prefix}_{secret}"


def api_key_revoke(*, actor: Actor, key: ApiKey) -> ApiKey:
    """Ends the key now; a second time changes nothing.

    Raises:
        NotFoundError: the key is another provider's.
    """
    actor.check_owns(key)
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])
    return key


def find_key(text: str) -> ApiKey | None:
    """The live key with this text, its provider loaded; needs no scope (it decides it)."""
    mark, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != KEY_MARK or not PREFIX.fullmatch(prefix):
        return None
    for key, provider in read_rows(ApiKey, FIND_KEY, [prefix]):
        if hmac.compare_digest(key.secret_hash, _hash(secret)):
            key.provider = Provider(
                pk=key.provider_id,
                name=provider["provider_name"],
                slug=provider["provider_slug"],
                trade=provider["provider_trade"],
                requests_per_minute=provider["provider_requests_per_minute"],
            )
            return key
    return None


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
