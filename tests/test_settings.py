"""What the settings are for production, seen from outside: in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

PRODUCTION = {
    "SECRET_KEY": "p6wq-3f0Xr1_" * 5,
    "ALLOWED_HOSTS": "waitlessq.example",
    "DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/nowhere",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/1",
}


def manage(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    inherited = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=inherited | PRODUCTION | environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_defaults_pass_djangos_deployment_check() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_a_clock_that_requests_can_set_does_not_pass_it() -> None:
    done = manage("check", "--deploy", REPLAY_CLOCK="true")
    assert done.returncode == 1
    assert "waitlessq.E001" in done.stderr


def test_addresses_that_may_ask_without_limit_do_not_pass_it() -> None:
    done = manage("check", "--deploy", RATE_UNLIMITED_ADDRESSES="10.0.0.0/8")
    assert (done.returncode, "waitlessq.E003" in done.stderr) == (1, True)


def test_the_replay_middleware_is_not_there_unless_asked_for() -> None:
    code = "from django.conf import settings; print(settings.MIDDLEWARE[0])"
    assert "Prometheus" in manage("shell", "-v0", "-c", code).stdout
    assert "ReplayClock" in manage("shell", "-v0", "-c", code, REPLAY_CLOCK="true").stdout


def test_web_processes_pool_their_connections_though_another_reads_the_settings_first() -> None:
    """As gunicorn goes about it: its first process answers for figures, then others serve."""
    code = (
        "import runpy; runpy.run_path('gunicorn.conf.py')['when_ready'](None);"
        "import waitlessq.wsgi; from django.conf import settings; print(settings.POOLS_CONNECTIONS)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**PRODUCTION, "DJANGO_SETTINGS_MODULE": "waitlessq.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "True", done.stderr


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("from a file")
    code = "from django.conf import settings; print(settings.SECRET_KEY)"
    done = manage("shell", "-v0", "-c", code, SECRET_KEY_FILE=str(secret))
    assert done.stdout.strip() == "from a file"


def test_pools_that_would_ask_for_more_connections_than_there_are_are_refused() -> None:
    assert manage("check", WEB_PODS_MAX="5").returncode == 0
    for more in ({"WEB_PODS_MAX": "6"}, {"DATABASE_POOL_OVERFLOW": "200"}):
        done = manage("check", **more)
        assert (done.returncode, "waitlessq.E002" in done.stderr) == (1, True)


def test_a_setting_that_is_missing_or_no_use_is_said() -> None:
    assert "postgres://user:password@host:port/name" in manage("check", DATABASE_URL="").stderr
    assert "SECRET_KEY" in manage("check", SECRET_KEY_FILE="/nowhere").stderr
