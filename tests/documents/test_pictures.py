"""Uploaded logos: what is kept of them, and what is refused."""

from __future__ import annotations

import struct
import zlib

import pytest

from counterfoil.documents.look import Look, UnusableLogo
from counterfoil.documents.pictures import MOST_BYTES, harmless_picture
from counterfoil.documents.render import render_pdf
from tests.build_document import document

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return a PNG chunk with its checksum."""
    return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))


def png(width: int = 2, height: int = 2, *, beside: bytes = b"", after: bytes = b"") -> bytes:
    """Return a blue PNG with the chunk *beside* its picture."""
    rows = b"".join(b"\0" + b"\x20\x40\xc0" * 2 for _ in range(2))
    head = chunk(b"IHDR", struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0))
    return SIGNATURE + head + beside + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"") + after


def jpeg(*segments: bytes) -> bytes:
    """Return the parts of a JPEG of 2 × 2 with more *segments* before its picture."""
    size = b"\xff\xc0\x00\x0b\x08\x00\x02\x00\x02\x01\x01\x11\x00"
    return b"\xff\xd8" + b"".join(segments) + size + b"\xff\xda\x00\x02scan\xff\xd9 and more"


def svg(inside: str, attributes: str = "") -> bytes:
    """Return an SVG with *inside*."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 1" {attributes}>{inside}</svg>'.encode()


def test_a_png_loses_what_is_not_seen() -> None:
    assert harmless_picture(png(beside=chunk(b"tEXt", b"Place\0Seaford"), after=b"<script>")) == png()


def test_a_jpeg_loses_what_the_camera_wrote() -> None:
    place, comment = b"\xff\xe1\x00\x06Exif", b"\xff\xfe\x00\x04hi"
    assert harmless_picture(jpeg(place, comment)) == jpeg().removesuffix(b" and more")


def test_an_svg_keeps_shapes_alone() -> None:
    evil = (
        '<script>alert(1)</script><rect width="9" height="1" fill="red" onclick="alert(2)"/>'
        '<image href="http://elsewhere.example/a.png"/><foreignObject><p>x</p></foreignObject>'
        '<use href="http://elsewhere.example/#a"/><path d="M0 0h1" style="fill:url(http://elsewhere.example)"/>'
        '<use href="#a"/><circle r="1" fill="url(#a)"/><text>in a font that is not here</text>'
    )
    assert harmless_picture(svg(evil, 'onload="alert(3)"')).decode() == (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 1"><rect width="9" height="1" fill="red" />'
        '<use /><path d="M0 0h1" /><use href="#a" /><circle r="1" fill="url(#a)" /></svg>'
    )


@pytest.mark.parametrize("picture", [png(), svg('<rect width="9" height="1" fill="#f60"/>')])
def test_what_is_kept_can_be_printed(picture: bytes) -> None:
    assert render_pdf(document(), look=Look(logo=harmless_picture(picture))).startswith(b"%PDF")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"%PDF-1.7",
        b"<html><svg/></html>",
        b"<svg/>",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\xff\xff",
        SIGNATURE,
        png(after=b"")[:-6],
        png(width=10_000, height=10_000),
        png(width=0),
        png().replace(b"IDAT", b"JDAT"),
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("&a;"),
        svg("<g>" * 3),
        png(beside=chunk(b"tEXt", b"x" * MOST_BYTES)),
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(UnusableLogo, match="PNG, JPEG or SVG"):
        harmless_picture(content)
