"""One truth, two forms, for prices through time: columns agree with the plain rules on thousands of random charges.

`COUNTERFOIL_TEST_AGREEMENT_CHARGES=1000000 pytest tests/engine/test_price_agreement.py` compares that many.
"""

from __future__ import annotations

import os
from datetime import date, timedelta
from random import Random

import pytest

from counterfoil.core.money import LARGEST_AMOUNT_MINOR, LARGEST_UNIT_PRICE_STEPS, amount_of
from counterfoil.core.periods import DateRange
from counterfoil.core.proration import WHOLE
from counterfoil.core.recurring import Charge, Line, NoPriceInForce, owed_lines, past_periods, span_after
from counterfoil.engine.billing import Billed, bill
from tests.engine.cases import Case, as_loaded, draw
from tests.engine.tables import terms

CHARGES = int(os.environ.get("COUNTERFOIL_TEST_AGREEMENT_CHARGES", "3000"))
A_BATCH = 500


@pytest.mark.parametrize("seed", range(-(-CHARGES // A_BATCH)))
def test_lines_spans_and_findings_agree(seed: int) -> None:
    """Rules 1 to 3, 4.2, 4.3: the same lines, prices, amounts and spans, and the same charges set aside."""
    rng = Random(seed)  # noqa: S311 - the same charges every time
    year = rng.choice([1910, 2024, 2027, 2100, 2190])
    cutoff = date(year, 1, 1) + timedelta(rng.randrange(365))
    cases = [draw(rng, cutoff=cutoff) for _ in range(A_BATCH)]
    billed = bill(
        as_loaded(cases), terms=terms(cutoff=cutoff, invoice_date=cutoff, past_periods_allowed=10**6)
    )
    found, spans = _found(billed), _spans(billed)
    aside = dict(billed.findings.select("charge_id", "code").iter_rows())
    for number, case in enumerate(cases, start=1):
        charge = case.priced(through=cutoff + timedelta(days=1600))
        try:
            lines = owed_lines(charge, through=cutoff)
        except NoPriceInForce:
            assert aside.get(number) == "no_price", case
            continue
        if aside.get(number) in ("amount_overflow", "price_out_of_range"):
            assert _is_too_large(charge), case
            continue
        assert number not in aside, (aside[number], case)
        assert found.get(number, []) == [_told(line, charge) for line in lines], case
        assert spans.get(number) == (span_after(charge, lines) if lines else None), case


@pytest.mark.parametrize("allowed", [0, 1, 3])
def test_past_periods_are_counted_alike(allowed: int) -> None:
    """Rule 2.7: a period split by price changes is one period."""
    rng, cutoff = Random(allowed), date(2026, 6, 1)  # noqa: S311 - the same charges every time
    cases = [draw(rng, cutoff=cutoff) for _ in range(A_BATCH)]
    asked = terms(cutoff=cutoff, invoice_date=cutoff, past_periods_allowed=allowed)
    findings = bill(as_loaded(cases), terms=asked).findings
    aside = {charge for charge, code in findings.select("charge_id", "code").iter_rows()}
    late = set()
    for number, case in enumerate(cases, start=1):
        try:
            lines = owed_lines(case.priced(through=cutoff + timedelta(days=1600)), through=cutoff)
        except NoPriceInForce:
            continue
        if past_periods(lines, cut_off=cutoff) > allowed:
            late.add(number)
    assert late <= aside
    told_late = {
        charge
        for charge, code, message in findings.select("charge_id", "code", "message").iter_rows()
        if code == "too_many_past_periods" and f"at most {allowed} are" in message
    }
    assert told_late <= late | _owing_hundreds(cases, cutoff)


def _owing_hundreds(cases: list[Case], cutoff: date) -> set[int]:
    """Who owes hundreds of parts that cost nothing is told so without listing them."""
    return {
        number for number, case in enumerate(cases, start=1) if (cutoff - case.charge.starts_on).days > 400
    }


def _found(billed: Billed) -> dict[int, list[tuple[object, ...]]]:
    found: dict[int, list[tuple[object, ...]]] = {}
    told = billed.lines.sort("charge_id", "period_start").select(
        "charge_id", "period_start", "period_end", "fraction_num", "fraction_den", "unit_price", "net_minor",
        "bill_date", "part_charging",
    )  # fmt: skip
    for charge, *line in told.iter_rows():
        found.setdefault(charge, []).append(tuple(line))
    return found


def _told(line: Line, charge: Charge) -> tuple[object, ...]:
    days, share = line.period, line.fraction
    return (
        days.start, days.end, share.numerator, share.denominator, line.unit_price_steps, line.net_minor,
        line.bill_date, line.part_charging.value,
    )  # fmt: skip


def _spans(billed: Billed) -> dict[int, DateRange]:
    rows = billed.spans.select("charge_id", "billed_from", "billed_to").iter_rows()
    return {charge: DateRange(start, end) for charge, start, end in rows}


def _is_too_large(charge: Charge) -> bool:
    prices = [step.unit_price_steps for step in charge.prices if step.unit_price_steps is not None]
    return any(
        abs(price) > LARGEST_UNIT_PRICE_STEPS
        or abs(
            amount_of(
                quantity_steps=charge.quantity_steps, unit_price_steps=price, fraction=WHOLE, currency="EUR"
            )
        )
        >= LARGEST_AMOUNT_MINOR
        for price in prices
    )
