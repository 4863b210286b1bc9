"""PgBouncer in front of the primary, to show that the platform needs no sessions."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from embedded import apt
from embedded.cluster import APPLICATION_ROLE
from embedded.keys import save_private
from embedded.place import find_place
from embedded.ports import LOOPBACK, passing_ports
from embedded.processes import MARK
from embedded.project import Stack
from embedded.say import ProblemError, say, step, tail

READY_SECONDS = 10.0
STOP_SECONDS = 5.0
SYSTEM_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"


@contextmanager
def pgbouncer(checkout: Path, stack: Stack) -> Iterator[int]:
    """The port of a PgBouncer in transaction mode, with which the block reaches the primary.

    Raises:
        ProblemError: it is not installed, or does not start.
    """
    program = find_or_install_pgbouncer()
    if program is None:
        raise ProblemError("There is no PgBouncer. Install it: sudo apt-get install pgbouncer")
    account = find_place(checkout).account
    ports = passing_ports(("pgbouncer",))
    port = ports["pgbouncer"]
    log = stack.state / "log" / "pgbouncer.log"
    config = stack.state / "pgbouncer.ini"
    save_private(config, _settings(stack, port))
    account.own(config)
    with step("Start PgBouncer"), log.open("wb") as output:
        ports.release_all()
        process = subprocess.Popen(
            [program, str(config)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={"PATH": SYSTEM_PATH, MARK: str(stack.state)},
            **account.popen_options(),
        )
        _await(port, process, log)
    try:
        yield port
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def find_or_install_pgbouncer() -> str | None:
    """Its program; where there is none, root on Debian gets Debian's package."""
    if shutil.which("pgbouncer", path=SYSTEM_PATH) is None and apt.can_install():
        say("  ·  No PgBouncer: installing Debian's")
        apt.install("PgBouncer", ["pgbouncer"])
    return shutil.which("pgbouncer", path=SYSTEM_PATH)


def _settings(stack: Stack, port: int) -> str:
    primary = f"host={LOOPBACK} port={stack.ports['primary']}"
    account = f"user={APPLICATION_ROLE} password={stack.keys.database_password}"
    lines = [
        "[databases]",
        f"* = {primary} {account}",
        "[pgbouncer]",
        f"listen_addr = {LOOPBACK}",
        f"listen_port = {port}",
        "unix_socket_dir =",
        "auth_type = any",
        "pool_mode = transaction",
        "default_pool_size = 20",
        "max_client_conn = 500",
        # Test databases are dropped, which no idle connection may hold up.
        "server_idle_timeout = 0.2",
    ]
    return "\n".join(lines) + "\n"


def _await(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((LOOPBACK, port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    process.kill()
    raise ProblemError(f"PgBouncer did not start:\n{tail(log)}")
