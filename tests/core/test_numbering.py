"""Number patterns, series and the order of dates (billing-rules 7.2)."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.document import DocumentType
from counterfoil.core.numbering import (
    DateBeforeLastIssued,
    NotANumberPattern,
    check_date_order,
    may_meet,
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
        "Date the document 2026-06-01 or later (Re-date, or counterfoil run redate), or issue it in another series, "
        "or switch the date order of this one off: Settings, Numbering, or counterfoil numbering set."
    )
    check_date_order(
        series=key, invoice_date=date(2026, 5, 31), last_issued=date(2026, 6, 1), in_date_order=False
    )


@pytest.mark.parametrize(
    ("one", "branch", "other", "other_branch", "meet"),
    [
        ("INV-{year}-{seq:06}", "main", "{branch}-{year}-{seq:06}", "INV", True),
        ("INV-{year}-{seq:06}", "main", "{branch}-{year}-{seq:06}", "NORTH", False),
        ("INV-{year}-{seq:06}", "main", "INV-{seq:06}", "main", False),  # a dash is no digit
        ("INV{year}{seq}", "main", "INV{seq}", "main", True),  # INV2026 1 and INV 20261
        ("{seq}/A", "main", "{seq}/B", "main", False),
        ("F{seq}", "main", "F{seq}/{year}", "main", False),
    ],
)
def test_7_1_patterns_meet_where_a_number_could_be_both(
    one: str, branch: str, other: str, other_branch: str, *, meet: bool
) -> None:
    first = parse_pattern(one, restarts_each_year=False)
    second = parse_pattern(other, restarts_each_year=False)
    assert may_meet(first, branch=branch, other=second, other_branch=other_branch) is meet
    assert may_meet(second, branch=other_branch, other=first, other_branch=branch) is meet


PARTS = st.lists(st.sampled_from(["A", "-", "1", "20", "26", "{year}"]), max_size=3).map("".join)
SEQUENCES = st.integers(1, 30)
YEARS = st.integers(2019, 2028)


@given(PARTS, PARTS, PARTS, PARTS, SEQUENCES, SEQUENCES, YEARS, YEARS)
def test_7_1_two_equal_numbers_come_from_patterns_that_meet(
    before: str,
    after: str,
    other_before: str,
    other_after: str,
    seq: int,
    other_seq: int,
    year: int,
    other_year: int,
) -> None:
    one = parse_pattern(before + "{seq}" + after, restarts_each_year=False)
    other = parse_pattern(other_before + "{seq:03}" + other_after, restarts_each_year=False)
    number = one.number(seq=seq, year=year, branch="X")
    assert re.match(one.form(branch="X"), number)
    if number == other.number(seq=other_seq, year=other_year, branch="X"):
        assert may_meet(one, branch="X", other=other, other_branch="X")
