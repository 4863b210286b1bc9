"""Asking for an app and building it: versions, failures, and what is left of them."""

from collections.abc import Callable, Mapping

import pytest
from django_scopes import scope

from conftest import House
from providers.services.providers import provider_set_look, provider_update
from pwa import storage
from pwa.models import Build, BuildState
from pwa.selectors import app_state
from pwa.services import builds
from pwa.services.builds import VERSIONS_KEPT, build_request, build_run

BuildIt = Callable[[], Build | None]


def paint(house: House, colour: str) -> None:
    provider_set_look(actor=house.actor, colour=colour)


def states() -> list[str]:
    return [build.state for build in Build.objects.order_by("id")]


def test_a_build_is_published_and_customers_get_it(in_house: House, build: BuildIt) -> None:
    version = build()
    assert version is not None
    assert version.state == BuildState.PUBLISHED
    assert storage.current_digest("clinic") == version.digest
    assert storage.read_file("clinic", version.digest, "index.html")


def test_asking_twice_is_asking_once(in_house: House) -> None:
    for _ in range(3):
        build_request(provider=in_house.provider)
    assert states() == [BuildState.QUEUED]


def test_nothing_is_built_that_nobody_asked_for(in_house: House) -> None:
    assert build_run(provider=in_house.provider) is None


def test_what_is_unchanged_makes_no_new_version(build: BuildIt) -> None:
    first, second = build(), build()
    assert first == second
    assert states() == [BuildState.PUBLISHED]


def test_each_change_is_a_version_and_the_last_three_are_kept(
    in_house: House, build: BuildIt
) -> None:
    digests = []
    for colour in ("#000000", "#111111", "#222222", "#333333", "#444444"):
        paint(in_house, colour)
        version = build()
        assert version is not None
        digests.append(version.digest)
    assert len(set(digests)) == 5
    kept = list(Build.objects.order_by("id").values_list("digest", flat=True))
    assert kept == digests[-VERSIONS_KEPT:]
    assert storage.read_file("clinic", digests[1], "index.html") is None
    assert storage.read_file("clinic", digests[2], "index.html")


def test_going_back_to_an_earlier_look_publishes_it_again(in_house: House, build: BuildIt) -> None:
    for colour in ("#000000", "#FFD400", "#000000"):
        paint(in_house, colour)
        version = build()
    assert version is not None
    assert app_state().live == version
    assert storage.current_digest("clinic") == version.digest


def test_the_build_reads_the_provider_as_it_is_now(in_house: House, build: BuildIt) -> None:
    provider_update(actor=in_house.actor, name="New name")
    in_house.provider.name = "Stale"
    version = build()
    assert version is not None
    assert b"New name" in (storage.read_file("clinic", version.digest, "index.html") or b"")


def test_a_failure_is_said_and_the_version_before_stays(
    in_house: House, build: BuildIt, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = build()
    assert before is not None

    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as failing:
        failing.setattr(storage, "publish", fail)
        failed = build()
    assert failed is not None
    assert (failed.state, failed.problem) == (BuildState.FAILED, builds.NOT_STORED)
    assert storage.current_digest("clinic") == before.digest
    assert app_state().live == before
    assert build() == before
    assert states() == [BuildState.PUBLISHED]  # The failure is over.


def test_a_bundle_that_cannot_be_made_is_a_failure_too(
    build: BuildIt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(look: object) -> Mapping[str, bytes]:
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr(builds, "bundle", fail)
    for _ in range(2):
        failed = build()
        assert failed is not None
        assert failed.problem == builds.NOT_BUILT
    assert states() == [BuildState.FAILED]
    assert app_state().failed is not None
    assert app_state().live is None


def test_what_a_killed_worker_left_is_built_by_the_next(in_house: House, build: BuildIt) -> None:
    Build.objects.create(provider=in_house.provider, state=BuildState.BUILDING)
    assert app_state().underway is not None
    version = build_run(provider=in_house.provider)
    assert version is not None
    assert states() == [BuildState.PUBLISHED]


def test_a_crash_between_the_switch_and_its_record_is_put_right(
    in_house: House, build: BuildIt
) -> None:
    version = build()
    assert version is not None
    version.delete()  # The files are live, but the transaction that says so was rolled back.
    again = build()
    assert again is not None
    assert again.digest == storage.current_digest("clinic") == version.digest


def test_a_lost_disk_is_filled_again_without_a_new_version(in_house: House, build: BuildIt) -> None:
    version = build()
    assert version is not None
    storage.prune("clinic", set())
    (storage._folder("clinic") / "current").unlink()
    assert build() == version
    assert storage.current_digest("clinic") == version.digest


def test_one_providers_build_leaves_anothers_alone(
    in_house: House, other_house: House, build: BuildIt
) -> None:
    with scope(provider=other_house.provider):
        build_request(provider=other_house.provider)
    build()
    with scope(provider=other_house.provider):
        assert states() == [BuildState.QUEUED]
