"""WCAG AA contrast of every pair of colours that text is written in, light and dark, read from the style sheet."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from counterfoil.web import apps

STYLES = (Path(apps.__file__).parent / "static" / "counterfoil" / "counterfoil.css").read_text()
COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--c-([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", STYLES
    )
}
SURFACES = ["page", "surface", "sunken", "hover", "accent-soft"]
TEXT = [
    *[("text", surface) for surface in SURFACES],
    *[("quiet", surface) for surface in ["page", "surface", "sunken", "hover"]],
    *[("accent", surface) for surface in SURFACES],
    *[("bad", surface) for surface in SURFACES],
    *[("on-fill", fill) for fill in ["fill", "fill-strong", "danger", "danger-strong"]],
    *[(tone, f"{tone}-soft") for tone in ["good", "busy", "warning", "bad", "neutral"]],
]
# What is not text but must be seen: edges of controls, the ring of focus, a bar of progress.
SHAPES = [
    *[("control", "surface"), ("accent", "page"), ("accent", "surface"), ("accent", "neutral-soft")],
    *[(f"chart-{place}", "surface") for place in range(1, 9)],
    *[(shape, "surface") for shape in ["gain", "loss"]],
]


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_21() -> None:
    assert Fraction(round(contrast("#000000", "#ffffff"), 3)) == 21


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "surface"), TEXT)
def test_text_can_be_read(text: str, surface: str, theme: int) -> None:
    assert contrast(COLOURS[text][theme], COLOURS[surface][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "surface"), SHAPES)
def test_shapes_can_be_seen(shape: str, surface: str, theme: int) -> None:
    assert contrast(COLOURS[shape][theme], COLOURS[surface][theme]) >= 3
