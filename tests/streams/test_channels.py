"""Who may follow a channel: whoever knows its name, while it is good."""

from datetime import timedelta

import pytest

from waitlessq import clock
from waitlessq.streams.channels import HEARTBEAT, exists, public_name, secret_name, secret_names


def test_public_ones_are_named_by_their_subject() -> None:
    assert public_name("queues", 7) == "queues-7"
    assert exists("queues-7")
    assert exists(HEARTBEAT)


def test_the_name_of_a_secret_one_is_good_and_nobodys_else() -> None:
    name = secret_name("tickets", 7)
    assert exists(name)
    assert name in secret_names("tickets", 7)
    assert name not in secret_names("tickets", 8) + secret_names("locations", 7)


@pytest.mark.parametrize("hours", [1, 24])
def test_it_stays_good_for_a_day_at_least_and_is_told_on(hours: int) -> None:
    name = secret_name("tickets", 7)
    with clock.override(clock.now() + timedelta(hours=hours)):
        assert exists(name)
        assert name in secret_names("tickets", 7)


def test_after_two_days_it_is_good_no_more() -> None:
    name = secret_name("tickets", 7)
    with clock.override(clock.now() + timedelta(days=2)):
        assert not exists(name)
        assert name not in secret_names("tickets", 7)


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "tickets",
        "tickets-7-" + "0" * 32,
        "tickets-7-",
        "queues--7",
        "queues-7\n",
        "queues-" + "9" * 20,
        "heartbeat-",
        "../queues-7",
        "queues-٧",
    ],
)
def test_what_was_not_named_here_does_not_exist(forged: str) -> None:
    assert not exists(forged)


def test_a_signature_is_for_one_subject() -> None:
    signature = secret_name("tickets", 7).rpartition("-")[2]
    assert not exists(f"tickets-8-{signature}")
