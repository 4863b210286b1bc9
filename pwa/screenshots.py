"""Pictures of the app for its manifest, which a browser shows before it installs it.

Drawn, since nothing here has a browser: the ticket's screen as it is, in the provider's colours and
with its initials, in English as the manifest. What is the same for all is drawn once a process;
a provider's picture is that with other colours.
"""

from functools import lru_cache

from PIL import Image, ImageDraw

from pwa.icons import first_font, initials_shape, png_of, ramp
from pwa.palette import Scheme

NARROW, WIDE = (540, 960), (1080, 720)
SHEET = (420, 640)
"""What the app fills, in the middle of a wide screen."""

# Half of the palette is text on the ground, half is text on the brand's colour.
HALF = 128
INK = HALF - 1
QUIET = 90
LINE = 30
EDGE = 24
BADGE = 64
TEXTS = (
    (130, 26, "Your number", QUIET),
    (162, 64, "A012", INK),
    (270, 26, "2 people before you", INK),
    (312, 56, "20–35 min", INK),
    (390, 22, "most likely 25", QUIET),
)
BARS = ((0, QUIET), (36, QUIET), (72, HALF))
BUTTON, BUTTON_TEXT = (540, 600), "Tell me when it is my turn"


def screenshots(*, name: str, ground: str, ink: str, scheme: Scheme) -> dict[str, bytes]:
    """A narrow and a wide picture by their file names, as PNG."""
    colours = ramp(ground, ink, HALF) + ramp(scheme.fill, scheme.on_fill, HALF)
    badge = _badge(initials_shape(name))
    return {
        f"{form}.png": png_of(_with(_template(size), badge, colours))
        for form, size in (("narrow", NARROW), ("wide", WIDE))
    }


def _with(template: Image.Image, badge: Image.Image, colours: bytes) -> Image.Image:
    picture = template.copy()
    left, top = _corner(picture.size)
    picture.paste(badge, (left + EDGE, top + EDGE))
    shown = Image.frombytes("P", picture.size, picture.tobytes())
    shown.putpalette(colours)
    return shown


def _badge(initials: Image.Image) -> Image.Image:
    shape = Image.new("L", (BADGE, BADGE))
    small = initials.copy()
    small.thumbnail((BADGE * 5 // 8, BADGE * 5 // 8))
    shape.paste(small, ((BADGE - small.width) // 2, (BADGE - small.height) // 2))
    return shape.point([HALF + value // 2 for value in range(256)])


def _corner(size: tuple[int, int]) -> tuple[int, int]:
    """Where the app begins on a screen of this size."""
    return (size[0] - SHEET[0]) // 2, max(0, min(120, (size[1] - SHEET[1]) // 2))


@lru_cache
def _template(size: tuple[int, int]) -> Image.Image:
    """What is the same for all providers; a value is a place in the palette."""
    picture = Image.new("L", size)
    left, top = _corner(size)
    draw = ImageDraw.Draw(picture)
    right = left + SHEET[0] - EDGE
    draw.line((left + EDGE, top + 108, right, top + 108), fill=LINE, width=2)
    for y, height, text, value in TEXTS:
        _write(picture, (left + EDGE, top + y), text, height, (0, value))
    for x, value in BARS:
        width = 84 if value == HALF else 24
        draw.rectangle((left + EDGE + x, top + 440, left + EDGE + x + width, top + 490), fill=value)
    draw.rounded_rectangle((left + EDGE, top + BUTTON[0], right, top + BUTTON[1]), 8, fill=HALF)
    at = (left + EDGE + 40, top + BUTTON[0] + 16)
    _write(picture, at, BUTTON_TEXT, 22, (HALF, 2 * HALF - 1))
    return picture


def _write(
    picture: Image.Image, at: tuple[int, int], text: str, height: int, between: tuple[int, int]
) -> None:
    """Letters with soft edges, from one place of the palette to another."""
    font = first_font().font_variant(size=height)
    _, _, right, bottom = font.getbbox(text)
    shape = Image.new("L", (round(right), round(bottom)))
    ImageDraw.Draw(shape).text((0, 0), text, font=font, fill=255)
    least, most = between
    picture.paste(shape.point([least + value * (most - least) // 255 for value in range(256)]), at)
