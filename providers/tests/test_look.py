"""Colour and logo: what is taken, what is refused, and what is left of a file."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageOps

from conftest import House
from events.models import OutboxMessage
from providers.errors import NameTakenError
from providers.models import Provider, ProviderLogo, Trade, User
from providers.services.logos import square_logo
from providers.services.providers import provider_create, provider_set_look, provider_update
from waitlessq.errors import InvalidInputError
from waitlessq.uploads import MOST_BYTES


def image(width: int, height: int, kind: str = "PNG", mode: str = "RGB") -> bytes:
    file = BytesIO()
    Image.new(mode, (width, height), 200).save(file, kind)
    return file.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    """A header of that size with hardly anything behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1_000_000))
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def refusal(upload: bytes) -> str:
    with pytest.raises(InvalidInputError) as refused:
        square_logo(upload)
    assert refused.value.data["errors"][0]["field"] == "logo"
    return refused.value.detail


@pytest.mark.parametrize(
    ("file", "side"),
    [
        (image(512, 512), 512),
        (image(800, 200), 800),
        (image(300, 600, "JPEG"), 600),
        (image(1600, 1600, "WEBP"), 1024),
        (image(600, 600, "JPEG", "CMYK"), 600),
        (image(600, 600, "PNG", "P"), 600),
        (image(600, 600, "PNG", "1"), 600),
    ],
)
def test_a_logo_becomes_a_square_png(file: bytes, side: int) -> None:
    logo = Image.open(BytesIO(square_logo(file)))
    assert (logo.format, logo.mode, logo.size) == ("PNG", "RGBA", (side, side))


def test_nothing_of_the_file_is_left_but_its_pixels() -> None:
    file = BytesIO()
    picture = Image.new("RGB", (600, 600))
    exif = picture.getexif()
    exif[0x010E] = "<script>alert(1)</script>"
    picture.save(file, "JPEG", exif=exif, comment=b"<script>")
    assert b"script" in file.getvalue()
    assert b"script" not in square_logo(file.getvalue() + b"<script>alert(1)</script>")


