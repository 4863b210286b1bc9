"""PostgreSQL servers that are killed and frozen with all their processes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from embedded.cluster import Cluster
from embedded.postgres import Server
from embedded.processes import is_alive


class DatabaseServer:
    """The primary or the standby of a running platform."""

    def __init__(self, cluster: Cluster, server: Server) -> None:
        self._cluster = cluster
        self._server = server

    def kill(self) -> None:
        """All of its processes at once, by SIGKILL."""
        members = self._members()
        for one in members:
            with suppress(psutil.Error):
                one.kill()
        if self._server.process is not None:
            self._server.process.wait()
        while any(map(is_alive, members)):
            time.sleep(0.02)

    def start(self) -> None:
        """Start it again and wait until it takes queries."""
        self._cluster.relaunch(self._server)

    @contextmanager
    def killed(self) -> Iterator[None]:
        """It is dead during the block."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """None of its processes does anything during the block (SIGSTOP)."""
        members = self._members()
        for one in members:
            with suppress(psutil.Error):
                one.suspend()
        try:
            yield
        finally:
            for one in members:
                with suppress(psutil.Error):
                    one.resume()

    def _members(self) -> list[psutil.Process]:
        assert self._server.process is not None
        leader = psutil.Process(self._server.process.pid)
        return [leader, *leader.children(recursive=True)]
