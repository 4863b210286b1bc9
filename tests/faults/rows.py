"""What is done to the platform, and what must be seen: a function for each promise."""

import json
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections
from django_scopes import scope

from conftest import House, build_house
from integrations.keys import api_key_create
from providers.models import Role
from providers.services.providers import provider_set_look
from pwa.models import Build, BuildState
from queues.models import Ticket
from tests.browser.whole import Platform
from tests.faults.load import NO_ANSWER, Answer, Load, failures, p99_ms, post, send
from tests.faults.others import build_others
from tests.faults.servers import DatabaseServer
from tests.faults.streams import SILENCE_SECONDS, Pages

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Outcome:
    """What was seen, in words and figures; whether it is what was promised."""

    seen: str
    is_kept: bool


@dataclass(frozen=True)
class Scene:
    """A platform and a provider on it, with the addresses of one queue."""

    platform: Platform
    house: House
    key: str

    @property
    def url(self) -> str:
        """The web processes': an edge would make up for some of what they do, and limit load."""
        return self.platform.web_url

    @property
    def primary(self) -> DatabaseServer:
        cluster = self.platform.cluster
        return DatabaseServer(cluster, cluster.primary)

    @property
    def standby(self) -> DatabaseServer:
        cluster = self.platform.cluster
        return DatabaseServer(cluster, cluster.standby)

    def join(self) -> Answer:
        path = f"/api/v1/public/queues/{self.house.queue.pk}/tickets"
        return post(self.url + path)

    def look(self) -> Answer:
        """A read that a replica may answer."""
        return self._get(f"/api/v1/providers/{self.house.provider.slug}/tickets?page_size=5")

    def snapshot(self) -> Answer:
        path = f"/api/v1/public/queues/{self.house.queue.pk}/snapshot"
        return send(self.url + path)

    def call_next(self) -> Answer:
        base = f"{self.url}/api/v1/providers/{self.house.provider.slug}"
        who = {"Authorization": f"Bearer {self.key}"}
        called = post(f"{base}/counters/{self.house.counter.pk}/call-next", b"{}", **who)
        if called.status == 200:
            ticket = json.loads(called.body)["id"]
            post(f"{base}/tickets/{ticket}/start", b"{}", **who)
            post(f"{base}/tickets/{ticket}/complete", b"{}", **who)
        return called

    def pages(self, count: int = 24) -> Pages:
        """Open pages of the queue, as customers have them: past an edge, if there is one."""
        queue = self.house.queue.pk
        streams = self.platform.environment["STREAMS_URL"]
        url = f"{self.platform.url}/api/v1/public/queues/{queue}/snapshot"
        return Pages(streams, url, queue, count)

    def change(self) -> int:
        """A join; the number of the change."""
        return int(json.loads(self.join().body)["sequence"])

    def is_reading_replicas(self) -> bool:
        answer = send(f"{self.url}/health")
        parts = json.loads(answer.body or b"{}").get("parts", {})
        return bool(parts.get("replicas", {}).get("status") == "ok")

    def _get(self, path: str) -> Answer:
        return send(self.url + path, headers={"Authorization": f"Bearer {self.key}"})


def build_scene(platform: Platform, slug: str) -> Scene:
    """A provider of its own for one promise."""
    house = build_house(slug)
    with scope(provider=house.provider):
        _, key = api_key_create(actor=house.actor, name="Faults", role=Role.OWNER)
    return Scene(platform, house, key)