def test_a_photograph_that_lies_on_its_side_is_turned() -> None:
    file = BytesIO()
    picture = Image.new("RGB", (800, 600), "red")
    picture.paste("blue", (0, 0, 400, 600))
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(file, "JPEG", exif=exif)
    turned = Image.open(BytesIO(square_logo(file.getvalue())))
    red, _, blue, _ = turned.getpixel((400, 10))  # type: ignore[misc]
    assert blue > red


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (image(120, 100), "The logo is 120 px wide; it needs 512."),
        (image(100, 511), "The logo is 511 px high; it needs 512."),
        (png_that_says(50_000, 50_000), "4 million pixels"),
        (png_that_says(2001, 2000), "4 million pixels"),
        (image(600, 600) + bytes(MOST_BYTES), "larger than 1 MB"),
        (image(600, 600, "GIF"), "no PNG, JPEG or WebP"),
        (image(600, 600, "BMP", "L"), "no PNG, JPEG or WebP"),
        (image(600, 600, "TIFF", "L"), "no PNG, JPEG or WebP"),
        (image(256, 256, "ICO"), "no PNG, JPEG or WebP"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="600"/>', "no PNG"),
        (b"<html><script>alert(1)</script></html>", "no PNG"),
        (b"\x89PNG\r\n\x1a\n<svg onload='alert(1)'/>", "no PNG"),
        (image(600, 600)[:200], "no PNG"),
        (image(600, 600, "JPEG")[:200], "no PNG"),
        (image(600, 600, "WEBP")[:60], "no PNG"),
        (png_that_says(600, 0), "no PNG"),
        (b"", "no PNG"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_to_do(upload: bytes, words: str) -> None:
    assert words in refusal(upload)


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*args: object) -> None:
        raise AssertionError("It was unpacked.")

    monkeypatch.setattr(ImageOps, "exif_transpose", explode)
    monkeypatch.setattr(Image.Image, "load", explode)
    assert "4 million" in refusal(png_that_says(9_000, 9_000))


@pytest.mark.parametrize("colour", ["#0a2a6b", " #0A2A6B "])
def test_a_colour_is_kept_in_one_way_of_writing(in_house: House, colour: str) -> None:
    provider_set_look(actor=in_house.actor, colour=colour)
    assert Provider.objects.get(pk=in_house.provider.pk).colour == "#0A2A6B"


@pytest.mark.parametrize("colour", ["", "red", "#FFF", "#0A2A6B;}", "#0A2A6B\n;", "#GGGGGG", "\0"])
def test_a_colour_that_is_none_is_refused(in_house: House, colour: str) -> None:
    with pytest.raises(InvalidInputError, match="like #005956"):
        provider_set_look(actor=in_house.actor, colour=colour)


def test_a_refused_logo_leaves_everything_as_it_was(in_house: House) -> None:
    provider_set_look(actor=in_house.actor, colour="#111111", logo=image(600, 600))
    before = bytes(ProviderLogo.objects.get().image)
    with pytest.raises(InvalidInputError):
        provider_set_look(actor=in_house.actor, colour="#222222", logo=image(10, 10))
    assert Provider.objects.get(pk=in_house.provider.pk).colour == "#111111"
    assert bytes(ProviderLogo.objects.get().image) == before


def test_a_logo_is_replaced_and_taken_away(in_house: House) -> None:
    for side in (600, 700):
        provider_set_look(actor=in_house.actor, colour="#111111", logo=image(side, side))
    assert Image.open(BytesIO(ProviderLogo.objects.get().image)).size == (700, 700)
    provider_set_look(actor=in_house.actor, colour="#111111")
    assert ProviderLogo.objects.exists()
    provider_set_look(actor=in_house.actor, colour="#111111", without_logo=True)
    assert not ProviderLogo.objects.exists()


def test_every_change_is_told(in_house: House) -> None:
    told = OutboxMessage.objects.filter(topic="provider.changed")
    assert told.count() == 1  # That it was created.
    provider_update(actor=in_house.actor, name="New")
    provider_set_look(actor=in_house.actor, colour="#111111")
    assert set(told.values_list("provider_id", flat=True)) == {in_house.provider.pk}
    assert told.count() == 3


@pytest.mark.parametrize("name", ["", " ", "\u200b", "\u2067\u2069", "…", "\0", "\n\t"])
def test_a_name_that_nobody_can_read_is_refused(in_house: House, name: str) -> None:
    with pytest.raises(InvalidInputError, match="can be read"):
        provider_update(actor=in_house.actor, name=name)


def test_what_nobody_sees_of_a_name_is_left_out(in_house: House) -> None:
    provider_update(actor=in_house.actor, name="  Harbour\u202e \n Clinic\0 ")
    assert Provider.objects.get(pk=in_house.provider.pk).name == "Harbour Clinic"


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        *[(slug, "reserved") for slug in ("www", "api", "mail", "admin")],
        *[(slug, "small letters") for slug in ("", "-a", "a-", "a--b", "A", "a_b", "a.b", "é")],
        *[(slug, "small letters") for slug in ("xn--abc", "x" * 51, "a b", "a/b", "../a", "a\n")],
    ],
)
def test_an_address_that_no_app_can_have_is_refused(db: None, slug: str, words: str) -> None:
    user = User.objects.create_user("owner@new.example")
    with pytest.raises(InvalidInputError, match=words) as refused:
        provider_create(name="New", slug=slug, trade=Trade.OTHER, owner=user)
    assert refused.value.data["errors"][0]["field"] == "slug"


def test_an_address_is_given_once(in_house: House) -> None:
    user = User.objects.create_user("owner@new.example")
    with pytest.raises(NameTakenError):
        provider_create(name="New", slug="clinic", trade=Trade.OTHER, owner=user)
