"""A provider's icons: from its logo, else from the initials of its name.

The same input gives the same bytes. Shapes follow the Web App Manifest: a maskable icon keeps what
matters inside a circle of 80 % of its width, a monochrome one is read by its opacity alone.
"""

import math
import unicodedata
import zlib
from collections.abc import Callable
from functools import cache, lru_cache
from io import BytesIO

from django.contrib.staticfiles import finders
from PIL import Image, ImageChops, ImageDraw, ImageFont

from pwa.palette import INK, WHITE, contrast

ANY, MASKABLE, MONOCHROME = "any", "maskable", "monochrome"
LARGE, SMALL, APPLE, FAVICON = 512, 192, 180, 48
# How much of the width the content's diagonal takes: a maskable icon is cut to 0.8 at worst.
SAFE = 0.72
LOOSE = 0.84
# Of the width; the rest of an icon's corner is see-through.
CORNER = 0.2
LEAST_CONTRAST = 3.0
# How much larger than the result a picture may still be before it is looked at closely.
GAP = 1.5
# What the initials are lettered on before they are made small, and the colours of a palette.
LETTERED = 2 * LARGE
WHOLE_STEPS = 256

# What `make build` puts beside the client, by the scripts they hold.
FONTS = [
    f"built/initials/ibm-plex-sans-{name}-600-normal.woff"
    for name in (
        *("latin", "latin-ext", "greek", "cyrillic", "cyrillic-ext"),
        *("hebrew-hebrew", "arabic-arabic"),
    )
]
NOWHERE = "\U0010ffff"  # No font has it: its picture is that of a missing letter.


FILES = {
    "icon-192.png": (SMALL, ANY),
    "icon-512.png": (LARGE, ANY),
    "maskable-192.png": (SMALL, MASKABLE),
    "maskable-512.png": (LARGE, MASKABLE),
    "monochrome-192.png": (SMALL, MONOCHROME),
    "monochrome-512.png": (LARGE, MONOCHROME),
    "favicon.png": (FAVICON, ANY),
    "apple-touch-icon.png": (APPLE, MASKABLE),
}


def draw_icons(*, name: str, fill: str, on_fill: str, logo: bytes | None) -> dict[str, bytes]:
    """The icons by their file names, as PNG.

    ``logo`` is a square PNG; without one the initials of ``name`` stand in ``on_fill`` on ``fill``.
    """
    if logo is None:
        shape = _fitted(initials_shape(name), LOOSE * LARGE)
        colours = ramp(fill, on_fill, WHOLE_STEPS)
        drawn: dict[str, Callable[[int], Image.Image]] = {
            ANY: lambda side: _rounded(_centred(shape, side, LOOSE), fill, on_fill),
            MASKABLE: lambda side: _in_palette(safe(side), colours),
        }
    else:
        mark, ground = _mark_of(logo)
        shape = _shape_of(mark, ground)
        drawn = {
            ANY: lambda side: _cornered(_centred(mark, side, LOOSE, ground)),
            MASKABLE: lambda side: _centred(mark, side, SAFE, ground),
        }
    safe = cache(lambda side: _centred(shape, side, SAFE))
    drawn[MONOCHROME] = lambda side: _outline(safe(side))
    return {name: png_of(drawn[purpose](side)) for name, (side, purpose) in FILES.items()}


def initials_of(name: str) -> str:
    """One letter of the name, or two where its script has capitals: "HC" for Harbour Clinic."""
    words = [
        letters
        for word in unicodedata.normalize("NFC", name).split()
        if (letters := [c for c in word if c.isalnum()])
    ]
    firsts = [_capital(word[0]) for word in words]
    if not firsts:
        return ""
    is_cased = firsts[0].lower() != firsts[0]
    return "".join(firsts[:2]) if is_cased else firsts[0]


def _capital(letter: str) -> str:
    return capital if len(capital := letter.upper()) == 1 else letter


