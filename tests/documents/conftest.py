"""Golden files: what a document said when a person last looked at it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[1] / "golden" / "documents"


@pytest.fixture
def golden() -> Callable[..., None]:
    """Compare *text* with a golden file; WRITE_GOLDEN=1 writes it instead, for a person to look at."""

    def compare(text: str, *, name: str) -> None:
        path = GOLDEN / name
        if os.environ.get("WRITE_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare
