"""Number patterns, series and the order of dates (billing-rules 7.2)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.document import DocumentType
from counterfoil.core.numbering import (
    DateBeforeLastIssued,
    NotANumberPattern,
    check_date_order,
    parse_pattern,
    series_key,
)


@pytest.mark.parametrize(
    ("pattern", "seq", "number"),
    [
        ("INV-{year}-{seq:06}", 12, "INV-2026-000012"),
        ("{seq}", 12, "12"),
        ("{branch}/{year}/{seq:03}", 7, "NORTH/2026/007"),
        ("CN{seq:02}-{year}", 1234, "CN1234-2026"),  # beyond its padding it grows, it never repeats
        ("50 % off {seq}", 1, "50 % off 1"),
    ],
)
def test_7_2_numbers_follow_the_pattern(pattern: str, seq: int, number: str) -> None:
    parsed = parse_pattern(pattern, restarts_each_year=False)
    assert parsed.number(seq=seq, year=2026, branch="NORTH") == number


def test_7_2_a_branch_that_looks_like_a_placeholder_stays_a_name() -> None:
    parsed = parse_pattern("{branch}-{seq}", restarts_each_year=False)
    assert parsed.number(seq=3, year=2026, branch="{seq}") == "{seq}-3"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "the sequence, {seq}, must stand in it exactly once"),
        ("INV-{year}", "the sequence, {seq}, must stand in it exactly once"),
        ("{seq}-{seq}", "the sequence, {seq}, must stand in it exactly once"),
        ("{seq.__class__}", "only {year}, {branch}, {seq} and {seq:06} may stand in braces"),
        ("{seq!r}", "only {year}, {branch}, {seq} and {seq:06} may stand in braces"),
        ("{seq:6}", "only {year}, {branch}, {seq} and {seq:06} may stand in braces"),
        ("{seq:099999999}", "only {year}, {branch}, {seq} and {seq:06} may stand in braces"),
        ("{year:04}-{seq}", "only {year}, {branch}, {seq} and {seq:06} may stand in braces"),
        ("{{seq}}", "only {year}, {branch}, {seq} and {seq:06} may stand in braces"),
        ("{month}-{seq}", "only {year}, {branch}, {seq} and {seq:06} may stand in braces"),
        ("{branch}{seq}", "a character that is no digit must stand between {branch} and {seq}"),
        ("{seq:04}{year}{branch}", "a character that is no digit must stand between {branch} and {seq}"),
        ("{seq}\n", "it has a blank at an end, or a character that cannot be printed"),
        (" {seq}", "it has a blank at an end, or a character that cannot be printed"),
        ("x" * 60 + "{seq}", "it is longer than 60 characters"),
    ],
)
def test_7_2_a_pattern_that_could_not_number_every_document_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(NotANumberPattern) as refusal:
        parse_pattern(pattern, restarts_each_year=False)
    assert f": {reason}. Write, for example, INV-{{year}}-{{seq:06}}." in str(refusal.value)


def test_7_2_a_series_that_restarts_each_year_shows_the_year() -> None:
    with pytest.raises(NotANumberPattern, match="the series restarts each year"):
        parse_pattern("INV-{seq}", restarts_each_year=True)
    assert parse_pattern("INV-{year}-{seq}", restarts_each_year=True).names_year


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["A", "A1", "A-1", "1", ""]), st.integers(2020, 2030), st.integers(1, 10**7)
        ),
        min_size=2,
        max_size=30,
        unique=True,
    ),
    st.sampled_from(["{branch}/{year}-{seq:03}", "{seq}/{branch}{year}", "{year}{seq:04}/{branch}"]),
)
def test_7_1_no_two_documents_share_a_number(documents: list[tuple[str, int, int]], pattern: str) -> None:
    parsed = parse_pattern(pattern, restarts_each_year=True)
    numbers = {parsed.number(seq=seq, year=year, branch=branch) for branch, year, seq in documents}
    assert len(numbers) == len(documents)


def test_7_2_a_series_is_branch_type_and_perhaps_year() -> None:
    key = series_key(
        branch="NORTH",
        document_type=DocumentType.CREDIT_NOTE,
        invoice_date=date(2026, 6, 1),
        restarts_each_year=True,
    )
    assert str(key) == "NORTH credit_note 2026"
    running = series_key(
        branch="", document_type=DocumentType.SALES, invoice_date=date(2026, 6, 1), restarts_each_year=False
    )
    assert (str(running), running.year) == ("sales", None)


def test_7_2_issue_dates_never_decrease_within_a_series() -> None:
    key = series_key(
        branch="NORTH",
        document_type=DocumentType.CONTRACT,
        invoice_date=date(2026, 6, 1),
        restarts_each_year=True,
    )
    check_date_order(series=key, invoice_date=date(2026, 6, 1), last_issued=None)
    check_date_order(series=key, invoice_date=date(2026, 6, 1), last_issued=date(2026, 6, 1))
    with pytest.raises(DateBeforeLastIssued) as refusal:
        check_date_order(series=key, invoice_date=date(2026, 5, 31), last_issued=date(2026, 6, 1))
    assert str(refusal.value) == (
        "2026-05-31 is before 2026-06-01, the date of the last document issued in series NORTH contract 2026. "
        "Date the document 2026-06-01 or later, or issue it in another series."
    )
    check_date_order(
        series=key, invoice_date=date(2026, 5, 31), last_issued=date(2026, 6, 1), in_date_order=False
    )
