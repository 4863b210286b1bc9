"""The reliability plot: how many waits were below what was said, against how many should be."""

from collections.abc import Iterator
from html import escape

from bench.forecast.scores import Group, Report
from queues.forecast.ratios import LEVELS

SIDE = 360
LEFT, TOP = 60, 50
LEGEND = LEFT + SIDE + 24
WIDTH, HEIGHT = LEGEND + 200, TOP + SIDE + 60
OPENING = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
    ' font-family="sans-serif" font-size="14" fill="#15211e">'
)
COLOURS = ("#15211e", "#005956", "#75b9b4", "#a51f1e", "#b37400", "#495652", "#5b4ba0", "#2f6fb0")


def reliability_plot(report: Report) -> str:
    """An SVG: a line for all tickets, one for each position bucket; on the diagonal is right."""
    title = f"{report.overall.range.coverage:.0%} of waits fell inside the 80 % range"
    return "\n".join(
        [
            OPENING,
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
            f'<text x="{LEFT}" y="28" font-size="18">{escape(title)}</text>',
            *_axes(),
            *_groups([report.overall, *report.by_position]),
            "</svg>\n",
        ]
    )


def _axes() -> Iterator[str]:
    yield (
        f'<path d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"'
        ' fill="none" stroke="#727d7a"/>'
    )
    for share in LEVELS:
        yield f'<text x="{_x(share)}" y="{_y(0) + 20}" text-anchor="middle">{share:.0%}</text>'
        yield f'<text x="{LEFT - 8}" y="{_y(share) + 5}" text-anchor="end">{share:.0%}</text>'
    yield f'<text x="{_x(0.5)}" y="{_y(0) + 44}" text-anchor="middle">should be below</text>'
    yield (
        f'<text transform="translate(16 {_y(0.5)}) rotate(-90)" text-anchor="middle">'
        "were below</text>"
    )


def _groups(groups: list[Group]) -> Iterator[str]:
    for number, group in enumerate(groups):
        colour = COLOURS[number % len(COLOURS)]
        shares = (group.range.below, group.below_middle, 1 - group.range.above)
        points = list(zip(LEVELS, shares, strict=True))
        line = " ".join(f"{_x(level)},{_y(share)}" for level, share in points)
        width = 3 if number == 0 else 1.5
        yield f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
        for level, share in points:
            yield f'<circle cx="{_x(level)}" cy="{_y(share)}" r="4" fill="{colour}"/>'
        label = "all" if number == 0 else f"{group.name} ahead"
        y = TOP + 16 + 24 * number
        yield f'<circle cx="{LEGEND}" cy="{y - 5}" r="5" fill="{colour}"/>'
        yield f'<text x="{LEGEND + 14}" y="{y}">{escape(label)}, n = {group.tickets}</text>'


def _x(share: float) -> float:
    return round(LEFT + SIDE * share, 1)


def _y(share: float) -> float:
    return round(TOP + SIDE * (1 - share), 1)
