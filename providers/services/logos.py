"""Turns a picture that somebody uploaded into a logo, or says what is wrong with it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from django.utils.translation import gettext, gettext_noop
from PIL import Image, ImageOps

from waitlessq.errors import InvalidInputError
from waitlessq.uploads import MOST_BYTES

MOST_PIXELS = 4_000_000
LEAST_SIDE = 512
LARGEST_SIDE = 1024
TOO_MANY_PIXELS = gettext_noop("The logo has more than 4 million pixels. Save it smaller.")
FORMATS = ["PNG", "JPEG", "WEBP"]


def square_logo(upload: bytes) -> bytes:
    """The picture as a square PNG of at most 1024 px, padded with transparency.

    It is drawn anew, so nothing but its pixels is left of the file. How large it says it is, is
    looked at before any pixel is unpacked.

    Raises:
        InvalidInputError: it is too large, too small, or no PNG, JPEG or WebP.
    """
    if len(upload) > MOST_BYTES:
        raise _refusal(gettext("The logo is larger than 1 MB. Save it smaller, or as WebP."))
    with _refusing_what_is_broken(), warnings.catch_warnings():
        # Of sizes that are refused below.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        opened = Image.open(BytesIO(upload), formats=FORMATS)
    _check_size(*opened.size)
    with _refusing_what_is_broken():
        picture = ImageOps.exif_transpose(opened).convert("RGBA")
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    return _as_png(_padded(picture))


@contextmanager
def _refusing_what_is_broken() -> Iterator[None]:
    try:
        yield
    except Image.DecompressionBombError as error:
        raise _refusal(gettext(TOO_MANY_PIXELS)) from error
    except Exception as error:
        # Decoders fail in any way they like on a file that was made to break them.
        raise _refusal(
            gettext("The logo is no PNG, JPEG or WebP that can be read. Save it anew as one.")
        ) from error


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise _refusal(gettext(TOO_MANY_PIXELS))
    if max(width, height) < LEAST_SIDE:
        text = (
            gettext("The logo is %(side)s px wide; it needs %(least)s.")
            if width >= height
            else gettext("The logo is %(side)s px high; it needs %(least)s.")
        )
        raise _refusal(text % {"side": max(width, height), "least": LEAST_SIDE})


def _padded(picture: Image.Image) -> Image.Image:
    side = max(picture.size)
    square = Image.new("RGBA", (side, side))
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return square


def _as_png(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _refusal(message: str) -> InvalidInputError:
    return InvalidInputError("logo", message)
