"""A provider's colour becomes a palette that can be read, in light and dark.

Colours are moved in OKLCH, in steps of 0.01 of lightness: hue stays, chroma gives way where the
screen cannot show it. What can be read is asked of WCAG 2.2 (contrast ratio) and of APCA.

Sources: B. Ottosson, "A perceptual color space for image processing" (Oklab); WCAG 2.2, relative
luminance and contrast ratio; APCA-W3 0.1.9, base formula 0.0.98G-4g-W3 (github.com/Myndex/apca-w3).
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext_noop

STEP = 0.01
FULLEST = 0.5  # More chroma than any colour of a screen has.
HALVINGS = 14

FILL_RATIO, FILL_LC = 4.5, 60.0
TEXT_RATIO = 4.5
LINE_RATIO = 3.0
NEAR_ALERT_DEGREES = 25.0
# Below this a colour is a grey, whose hue means nothing.
LEAST_CHROMA = 0.02
# A step more than the furthest that any colour moves in light: 8 bits are not exact.
A_LITTLE = 0.11

WHITE = "#FFFFFF"
INK = "#15211E"


class Oklch(NamedTuple):
    """Lightness 0 to 1, chroma from 0, hue in degrees."""

    lightness: float
    chroma: float
    hue: float


@dataclass(frozen=True, slots=True)
class Ground:
    """What a palette stands on: the app's own colours in light or dark, and what is asked there."""

    grounds: tuple[str, str, str]
    """bg, surface and sunk."""
    ink: str
    is_dark: bool
    text_lc: float
    most_text_chroma: float
    tint_lightness: float
    most_tint_chroma: float


LIGHT = Ground(
    grounds=("#F4F8F6", "#FFFFFF", "#E8EEEC"),
    ink=INK,
    is_dark=False,
    text_lc=70,
    most_text_chroma=FULLEST,
    tint_lightness=0.955,
    most_tint_chroma=0.03,
)
DARK = Ground(
    grounds=("#0D1412", "#151E1B", "#080E0C"),
    ink="#E3EAE7",
    is_dark=True,
    text_lc=65,
    most_text_chroma=0.16,
    tint_lightness=0.30,
    most_tint_chroma=0.04,
)


@dataclass(frozen=True, slots=True)
class Scheme:
    """The brand's colours in light or in dark, each as #RRGGBB."""

    fill: str
    on_fill: str
    text: str
    line: str
    tint: str
    on_tint: str
    moved: float
    """How far the fill's lightness is from the provider's own; 0 where nothing had to move."""


# By how far the fill was moved, or where; and whether towards white.
NOTES = {
    ("little", True): gettext_noop(
        "We made your colour a little lighter so that buttons can be read."
    ),
    ("little", False): gettext_noop(
        "We made your colour a little darker so that buttons can be read."
    ),
    ("much", True): gettext_noop("We made your colour lighter so that buttons can be read."),
    ("much", False): gettext_noop("We made your colour darker so that buttons can be read."),
    ("dark", True): gettext_noop(
        "On dark screens your colour is lighter so that buttons can be seen."
    ),
    ("dark", False): gettext_noop(
        "On dark screens your colour is darker so that buttons can be seen."
    ),
}


@dataclass(frozen=True, slots=True)
class Palette:
    """A provider's colours on every screen."""

    colour: str
    light: Scheme
    dark: Scheme

    @property
    def note(self) -> str:
        """What to tell the provider about its colour, in English; empty where it is used as is."""
        if self.light.moved:
            size = "little" if abs(self.light.moved) <= A_LITTLE else "much"
            return NOTES[size, self.light.moved > 0]
        if self.dark.moved:
            return NOTES["dark", self.dark.moved > 0]
        return ""


@lru_cache(maxsize=256)
def palette_of(colour: str) -> Palette:
    """The palette of a colour that is written like #005956."""
    return Palette(colour, _scheme(colour, LIGHT), _scheme(colour, DARK))


def _scheme(colour: str, ground: Ground) -> Scheme:
    own = oklch(colour)
    fill = _fill(colour, ground)
    tint = to_hex(Oklch(ground.tint_lightness, min(own.chroma, ground.most_tint_chroma), own.hue))
    return Scheme(
        fill=fill,
        on_fill=max(_labels(fill), key=lambda label: abs(lc(label, fill))),
        text=_text(colour, (*ground.grounds, tint), ground),
        line=_line(colour, ground),
        tint=tint,
        on_tint=ground.ink,
        moved=0.0 if fill == colour else oklch(fill).lightness - own.lightness,
    )


def _fill(colour: str, ground: Ground) -> str:
    """The nearest lightness, up or down, that a label can be read on."""

    def can_be_read(fill: str) -> bool:
        return bool(_labels(fill)) and (
            not ground.is_dark or _stands_out(fill, ground.grounds, LINE_RATIO)
        )

    return _first(colour, _nearest(oklch(colour)), can_be_read)


