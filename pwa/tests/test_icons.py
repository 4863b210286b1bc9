"""Icons, from a logo or from initials."""

import math
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageChops

from providers.services.logos import square_logo
from pwa.icons import draw_icons, initials_of
from pwa.tests.pictures import picture

SIZES = {
    "icon-512.png": 512,
    "icon-192.png": 192,
    "favicon.png": 48,
    "maskable-512.png": 512,
    "maskable-192.png": 192,
    "apple-touch-icon.png": 180,
    "monochrome-512.png": 512,
    "monochrome-192.png": 192,
}
LOGO = square_logo(picture(800, 600))


def draw(name: str = "Harbour Clinic", logo: bytes | None = None) -> dict[str, Image.Image]:
    files = draw_icons(name=name, fill="#0A2A6B", on_fill="#FFFFFF", logo=logo)
    return {file: Image.open(BytesIO(content)) for file, content in files.items()}


@pytest.mark.parametrize("logo", [None, LOGO], ids=["initials", "logo"])
def test_every_icon_has_its_size(logo: bytes | None) -> None:
    drawn = draw(logo=logo)
    assert {name: image.size for name, image in drawn.items()} == {
        name: (side, side) for name, side in SIZES.items()
    }


@pytest.mark.parametrize("logo", [None, LOGO], ids=["initials", "logo"])
def test_the_same_input_gives_the_same_bytes(logo: bytes | None) -> None:
    first, second = (
        draw_icons(name="Harbour Clinic", fill="#0A2A6B", on_fill="#FFFFFF", logo=logo)
        for _ in range(2)
    )
    assert first == second


def test_an_upload_is_made_small_once_whatever_is_made_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made_smaller: list[tuple[int, int]] = []
    resize = Image.Image.resize

    def noted(picture: Image.Image, *args: Any, **options: Any) -> Image.Image:
        if picture.mode == "RGBA":
            made_smaller.append(picture.size)
        return resize(picture, *args, **options)

    monkeypatch.setattr(Image.Image, "resize", noted)
    draw(logo=LOGO)
    assert made_smaller == [(800, 600)]


@pytest.mark.parametrize("name", ["Harbour Clinic", "Wide Ways", "מרפאה", "I"])
def test_what_matters_of_a_maskable_icon_is_in_its_safe_circle(name: str) -> None:
    image = draw(name)["maskable-512.png"]
    assert not image.has_transparency_data  # No corner of it is see-through.
    left, top, right, bottom = ink_of(image)
    for x, y in ((left, top), (right, top), (left, bottom), (right, bottom)):
        assert math.hypot(x - 256, y - 256) <= 0.4 * 512


def test_the_logo_of_a_maskable_icon_is_in_its_safe_circle() -> None:
    left, top, *_ = ink_of(draw(logo=LOGO)["maskable-512.png"])
    assert math.hypot(left - 256, top - 256) <= 0.4 * 512


def ink_of(image: Image.Image) -> tuple[int, int, int, int]:
    """Around what is not the colour of the first pixel."""
    flat = image.convert("RGB")
    ground = Image.new("RGB", flat.size, flat.getpixel((0, 0)))
    box: tuple[int, int, int, int] | None = ImageChops.difference(flat, ground).getbbox()
    assert box is not None
    return box


def test_a_monochrome_icon_is_its_opacity_alone() -> None:
    for logo in (None, LOGO):
        image = draw(logo=logo)["monochrome-512.png"].convert("RGBA")
        assert image.getchannel("A").getextrema() == (0, 255)
        assert image.getpixel((0, 0)) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Harbour Clinic", "HC"),
        ("Cut & Curl", "CC"),
        ("  salon ", "S"),
        ("Żabka", "Ż"),
        ("Ωμέγα", "Ω"),
        ("מרפאת הנמל", "מ"),
        ("عيادة الميناء", "ع"),
        ("24 Hours", "2"),
        ("ßtraße", "ß"),
        ("— …", ""),
        ("", ""),
    ],
)
def test_initials_in_any_script(name: str, initials: str) -> None:
    assert initials_of(name) == initials


def test_letters_that_no_font_has_become_our_mark_and_not_a_box() -> None:
    mark = draw("")["icon-512.png"]
    assert draw("北京诊所")["icon-512.png"].tobytes() == mark.tobytes()
    assert draw("Clinic")["icon-512.png"].tobytes() != mark.tobytes()


def test_a_pale_logo_that_is_see_through_does_not_stand_on_white() -> None:
    pale = Image.new("RGBA", (600, 600))
    pale.paste("#FFF3C0", (100, 200, 500, 400))
    file = BytesIO()
    pale.save(file, "PNG")
    drawn = draw(logo=square_logo(file.getvalue()))["maskable-512.png"]
    assert drawn.getpixel((0, 0)) == (0xFF, 0xF3, 0xC0)  # It fills its box: its own colour.
    pale.paste((0, 0, 0, 0), (100, 200, 200, 300))
    file = BytesIO()
    pale.save(file, "PNG")
    drawn = draw(logo=square_logo(file.getvalue()))["maskable-512.png"]
    assert drawn.getpixel((0, 0)) == (0x15, 0x21, 0x1E)
