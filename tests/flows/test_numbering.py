"""Numbering set up by people: patterns, yearly or on and on, date order; no number twice, no gap."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from counterfoil.core.numbering import DateBeforeLastIssued, NotANumberPattern
from counterfoil.flows.billing import issue
from counterfoil.flows.numbering import (
    DatesOutOfOrder,
    Numbering,
    NumberTaken,
    PatternsMeet,
    change_numbering,
    example,
    numbering_of,
    numberings,
)
from counterfoil.records.billing.models import DocumentNumber, Run
from counterfoil.records.organisation.models import Branch
from tests import build
from tests.build import JUNE, NOW

pytestmark = pytest.mark.django_db(transaction=True)
JULY = date(2026, 7, 1)
NEXT_JUNE = date(2027, 6, 1)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def change(**values: Any) -> Numbering:
    """Change how contract invoices of the first branch are numbered; what is not named is usual."""
    usual = {"branch": "main", "document_type": "contract", "pattern": "INV-{year}-{seq:06}"}
    rest = {"restarts_each_year": True, "in_date_order": True, "today": JUNE}
    return change_numbering(**{**usual, **rest, **values})


def issued(run: Run) -> list[str]:
    """Issue a run and return its numbers."""
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=run.invoice_date, now=build.now)
    numbers = DocumentNumber.objects.filter(invoice__run=run).order_by("invoice_id")
    return list(numbers.values_list("number", flat=True))


def test_what_nobody_set_up_is_shown_with_its_next_number() -> None:
    """Rule 7.2: branch × document type; another branch's begin with its code."""
    Branch.objects.create(code="NORTH", name="North")
    shown = {(one.branch, one.document_type): one.next_number for one in numberings(today=JUNE)}
    assert shown == {
        ("NORTH", "contract"): "NORTH-2026-000001",
        ("NORTH", "service"): "NORTH-SRV-2026-000001",
        ("NORTH", "sales"): "NORTH-SAL-2026-000001",
        ("NORTH", "credit_note"): "NORTH-CN-2026-000001",
        ("main", "contract"): "INV-2026-000001",
        ("main", "service"): "SRV-2026-000001",
        ("main", "sales"): "SAL-2026-000001",
        ("main", "credit_note"): "CN-2026-000001",
    }


def test_a_year_begins_anew_with_the_pattern_of_the_year_before() -> None:
    """Rule 7.2."""
    change(pattern="R{year}/{seq:03}")
    build.charge()
    assert issued(build.run()) == ["R2026/001"]
    assert issued(build.run(cutoff=NEXT_JUNE)) == ["R2027/001"]


def test_numbers_go_on_over_the_years_and_yearly_ones_are_taken_up_again() -> None:
    """Rules 7.1 and 7.2: no gap in either series."""
    build.charge()
    assert issued(build.run()) == ["INV-2026-000001"]
    change(pattern="F{seq:04}", restarts_each_year=False)
    assert issued(build.run(cutoff=JULY)) == ["F0001"]
    assert issued(build.run(cutoff=NEXT_JUNE)) == ["F0002"]
    change(today=date(2026, 8, 1))
    assert numbering_of("main", "contract", today=JULY).next_number == "INV-2026-000002"
    change(pattern="F{seq:04}", restarts_each_year=False)
    assert numbering_of("main", "contract", today=JULY).next_number == "F0003"


def test_patterns_that_could_give_one_number_twice_are_refused() -> None:
    """Rule 7.1: a branch called INV, and a type that would share the numbers of another."""
    Branch.objects.create(code="INV", name="Inverness")
    build.charge()
    issued(build.run())
    with pytest.raises(PatternsMeet, match="branch main"):
        change(branch="INV", pattern="{branch}-{year}-{seq:06}")
    with pytest.raises(PatternsMeet):
        change(document_type="credit_note")
    with pytest.raises(PatternsMeet):
        change(document_type="sales", pattern="INV-2026-{seq}", restarts_each_year=False)
    assert change(branch="INV", pattern="{branch}/{year}/{seq:06}").next_number == "INV/2026/000001"


def test_a_branch_called_like_the_usual_pattern_gets_another_by_itself() -> None:
    """Rule 7.1: its first document is issued, and no number is given twice."""
    place = Branch.objects.create(code="INV", name="Inverness")
    build.charge()
    build.charge(client=build.client(customer=build.customer(branch=place)))
    assert issued(build.run()) == ["INV-2026-000001", "INV/INV/2026/000001"]


def test_a_number_given_before_is_never_given_again() -> None:
    """Rule 7.1: F1 + 1 is F11, so after eleven F numbers F1{seq} is as little possible as before them."""
    change(pattern="F1{seq}", restarts_each_year=False)
    build.charge()
    assert issued(build.run()) == ["F11"]
    with pytest.raises(NumberTaken, match="F11"):
        change(pattern="F{seq}", restarts_each_year=False)


def test_a_pattern_is_checked_and_an_example_is_shown() -> None:
    """Rule 7.2: one that restarts each year names the year."""
    place = {"branch": "main", "document_type": "contract", "restarts_each_year": True, "today": JUNE}
    assert example(pattern="X{year}-{seq:04}", **place) == "X2026-0001"
    with pytest.raises(NotANumberPattern, match="year"):
        example(pattern="X-{seq:04}", **place)


def test_a_series_may_switch_date_order_off() -> None:
    """Rule 7.2: 1 July is issued; 1 June is refused, and issued once order is off."""
    build.charge(starts_on=JULY)
    issued(build.run(cutoff=JULY))
    build.charge()
    late = build.run()
    with pytest.raises(DateBeforeLastIssued, match="Re-date"):
        issue.authorise(late.pk, by=None, now=NOW)
    change(in_date_order=False)
    assert issued(late) == ["INV-2026-000002"]
    with pytest.raises(DatesOutOfOrder):
        change(in_date_order=True)
