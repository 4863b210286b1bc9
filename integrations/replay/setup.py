"""Makes, through the API, the location, services, queues and counters that a plan needs."""

import hashlib
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any

from django.utils.dateparse import parse_duration

from integrations.replay.client import Client
from integrations.replay.errors import ReplayError
from integrations.replay.plan import Plan

PAGE_SIZE = 500
# Without those that are misread or misheard; the API takes no other prefixes.
PREFIX_LETTERS = [letter for letter in string.ascii_uppercase if letter not in "IOQW"]
PREFIXES = [*PREFIX_LETTERS, *map("".join, product(PREFIX_LETTERS, repeat=2))]


@dataclass(frozen=True, slots=True)
class Branch:
    """The ids, on the platform, of what the log names."""

    location: int
    queues: Mapping[str, int]
    services: Mapping[str, int]
    counters: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the branch is to be like."""

    name: str
    time_zone: str
    head_start: timedelta


def idempotency_key(*parts: object) -> str:
    """A key that is the same for the same parts: 32 hexadecimal digits."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]


def set_up(client: Client, plan: Plan, wanted: Wanted) -> Branch:
    """Finds what is there, makes the rest and opens the counters, at the plan's first time.

    Raises:
        ReplayError: what is there was set up for another replay; also as Client.post.
    """
    at = plan.actions[0].at.isoformat()
    rows = _Rows(client, at)
    location = rows.find_or_make("locations", {}, wanted.name, {"time_zone": wanted.time_zone})
    if location["time_zone"] != wanted.time_zone:
        raise ReplayError(
            f"The location “{wanted.name}” is in {location['time_zone']}, from an earlier replay. "
            "Give the same --time-zone, or another provider."
        )
    here = {"location": location["id"]}
    services = _services(rows, plan)
    queues = _queues(rows, plan, here, list(services.values()), wanted.head_start)
    counters = _counters(rows, plan, here, queues)
    return Branch(location["id"], queues, services, counters)


class _Rows:
    """Named rows of the provider."""

    def __init__(self, client: Client, at: str) -> None:
        self._client = client
        self._at = at
        self._known: dict[str, list[dict[str, Any]]] = {}

    def find_or_make(
        self, path: str, owner: Mapping[str, Any], name: str, fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The row with this name and these ``owner`` fields; a new one gets ``fields`` too."""
        if path not in self._known:
            self._known[path] = self._all(path)
        for row in self._known[path]:
            if row["name"] == name and all(row[key] == value for key, value in owner.items()):
                return row
        return self.post(path, {"name": name, **owner, **fields})

    def post(self, path: str, body: object = None) -> dict[str, Any]:
        key = idempotency_key(path, body, self._at)
        row: dict[str, Any] = self._client.post(path, body, at=self._at, idempotency_key=key)
        return row

    def patch(self, path: str, body: object) -> None:
        self._client.patch(path, body, at=self._at)

    def _all(self, path: str) -> list[dict[str, Any]]:
        rows = []
        page: str | None = f"{path}?page_size={PAGE_SIZE}"
        while page:
            answer = self._client.get(page)
            rows += answer["results"]
            page = answer["next"]
        return rows


def _services(rows: _Rows, plan: Plan) -> dict[str, int]:
    names = dict.fromkeys(row.service for row in plan.rows if row.service)
    return {name: rows.find_or_make("services", {}, name, {})["id"] for name in names}


def _queues(
    rows: _Rows,
    plan: Plan,
    here: Mapping[str, int],
    services: list[int],
    head_start: timedelta,
) -> dict[str, int]:
    queues = {}
    for number, name in enumerate(dict.fromkeys(row.queue for row in plan.rows)):
        fields = {
            "prefix": PREFIXES[number % len(PREFIXES)],
            "services": services,
            "head_start": str(head_start.total_seconds()),
        }
        queue = rows.find_or_make("queues", here, name, fields)
        made_with = parse_duration(queue["head_start"])
        if made_with != head_start:
            raise ReplayError(
                f"The queue “{name}” has a head start of {made_with}, from an earlier replay. "
                "Give the same --head-start, or another provider."
            )
        if missing := set(services) - set(queue["services"]):
            rows.patch(f"queues/{queue['id']}", {"services": [*queue["services"], *missing]})
        queues[name] = queue["id"]
    return queues


def _counters(
    rows: _Rows, plan: Plan, here: Mapping[str, int], queues: Mapping[str, int]
) -> dict[str, int]:
    counters = {}
    for name, served in plan.counters.items():
        served_ids = sorted(queues[queue] for queue in served)
        counter = rows.find_or_make("counters", here, name, {"queues": served_ids})
        if sorted(counter["queues"]) != served_ids:
            rows.patch(f"counters/{counter['id']}", {"queues": served_ids})
        if not counter["is_open"]:
            rows.post(f"counters/{counter['id']}/open")
        counters[name] = counter["id"]
    return counters
