"""Builds the providers' apps: after a release, since they name its files, or one by hand.

Those that were used last come first. What this release has built already is left alone, so whoever
was interrupted starts it again and it goes on; ``--all`` builds every one anew.
"""

import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from providers.models import Provider
from pwa.models import BuildState
from pwa.selectors import newest_numbers, providers_to_build
from pwa.services.builds import build_request, build_run


class Command(BaseCommand):
    """Builds here and now, without a worker; what is unchanged stays the version it is."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--provider", metavar="SLUG", help="Only this one, whatever it has.")
        parser.add_argument("--all", action="store_true", help="Also what is built already.")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        slugs = self._slugs(options)
        before = newest_numbers()
        outcomes = Counter[str]()
        failed = []
        for slug in tqdm(slugs, unit="app", disable=None):
            outcome = _build(slug, before.get(slug))
            outcomes[outcome] += 1
            if outcome == "failed":
                failed.append(slug)
        told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        seconds = time.monotonic() - started
        self.stdout.write(f"{len(slugs)} apps{': ' if told else ''}{told} ({seconds:.1f} s)")
        if failed:
            raise CommandError(f"Not built: {', '.join(failed)}. The log says why.")

    def _slugs(self, options: dict[str, Any]) -> Sequence[str]:
        slug = options["provider"]
        if slug is None:
            return providers_to_build(everything=options["all"])
        if not Provider.objects.filter(slug=slug).exists():
            raise CommandError(f"There is no provider “{slug}”.")
        return [slug]


def _build(slug: str, newest: int | None) -> str:
    """What became of it."""
    provider = Provider.objects.get(slug=slug)
    build_request(provider=provider)
    build = build_run(provider=provider)
    if build is None:
        return "built by a worker"
    if build.state == BuildState.FAILED:
        return "failed"
    return "unchanged" if build.number is not None and build.number == newest else "new"
