"""PostgreSQL and Valkey of one stack, started and stopped together."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from embedded.binaries import Binaries
from embedded.cluster import Cluster, prepare_folder
from embedded.keys import Keys
from embedded.place import Account
from embedded.ports import Ports
from embedded.postgres import Server, stop_leftover
from embedded.say import ProblemError, step
from embedded.valkey import Valkey

Hook = Callable[[str, int], None]
Section = Callable[[], AbstractContextManager[None]]


class Services:
    """The three servers in `folder`.

    `started` is told each server's process id; `section` guards a start together with that call.
    """

    def __init__(
        self,
        folder: Path,
        binaries: Binaries,
        account: Account,
        ports: Ports,
        keys: Keys,
        started: Hook,
        *,
        durable: bool = True,
        section: Section = nullcontext,
    ) -> None:
        def server(name: str) -> Server:
            return Server(name, folder, ports[name], binaries, account, str(folder))

        self._ports = ports
        self._started = started
        self._section = section
        self.cluster = Cluster(
            server("primary"), server("standby"), keys, started, durable, section, ports.release
        )
        self.valkey = Valkey(
            folder, ports["valkey"], keys.valkey_password, binaries, account, str(folder), durable
        )

    def start(self) -> None:
        """Start all three, saying how long each took.

        Raises:
            ProblemError: one of them does not start; the others may run, so call `stop`.
        """
        prepare_folder(self.cluster.primary)
        with step(f"Start PostgreSQL {self.cluster.primary.binaries.major()}"):
            self.cluster.start_primary()
        with step("Start its standby"):
            self.cluster.start_standby()
        with step("Start Valkey"):
            with self._section():
                self._ports.release("valkey")
                self._started("valkey", self.valkey.start())
            self.valkey.wait_ready()

    def check(self) -> None:
        """Look whether all three still run.

        Raises:
            ProblemError: one of them has ended by itself.
        """
        for server in (self.cluster.primary, self.cluster.standby, self.valkey):
            if not server.is_running():
                name = getattr(server, "name", "valkey")
                raise ProblemError(f"{name} ended by itself; see its log")


def stop_servers(folder: Path) -> list[str]:
    """Stop PostgreSQL servers that outlived their launcher in `folder`; return their names."""
    return [name for name in ("standby", "primary") if stop_leftover(folder / name)]
