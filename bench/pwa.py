"""`make bench-pwa`: how fast apps are built (P5), on a stack of its own that is gone afterwards.

One process carries out the worker's task where 1,000 providers and where 10,000 have asked for
their apps, each with a name and a colour of its own, one in ten with a logo. Beside it, in the same
run and in turn, the same for providers whose files hold the whole application, as if it were not
shared. Then those that were built once more with nothing changed. Each of the two ends after
``--seconds``, however slow the machine is; the report says how many were built. Prints a table and
one JSON line; times in milliseconds. PostgreSQL runs without fsync; files are written with it.
"""

import argparse
import json
import logging
import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from statistics import quantiles
from typing import Any

from embedded.project import environment
from embedded.throwaway import throwaway_stack

ROOT = Path(__file__).resolve().parent.parent
LOGO_EACH = 10
COLOURS = 0xFFFFFF
NAMES = ("Harbour Clinic", "מרפאת הנמל", "عيادة الميناء", "Cut & Curl", "Städtisches Bürgeramt")
WHOLE_EACH = 10
"""Of the providers, every so manieth is built the other way as well."""


def main(options: argparse.Namespace) -> dict[str, Any]:
    """Measures, and returns the figures."""
    with throwaway_stack(ROOT) as stack:
        os.environ.update(environment(stack, replica=False))
        import django  # noqa: PLC0415 (its settings are in the environment only now)

        django.setup()
        logging.disable(logging.INFO)
        from django.core.management import call_command  # noqa: PLC0415

        for command in ("migrate", "collectstatic"):
            call_command(command, interactive=False, verbosity=0)
        sizes = []
        for size in options.providers:
            print(f"{size:,} providers …", flush=True)
            sizes.append({"providers": size} | _measure(size, options.seconds))
        return {"bench": "pwa", "sizes": sizes}


def _measure(size: int, seconds: float) -> dict[str, Any]:
    from pwa.services import builds  # noqa: PLC0415
    from pwa.tasks import build_app  # noqa: PLC0415

    ids = _make_providers(size)
    shared: Any = vars(builds)["bundle"]
    otherwise = _with_the_application(shared)
    own, whole, again = Times(), Times(), Times()
    ends = time.monotonic() + seconds
    built = []
    for place, provider_id in enumerate(ids):
        if time.monotonic() > ends:
            break
        built.append(provider_id)
        own.add(partial(build_app, provider_id))
        if place % WHOLE_EACH == 0:
            vars(builds)["bundle"] = otherwise
            _ask([provider_id])
            whole.add(partial(build_app, provider_id))
            vars(builds)["bundle"] = shared
    _ask(built)
    ends = time.monotonic() + seconds
    for provider_id in built:
        if time.monotonic() > ends:
            break
        again.add(partial(build_app, provider_id))
    return {
        "shared": own.figures(),
        "whole_application_each": whole.figures(),
        "once_more": again.figures(),
    }


def _make_providers(size: int) -> list[int]:
    """Providers who asked for their apps, and no others."""
    from providers.models import Provider, ProviderLogo  # noqa: PLC0415

    Provider.objects.all().delete()
    rows = Provider.objects.bulk_create(
        Provider(
            name=f"{NAMES[number % len(NAMES)]} {number}",
            slug=f"bench-{size}-{number}",
            colour=f"#{number * 7_919_317 % COLOURS:06X}",
        )
        for number in range(size)
    )
    logo = _logo()
    ProviderLogo._base_manager.bulk_create(
        ProviderLogo(provider=row, image=logo) for row in rows[::LOGO_EACH]
    )
    ids = [row.pk for row in rows]
    _ask(ids)
    return ids


def _ask(ids: Sequence[int]) -> None:
    from pwa.models import Build  # noqa: PLC0415

    Build._base_manager.bulk_create(
        (Build(provider_id=pk) for pk in ids), ignore_conflicts=True, batch_size=1000
    )


def _logo() -> bytes:
    """Something with soft edges, as logos have."""
    from PIL import Image  # noqa: PLC0415

    from providers.services.logos import square_logo  # noqa: PLC0415

    file = BytesIO()
    Image.radial_gradient("L").resize((700, 500)).convert("RGB").save(file, "PNG")
    return square_logo(file.getvalue())


def _with_the_application(shared: Callable[..., dict[str, bytes]]) -> Callable[..., Any]:
    """A bundle that holds the release's files as well, as if providers did not share them."""
    from pwa.archive import shared_files  # noqa: PLC0415
    from pwa.bundle import Place  # noqa: PLC0415

    def bundle(look: Any, **options: Any) -> dict[str, bytes]:
        place = Place(shell="shell")  # noqa: S604 (a folder)
        return shared(look, place=place, **options) | shared_files(place)

    return bundle


class Times:
    """What builds took: by the clock, and of this process's processor time."""

    def __init__(self) -> None:
        self._clock: list[float] = []
        self._processor = 0.0

    def add(self, act: Callable[[], object]) -> None:
        """Times one."""
        processor, clock = time.process_time(), time.perf_counter()
        act()
        self._clock.append(1000 * (time.perf_counter() - clock))
        self._processor += 1000 * (time.process_time() - processor)

    def figures(self) -> dict[str, float]:
        """A summary."""
        clock = self._clock
        return {
            "builds": len(clock),
            "per_minute": round(60_000 * len(clock) / sum(clock)),
            "p50": round(quantiles(clock, n=2)[0], 1),
            "p95": round(quantiles(clock, n=20)[-1], 1),
            "processor": round(self._processor / len(clock), 1),
        }


def _show(report: dict[str, Any]) -> None:
    print(f"{'':32}{'builds':>8}{'a minute':>10}{'p50':>8}{'p95':>8}{'processor':>11}")
    for size in report["sizes"]:
        for name in ("shared", "whole_application_each", "once_more"):
            figures = size[name]
            title = f"{size['providers']:,} {name.replace('_', ' ')}"
            row = "".join(f"{figures[one]:>8}" for one in ("p50", "p95", "processor"))
            print(f"{title:32}{figures['builds']:>8}{figures['per_minute']:>10}{row}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--providers", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--seconds", type=float, default=150.0, help="at most, for each part")
    report = main(parser.parse_args())
    _show(report)
    print(json.dumps(report))