@lru_cache(maxsize=1)
def initials_shape(name: str) -> Image.Image:
    """The initials' shape; our own mark, a line of people, where no font has the letters.

    The same object for the same name: nobody draws on it.
    """
    letters = initials_of(name)
    fonts = [_font_with(letter) for letter in letters]
    shape, end = Image.new("L", (2 * LETTERED, LETTERED)), LETTERED // 4
    draw = ImageDraw.Draw(shape)
    for letter, font in zip(letters, fonts, strict=True):
        if font is None:
            return _line_of_people()
        draw.text((end, 3 * LETTERED // 4), letter, font=font, fill=255, anchor="ls")
        end += round(font.getlength(letter))
    box = shape.getbbox()
    return shape.crop(box) if box else _line_of_people()


def first_font() -> ImageFont.FreeTypeFont:
    """The one for Latin letters."""
    return _fonts()[0]


def _font_with(letter: str) -> ImageFont.FreeTypeFont | None:
    return next((font for font in _fonts() if _has(font, letter)), None)


@lru_cache(maxsize=1)
def _fonts() -> list[ImageFont.FreeTypeFont]:
    paths = [path for font in FONTS if (path := finders.find(font))]
    # Basic layout: initials stand alone, and its result does not depend on what else is installed.
    fonts = [
        ImageFont.truetype(path, LARGE, layout_engine=ImageFont.Layout.BASIC) for path in paths
    ]
    default = ImageFont.load_default(LARGE)
    return [*fonts, default] if isinstance(default, ImageFont.FreeTypeFont) else fonts


@lru_cache(maxsize=1024)
def _has(font: ImageFont.FreeTypeFont, letter: str) -> bool:
    return bytes(font.getmask(letter)) != bytes(font.getmask(NOWHERE))


def _line_of_people() -> Image.Image:
    shape = Image.new("L", (400, 300))
    draw = ImageDraw.Draw(shape)
    for left, right in ((0, 60), (110, 170), (220, 400)):
        draw.rectangle((left, 0, right - 1, 299), fill=255)
    return shape


def _mark_of(logo: bytes) -> tuple[Image.Image, str]:
    """The logo on its ground, as large as any icon has it, without see-through edges; that ground.

    What is smaller is made of this: most of the time would go into the pixels of the upload.
    """
    picture = Image.open(BytesIO(logo), formats=["PNG"]).convert("RGBA")
    whole = picture.crop(picture.getbbox())
    ground = _own_ground(whole)
    small = _fitted(whole, LOOSE * LARGE)
    if ground is None:
        # White, or ink where white would hide it.
        ground = WHITE if contrast(_average(small), WHITE) >= LEAST_CONTRAST else INK
    mark = Image.new("RGBA", small.size, ground)
    mark.alpha_composite(small)
    return mark.convert("RGB"), ground


def _own_ground(mark: Image.Image) -> str | None:
    """The colour that a logo stands on already, if it fills its box."""
    corners = {mark.getpixel((x, y)) for x in (0, mark.width - 1) for y in (0, mark.height - 1)}
    [corner, *others] = corners
    if not others and isinstance(corner, tuple) and corner[3] == 255:  # noqa: PLR2004 (opaque)
        return _hex(corner)
    return None


def _average(mark: Image.Image) -> str:
    """The colour of a picture seen from afar, its see-through parts left out."""
    premultiplied = mark.convert("RGBa").resize((1, 1), Image.Resampling.BOX)
    pixel = premultiplied.convert("RGBA").getpixel((0, 0))
    return _hex(pixel) if isinstance(pixel, tuple) else WHITE


def _shape_of(mark: Image.Image, ground: str) -> Image.Image:
    """Where a logo differs from its ground: its outline, for whoever shows one colour only."""
    difference = ImageChops.difference(mark, Image.new("RGB", mark.size, ground))
    red, green, blue = difference.split()
    strongest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    _, most = strongest.getextrema()
    scale = 255 / most if isinstance(most, (int, float)) and most else 0
    return strongest.point([min(255, round(value * scale)) for value in range(256)])


@lru_cache(maxsize=16)
def ramp(one: str, other: str, steps: int) -> bytes:
    """The colours from one to the other, as a palette: red, green and blue of each."""
    start, end = (bytes.fromhex(colour[1:]) for colour in (one, other))
    return bytes(
        round(a + (b - a) * step / (steps - 1))
        for step in range(steps)
        for a, b in zip(start, end, strict=True)
    )


def _in_palette(shape: Image.Image, colours: bytes) -> Image.Image:
    """A shape whose greys are places in a palette: a third of the bytes to squeeze."""
    picture = Image.frombytes("P", shape.size, shape.tobytes())
    picture.putpalette(colours)
    return picture


def _rounded(shape: Image.Image, fill: str, on_fill: str) -> Image.Image:
    """Initials on a ground with round corners: half of the palette is see-through ground."""
    picture = shape.point([value // 2 for value in range(256)])
    edge, is_edge = _rounded_edge(shape.width)
    picture.paste(edge, mask=is_edge)
    half = WHOLE_STEPS // 2
    whole = _in_palette(picture, ramp(fill, on_fill, half) + ramp(fill, fill, half))
    whole.info["transparency"] = bytes([255] * half) + bytes(range(0, WHOLE_STEPS, 2))
    return whole


@lru_cache
def _rounded_edge(side: int) -> tuple[Image.Image, Image.Image]:
    """The places in the palette of the corners, and where those are."""
    outline = _rounded_square(side)
    half = WHOLE_STEPS // 2
    edge = outline.point([half + value // 2 for value in range(256)])
    return edge, outline.point([255 * (value < 255) for value in range(256)])  # noqa: PLR2004


def _cornered(picture: Image.Image) -> Image.Image:
    """The picture with round corners."""
    picture.putalpha(_rounded_square(picture.width))
    return picture


def _centred(mark: Image.Image, side: int, share: float, ground: str | int = 0) -> Image.Image:
    """The mark in the middle of an icon, its diagonal ``share`` of the width."""
    small = _fitted(mark, share * side)
    picture = Image.new(mark.mode, (side, side), ground)
    picture.paste(small, ((side - small.width) // 2, (side - small.height) // 2))
    return picture


def _fitted(mark: Image.Image, diagonal: float) -> Image.Image:
    scale = diagonal / math.hypot(*mark.size)
    width, height = (max(1, round(side * scale)) for side in mark.size)
    return _resized(mark, (width, height))


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    if picture.size == size:
        return picture
    # What is far larger is halved first, which costs a fraction and shows in no icon.
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=GAP)


@lru_cache
def _rounded_square(side: int) -> Image.Image:
    """The outline of an icon, drawn large and made small: Pillow draws no soft edges."""
    large = side * 4
    shape = Image.new("L", (large, large))
    ImageDraw.Draw(shape).rounded_rectangle((0, 0, large - 1, large - 1), CORNER * large, fill=255)
    return shape.resize((side, side), Image.Resampling.BOX)


def _outline(shape: Image.Image) -> Image.Image:
    """White where the shape is, see-through elsewhere."""
    return Image.merge("LA", (shape.point([255 * (value > 0) for value in range(256)]), shape))


def png_of(picture: Image.Image) -> bytes:
    """The file of a picture."""
    file = BytesIO()
    picture.save(file, "PNG", compress_type=zlib.Z_RLE)
    return file.getvalue()


def _hex(pixel: tuple[int, ...]) -> str:
    return "#" + bytes(pixel[:3]).hex().upper()
