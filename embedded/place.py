"""Where a checkout keeps its state, and as which account PostgreSQL runs there."""

import hashlib
import json
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embedded.say import ProblemError

SYSTEM_ROOT = Path("/var/lib/waitlessq")
POINTER = "place.json"
SERVICE_FOLDERS = ("primary", "standby", "valkey", "log")


@dataclass(frozen=True)
class Account:
    """The account that services run as; without ids it is the one that runs this program."""

    uid: int | None = None
    gid: int | None = None

    def popen_options(self) -> dict[str, Any]:
        """Arguments for `subprocess` that run a command as this account, from a neutral folder."""
        options: dict[str, Any] = {"cwd": "/", "umask": 0o077}
        if self.uid is not None:
            options |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return options

    def own(self, path: Path) -> None:
        """Hand `path` to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def make_private_folder(self, path: Path) -> Path:
        """Create `path` for this account alone (0700) and return it."""
        path.mkdir(exist_ok=True)
        path.chmod(0o700)
        self.own(path)
        return path

    def can_enter(self, folder: Path) -> bool:
        """Whether this account may pass through `folder` and everything above it."""
        try:
            probe = subprocess.run(
                ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)],
                check=False,
                capture_output=True,
                **self.popen_options(),
            )
        except (PermissionError, OSError) as error:
            raise ProblemError(
                f"Cannot run a program as user id {self.uid} ({error}). PostgreSQL refuses to run"
                " as root here; start this as an ordinary user."
            ) from error
        return probe.returncode == 0


@dataclass(frozen=True)
class Place:
    """The folders of one checkout.

    `home` always is `.embedded` in the checkout and holds the lock; `state` is where data, logs and
    secrets are. They differ only when root runs a checkout that its service account cannot reach.
    """

    checkout: Path
    home: Path
    state: Path
    account: Account


def find_place(checkout: Path, system_root: Path = SYSTEM_ROOT) -> Place:
    """Find, or create, the state folder of `checkout`.

    Raises:
        ProblemError: the folder belongs to another user.
    """
    checkout = checkout.resolve()
    home = checkout / ".embedded"
    as_root = os.geteuid() == 0
    try:
        home.mkdir(exist_ok=True)
        home.chmod(0o711 if as_root else 0o700)
    except PermissionError as error:
        raise ProblemError(
            f"{home} belongs to another user: run this as that user, or remove its state with"
            " `sudo make clean`."
        ) from error
    if not as_root:
        return Place(checkout, home, home, Account())
    account = _service_account(home)
    state = _recorded_state(home, checkout)
    if state is None:
        state = home if account.can_enter(home) else _system_state(system_root, checkout)
        pointer = {"checkout": str(checkout), "state": str(state)}
        (home / POINTER).write_text(json.dumps(pointer))
    _adopt(state, account)
    if state != home:
        state.parent.mkdir(parents=True, exist_ok=True)
        state.parent.chmod(0o755)
        state.mkdir(exist_ok=True)
        state.chmod(0o711)
    return Place(checkout, home, state, account)


def recorded_states(checkout: Path, system_root: Path = SYSTEM_ROOT) -> list[Path]:
    """Every folder that may hold state of `checkout`, whether it exists or not."""
    checkout = checkout.resolve()
    home = checkout / ".embedded"
    states = [home, _system_state(system_root, checkout)]
    recorded = _recorded_state(home, checkout)
    if recorded is not None and recorded not in states:
        states.append(recorded)
    return states


def _service_account(home: Path) -> Account:
    """`nobody`, or the ordinary user who made the data that root now wants to run."""
    try:
        owner: os.stat_result | None = (home / "primary").stat()
    except OSError:
        owner = None
    if owner is None or owner.st_uid == 0:
        nobody = pwd.getpwnam("nobody")
        return Account(nobody.pw_uid, nobody.pw_gid)
    return Account(owner.st_uid, owner.st_gid)


def _adopt(state: Path, account: Account) -> None:
    """Hand over data that root copied here, which would otherwise belong to root."""
    for name in SERVICE_FOLDERS:
        folder = state / name
        if folder.exists() and folder.stat().st_uid == 0:
            for path in (folder, *folder.rglob("*")):
                account.own(path)


def _recorded_state(home: Path, checkout: Path) -> Path | None:
    try:
        pointer = json.loads((home / POINTER).read_text())
    except (OSError, ValueError):
        return None
    # A copied checkout brings the pointer along; following it would share the original's data.
    if pointer.get("checkout") != str(checkout):
        return None
    return Path(pointer["state"])


def _system_state(system_root: Path, checkout: Path) -> Path:
    return system_root / hashlib.sha256(str(checkout).encode()).hexdigest()[:12]
