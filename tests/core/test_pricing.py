"""The override chain (billing-rules 4.1)."""

from __future__ import annotations

from dataclasses import fields

import pytest

from counterfoil.core.pricing import Level, Terms, resolve

MASTER = Terms(
    unit_price_steps=10_000_000,
    quantity_steps=1_000_000,
    charge_period="monthly",
    description="Monitoring",
    while_commissioned=False,
    assignable=True,
    tax_category="standard",
)


def test_4_1_each_term_comes_from_the_first_level_that_sets_it() -> None:
    resolved = resolve(
        assignment=Terms(quantity_steps=2_000_000),
        customer=Terms(unit_price_steps=8_000_000, quantity_steps=9_000_000),
        dealer=Terms(unit_price_steps=7_000_000, description="Monitoring by your dealer"),
        master=MASTER,
    )
    terms = resolved.terms
    assert (terms.quantity_steps, resolved.set_by["quantity_steps"]) == (2_000_000, Level.ASSIGNMENT)
    assert (terms.unit_price_steps, resolved.set_by["unit_price_steps"]) == (8_000_000, Level.CUSTOMER)
    assert (terms.description, resolved.set_by["description"]) == ("Monitoring by your dealer", Level.DEALER)
    assert (terms.charge_period, resolved.set_by["charge_period"]) == ("monthly", Level.MASTER)


@pytest.mark.parametrize("name", [field.name for field in fields(Terms)])
@pytest.mark.parametrize("level", Level)
def test_4_1_every_level_can_set_every_term_and_beats_the_ones_below(name: str, level: Level) -> None:
    order = list(Level)
    given = {
        one: Terms(**{name: f"set by {one}"}) if order.index(one) >= order.index(level) else Terms()
        for one in order
    }
    resolved = resolve(
        assignment=given[Level.ASSIGNMENT],
        customer=given[Level.CUSTOMER],
        dealer=given[Level.DEALER],
        master=given[Level.MASTER],
    )
    assert getattr(resolved.terms, name) == f"set by {level}"
    assert dict(resolved.set_by) == {name: level}


def test_4_1_nought_no_and_nothing_written_are_set() -> None:
    resolved = resolve(
        assignment=Terms(unit_price_steps=0, description="", while_commissioned=False, assignable=False),
        master=MASTER,
    )
    terms = resolved.terms
    assert (terms.unit_price_steps, terms.description, terms.assignable) == (0, "", False)
    assert {resolved.set_by[name] for name in ("unit_price_steps", "description", "assignable")} == {
        Level.ASSIGNMENT
    }


def test_4_1_without_a_customers_or_dealers_override_the_master_charge_counts() -> None:
    resolved = resolve(assignment=Terms(), master=MASTER)
    assert resolved.terms == MASTER
    assert set(resolved.set_by.values()) == {Level.MASTER}


def test_4_1_what_no_level_sets_is_not_set() -> None:
    resolved = resolve(assignment=Terms(), customer=None, dealer=None, master=Terms())
    assert resolved.terms.unit_price_steps is None
    assert "unit_price_steps" not in resolved.set_by
