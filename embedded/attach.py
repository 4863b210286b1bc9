"""Commands in the environment of the stack that is running."""

import os
from collections.abc import Sequence
from pathlib import Path

from embedded.binaries import packaged_binaries
from embedded.cluster import APPLICATION_ROLE, DATABASE
from embedded.keys import load_keys
from embedded.place import recorded_states
from embedded.ports import LOOPBACK
from embedded.processes import launcher_of, read_record
from embedded.project import Stack, environment
from embedded.say import ProblemError


def running_stack(checkout: Path) -> Stack:
    """The stack of `checkout` that is up.

    Raises:
        ProblemError: none is.
    """
    for state in recorded_states(checkout):
        record = read_record(state, checkout)
        if record is None or launcher_of(record) is None:
            continue
        if not record["ready"]:
            raise ProblemError("The platform is still starting; wait for its table of addresses.")
        return Stack(state, record["ports"], load_keys(state))
    raise ProblemError("The platform of this checkout is not running: start it with `make run`.")


def execute(checkout: Path, command: Sequence[str]) -> int:
    """Become `command`, with the running platform's settings.

    Raises:
        ProblemError: the platform is not running, or there is no such command.
    """
    stack = running_stack(checkout)
    if not command:
        raise ProblemError("Name a command: python -m embedded exec -- COMMAND")
    variables = environment(stack)
    os.environ["PATH"] = variables["PATH"]
    try:
        os.execvpe(command[0], list(command), variables)  # noqa: S606 - what was asked for
    except OSError as error:
        raise ProblemError(f"Cannot run {command[0]}: {error.strerror}.") from error


def open_psql(checkout: Path, arguments: Sequence[str]) -> int:
    """Become psql on the primary's database.

    Raises:
        ProblemError: the platform is not running.
    """
    stack = running_stack(checkout)
    variables = environment(stack) | {
        "PGHOST": LOOPBACK,
        "PGPORT": str(stack.ports["primary"]),
        "PGUSER": APPLICATION_ROLE,
        "PGPASSWORD": stack.keys.database_password,
        "PGDATABASE": DATABASE,
    }
    psql = str(packaged_binaries().postgres_bin / "psql")
    os.execve(psql, [psql, *arguments], variables)  # noqa: S606 - what was asked for
