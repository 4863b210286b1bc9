"""Logs name no token, whoever writes them: those who read them may not use one."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from io import StringIO
from logging.config import DictConfigurator
from typing import Any

import pytest
from celery import signals
from celery.utils.dispatch import Signal
from django.conf import settings
from django.test import Client

from appointments.tokens import APPOINTMENT, FEED, WAITLIST
from waitlessq.logs import without_secrets

TOKENS = [
    f"/{page}/{signer.sign('7')}{rest}"
    for page, signer, rest in (
        ("b", APPOINTMENT, "/cancel/"),
        ("w", WAITLIST, "/"),
        ("feeds", FEED, ".ics"),
    )
]


@pytest.mark.parametrize(
    "path",
    [
        *TOKENS,
        "/preview/clinic/abcdefghijklmnopqrstuv/sw.js",
        "/accounts/password/reset/key/1-d2h8xk-0123456789abcdef/",
    ],
)
def test_the_token_of_a_link_is_left_out(path: str) -> None:
    secret = max(path.split("/"), key=len)
    for text in (f"Not Found: {path}", f'"GET {path}?a=b HTTP/1.1"', path.replace(":", "%3A")):
        told = without_secrets(text)
        assert secret.replace(":", "%3A") not in told
        assert secret not in told
        assert "…" in told


def test_the_name_of_a_secret_channel_is_left_out() -> None:
    told = without_secrets(f"POST http://shard/publish/tickets-7-{'0a' * 16} failed")
    assert told == "POST http://shard/publish/tickets-7-… failed"


@pytest.mark.parametrize(
    "text", ["/p/clinic/sw.js", "/console/clinic/desk/7/", "queues-7", 'File "/opt/b/app.py"']
)
def test_all_else_is_said_as_it_is(text: str) -> None:
    assert without_secrets(text) == text


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What is logged of failed requests, as the settings have it."""
    text = StringIO()
    handler = logging.StreamHandler(text)
    logging_as_set: dict[str, Any] = settings.LOGGING
    formatter = dict(logging_as_set["formatters"]["line"])
    handler.setFormatter(DictConfigurator(logging_as_set).configure_formatter(formatter))
    logger = logging.getLogger("django")
    logger.addHandler(handler)
    yield text
    logger.removeHandler(handler)


def test_a_page_that_fails_does_not_tell_the_link_that_led_to_it(
    log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(token: str, *_: object) -> None:
        raise ZeroDivisionError(f"/b/{token}/")

    monkeypatch.setattr("pwa.views.links.held_by", fail)
    answer = Client(raise_request_exception=False).get(TOKENS[0].removesuffix("cancel/"))
    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "Internal Server Error: /b/…/" in log.getvalue()
    assert "ZeroDivisionError: /b/…/" in log.getvalue()
    assert APPOINTMENT.sign("7") not in log.getvalue()


@pytest.mark.parametrize("signal", [signals.after_setup_logger, signals.after_setup_task_logger])
def test_workers_leave_it_out_too(signal: Signal) -> None:
    text, logger = StringIO(), logging.getLogger("tests.a_worker")
    logger.handlers = [logging.StreamHandler(text)]
    signal.send(None, logger=logger)
    logger.error("Failed: %s", TOKENS[1])
    assert text.getvalue() == "Failed: /w/…/\n"
