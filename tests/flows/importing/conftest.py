"""What the import's tests share: an organisation with its first branch, and a master charge."""

from __future__ import annotations

import pytest

from tests import build


@pytest.fixture
def bureau(db: None) -> None:
    """Store an organisation in Ireland, in euro, with the branch `main` and the tax category `standard`."""
    build.organisation()
