"""`make run`: everything up, until Ctrl-C or until a part of it fails."""

import io
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

import segno

from embedded.binaries import packaged_binaries, reachable_binaries
from embedded.cluster import DATABASE, check_major
from embedded.keys import load_or_make_keys
from embedded.limits import disk_warning, raise_open_files
from embedded.lock import Lock
from embedded.place import Place, find_place
from embedded.ports import LOOPBACK, remembered_ports
from embedded.processes import RunRecord, end, end_survivors, group_members, read_record
from embedded.project import (
    DEMO_EMAIL,
    DEMO_PROVIDER,
    PROGRAM_PORTS,
    Plan,
    SetUpCommand,
    Stack,
    environment,
)
from embedded.say import ProblemError, say, step, tail
from embedded.services import Services, stop_servers
from embedded.stop_signals import StopSignals
from embedded.supervisor import Supervisor

READY_SECONDS = 60.0
PlanMaker = Callable[[Stack], Plan]


def run(
    checkout: Path,
    make_plan: PlanMaker,
    web_port: int = 8000,
    programs: Sequence[str] = PROGRAM_PORTS,
) -> int:
    """Run the stack of `checkout` until it is stopped; return the exit code.

    `programs` names those of the plan that have ports; "web" is what answers at `web_port`.

    Raises:
        ProblemError: it cannot start.
    """
    place = find_place(checkout)
    try:
        lock = Lock(place.home / "lock")
    except BlockingIOError:
        raise ProblemError(_already_running(place)) from None
    try:
        return _Run(place, make_plan, web_port, programs).go()
    finally:
        lock.release()