def until(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> float | None:
    """How many seconds it took to come about; None if it did not."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(0.05)
    return None


def primary_killed_under_writers(scene: Scene) -> Outcome:
    """Row 8."""
    with Load(scene.join, clients=8) as load:
        time.sleep(3)
        scene.primary.kill()
        time.sleep(1)
        restarted = time.monotonic()
        scene.primary.start()
        back = until(lambda: any(a.status == 201 for a in load.since(restarted)), 20)
        time.sleep(1)
    # Ours ended with the server.
    connections.close_all()
    promised = {json.loads(a.body)["code"] for a in load.answers if a.status == 201}
    with scope(provider=scene.house.provider):
        there = set(Ticket.objects.values_list("code", flat=True))
    lost = promised - there
    seen = (
        f"{len(promised)} acknowledged, {len(lost)} missing, writes back after {back or 99:.1f} s"
    )
    return Outcome(seen, not lost and back is not None and back <= 10)


def primary_down(scene: Scene) -> Outcome:
    """Row 9."""
    scene.join()
    scene.snapshot()
    with scene.primary.killed():
        joins = [scene.join() for _ in range(6)]
        snapshots = [scene.snapshot() for _ in range(6)]
        lives = send(f"{scene.url}/livez")
    restarted = time.monotonic()
    with Load(scene.join, clients=8) as load:
        time.sleep(12)
    refused = all(a.status == 503 and a.headers.get("Retry-After") for a in joins)
    slowest = max(a.seconds for a in joins)
    shown = sum(a.status == 200 for a in snapshots)
    seen = (
        f"joins: {sorted({a.status for a in joins})}, slowest {slowest:.1f} s; "
        f"{shown} of {len(snapshots)} snapshots shown; livez {lives.status}; "
        f"{failures(load.answers)} of {len(load.answers)} failed when it was back, "
        f"{failures(load.since(restarted + 10))} later than 10 s"
    )
    is_shown = shown == len(snapshots) and lives.status == 200
    is_back = not failures(load.since(restarted + 10))
    is_kept = bool(refused) and slowest <= 3 and is_shown and is_back
    return Outcome(seen, is_kept)


def replica_killed_and_frozen(scene: Scene) -> Outcome:
    """Row 10."""
    until(scene.is_reading_replicas)
    said, is_kept = [], True
    for name, fault in (("killed", scene.standby.killed), ("frozen", scene.standby.frozen)):
        with Load(scene.look) as load:
            time.sleep(1)
            with fault():
                time.sleep(5)
            back = until(scene.is_reading_replicas)
        slowest = max(a.seconds for a in load.answers)
        failed = failures(load.answers)
        said.append(
            f"{name}: {failed} of {len(load.answers)} failed, slowest {slowest:.2f} s, "
            f"read again after {back or 99:.1f} s"
        )
        is_kept = is_kept and not failed and slowest <= 2 and back is not None
    return Outcome("; ".join(said), is_kept)


def redis_killed_and_frozen(scene: Scene) -> Outcome:
    """Row 13."""

    def ask() -> Answer:
        scene.join()
        return scene.call_next()

    def joins_and_calls() -> list[Answer]:
        with Load(scene.join, clients=2) as joins, Load(scene.call_next, clients=1) as calls:
            time.sleep(6)
        return joins.answers + calls.answers

    ask()
    before = joins_and_calls()
    usual = p99_ms(before)
    said, is_kept = [f"p99 {usual:.0f} ms with it"], not failures(before)
    others = build_others(scene.url, scene.house)
    others.prepare_offer()
    failing = others.failing()
    said.append(f"all else: {', '.join(failing) or 'goes on'}")
    is_kept = is_kept and not failing
    valkey = scene.platform.valkey
    for name, fault in (("killed", valkey.killed), ("frozen", valkey.frozen)):
        others.prepare_offer()
        others.answers.clear()
        with fault():
            answers = joins_and_calls()
            failing = others.failing()
        slowest = max(answer.seconds for answer in others.answers)
        said.append(
            f"{name}: {failures(answers)} failed, p99 {p99_ms(answers):.0f} ms; all else: "
            f"{', '.join(failing) or 'goes on'}, slowest {slowest:.2f} s"
        )
        is_quick = p99_ms(answers) <= usual + 500 and slowest <= 2
        is_kept = is_kept and not failures(answers) and not failing and is_quick
    return Outcome("; ".join(said), is_kept)


def broker_down_at_commit(scene: Scene) -> Outcome:
    """Row 15. The broker has lost its data when it is back."""
    until(lambda: _builds(scene, BuildState.PUBLISHED) == 1)
    with scene.platform.valkey.killed(), scope(provider=scene.house.provider):
        provider_set_look(actor=scene.house.actor, colour="#7A1F3D")
        time.sleep(2)
    took = until(lambda: _builds(scene, BuildState.PUBLISHED) == 2)
    time.sleep(3)
    builds = _builds(scene, BuildState.PUBLISHED)
    seen = f"{builds - 1} new version, {took or 99:.0f} s after the broker was back"
    return Outcome(seen, took is not None and builds == 2)


def worker_killed_mid_task(scene: Scene) -> Outcome:
    """Row 16."""
    until(lambda: _builds(scene, BuildState.PUBLISHED) == 1)
    worker = scene.platform.programs["worker"]
    with scope(provider=scene.house.provider):
        provider_set_look(actor=scene.house.actor, colour="#1F3D7A")
    caught = until(lambda: _builds(scene, BuildState.BUILDING), 10)
    worker.restart()
    took = until(lambda: _builds(scene, BuildState.PUBLISHED) == 2, 120)
    builds = _builds(scene, BuildState.PUBLISHED)
    when = "in its task" if caught is not None else "after its task"
    seen = f"killed {when}; {builds - 1} new version, after {took or 999:.0f} s"
    return Outcome(seen, took is not None and builds == 2)


def reloaded_under_load(scene: Scene) -> Outcome:
    """Row 17: processes of web and of streams are exchanged, each once it has answered."""
    programs = scene.platform.programs
    with scene.pages() as opened:
        with Load(scene.join) as load:
            until(lambda: all(page.messages for page in opened.pages))
            for name in ("web", "streams", "web"):
                programs[name].signal_leader(signal.SIGHUP)
                time.sleep(5)
        changed = time.monotonic()
        last = scene.change()
        until(lambda: opened.slowest(last, changed))
    told = opened.slowest(last, changed)
    failed = failures(load.answers)
    none = sum(a.status == NO_ANSWER for a in load.answers)
    seen = (
        f"{failed} of {len(load.answers)} failed, {none} without an answer; "
        f"{min(page.connects for page in opened.pages)} to "
        f"{max(page.connects for page in opened.pages)} connects a page, "
        f"all at number {last} after {told or 99:.1f} s"
    )
    return Outcome(seen, not failed and told is not None)


def shard_killed_and_publisher_frozen(scene: Scene) -> Outcome:
    """Row 17a: each page has the newest within 35 s, and shows nothing old as live."""
    said, is_kept = [], True
    for name, fault, seconds in (
        ("shard killed", scene.platform.programs["streams"].killed, 3),
        ("publisher frozen", scene.platform.programs["relay"].frozen, 20),
    ):
        with scene.pages() as opened:
            until(lambda: all(page.messages for page in opened.pages))
            with fault():
                changed = time.monotonic()
                number = scene.change()
                time.sleep(seconds)
            told = until(lambda: opened.slowest(number, changed), 40)  # noqa: B023
        took = opened.slowest(number, changed)
        stale = opened.stale(number, changed + SILENCE_SECONDS + 1)
        said.append(f"{name}: all right after {took or 99:.1f} s, {len(stale)} stale as live")
        is_kept = is_kept and told is not None and took is not None and took <= 35 and not stale
    return Outcome("; ".join(said), is_kept)


def relay_killed(scene: Scene) -> Outcome:
    """Of two relays, one and then the other is killed: whoever is left tells all, and soon."""
    first, second = scene.platform.programs["relay"], scene.platform.add_relay()
    times: list[float | None] = []
    with scene.pages(8) as opened:
        for gone, left in ((first, second), (second, first)):
            time.sleep(3)
            gone.kill()
            times += [_told_after(scene, opened) for _ in range(10)]
            if left is second:
                gone.start()
    told = [one for one in times if one is not None]
    slowest = max(told, default=99.0)
    seen = f"{len(told)} of {len(times)} changes told, the slowest after {slowest:.1f} s"
    return Outcome(seen, len(told) == len(times) and slowest < 5)


def _told_after(scene: Scene, opened: Pages) -> float | None:
    changed = time.monotonic()
    number = scene.change()
    until(lambda: opened.slowest(number, changed), 40)
    return opened.slowest(number, changed)


def _builds(scene: Scene, state: BuildState) -> int:
    with scope(provider=scene.house.provider):
        return Build.objects.filter(state=state).count()


ROWS: dict[str, tuple[str, Callable[[Scene], Outcome]]] = {
    "8": ("kill -9 of the primary under 8 writers", primary_killed_under_writers),
    "9": ("primary down", primary_down),
    "10": ("replica killed, replica frozen", replica_killed_and_frozen),
    "13": ("Redis killed, Redis frozen", redis_killed_and_frozen),
    "15": ("broker down at commit, and its data lost", broker_down_at_commit),
    "16": ("kill -9 of a worker in its task", worker_killed_mid_task),
    "17": ("processes exchanged under load and streams", reloaded_under_load),
    "17a": ("shard killed, publisher frozen", shard_killed_and_publisher_frozen),
    "relay": ("kill -9 of one of two relays", relay_killed),
}
