"""An uploaded picture made harmless: only what is seen stays of it. Pure.

A PNG or JPEG loses its comments, places and dates; an SVG everything but shapes, colours and gradients. What is
kept is printed and shown in browsers, where it runs nothing and loads nothing.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from xml.etree import (
    ElementTree,  # Documents with a DOCTYPE, which entities need, are refused before it sees them.
)

from counterfoil.documents.look import UnusableLogo

MOST_BYTES = 500_000
MOST_PIXELS = 10_000_000

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB"})
_JPEG_SIZES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_JPEG_KEPT = frozenset({0xC4, 0xDB, 0xDD, 0xE0, 0xEE} | _JPEG_SIZES)
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9

_SVG = "http://www.w3.org/2000/svg"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_SHAPE_NAMES = """
svg g defs symbol use path rect circle ellipse line polyline polygon clipPath mask pattern linearGradient
radialGradient stop title desc
"""
_ATTRIBUTE_NAMES = """
id class d x y x1 y1 x2 y2 cx cy r rx ry fx fy width height points viewBox preserveAspectRatio transform fill
fill-rule fill-opacity stroke stroke-width stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray
stroke-dashoffset stroke-opacity opacity clip-path clip-rule mask color offset stop-color stop-opacity gradientUnits
gradientTransform spreadMethod patternUnits patternTransform patternContentUnits maskUnits maskContentUnits
clipPathUnits style version display visibility
"""
_SHAPES = frozenset(_SHAPE_NAMES.split())
_ATTRIBUTES = frozenset(_ATTRIBUTE_NAMES.split())
_ELSEWHERE = re.compile(r"url\s*\(\s*['\"]?(?!#)|@|\\|expression|javascript:", re.IGNORECASE)


def harmless_picture(content: bytes) -> bytes:
    """Return the picture with nothing in it but the picture. Raises `UnusableLogo`."""
    if len(content) > MOST_BYTES:
        raise UnusableLogo
    try:
        if content.startswith(_PNG):
            return _png(content)
        if content.startswith(b"\xff\xd8\xff"):
            return _jpeg(content)
        return _svg(content)
    except (struct.error, ElementTree.ParseError, UnicodeError, IndexError, RecursionError) as error:
        raise UnusableLogo from error


def _png(content: bytes) -> bytes:
    """Return the PNG with its picture's chunks alone (PNG specification, 5.3)."""
    kept, at = [_PNG], len(_PNG)
    while at < len(content):
        length, kind = struct.unpack_from(">L4s", content, at)
        chunk = content[at : at + 12 + length]
        (checksum,) = struct.unpack_from(">L", chunk, 8 + length)
        if checksum != zlib.crc32(chunk[4 : 8 + length]):
            raise UnusableLogo
        if kind == b"IHDR":
            _check_size(*struct.unpack_from(">LL", chunk, 8))
        if kind in _PNG_KEPT:
            kept.append(chunk)
        at += len(chunk)
        if kind == b"IEND":
            return b"".join(kept)
    raise UnusableLogo


def _jpeg(content: bytes) -> bytes:
    """Return the JPEG without comments and what cameras write beside the picture (ITU-T T.81, B.1)."""
    kept, has_size = [b"\xff\xd8"], False
    for marker, segment in _segments(content):
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", segment, 5)
            _check_size(width, height)
            has_size = True
        if marker in _JPEG_KEPT or marker == _START_OF_SCAN:
            kept.append(segment)
    if not has_size:
        raise UnusableLogo
    return b"".join(kept)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield marker and bytes of each segment; the scan, which is the last, with all up to the image's end."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise UnusableLogo
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack_from(">H", content, at + 2)
        if marker == _START_OF_SCAN:
            end = content.rfind(bytes([0xFF, _END_OF_IMAGE]))
            if end < at:
                raise UnusableLogo
            yield marker, content[at : end + 2]
            return
        yield marker, content[at : at + 2 + length]
        at += 2 + length


def _check_size(width: int, height: int) -> None:
    if not 0 < width * height <= MOST_PIXELS:
        raise UnusableLogo


def _svg(content: bytes) -> bytes:
    """Return the SVG with shapes and their looks alone."""
    text = content.decode("utf-8-sig")
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise UnusableLogo
    root = ElementTree.fromstring(text)  # noqa: S314
    if root.tag != f"{{{_SVG}}}svg":
        raise UnusableLogo
    _strip(root)
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    return ElementTree.tostring(root, encoding="utf-8")


def _strip(element: ElementTree.Element) -> None:
    """Take from *element* and what is in it all but shapes and their looks."""
    element.attrib = {name: value for name, value in element.attrib.items() if _is_kept(name, value)}
    for child in list(element):
        name = child.tag.removeprefix(f"{{{_SVG}}}") if isinstance(child.tag, str) else ""
        if name in _SHAPES:
            _strip(child)
        else:
            element.remove(child)


def _is_kept(name: str, value: str) -> bool:
    if name in (_XLINK_HREF, "href"):
        return value.startswith("#")
    return name in _ATTRIBUTES and not _ELSEWHERE.search(value)
