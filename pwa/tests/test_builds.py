"""Asking for an app and building it: versions, failures, and what is left of them."""

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django_scopes import scope
from PIL import Image

from conftest import House
from providers.services.providers import provider_set_look, provider_update
from pwa import storage
from pwa.models import Build, BuildState
from pwa.selectors import app_state, publishes_itself
from pwa.services import builds
from pwa.services.builds import app_set_publishing, build_publish, build_request, build_run
from waitlessq.errors import NotFoundError

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


def test_each_change_is_a_version_and_the_last_are_kept(
    in_house: House, build: BuildIt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builds, "VERSIONS_KEPT", 3)
    digests = []
    for colour in ("#000000", "#111111", "#222222", "#333333", "#444444"):
        paint(in_house, colour)
        version = build()
        assert version is not None
        digests.append(version.digest)
    assert len(set(digests)) == 5
    kept = list(Build.objects.order_by("id").values_list("digest", flat=True))
    assert kept == digests[-3:]
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
        failing.setattr(storage, "write_version", fail)
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
    def fail(*args: object, **kwargs: object) -> Mapping[str, bytes]:
        raise ValueError("Missing staticfiles manifest entry")

    monkeypatch.setattr(builds, "bundle", fail)
    for _ in range(2):
        failed = build()
        assert failed is not None
        assert failed.problem == builds.NOT_BUILT
    assert states() == [BuildState.FAILED]
    assert app_state().failed is not None
    assert app_state().live is None


def refuse(*_: object) -> None:
    raise OSError(5, "Input/output error")


