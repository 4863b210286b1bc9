"""What the embedded stack runs: the platform's environment, its set-up commands and programs."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embedded.cluster import APPLICATION_ROLE, DATABASE, MAX_CONNECTIONS
from embedded.edge import ADVICE, edge_command, find_or_install_nginx, shard_command
from embedded.keys import Keys
from embedded.ports import LOOPBACK
from embedded.processes import MARK
from embedded.say import ProblemError
from embedded.supervisor import Program

DEMO_EMAIL = "owner@demo.example"
DEMO_PROVIDER = "riverside-council"
# The ports that the platform's programs listen on.
PROGRAM_PORTS = ("web", "streams")
GUNICORN = "gunicorn"
"""The port of the web processes where an edge stands before them and has the port "web"."""


@dataclass(frozen=True)
class SetUpCommand:
    """A command that must succeed before the programs start; `shown` prints what it says."""

    title: str
    command: Sequence[str]
    shown: bool = False


@dataclass(frozen=True)
class Stack:
    """What the services of one stack are reached by."""

    state: Path
    ports: Mapping[str, int]
    keys: Keys


@dataclass(frozen=True)
class Plan:
    """The commands and programs of the platform; tests put tiny ones in their place.

    `ports` names those that programs listen on besides the one of their own name.
    """

    set_up: Sequence[SetUpCommand]
    programs: Sequence[Program]
    ready_path: str = "/readyz"
    ports: Sequence[str] = ()


def environment(stack: Stack, *, replica: bool = True) -> dict[str, str]:
    """The settings of the platform, on top of this process's environment.

    Without `replica` the platform knows of no standby.
    """
    # The user's own PostgreSQL settings would otherwise reach into our connections.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    user = f"{APPLICATION_ROLE}:{stack.keys.database_password}"
    valkey = f"redis://:{stack.keys.valkey_password}@{LOOPBACK}:{stack.ports['valkey']}"
    database = f"postgres://{user}@{LOOPBACK}:{{}}/{DATABASE}"
    settings = {
        "DJANGO_SETTINGS_MODULE": "waitlessq.settings",
        "SECRET_KEY": stack.keys.secret_key,
        "DEBUG": "false",
        "HTTPS": "false",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "DATABASE_URL": database.format(stack.ports["primary"]),
        "REPLICA_URLS": database.format(stack.ports["standby"]) if replica else "",
        # Two threads in each of two processes need no more.
        "DATABASE_POOL_SIZE": "2",
        "DATABASE_POOL_OVERFLOW": "6",
        "REPLICA_POOL_SIZE": "2",
        "REPLICA_POOL_OVERFLOW": "6",
        "WEB_PODS_MAX": "1",
        "DATABASE_CONNECTIONS": str(MAX_CONNECTIONS),
        "REDIS_URL": f"{valkey}/0",
        "CELERY_BROKER_URL": f"{valkey}/1",
        "STATIC_ROOT": str(stack.state / "static"),
        "PWA_ROOT": str(stack.state / "apps"),
        "REPLAY_CLOCK": "true",
        # Replays, benches and the browser tests are from here.
        "RATE_UNLIMITED_ADDRESSES": "127.0.0.0/8",
        "EMAIL_URL": "consolemail://",
        "VAPID_PRIVATE_KEYS": stack.keys.vapid_private_key,
        "DEMO_PASSWORD": stack.keys.demo_password,
        "PYTHONUNBUFFERED": "1",
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), inherited.get("PATH", ""))),
        MARK: str(stack.state),
    }
    if GUNICORN in stack.ports:
        shards = (f"http://{LOOPBACK}:{port}" for port in _publish_ports(stack))
        settings |= {"STREAM_SHARDS": ",".join(shards), "BEHIND_EDGE": "true"}
        settings["TRUSTED_PROXIES"] = LOOPBACK
    if "streams" in stack.ports:
        settings["STREAMS_URL"] = f"http://{LOOPBACK}:{stack.ports['streams']}/streams/"
    if "metrics" in stack.ports:
        settings["METRICS_PORT"] = str(stack.ports["metrics"])
        settings["PROMETHEUS_MULTIPROC_DIR"] = str(stack.state / "metrics")
    if "web" in stack.ports:
        settings["WEB_URL"] = f"http://{LOOPBACK}:{stack.ports['web']}"
        settings["PUBLIC_URL"] = settings["WEB_URL"]
    return inherited | settings


def edge_ports(shards: int) -> tuple[str, ...]:
    """The ports of the programs where an edge with so many shards stands before them."""
    return (*PROGRAM_PORTS, GUNICORN, *(f"shard{number}" for number in range(1, shards + 1)))


def platform_plan(stack: Stack) -> Plan:
    """The real platform: what sets it up, then its processes."""
    return _plan(stack, stack.ports["web"], (), [_hub(stack)])


def edge_plan(stack: Stack) -> Plan:
    """The platform as production has it: behind the edge, with shards for event streams.

    Raises:
        ProblemError: there is no nginx with nchan.
    """
    nginx = find_or_install_nginx()
    if nginx is None:
        raise ProblemError(f"The edge needs Debian's nginx with nchan. {ADVICE}")
    publish = _publish_ports(stack)
    lay_out = (
        *(sys.executable, "-m", "embedded.edge", str(stack.state)),
        *("--edge", str(stack.ports["web"]), "--web", str(stack.ports[GUNICORN])),
        *("--streams", str(stack.ports["streams"]), "--publish", *map(str, publish)),
    )
    shards = [
        Program(f"shard{number}", shard_command(nginx, stack.state, number), stop_seconds=1.0)
        for number, _ in enumerate(publish, start=1)
    ]
    edge = Program("edge", edge_command(nginx, stack.state), stop_seconds=1.0)
    return _plan(
        stack, stack.ports[GUNICORN], [SetUpCommand("Lay out the edge", lay_out)], [edge, *shards]
    )


def _publish_ports(stack: Stack) -> list[int]:
    return [port for name, port in sorted(stack.ports.items()) if name.startswith("shard")]


def _hub(stack: Stack) -> Program:
    command = (
        *(sys.executable, "-m", "gunicorn", "waitlessq.asgi", "--worker-class", "asgi"),
        *("--workers", "1", "--worker-connections", "10000"),
        *("--bind", f"{LOOPBACK}:{stack.ports['streams']}", "--no-control-socket"),
        # It waits so long for streams to end by themselves, which they do not.
        *("--graceful-timeout", "1"),
    )
    return Program("streams", command, stop_seconds=1.6)


def _plan(
    stack: Stack, web_port: int, set_up: Sequence[SetUpCommand], before_web: Sequence[Program]
) -> Plan:
    manage = (sys.executable, "manage.py")
    # Root is warned off by Celery at every start; whoever runs this as root has no other account.
    silence = ("-W", "ignore:You're running the worker") if os.geteuid() == 0 else ()
    celery = (sys.executable, *silence, "-m", "celery", "--quiet", "-A", "waitlessq")
    web = (
        *(sys.executable, "-m", "gunicorn", "waitlessq.wsgi", "--worker-class", "gthread"),
        # Threads of one process wait for each other while they hold a queue's lock: with four
        # instead of two, a request cost a third more processor time.
        *("--workers", _number("WEB_WORKERS", 2), "--threads", _number("WEB_THREADS", 2)),
        *("--bind", f"{LOOPBACK}:{web_port}", "--no-control-socket"),
        # Longer than an edge keeps its connections: else it would send on one that just ends.
        *("--graceful-timeout", "2", "--keep-alive", "75"),
    )
    worker = (
        *(*celery, "worker", "--pool", "prefork", "--concurrency", "1", "--loglevel", "INFO"),
        # It is the only worker: there is nobody to gossip with.
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    )
    schedule = ("--schedule", str(stack.state / "beat-schedule"), "--pidfile", "")
    return Plan(
        set_up=(
            SetUpCommand("Build the client", (sys.executable, "-m", "embedded", "build")),
            SetUpCommand("Migrate the database", (*manage, "migrate", "--no-input")),
            SetUpCommand("Collect static files", (*manage, "collectstatic", "--no-input")),
            SetUpCommand("Demo data", (*manage, "demo_data"), shown=True),
            SetUpCommand("Build the apps", (*manage, "rebuild_pwas"), shown=True),
            *set_up,
        ),
        programs=(
            *before_web,
            Program("web", web, stop_seconds=2.4),
            Program("beat", (*celery, "beat", *schedule, "--loglevel", "INFO"), stop_seconds=0.6),
            Program("relay", (*manage, "relay"), stop_seconds=1.0),
            Program("worker", worker, stop_seconds=3.0),
        ),
        ports=(GUNICORN, "streams"),
    )


def _number(name: str, default: int) -> str:
    value = os.environ.get(name, "")
    return value if value.isdecimal() and int(value) > 0 else str(default)
