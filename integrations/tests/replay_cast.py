"""What the tests of the replay share: a platform that listens, and a log with every mess."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

from django.conf import settings
from django.test import override_settings
from django.test.testcases import (
    LiveServerThread,
    QuietWSGIRequestHandler,
    _StaticFilesHandler,
)

from integrations.replay.log import COLUMNS, LogReader, LogRow, QueueLog

MIDDLEWARE = "integrations.middleware.ReplayClockMiddleware"
ZONE = ZoneInfo("Asia/Jerusalem")

# A served and an abandoned ticket, a no-show, priority, overlap of one agent, no agent, no length,
# past midnight, two at one moment, two queues with one agent, one id in both.
MESS = """
main,t1,PS,0,A1,1999-01-04T08:00:00,1999-01-04T08:00:00,1999-01-04T08:05:00,served
main,t2,PS,0,,1999-01-04T08:01:00,,1999-01-04T08:03:00,abandoned
main,t3,NW,0,A1,1999-01-04T08:02:00,1999-01-04T08:06:00,1999-01-04T08:09:00,served
main,t4,NW,1,A1,1999-01-04T08:02:30,1999-01-04T08:05:00,1999-01-04T08:07:00,served
main,t5,,0,,1999-01-04T08:03:00,1999-01-04T08:06:00,1999-01-04T08:06:00,served
main,t6,PS,0,A2,1999-01-04T08:04:00,1999-01-04T08:06:30,1999-01-04T08:08:00,no_show
main,t7,PS,0,A2,1999-01-04T08:04:00,1999-01-04T08:08:00,1999-01-04T08:10:00,served
web,t1,IN,0,A2,1999-01-04T08:09:00,1999-01-04T08:12:00,1999-01-04T08:14:00,served
main,t8,PS,0,A1,1999-01-04T08:08:00,1999-01-04T08:13:00,1999-01-04T08:14:00,served
main,t9,PS,2,,1999-01-04T08:30:00,,1999-01-04T08:30:00,abandoned
main,t10,PS,0,A1,1999-01-04T23:58:00,1999-01-04T23:59:00,1999-01-05T00:20:00,served
web,t11,IN,0,A1,1999-01-05T00:10:00,1999-01-05T00:12:00,1999-01-05T00:13:00,served
""".strip().splitlines()


def write_log(folder: Path, lines: list[str], header: str = ",".join(COLUMNS)) -> Path:
    path = folder / "mess.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def read_lines(folder: Path, *lines: str, zone: str = "Asia/Jerusalem") -> QueueLog:
    return LogReader(ZoneInfo(zone)).read(write_log(folder, list(lines)))


def rows_of(folder: Path, *lines: str) -> list[LogRow]:
    log = read_lines(folder, *lines)
    assert not log.bad_rows
    return log.rows


@contextmanager
def listening(*, replay_clock: bool = True) -> Iterator[str]:
    """The platform on a port of its own, in threads of this process; its URL."""
    others = [name for name in settings.MIDDLEWARE if name != MIDDLEWARE]
    with (
        override_settings(
            MIDDLEWARE=[MIDDLEWARE, *others] if replay_clock else others,
            ALLOWED_HOSTS=["127.0.0.1"],
            SECURE_SSL_REDIRECT=False,
        ),
        # Head and body of an answer are two packets; the second must not wait for an ACK (40 ms).
        patch.object(QuietWSGIRequestHandler, "disable_nagle_algorithm", new=True),
    ):
        server = LiveServerThread("127.0.0.1", _StaticFilesHandler)
        server.daemon = True
        server.start()
        server.is_ready.wait()
        if server.error:
            raise server.error
        try:
            yield f"http://127.0.0.1:{server.port}"
        finally:
            server.terminate()