def break_the_transaction(*_: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


@pytest.mark.parametrize(
    ("fail", "problem"),
    [(refuse, builds.NOT_STORED), (break_the_transaction, builds.NOT_BUILT)],
)
def test_what_fails_half_way_leaves_no_half_version(
    in_house: House,
    build: BuildIt,
    monkeypatch: pytest.MonkeyPatch,
    fail: Callable[..., None],
    problem: str,
) -> None:
    first = version_with(in_house, build, "#000000")
    app_set_publishing(actor=in_house.actor, publishes_itself=False)
    paint(in_house, "#111111")
    # What is live is made anew first; then the change can not be written.
    release_another(monkeypatch)
    times = iter([storage.write_version, fail])

    def write(*version: Any) -> None:
        next(times)(*version)

    with monkeypatch.context() as failing:
        failing.setattr(storage, "write_version", write)
        failed = build()
    assert failed is not None
    assert (failed.state, failed.problem) == (BuildState.FAILED, problem)
    assert (failed.number, failed.digest) == (None, "")
    assert app_state().live == first
    assert sorted(states()) == [BuildState.FAILED, BuildState.PUBLISHED]


def test_what_is_rolled_back_loses_no_files(
    in_house: House, build: BuildIt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builds, "VERSIONS_KEPT", 1)
    first = version_with(in_house, build, "#000000")
    paint(in_house, "#111111")
    build_request(provider=in_house.provider)
    with suppress(ZeroDivisionError), transaction.atomic():
        build_run(provider=in_house.provider)
        raise ZeroDivisionError
    assert Build.objects.filter(pk=first.pk).exists()
    assert storage.read_file("clinic", first.digest, "index.html")


def test_a_logo_that_can_not_be_read_is_not_left_out(
    in_house: House, build: BuildIt, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = version_with(in_house, build, "#000000")
    version_with(in_house, build, "#111111")
    release_another(monkeypatch)
    monkeypatch.setattr(storage.AppFolders, "read", refuse)
    with pytest.raises(OSError, match="Input/output"):
        build_publish(actor=in_house.actor, build_id=first.pk)
    assert live_colour() == "#111111"


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


def test_a_lost_disk_is_filled_again_without_a_new_version(root: Path, build: BuildIt) -> None:
    version = build()
    assert version is not None
    shutil.rmtree(root / "clinic")
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


def version_with(house: House, build: BuildIt, colour: str) -> Build:
    paint(house, colour)
    version = build()
    assert version is not None
    return version


def live_colour() -> str:
    live = app_state().live
    assert live is not None
    assert live.digest == storage.current_digest("clinic")
    return live.colour


def test_versions_are_numbered_and_each_has_a_key_of_its_own(
    in_house: House, build: BuildIt
) -> None:
    versions = [version_with(in_house, build, colour) for colour in ("#000000", "#111111")]
    assert [version.number for version in versions] == [1, 2]
    assert len({version.key for version in versions} - {""}) == 2


def test_changes_wait_where_they_are_to_and_each_replaces_the_one_before(
    in_house: House, build: BuildIt
) -> None:
    version_with(in_house, build, "#000000")
    app_set_publishing(actor=in_house.actor, publishes_itself=False)
    version_with(in_house, build, "#111111")
    draft = version_with(in_house, build, "#222222")
    state = app_state()
    assert (live_colour(), state.draft, state.shown) == ("#000000", draft, draft)
    assert states() == [BuildState.PUBLISHED, BuildState.READY]
    build_publish(actor=in_house.actor, build_id=draft.pk)
    assert (live_colour(), app_state().draft) == ("#222222", None)
    assert not publishes_itself()


def test_a_draft_that_was_taken_back_is_none(in_house: House, build: BuildIt) -> None:
    version_with(in_house, build, "#000000")
    app_set_publishing(actor=in_house.actor, publishes_itself=False)
    version_with(in_house, build, "#111111")
    version_with(in_house, build, "#000000")
    assert states() == [BuildState.PUBLISHED]


def test_what_waits_is_published_once_changes_are_by_themselves(
    in_house: House, build: BuildIt
) -> None:
    version_with(in_house, build, "#000000")
    app_set_publishing(actor=in_house.actor, publishes_itself=False)
    version_with(in_house, build, "#111111")
    app_set_publishing(actor=in_house.actor, publishes_itself=True)
    build_run(provider=in_house.provider)
    assert (live_colour(), states()) == ("#111111", [BuildState.PUBLISHED] * 2)


def test_going_back_takes_one_call_and_lasts(in_house: House, build: BuildIt) -> None:
    first = version_with(in_house, build, "#000000")
    version_with(in_house, build, "#111111")
    build_publish(actor=in_house.actor, build_id=first.pk)
    assert live_colour() == "#000000"
    build()  # As after a release, or any change.
    assert live_colour() == "#000000"


def test_who_published_is_noted(in_house: House, build: BuildIt) -> None:
    first = version_with(in_house, build, "#000000")
    assert first.published_by == ""
    paint(in_house, "#111111")
    build_request(provider=in_house.provider, by="member:7")
    second = build_run(provider=in_house.provider)
    assert second is not None
    assert second.published_by == "member:7"
    assert build_publish(actor=in_house.actor, build_id=first.pk).published_by == "system"


def test_a_version_of_another_provider_is_none(
    in_house: House, other_house: House, build: BuildIt
) -> None:
    version = build()
    assert version is not None
    with scope(provider=other_house.provider), pytest.raises(NotFoundError):
        build_publish(actor=other_house.actor, build_id=version.pk)


def test_a_release_makes_what_is_live_anew_and_leaves_what_waits_waiting(
    in_house: House, build: BuildIt, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = BytesIO()
    Image.new("RGB", (600, 600), "red").save(file, "PNG")
    provider_set_look(actor=in_house.actor, colour="#000000", logo=file.getvalue())
    before = build()
    app_set_publishing(actor=in_house.actor, publishes_itself=False)
    provider_set_look(actor=in_house.actor, colour="#111111", without_logo=True)
    build()
    release_another(monkeypatch)
    draft = build()
    live = app_state().live
    assert before is not None
    assert live is not None
    assert draft is not None
    assert (live_colour(), draft.colour, draft.state) == ("#000000", "#111111", BuildState.READY)
    assert live.digest != before.digest
    for name in ("icons/icon-512.png", "logo.png"):
        files = [storage.read_file("clinic", one.digest, name) for one in (before, live)]
        assert files[0] == files[1]
    assert storage.read_file("clinic", draft.digest, "logo.png") is None


def test_going_back_over_a_release_makes_the_version_anew(
    in_house: House, build: BuildIt, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = version_with(in_house, build, "#000000")
    version_with(in_house, build, "#111111")
    release_another(monkeypatch)
    again = build_publish(actor=in_house.actor, build_id=first.pk)
    assert (again.number, live_colour()) == (3, "#000000")
    assert again.release != first.release


def test_a_draft_that_is_published_over_a_release_waits_no_more(
    in_house: House, build: BuildIt, monkeypatch: pytest.MonkeyPatch
) -> None:
    version_with(in_house, build, "#000000")
    app_set_publishing(actor=in_house.actor, publishes_itself=False)
    draft = version_with(in_house, build, "#111111")
    release_another(monkeypatch)
    build_publish(actor=in_house.actor, build_id=draft.pk)
    assert (live_colour(), app_state().draft) == ("#111111", None)


def release_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shared files have other names from now on."""
    monkeypatch.setattr("pwa.bundle.static", lambda name: f"/static/next/{name}")
