"""QR codes on screens and paper."""

from typing import Any

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_svg(text: str, **look: Any) -> SafeString:
    """The text as a QR code; ``look`` is what segno's ``svg_inline`` takes."""
    return mark_safe(_code(text).svg_inline(**look))  # noqa: S308 (drawn by segno; has no text in it)


def qr_modules(text: str, border: int = 0) -> int:
    """How many modules wide the code of the text is."""
    return int(_code(text).symbol_size(border=border)[0])


def _code(text: str) -> segno.QRCode:
    return segno.make(text, error="m", micro=False)
