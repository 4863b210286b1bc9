"""Sixty bad logos: each is refused with what to do, and none fills the memory."""

import resource
import struct
import zlib
from collections.abc import Iterator
from http import HTTPStatus
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from conftest import House, add_member, client_of
from providers.models import ProviderLogo, Role

MOST_MEGABYTES = 100
PNG = b"\x89PNG\r\n\x1a\n"


def picture(kind: str, width: int = 600, height: int = 600, mode: str = "RGB") -> bytes:
    file = BytesIO()
    Image.new(mode, (width, height), 200).save(file, kind)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, body: bytes, depth: int = 8, colour: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return PNG + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def bad_logos() -> Iterator[tuple[str, bytes]]:
    """File names and contents."""
    zeros = zlib.compress(bytes(3_000_000), 9)
    for side in (2_001, 5_000, 20_000, 65_535, 2**31 - 1):
        yield f"bomb-{side}.png", png(side, side, zeros)
        yield f"strip-{side}.png", png(side * 2, 2_000, zeros)
    for width, height in ((0, 600), (600, 0), (1, 1), (511, 511), (120, 80), (16, 511)):
        yield f"small-{width}-{height}.png", png(width, height, zeros)
    for depth, colour in ((3, 2), (8, 5), (64, 6), (16, 3)):
        yield f"depth-{depth}-{colour}.png", png(600, 600, zeros, depth, colour)
    yield "no-pixels.png", png(600, 600, b"")
    yield "no-zlib.png", png(600, 600, b"not compressed")
    yield "too-few.png", png(600, 600, zlib.compress(b"short"))
    script = b"<script>alert(document.cookie)</script>"
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)" width="600" height="600"/>'
    for name in ("logo.svg", "logo.png", "logo.svg.png", "../../logo.png", "..\\logo.png"):
        yield name, svg
    for name in ("logo.html", "logo.png", "/etc/passwd", "logo.png\0.html", "con.png"):
        yield name, b"<!doctype html>" + script
    yield "polyglot.png", PNG + svg
    yield "polyglot.gif", b"GIF89a/*" + script + b"*/=1"
    yield "polyglot.jpg", b"\xff\xd8\xff\xfe\x00\x30" + script
    yield "entities.svg", b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    yield "program.png", b"MZ" + bytes(600)
    yield "elf.png", b"\x7fELF" + bytes(600)
    yield "archive.png", b"PK\x03\x04" + bytes(600)
    yield "document.png", b"%PDF-1.7\n" + bytes(600)
    for kind in ("GIF", "BMP", "TIFF", "ICO", "PPM", "TGA", "PCX", "SGI", "EPS", "ICNS"):
        try:
            yield f"logo.{kind}", picture(kind)
        except (KeyError, OSError, ValueError):
            yield f"logo.{kind}", kind.encode() + bytes(600)
    yield "ico-of-bombs.ico", b"\0\0\1\0\xff\xff" + bytes(16 * 300)
    for kind in ("PNG", "JPEG", "WEBP"):
        whole = picture(kind)
        for part in (8, 30, 60):
            yield f"cut-{part}.{kind}", whole[: len(whole) * part // 100]
    yield "empty.png", b""
    yield "large.png", picture("PNG") + bytes(1_100_000)
    yield "noise.png", bytes(range(256)) * 1000
    yield "frames.webp", b"RIFF\xff\xff\xff\xffWEBPVP8X" + bytes(60)


def test_every_bad_logo_is_refused_and_none_fills_the_memory(in_house: House) -> None:
    manager = client_of(add_member(in_house.provider, Role.MANAGER))
    logos = list(bad_logos())
    assert len(logos) >= 60
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, content in logos:
        form = {"colour": "#0A2A6B", "logo": SimpleUploadedFile(name, content)}
        answer = manager.post("/console/clinic/app/look/", form)
        assert answer.status_code == HTTPStatus.BAD_REQUEST, name
        assert "The logo" in answer.text, name
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < MOST_MEGABYTES
    assert not ProviderLogo.objects.exists()
