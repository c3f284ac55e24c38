"""What is open of a customer's documents, and by how long it is overdue."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from counterfoil.core.document import DocumentType
from counterfoil.core.statement import StatementEntry, ages_of, with_open

DAY = date(2026, 6, 30)


def entry(number: str, gross: int, *, credited: str = "", late: int = 0) -> StatementEntry:
    """Return a document over *gross* minor units, due *late* days before `DAY`."""
    kind = DocumentType.CREDIT_NOTE if gross < 0 else DocumentType.CONTRACT
    due_on = DAY - timedelta(days=late)
    return StatementEntry(
        number=number, document_type=kind, dated=due_on, due_on=due_on, gross_minor=gross, credits=credited
    )


def opens(*entries: StatementEntry) -> list[int]:
    """Return what is open of each of *entries*."""
    return [one.open_minor for one in with_open(entries)]


@pytest.mark.parametrize(
    ("entries", "open_minor"),
    [
        ([], []),
        ([entry("I1", 100)], [100]),
        ([entry("I1", 100), entry("C1", -30, credited="I1")], [70, 0]),
        ([entry("C1", -30, credited="I1"), entry("I1", 100)], [0, 70]),
        ([entry("I1", 100), entry("C1", -60, credited="I1"), entry("C2", -60, credited="I1")], [0, 0, -20]),
        ([entry("C1", -30, credited="unknown")], [-30]),
        ([entry("I1", 0), entry("C1", -5, credited="I1")], [0, -5]),
    ],
)
def test_credits_are_taken_off_their_invoices(entries: list[StatementEntry], open_minor: list[int]) -> None:
    assert opens(*entries) == open_minor
    assert sum(open_minor) == sum(one.gross_minor for one in entries)


def test_what_is_open_is_told_by_its_age() -> None:
    lates = [-5, 0, 1, 30, 31, 60, 61, 90, 91, 4000]
    entries = with_open([entry(str(nth), 10**nth, late=late) for nth, late in enumerate(lates)])
    assert dict(ages_of(entries, day=DAY)) == {
        "age_not_due": 11,
        "age_30": 1100,
        "age_60": 110_000,
        "age_90": 11_000_000,
        "age_more": 1_100_000_000,
    }
