"""Builds the providers' apps: after a release, since they name its files, or one by hand."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from providers.models import Provider
from pwa.models import BuildState
from pwa.services.builds import build_request, build_run


class Command(BaseCommand):
    """Builds here and now, without a worker; what is unchanged stays the version it is."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--provider", metavar="SLUG", help="Only this one.")

    def handle(self, *args: Any, **options: Any) -> None:
        providers = Provider.objects.order_by("id")
        if options["provider"]:
            providers = providers.filter(slug=options["provider"])
            if not providers:
                raise CommandError(f"There is no provider “{options['provider']}”.")
        failed = [provider.slug for provider in providers.iterator() if not self._build(provider)]
        if failed:
            raise CommandError(f"Not built: {', '.join(failed)}. The log says why.")

    def _build(self, provider: Provider) -> bool:
        started = time.perf_counter()
        build_request(provider=provider)
        build = build_run(provider=provider)
        seconds = time.perf_counter() - started
        if build is None:
            # A worker was quicker.
            outcome, is_built = "built by a worker", True
        else:
            is_built = build.state == BuildState.PUBLISHED
            outcome = f"version {build.digest[:8]}" if is_built else build.problem
        self.stdout.write(f"{provider.name}: {outcome} ({1000 * seconds:.0f} ms)")
        return is_built
