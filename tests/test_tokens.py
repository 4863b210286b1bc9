"""The colours of the style sheet can be read: contrast as WCAG 2.2 defines it, computed."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from pwa import palette

SHEET = (Path(settings.BASE_DIR) / "waitlessq" / "client" / "css" / "tokens.css").read_text()
GROUNDS = ("bg", "surface", "sunk")
LIGHT, DARK, DARK_BY_CHOICE = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r"\{([^{}]*#[^{}]*)\}", SHEET)
)
# A colour, what it stands on, and the least contrast in light and in dark.
LEAST = [
    ("ink", GROUNDS, 14.1, 13.9),
    ("quiet", GROUNDS, 6.5, 9.1),
    ("edge", GROUNDS, 3.6, 4.7),
    ("accent", GROUNDS, 7.0, 10.1),
    ("on-accent", ("accent",), 8.2, 9.8),
    ("alert", GROUNDS, 6.3, 9.4),
    ("on-alert", ("alert",), 7.5, 9.2),
    ("ink", ("tint",), 14.4, 11.0),
    ("on-call", ("call",), 9.4, 9.4),
]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("colour", "grounds", "light", "dark"), LEAST)
def test_colours_have_their_least_contrast(
    colour: str, grounds: tuple[str, ...], light: float, dark: float
) -> None:
    for theme, least in ((LIGHT, light), (DARK, dark)):
        for ground in grounds:
            assert round(contrast(theme[colour], theme[ground]), 1) >= least, ground


def test_dark_is_the_same_by_choice_as_by_system() -> None:
    assert DARK == DARK_BY_CHOICE
    assert LIGHT.keys() == DARK.keys()


def test_the_apps_own_table_is_the_same() -> None:
    sheet = (Path(settings.BASE_DIR) / "pwa/client/src/app/app.css").read_text()
    blocks = re.findall(r":root \{([^{}]*)\}", sheet)
    for block, theme in zip(blocks, (LIGHT, DARK), strict=True):
        own = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        assert len(own) >= 8
        assert own == {name: theme[name] for name in own}


@pytest.mark.parametrize(("ground", "theme"), [(palette.LIGHT, LIGHT), (palette.DARK, DARK)])
def test_a_brands_palette_is_reckoned_on_these_grounds(
    ground: palette.Ground, theme: dict[str, str]
) -> None:
    assert [colour.lower() for colour in ground.grounds] == [theme[name] for name in GROUNDS]


def test_no_other_style_sheet_names_a_colour() -> None:
    for path in (Path(settings.BASE_DIR) / "waitlessq" / "client" / "css").rglob("*.css"):
        if path.name != "tokens.css":
            assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*\})", path.read_text()), path.name


def test_no_text_is_smaller_than_a_note() -> None:
    sizes = [float(size) for size in re.findall(r"--[\w-]+: ([\d.]+)rem/", SHEET)]
    assert min(sizes) * 16 == 14
    for path in (Path(settings.BASE_DIR) / "waitlessq" / "client" / "css").rglob("*.css"):
        assert "font-size" not in path.read_text(), path.name
