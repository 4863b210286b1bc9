"""Passwords and keys of the embedded stack: made once, kept in a file only its owner reads."""

import base64
import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from embedded.say import ProblemError

FILE = "secrets.json"
# No letters or digits that are mistaken for each other: people type the demo password.
# The order of the curve P-256: private keys are the numbers below it.
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Keys:
    """Every secret of one stack."""

    secret_key: str
    superuser_password: str
    replication_password: str
    database_password: str
    valkey_password: str
    demo_password: str
    vapid_private_key: str


def make_keys() -> Keys:
    """Fresh random secrets."""
    return Keys(
        secret_key=secrets.token_urlsafe(64),
        superuser_password=secrets.token_hex(24),
        replication_password=secrets.token_hex(24),
        database_password=secrets.token_hex(24),
        valkey_password=secrets.token_hex(24),
        demo_password="-".join(
            "".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(3)
        ),
        vapid_private_key=_vapid_private_key(),
    )


def _vapid_private_key() -> str:
    """Signs push messages: 32 bytes in base64url without padding."""
    number = secrets.randbelow(P256_ORDER - 1) + 1
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")


def load_keys(state: Path) -> Keys:
    """Read the secrets in `state`.

    Raises:
        ProblemError: the file is missing or does not hold what is needed.
    """
    path = state / FILE
    try:
        stored = json.loads(path.read_text())
        return Keys(**{field.name: str(stored[field.name]) for field in fields(Keys)})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ProblemError(f"{path} is missing or unreadable ({error!r}).") from error


def load_or_make_keys(state: Path) -> Keys:
    """Read the secrets in `state`, or make them at the first start.

    Raises:
        ProblemError: the secrets are gone although there are data they protect.
    """
    path = state / FILE
    if path.exists():
        _add_missing(path)
        return load_keys(state)
    if (state / "primary").exists():
        raise ProblemError(
            f"{path} is gone, and with it the passwords of the database beside it. Put it back, or"
            " start afresh with `make clean`, which removes the data."
        )
    keys = make_keys()
    save_private(path, json.dumps(asdict(keys), indent=1))
    return keys


def _add_missing(path: Path) -> None:
    """Makes what a release before this one did not know of, and nothing depends on yet."""
    with suppress(OSError, ValueError, AttributeError):
        stored = json.loads(path.read_text())
        if "vapid_private_key" not in stored:
            stored["vapid_private_key"] = _vapid_private_key()
            save_private(path, json.dumps(stored, indent=1))


def save_private(path: Path, text: str) -> None:
    """Write `path` (mode 0600) in one piece, so that an interrupted write leaves no half file."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
