"""A provider's colours on pages that come from the server."""

from functools import lru_cache

from pwa.palette import Scheme, palette_of


@lru_cache(maxsize=512)
def page_theme(colour: str) -> str:
    """The rules that put the provider's colours in the place of the platform's."""
    palette = palette_of(colour)
    dark = _rule(palette.dark, "#15211e")
    return f"{_rule(palette.light, '#ffffff')}@media (prefers-color-scheme: dark) {{{dark}}}"


def _rule(scheme: Scheme, label: str) -> str:
    # Buttons and links share one colour: what can be read on all grounds can be written on, too.
    return (
        f":root:not([data-theme]) {{--accent: {scheme.text}; --on-accent: {label};"
        f" --tint: {scheme.tint};}}"
    )
