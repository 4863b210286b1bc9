"""Whatever colour a provider has, its app can be read."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pwa.palette import (
    A_LITTLE,
    DARK,
    INK,
    LIGHT,
    WHITE,
    Ground,
    Scheme,
    contrast,
    lc,
    oklch,
    palette_of,
    to_hex,
)

# Every 32nd of 256 and the last: 729 colours.
CHANNEL = [*range(0, 256, 32), 255]
GRID = [f"#{bytes(channels).hex().upper()}" for channels in product(CHANNEL, repeat=3)]
colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")


def check_bounds(colour: str) -> None:
    palette = palette_of(colour)
    check_scheme(palette.light, LIGHT)
    check_scheme(palette.dark, DARK)
    assert all(contrast(palette.dark.fill, ground) >= 3 for ground in DARK.grounds)
    assert abs(palette.light.moved) <= A_LITTLE


def check_scheme(scheme: Scheme, ground: Ground) -> None:
    assert scheme.on_fill in {WHITE, INK}
    assert contrast(scheme.on_fill, scheme.fill) >= 4.5
    assert abs(lc(scheme.on_fill, scheme.fill)) >= 60
    for behind in (*ground.grounds, scheme.tint):
        assert contrast(scheme.text, behind) >= 4.5
        assert abs(lc(scheme.text, behind)) >= ground.text_lc
    assert all(contrast(scheme.line, behind) >= 3 for behind in ground.grounds)
    assert contrast(scheme.on_tint, scheme.tint) >= 7


def test_every_bound_holds_all_over_the_grid() -> None:
    for colour in GRID:
        check_bounds(colour)


@settings(max_examples=200)
@given(colours)
def test_every_bound_holds_for_any_colour(colour: str) -> None:
    check_bounds(colour)


@settings(max_examples=200)
@given(colours)
def test_a_fill_moves_only_where_it_must_and_no_further(colour: str) -> None:
    light = palette_of(colour).light
    labels = [contrast(x, colour) >= 4.5 and abs(lc(x, colour)) >= 60 for x in (WHITE, INK)]
    assert (light.fill == colour) == any(labels)


@settings(max_examples=200)
@given(colours)
def test_the_way_to_oklch_and_back_is_exact(colour: str) -> None:
    assert to_hex(oklch(colour)) == colour


@settings(max_examples=200)
@given(colours)
def test_hue_stays_and_chroma_is_limited(colour: str) -> None:
    palette, hue = palette_of(colour), oklch(colour).hue
    for shown, most in ((palette.light.tint, 0.03), (palette.dark.text, 0.16)):
        moved = oklch(shown)
        assert moved.chroma <= most + 0.005
        # Eight bits say nothing exact about the hue of what is nearly grey.
        if moved.chroma > 0.02:
            assert abs((moved.hue - hue + 180) % 360 - 180) < 8


def test_the_formulas_give_their_published_examples() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    assert lc("#888888", "#FFFFFF") == pytest.approx(63.056469930209424)
    assert lc("#FFFFFF", "#888888") == pytest.approx(-68.54146436644962)
    assert lc("#000000", "#AAAAAA") == pytest.approx(58.146262578561334)
    assert oklch("#FF0000") == pytest.approx((0.62796, 0.25768, 29.234), abs=0.001)


@pytest.mark.parametrize(
    ("colour", "note"),
    [
        ("#FFD400", ""),
        ("#0A2A6B", "On dark screens your colour is lighter so that buttons can be seen."),
        ("#808080", "We made your colour a little darker so that buttons can be read."),
        ("#00C040", "We made your colour a little lighter so that buttons can be read."),
    ],
)
def test_it_says_what_became_of_the_colour(colour: str, note: str) -> None:
    assert palette_of(colour).note == note
