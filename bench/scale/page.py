"""The report as a page: what was run, what came of it, and plots of it."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import log10
from typing import Any

WIDTH, HEIGHT, LEFT, BOTTOM = 760, 260, 60, 30
COLOURS = ("#005956", "#b37400", "#a51f1e", "#5b4ba0", "#2f6fb0")
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem;
  color: #15211e; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .2rem .8rem .2rem 0;
  text-align: end; } th:first-child, td:first-child { text-align: start; }
.warning { border-inline-start: 4px solid #b37400; padding-inline-start: 1rem; }
svg { width: 100%; height: auto; }
"""


def page(report: Mapping[str, Any]) -> str:
    """The page's HTML; it needs nothing else."""
    asked, ran = report["asked"], report["ran"]
    sizes = [(name.replace("_", " "), asked[name], ran[name]) for name in asked]
    parts = [
        "<h1>WaitLessQ under load</h1>",
        *(f'<p class="warning">Scaled down: {escape(why)}.</p>' for why in report["scaled_down"]),
        _table(("", "asked for", "ran"), sizes),
        _table(("bar", "figure", "met"), [_bar(one) for one in report["bars"]]),
        "<h2>Requests, in milliseconds from when each was due</h2>",
        _table(("", "answered", "p50", "p95", "p99", "most"), _kinds(report["requests"])),
        _errors(report["requests"]["errors"]),
        _lines(
            "Latency by second, ms",
            [one["second"] for one in report["by_second"]],
            {name: [one[name] for one in report["by_second"]] for name in ("p50", "p95", "p99")},
        ),
        "<h2>Event streams</h2>",
        _table(("", ""), [(k.replace("_", " "), v) for k, v in report["streams"].items()]),
        "<h2>From “call next” to the screens, in milliseconds</h2>",
        _table(("", ""), list(report["call_to_screen"].items())),
        "<h2>Processors and memory</h2>",
        _bars({name: one["processors"] for name, one in report["parts"].items()}, "processors"),
        _bars({name: one["megabytes"] for name, one in report["parts"].items()}, "MB"),
    ]
    if report["growth"]:
        parts += [
            "<h2>More web processes</h2>",
            _table(
                ("processes", "joins a second", "reads a second"),
                [(one["web_workers"], one["join"], one["ticket"]) for one in report["growth"]],
            ),
        ]
    body = "\n".join(parts)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>WaitLessQ under load</title>'
        f"<style>{STYLE}</style><body>{body}</body></html>\n"
    )


def _bar(one: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(one["bar"]), str(one["figure"]), "yes" if one["met"] else "no"


def _kinds(requests: Mapping[str, Any]) -> Iterable[Sequence[object]]:
    for name, one in [("all", requests), *requests["kinds"].items()]:
        times = one["milliseconds"]
        yield (name, one["answered"], *(times.get(p, "") for p in ("p50", "p95", "p99", "max")))


def _errors(errors: Mapping[str, int]) -> str:
    if not errors:
        return "<p>No error.</p>"
    return _table(("error", "times"), list(errors.items()))


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    def row(cells: Iterable[object], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(str(one))}</{tag}>" for one in cells) + "</tr>"

    return f"<table>{row(head, 'th')}{''.join(row(one, 'td') for one in rows)}</table>"


def _lines(title: str, xs: Sequence[float], series: Mapping[str, Sequence[float]]) -> str:
    """Lines over a logarithmic height."""
    values = [value for line in series.values() for value in line if value > 0]
    if not values or len(xs) < 2:  # noqa: PLR2004 (a line has two ends)
        return ""
    low, high = log10(min(values)), log10(max(values)) or 1
    span = max(high - low, 0.1)

    def at(x: float, value: float) -> str:
        across = LEFT + (x - xs[0]) / (xs[-1] - xs[0]) * (WIDTH - LEFT - 70)
        up = HEIGHT - BOTTOM - (log10(max(value, 10**low)) - low) / span * (HEIGHT - BOTTOM - 40)
        return f"{across:.1f},{up:.1f}"

    drawn = [f'<text x="{LEFT}" y="20">{escape(title)} (logarithmic)</text>']
    for value in (10**low, 10 ** ((low + high) / 2), 10**high):
        _, up = at(xs[0], value).split(",")
        drawn.append(f'<text x="{LEFT - 8}" y="{up}" text-anchor="end">{value:.3g}</text>')
        drawn.append(f'<path d="M{LEFT} {up}H{WIDTH - 70}" stroke="#dde3e1"/>')
    for colour, (name, line) in zip(COLOURS, series.items(), strict=False):
        points = " ".join(at(x, value) for x, value in zip(xs, line, strict=True))
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}"/>')
        across, up = points.split(" ")[-1].split(",")
        drawn.append(f'<text x="{float(across) + 6}" y="{up}" fill="{colour}">{name}</text>')
    return _drawing(HEIGHT, drawn)


def _bars(values: Mapping[str, float], unit: str) -> str:
    most = max(values.values(), default=0) or 1
    drawn = []
    for index, (name, value) in enumerate(sorted(values.items(), key=lambda one: -one[1])):
        up = 22 * index
        width = value / most * (WIDTH - 320)
        drawn.append(f'<text x="140" y="{up + 15}" text-anchor="end">{escape(name)}</text>')
        drawn.append(
            f'<rect x="150" y="{up + 3}" width="{width:.1f}" height="15" fill="{COLOURS[0]}"/>'
        )
        drawn.append(f'<text x="{156 + width:.1f}" y="{up + 15}">{value:g} {unit}</text>')
    return _drawing(22 * len(values) + 10, drawn)


def _drawing(height: int, drawn: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-size="13"'
        f' font-family="sans-serif" fill="#15211e">{"".join(drawn)}</svg>'
    )