class _Run:
    """One run, from the first check to the last server's end."""

    def __init__(
        self, place: Place, make_plan: PlanMaker, web_port: int, programs: Sequence[str]
    ) -> None:
        self._started = time.monotonic()
        self._place = place
        self._signals = StopSignals()
        for warning in (raise_open_files(), disk_warning(place.state)):
            if warning:
                say(f"  !  {warning}")
        say(f"WaitLessQ, state in {place.state}")
        check_major(place.state / "primary", packaged_binaries().major())
        self._keys = load_or_make_keys(place.state)
        binaries = reachable_binaries(place.state, place.account)
        # Before the ports are looked at: survivors still hold the ones to use again.
        ended = end_survivors(place.state, place.checkout)
        ended += stop_servers(place.state)
        if ended:
            say(f"  ·  The last run was cut off; ended what it left behind: {', '.join(ended)}")
        beside = [name for name in programs if name != "web"]
        self._ports = remembered_ports(place.state, place.checkout, web_port, beside)
        self._stack = Stack(place.state, self._ports.numbers, self._keys)
        self._services = Services(
            place.state,
            binaries,
            place.account,
            self._ports,
            self._keys,
            self._record_start,
            section=self._signals.held,
        )
        self._record = RunRecord(place.state, place.checkout)
        self._plan = make_plan(self._stack)
        self._environment = environment(self._stack)
        _empty_folder(place.state / "metrics")
        self._address = f"http://{LOOPBACK}:{self._ports['web']}"
        self._record.announce(address=self._address, ports=self._ports.numbers)

    def go(self) -> int:
        """Start, supervise, stop."""
        try:
            self._services.start()
            for command in self._plan.set_up:
                self._set_up(command)
            failure = self._supervise()
        except KeyboardInterrupt:
            failure = None
            say("Stopped while setting up.")
        finally:
            self._signals.ignore()
            self._stop()
        if failure:
            say(f"{failure}; everything else was stopped.")
        return 1 if failure else 0

    def _record_start(self, name: str, pid: int) -> None:
        self._record.add(name, pid)

    def _set_up(self, command: SetUpCommand) -> None:
        log = self._place.state / "setup.log"
        with step(command.title), log.open("wb") as output:
            with self._signals.held():
                process = subprocess.Popen(
                    command.command,
                    cwd=self._place.checkout,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE if command.shown else output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                self._record_start(command.title, process.pid)
            try:
                for line in process.stdout or ():
                    output.write(line)
                    say(f"     {line.decode(errors='replace').rstrip()}")
                code = process.wait()
            except BaseException:
                end(group_members(process.pid), 2.0)
                raise
            if code != 0:
                output.flush()
                said = "" if command.shown else f":\n{tail(log)}"
                raise ProblemError(
                    f"`{' '.join(command.command)}` ended with exit code {code}{said}"
                )

    def _supervise(self) -> str | None:
        programs = self._plan.programs
        names = {program.name for program in programs}
        for name in names | {*self._plan.ports, "metrics"}:
            if name in self._ports.numbers:
                self._ports.release(name)
        supervisor = Supervisor(programs, self._environment, self._record_start, self._await_ready)
        if self._signals.requested:
            raise KeyboardInterrupt
        supervisor.run()
        return supervisor.failure

    def _await_ready(self, supervisor: Supervisor) -> None:
        """Wait for the platform to answer, print the table, then watch the servers."""
        deadline = time.monotonic() + READY_SECONDS
        while not answers(self._address + self._plan.ready_path):
            if supervisor.asked.wait(0.1):
                return
            if time.monotonic() > deadline:
                supervisor.fail(f"The platform did not get ready within {READY_SECONDS:.0f} s")
                return
        self._record.announce(ready=True)
        say(self._table())
        while not supervisor.asked.wait(0.5):
            try:
                self._services.check()
            except ProblemError as problem:
                supervisor.fail(str(problem))

    def _stop(self) -> None:
        self._ports.release_all()
        valkey, cluster = self._services.valkey, self._services.cluster
        parts = (
            ("Valkey", valkey, 0.8),
            ("the standby", cluster.standby, 0.8),
            ("the primary", cluster.primary, 1.4),
        )
        for title, part, seconds in parts:
            if part.is_running():
                with step(f"Stop {title}"):
                    part.stop(seconds)
        # Whatever is left all the same: nothing of ours may outlive this process.
        end_survivors(self._place.state, self._place.checkout)
        stop_servers(self._place.state)
        self._record.remove()

    def _table(self) -> str:
        numbers = self._ports.numbers
        seconds = time.monotonic() - self._started
        app = f"{self._address}/p/{DEMO_PROVIDER}/"
        rows: Mapping[str, str] = {
            "Customers": app,
            "Staff": f"{self._address}/console/{DEMO_PROVIDER}/desk/",
            "": f"{DEMO_EMAIL}  {self._keys.demo_password}",
            "API docs": f"{self._address}/api/v1/docs/",
            "PostgreSQL": f"primary {LOOPBACK}:{numbers['primary']}, standby"
            f" {LOOPBACK}:{numbers['standby']}; `make psql` opens {DATABASE}",
            "Valkey": f"{LOOPBACK}:{numbers['valkey']}",
            "Figures": f"http://{LOOPBACK}:{numbers['metrics']}/metrics, {self._address}/health",
            "Logs": f"{self._place.state / 'log'}, the platform's here",
        }
        body = "\n".join(f"  {name:<12}{text}" for name, text in rows.items())
        rule = "─" * 72
        ready = f"  Ready after {seconds:.1f} s. Ctrl-C stops everything."
        return f"{rule}\n{body}\n{_qr_code(app)}\n{ready}\n{rule}"


def _empty_folder(folder: Path) -> None:
    """What processes of the last run have counted is theirs."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def _qr_code(text: str) -> str:
    """A QR code in half blocks, inset like the table. On a light terminal it is inverted."""
    drawn = io.StringIO()
    segno.make(text, micro=False).terminal(drawn, compact=True, border=2)
    return "\n".join(f"  {line}" for line in drawn.getvalue().splitlines())


def answers(url: str) -> bool:
    """Whether `url` answers 200."""
    # No proxy stands between us and our own loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=3) as response:
            return bool(response.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False


def _already_running(place: Place) -> str:
    record = read_record(place.state, place.checkout)
    if record is None:
        return "This checkout is being started or stopped at this moment by another command."
    pid, address = record["launcher"]["pid"], record.get("address")
    return f"This checkout runs already: process {pid}, {address or 'still setting up'}."
