"""Numbers given on columns are those that core writes one by one (billing-rules 7.1, 7.2)."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.numbering import NumberPattern
from counterfoil.engine.numbering import DRAFTS, number_drafts

PATTERNS = ["{seq}", "INV-{year}-{seq:06}", "{branch}/{seq:03}/{year}", "{seq:01}-{branch}"]
JUNE = date(2026, 6, 1)


@given(
    series=st.lists(st.sampled_from([1, 2]), min_size=1, max_size=30),
    patterns=st.fixed_dictionaries({1: st.sampled_from(PATTERNS), 2: st.sampled_from(PATTERNS)}),
    first=st.integers(1, 10**9),
)
def test_columns_write_the_numbers_that_core_writes(
    series: list[int], patterns: dict[int, str], first: int
) -> None:
    drafts = pl.DataFrame(
        {
            "invoice_id": range(1, len(series) + 1),
            "series_id": series,
            "payment_terms": ["14 days"] * len(series),
        },
        schema=DRAFTS.schema,
    )
    branches = {1: "main", 2: "NORTH"}
    numbers = number_drafts(
        drafts,
        next_seq={1: first, 2: 1},
        patterns={key: NumberPattern(text) for key, text in patterns.items()},
        branches=branches,
        invoice_date=JUNE,
    )
    given_so_far = {1: first, 2: 1}
    for invoice_id, series_id, seq, number, due_on in numbers.iter_rows():
        assert series[invoice_id - 1] == series_id
        assert seq == given_so_far[series_id]
        given_so_far[series_id] += 1
        pattern = NumberPattern(patterns[series_id])
        assert number == pattern.number(seq=seq, year=2026, branch=branches[series_id])
        assert due_on == date(2026, 6, 15)  # 1 June and 14 days
    assert numbers.get_column("invoice_id").to_list() == list(range(1, len(series) + 1))
