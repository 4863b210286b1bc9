"""`make bench-scale`: P1, P2 and P3 at once, then the same joins and reads at 1, 2 and 4 processes.

Starts primary, standby, Valkey, web, worker, relay, beat, the edge and its shards on a stack of its
own; opens the streams, sends the requests, and writes report.json and report.html. Prints their
figures as one JSON line.
"""

import argparse
import json
import pickle
import re
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench.scale import figures
from bench.scale.holder import Heard, Wanted, hold
from bench.scale.load import Done, Work, load
from bench.scale.machine import Sizes, fit, look
from bench.scale.page import page
from bench.scale.platform import Platform, seed
from bench.scale.usage import Sampler
from embedded.limits import raise_open_files
from embedded.project import DEMO_PROVIDER
from embedded.say import ProblemError, say, step
from embedded.stop_signals import StopSignals

CHECKOUT = Path(__file__).resolve().parents[2]
# Of a hundred requests. An open app asks for the snapshot every 25 s and for its ticket every half
# hour (pwa/client/src/app/live.ts): 72 to 1.
SHARES = {"snapshot": 88.8, "ticket": 1.2, "static": 7.0, "provider": 2.0, "join": 0.5, "call": 0.5}
SMALL = {"streams": 2000, "queues": 100, "rate": 400, "seconds": 10}
P95_BAR, CALL_BAR = 200, 100
JOIN_BAR = 3 * 355
GROWTH = (1, 2, 4)
GROWTH_SECONDS = 8.0
GROWTH_CONNECTIONS = 16
OPEN_SECONDS = 300.0
SETTLE_SECONDS = 4.0
LEAD_SECONDS = 2.0
FORK = get_context("fork")


def main(arguments: Sequence[str]) -> int:
    """Run it; return the exit code."""
    options = _options(arguments)
    raise_open_files()
    StopSignals()
    machine = look()
    sizes, reasons = fit(_asked(options), machine)
    for why in reasons:
        say(f"  !  Scaled down: {why}.")
    platform = Platform(CHECKOUT, sizes.shards, sizes.web_workers)
    with tempfile.TemporaryDirectory() as folder:
        try:
            platform.start()
            report = _measure(platform, sizes, Path(folder), options)
        except KeyboardInterrupt:
            return 130
        finally:
            platform.stop()
    report |= {"asked": asdict(_asked(options)), "scaled_down": reasons, "machine": asdict(machine)}
    report["bars"] = _bars(report)
    options.report.mkdir(parents=True, exist_ok=True)
    (options.report / "report.json").write_text(json.dumps(report, indent=1))
    (options.report / "report.html").write_text(page(report))
    say(f"  ·  {options.report}/report.html")
    keys = ("ran", "scaled_down", "bars", "requests", "streams", "call_to_screen", "growth")
    print(json.dumps({key: report[key] for key in keys}))
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--streams", type=int, default=100_000)
    parser.add_argument("--queues", type=int, default=2000)
    parser.add_argument("--rate", type=int, default=10_000, help="requests a second")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--shards", type=int, default=0, help="at least; 0: as many as needed")
    parser.add_argument("--holders", type=int, default=0, help="processes that hold streams")
    parser.add_argument("--loads", type=int, default=2, help="processes that send requests")
    parser.add_argument("--addresses", type=int, default=1000, help="that requests come from")
    parser.add_argument("--web-workers", type=int, default=2)
    parser.add_argument("--small", action="store_true", help=f"a quick try: {SMALL}")
    parser.add_argument("--no-growth", action="store_true", help="leave 1, 2, 4 processes out")
    parser.add_argument("--report", type=Path, default=CHECKOUT / "build" / "bench-scale")
    for kind, share in SHARES.items():
        parser.add_argument(f"--{kind}", type=float, default=share, help="share of the requests")
    options = parser.parse_args(arguments)
    if options.small:
        for name, value in SMALL.items():
            setattr(options, name, value)
    return options


