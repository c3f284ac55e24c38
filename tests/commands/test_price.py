"""Prices by date on the command line (billing-rules 4.2)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.conftest import Installation

FILL = "from tests import build; build.organisation(); build.charge(key='K-1', master_charge=build.master(code='MON'))"


def test_a_price_is_set_listed_and_taken_back(installation: Installation) -> None:
    """Of a charge; what cannot be a price is said in words."""
    environment = installation.environment | {"PYTHONPATH": str(Path(__file__).parents[2])}
    installation = replace(installation, environment=environment)
    installation.run("django", "shell", "--command", FILL)
    words = ("--charge", "K-1", "--from", "2026-07-01")
    assert installation.answer("price", "set", *words, "--unit-price", "32.50")["unit_price"] == "32.5"
    refused = installation.answer("price", "set", *words, "--unit-price", "1.1234567", exits=1)["error"]
    assert "six decimal places" in refused
    assert installation.answer("price", "list", "--charge", "K-1") == {
        "prices": [{"valid_from": "2026-07-01", "unit_price": "32.5"}]
    }
    assert "removed" in installation.answer("price", "remove", *words)