def _text(colour: str, grounds: tuple[str, ...], ground: Ground) -> str:
    def can_be_read(text: str) -> bool:
        return _stands_out(text, grounds, TEXT_RATIO) and all(
            abs(lc(text, behind)) >= ground.text_lc for behind in grounds
        )

    own = oklch(colour)
    start = own._replace(chroma=min(own.chroma, ground.most_text_chroma))
    shown = colour if start == own else to_hex(start)
    return _first(shown, _onwards(start, up=ground.is_dark), can_be_read)


def _line(colour: str, ground: Ground) -> str:
    return _first(
        colour,
        _onwards(oklch(colour), up=ground.is_dark),
        lambda line: _stands_out(line, ground.grounds, LINE_RATIO),
    )


def _labels(fill: str) -> list[str]:
    """Those of white and ink that can be read on the fill."""
    return [
        label
        for label in (WHITE, INK)
        if contrast(label, fill) >= FILL_RATIO and abs(lc(label, fill)) >= FILL_LC
    ]


def _stands_out(colour: str, grounds: tuple[str, ...], ratio: float) -> bool:
    return all(contrast(colour, ground) >= ratio for ground in grounds)


def _first(own: str, moved: Iterator[Oklch], fits: Callable[[str], bool]) -> str:
    """The colour as it is if it fits, else the first of those it may become."""
    if fits(own):
        return own
    return next(shown for candidate in moved if fits(shown := to_hex(candidate)))


def _nearest(start: Oklch) -> Iterator[Oklch]:
    for step in range(1, round(1 / STEP) + 1):
        for way in (1, -1):
            lightness = start.lightness + way * step * STEP
            if 0 <= lightness <= 1:
                yield start._replace(lightness=lightness)


def _onwards(start: Oklch, *, up: bool) -> Iterator[Oklch]:
    """Lighter and lighter (``up``) or darker and darker, the last one white or black."""
    for step in range(1, round(1 / STEP) + 2):
        lightness = start.lightness + (step if up else -step) * STEP
        yield start._replace(lightness=min(1.0, max(0.0, lightness)))


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=4096)
def _luminance(colour: str) -> float:
    red, green, blue = _linear_rgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def lc(text: str, behind: str) -> float:
    """APCA's lightness contrast of text, about -108 to 106; below 0 where the text is lighter."""
    text_y, behind_y = _apca_y(text), _apca_y(behind)
    if abs(behind_y - text_y) < 0.0005:  # noqa: PLR2004 (the formula's own numbers, here and below)
        return 0.0
    if behind_y > text_y:
        difference = 1.14 * (behind_y**0.56 - text_y**0.57)
        return 0.0 if difference < 0.1 else 100 * (difference - 0.027)  # noqa: PLR2004
    difference = 1.14 * (behind_y**0.65 - text_y**0.62)
    return 0.0 if difference > -0.1 else 100 * (difference + 0.027)  # noqa: PLR2004


@lru_cache(maxsize=4096)
def _apca_y(colour: str) -> float:
    red, green, blue = (channel**2.4 for channel in _rgb(colour))
    y: float = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    # Screens do not get as black as they should.
    return y if y >= 0.022 else y + (0.022 - y) ** 1.414  # noqa: PLR2004


def oklch(colour: str) -> Oklch:
    """Where a colour that is written like #005956 stands in OKLCH."""
    red, green, blue = _linear_rgb(colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)))


def to_hex(colour: Oklch) -> str:
    """The colour as a screen shows it: with less chroma where it has to be."""
    shown = _to_linear(colour)
    if not _is_shown(shown):
        shown = _to_linear(colour._replace(chroma=_most_chroma(colour)))
    return "#" + "".join(f"{round(255 * _encoded(channel)):02X}" for channel in shown)


def _most_chroma(colour: Oklch) -> float:
    least, most = 0.0, colour.chroma
    for _ in range(HALVINGS):
        middle = (least + most) / 2
        if _is_shown(_to_linear(colour._replace(chroma=middle))):
            least = middle
        else:
            most = middle
    return least


def _is_shown(linear: tuple[float, float, float]) -> bool:
    # Half a step of 8 bits is rounded away.
    return all(-0.0002 <= channel <= 1.0002 for channel in linear)  # noqa: PLR2004


def _to_linear(colour: Oklch) -> tuple[float, float, float]:
    a = colour.chroma * math.cos(math.radians(colour.hue))
    b = colour.chroma * math.sin(math.radians(colour.hue))
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red / 255, green / 255, blue / 255


def _linear_rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = (_decoded(channel) for channel in _rgb(colour))
    return red, green, blue


def _decoded(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004


def _encoded(channel: float) -> float:
    channel = min(1.0, max(0.0, channel))
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055  # noqa: PLR2004