def _asked(options: argparse.Namespace) -> Sizes:
    return Sizes(
        streams=options.streams,
        queues=options.queues,
        rate=options.rate,
        seconds=options.seconds,
        shards=options.shards,
        holders=options.holders,
        loads=options.loads,
        connections=max(1, options.addresses // options.loads),
        web_workers=options.web_workers,
    )


def _measure(
    platform: Platform, sizes: Sizes, folder: Path, options: argparse.Namespace
) -> dict[str, Any]:
    seeded = folder / "seed.json"
    seed(platform, sizes.queues, max(1, sizes.streams // sizes.queues), seeded)
    world = json.loads(seeded.read_text())
    files = _files(platform)
    shares = {kind: getattr(options, kind) for kind in SHARES}
    is_counting, is_over = FORK.Event(), FORK.Event()
    opened, holders, heard_files = [], [], []
    for number, wanted in enumerate(_wanted(world, sizes)):
        is_open, result = FORK.Event(), folder / f"heard-{number}"
        first_address = number * 1000
        signals = (is_open, is_counting, is_over)
        holders.append(
            FORK.Process(
                target=hold, args=(platform.streams_port, first_address, wanted, signals, result)
            )
        )
        opened.append(is_open)
        heard_files.append(result)
    # Forked before there is a thread.
    for holder in holders:
        holder.start()
    with step(f"Open {sizes.streams} event streams"):
        if not all(one.wait(OPEN_SECONDS) for one in opened):
            raise ProblemError("The streams do not open.")
    # What they are told as they open, some hear before others are there.
    time.sleep(SETTLE_SECONDS)
    is_counting.set()
    sampler = Sampler(platform.processes)
    with step(f"Send {sizes.rate} requests a second for {sizes.seconds} s"):
        works = _works(platform, sizes, world, files, shares)
        done = _carry_out(works, folder, sampler)
    time.sleep(SETTLE_SECONDS)
    is_over.set()
    for holder in holders:
        holder.join()
    heard: list[Heard] = [pickle.loads(one.read_bytes()) for one in heard_files]  # noqa: S301
    growth = [] if options.no_growth else _growth(platform, world, folder)
    return {
        "ran": asdict(sizes),
        "shares": shares,
        "requests": figures.requests(done, sizes.seconds),
        "by_second": figures.by_second(done),
        "streams": figures.streams(heard),
        "call_to_screen": figures.call_to_screen(done, heard),
        "parts": {
            name: {"processors": round(one.processors, 3), "megabytes": one.memory // 2**20}
            for name, one in sampler.usage.items()
        },
        "machine_busy": [(round(at, 1), busy) for at, busy in sampler.machine],
        "growth": growth,
    }


def _wanted(world: dict[str, Any], sizes: Sizes) -> list[list[Wanted]]:
    """The streams of each holder: as the app follows its ticket."""
    streams = [
        Wanted(one["queue"], f"queues-{one['queue']},{one['channel']},heartbeat")
        for one in world["tickets"][: sizes.streams]
    ]
    return [streams[number :: sizes.holders] for number in range(sizes.holders)]


def _works(
    platform: Platform,
    sizes: Sizes,
    world: dict[str, Any],
    files: Sequence[str],
    shares: dict[str, float],
) -> list[Work]:
    tokens = [one["token"] for one in world["tickets"]]
    return [
        Work(
            port=platform.edge_port,
            number=number,
            connections=sizes.connections,
            rate=sizes.rate / sizes.loads,
            seconds=sizes.seconds,
            starts_at=time.monotonic() + LEAD_SECONDS,
            shares=shares,
            # Each desk is one process's, so that it knows what it called.
            queues=world["queues"][number :: sizes.loads],
            tokens=tokens[number :: sizes.loads],
            files=files,
        )
        for number in range(sizes.loads)
    ]


def _carry_out(works: Sequence[Work], folder: Path, sampler: Sampler | None = None) -> list[Done]:
    results = [folder / f"done-{work.number}" for work in works]
    processes = [
        FORK.Process(target=load, args=(work, result))
        for work, result in zip(works, results, strict=True)
    ]
    for process in processes:
        process.start()
    if sampler is not None:
        time.sleep(max(0.0, works[0].starts_at - time.monotonic()))
        sampler.start()
    for process in processes:
        process.join()
    if sampler is not None:
        sampler.stop()
    return [pickle.loads(one.read_bytes()) for one in results]  # noqa: S301 (our own)


def _files(platform: Platform) -> list[str]:
    """What a phone fetches when it opens an app for the first time."""
    app = f"/p/{DEMO_PROVIDER}/"
    url = f"{platform.environment['WEB_URL']}{app}"
    with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 (our own address)
        text = response.read().decode()
    named = re.findall(r'(?:href|src)="([^"#]+)"', text)
    paths = [one if one.startswith("/") else f"{app}{one.removeprefix('./')}" for one in named]
    found = [one for one in paths if one.startswith(("/static/", "/p/")) and one != app]
    return [app, f"{app}sw.js", f"{app}manifest.webmanifest", *sorted(set(found))]


def _growth(platform: Platform, world: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Joins and tickets a second that so many web processes answer, asked as fast as they do."""
    found = []
    for workers in GROWTH:
        with step(f"Joins and reads with {workers} web processes"):
            platform.restart_web(workers)
            rates = {kind: _most(platform, world, folder, kind) for kind in ("join", "ticket")}
        found.append({"web_workers": workers, **rates})
    return found


def _most(platform: Platform, world: dict[str, Any], folder: Path, kind: str) -> float:
    work = Work(
        port=platform.web_port,
        number=0,
        connections=GROWTH_CONNECTIONS,
        rate=0.0,
        seconds=GROWTH_SECONDS,
        starts_at=time.monotonic() + 0.5,
        shares={kind: 1.0},
        queues=world["queues"],
        tokens=[one["token"] for one in world["tickets"]],
        files=(),
    )
    [done] = _carry_out([work], folder)
    if done.errors:
        say(f"  !  {kind}: {dict(done.errors)}")
    return round(len(done.took) / GROWTH_SECONDS, 1)


def _bars(report: dict[str, Any]) -> list[dict[str, Any]]:
    requests, streams, calls = report["requests"], report["streams"], report["call_to_screen"]
    lost = {name: streams[name] for name in ("missed", "behind_at_the_end", "dropped")}
    p95 = requests["milliseconds"].get("p95")
    bars = [
        (f"P1: p95 < {P95_BAR} ms", p95, p95 is not None and p95 < P95_BAR),
        ("P1: no error", sum(requests["errors"].values()), not requests["errors"]),
        (
            "P1: every stream has every change",
            ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in lost.items()),
            not any(lost.values()),
        ),
        (f"P3: call to screen p99 < {CALL_BAR} ms", calls.get("p99"), _below(calls, CALL_BAR)),
    ]
    if report["growth"]:
        joins = max(one["join"] for one in report["growth"])
        bars.append((f"P2: joins ≥ {JOIN_BAR} a second", joins, joins >= JOIN_BAR))
    return [{"bar": bar, "figure": figure, "met": met} for bar, figure, met in bars]


def _below(calls: dict[str, Any], milliseconds: float) -> bool:
    return "p99" in calls and calls["p99"] < milliseconds


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ProblemError as problem:
        say(str(problem))
        sys.exit(1)
