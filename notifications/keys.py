"""The keys that prove to push services who sends (VAPID, RFC 8292).

A browser subscribes with the public key and takes messages from its owner only. After a rotation
those who subscribed before are still sent to with the earlier key.
"""

import base64
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.checks import CheckMessage, Error
from py_vapid import Vapid02

KEY_LENGTH = 32


def public_key() -> str | None:
    """What browsers subscribe with, in base64url; None where nothing is pushed."""
    return next(iter(_signers()), None)


def signer_for(key: str) -> Vapid02 | None:
    """What signs for whoever subscribed with this public key; None if its private key is gone."""
    return _signers().get(key)


def make_private_key() -> str:
    """A new private key, as ``VAPID_PRIVATE_KEYS`` takes it."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64url(number.to_bytes(KEY_LENGTH, "big"))


def base64url(content: bytes) -> str:
    """Without padding, as everywhere in web push."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def from_base64url(text: str) -> bytes:
    """What the text says, padded or not.

    Raises:
        ValueError: it is no base64url.
    """
    if not text.isascii() or not text.rstrip("=").replace("-", "a").replace("_", "a").isalnum():
        raise ValueError("Not base64url.")
    text = text.rstrip("=")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def check_keys(**_: object) -> list[CheckMessage]:
    """A key that is no key would show only when somebody is to be told."""
    try:
        _signers()
    except ValueError:
        hint = "Make one with `manage.py make_vapid_key`."
        return [Error("VAPID_PRIVATE_KEYS has what is no key.", hint=hint, id="notifications.E001")]
    return []


def _signers() -> dict[str, Vapid02]:
    return _signers_of(tuple(settings.VAPID_PRIVATE_KEYS))


@lru_cache
def _signers_of(private_keys: tuple[str, ...]) -> dict[str, Vapid02]:
    """By their public keys, the newest first."""
    return {_public_key_of(text): Vapid02(_private_key(text)) for text in private_keys}


def _private_key(text: str) -> ec.EllipticCurvePrivateKey:
    content = from_base64url(text)
    if len(content) != KEY_LENGTH:
        raise ValueError("A private key has 32 bytes.")
    return ec.derive_private_key(int.from_bytes(content, "big"), ec.SECP256R1())


def _public_key_of(text: str) -> str:
    public = _private_key(text).public_key()
    return base64url(public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
