"""QR codes on screens and paper."""

from typing import Any

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_svg(text: str, **look: Any) -> SafeString:
    """The text as a QR code; ``look`` is what segno's ``svg_inline`` takes."""
    code = segno.make(text, error="m", micro=False)
    return mark_safe(code.svg_inline(**look))  # noqa: S308 (drawn by segno; has no text in it)
