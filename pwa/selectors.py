"""Reads of the builds of the provider in scope."""

from dataclasses import dataclass

from pwa.models import Build, BuildState, EmbeddingSites


@dataclass(frozen=True, slots=True)
class AppState:
    """What a provider's customers get, and what is on its way."""

    live: Build | None
    """The version that customers get; None before the first."""
    underway: Build | None
    """What is queued or being built."""
    failed: Build | None
    """What went wrong last, unless another build is under way."""

    @property
    def stamp(self) -> str:
        """Differs whenever the state does."""
        shown = (self.live, self.underway, self.failed)
        return "-".join(f"{build.pk}.{build.state}" if build else "" for build in shown)


def app_state() -> AppState:
    """How the app of the provider in scope stands (one query)."""
    builds = list(Build.objects.order_by("published_at", "id"))
    by_state = {BuildState(build.state): build for build in builds}
    underway = by_state.get(BuildState.BUILDING) or by_state.get(BuildState.QUEUED)
    return AppState(
        live=by_state.get(BuildState.PUBLISHED),
        underway=underway,
        failed=None if underway else by_state.get(BuildState.FAILED),
    )


def live_build() -> Build | None:
    """The version that customers of the provider in scope get."""
    published = Build.objects.filter(state=BuildState.PUBLISHED)
    return published.order_by("-published_at", "-id").first()


def embedding_origins() -> list[str]:
    """The sites of the provider in scope that may show its app in a frame."""
    found = EmbeddingSites.objects.first()
    return [] if found is None else found.origins
