"""What can be billed, and what cannot and why: one check a finding, the first that fails counts.

A bad charge never stops a run: it is set aside with its sentence and remedy (billing-rules 12.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from counterfoil.core.currencies import MINOR_DIGITS
from counterfoil.core.findings import FindingCode, finding
from counterfoil.core.money import (
    LARGEST_AMOUNT_MINOR,
    LARGEST_QUANTITY_STEPS,
    LARGEST_UNIT_PRICE_STEPS,
    PLACES,
    format_steps,
)
from counterfoil.core.paying import PaidBy
from counterfoil.core.periods import FIRST_YEAR, LAST_YEAR
from counterfoil.engine.frames import FINDINGS
from counterfoil.engine.rounding import WIDE


@dataclass(frozen=True, kw_only=True)
class Check:
    """A finding's code, when it applies, and the columns or constants its sentence names."""

    code: FindingCode
    fails: pl.Expr
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)


def sift(*, charges: pl.DataFrame, tax_point: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the charges that can be rated, and FINDINGS for the others.

    *charges* are resolved (pricing.resolve) and joined with customer, charge period and tax rate. The prices of
    those with `has_price_history` are looked at later, by `sift_prices`: they depend on the day.
    """
    return _sift(charges, checks=_checks(tax_point=tax_point))


def sift_events(*, events: pl.DataFrame, tax_point: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the charges of events that can be rated, and FINDINGS for the others, which name their event."""
    who = [check for check in _who() if check.code is not FindingCode.NO_CHARGE_PERIOD]
    return _sift(events, checks=[*who, *_sizes(), *_prices(), *_tax(tax_point)])


def sift_prices(pieces: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the *pieces* of charges whose every dated price can be billed, and FINDINGS for the other charges."""
    checks = _prices()
    bad = pieces.with_columns(code_found=_code_of(checks)).filter(pl.col("code_found").is_not_null())
    if bad.is_empty():
        return pieces, FINDINGS.empty()
    first = bad.sort("charge_id", "period_start").unique("charge_id", keep="first", maintain_order=True)
    return pieces.join(bad, on="charge_id", how="anti"), _findings(first, checks=checks)


def _sift(rows: pl.DataFrame, *, checks: list[Check]) -> tuple[pl.DataFrame, pl.DataFrame]:
    sifted = rows.with_columns(steps_per_minor=_steps_per_minor()).with_columns(code_found=_code_of(checks))
    can_be_rated = pl.col("code_found").is_null()
    bad = sifted.filter(~can_be_rated)
    return sifted.filter(can_be_rated).drop("code_found"), _findings(bad, checks=checks)


def _code_of(checks: list[Check]) -> pl.Expr:
    return pl.coalesce(
        pl.when(check.fails.fill_null(value=False)).then(pl.lit(check.code.value)) for check in checks
    )


def _steps_per_minor() -> pl.Expr:
    """Quantity steps × price steps that make one minor unit: 10^12 ÷ 10^digits; null for no currency."""
    per_currency = {code: 10 ** (2 * PLACES - digits) for code, digits in MINOR_DIGITS.items()}
    return pl.col("currency").replace_strict(per_currency, default=None, return_dtype=pl.Int64)


def _checks(*, tax_point: date) -> list[Check]:
    return [*_who(), *_dates(), *_sizes(), *_prices(applies=~pl.col("has_price_history")), *_tax(tax_point)]


def _who() -> list[Check]:
    is_nobodys, mark = pl.col("account").is_null(), pl.col("paid_by")
    is_dealers = is_nobodys & (mark == PaidBy.DEALER.value)
    return [
        Check(
            code=FindingCode.NO_ACCOUNT_OF_CLIENT,
            fails=is_nobodys & (mark == PaidBy.DIRECT.value),
        ),
        Check(code=FindingCode.NO_DEALER, fails=is_dealers & pl.col("dealer_id").is_null()),
        Check(code=FindingCode.NO_ACCOUNT_OF_DEALER, fails=is_dealers),
        Check(code=FindingCode.NO_CUSTOMER, fails=is_nobodys),
        Check(
            code=FindingCode.CUSTOMER_INACTIVE,
            fails=~pl.col("customer_is_active"),
            columns={"customer": "account"},
        ),
        Check(code=FindingCode.NO_CHARGE_PERIOD, fails=pl.col("unit").is_null()),
    ]


def _dates() -> list[Check]:
    dates = [pl.col(name) for name in ("starts_on", "ends_before", "anchor", "billed_from", "billed_to")]
    return [
        Check(
            code=FindingCode.DATE_OUT_OF_RANGE,
            fails=pl.any_horizontal(
                ~day.dt.year().is_between(FIRST_YEAR, LAST_YEAR).fill_null(value=True) for day in dates
            ),
            constants={"first_year": FIRST_YEAR, "last_year": LAST_YEAR},
        ),
        Check(
            code=FindingCode.END_NOT_AFTER_START,
            fails=pl.col("ends_before") <= pl.col("starts_on"),
            columns={"last_day": "ends_before", "starts_on": "starts_on"},
        ),
        Check(
            code=FindingCode.SERVICE_BEFORE_BILLED,
            fails=pl.col("ends_before") < pl.col("billed_from"),
            columns={"last_day": "ends_before", "billed_from": "billed_from"},
        ),
    ]


def _prices(*, applies: pl.Expr | None = None) -> list[Check]:
    price, quantity = pl.col("unit_price"), pl.col("quantity")
    whole_period = price.cast(WIDE) * quantity.cast(WIDE)
    is_looked_at = pl.lit(value=True) if applies is None else applies
    return [
        Check(code=FindingCode.NO_PRICE, fails=is_looked_at & price.is_null()),
        Check(
            code=FindingCode.PRICE_OUT_OF_RANGE,
            fails=is_looked_at & (price.abs() > LARGEST_UNIT_PRICE_STEPS),
            columns={"unit_price": "unit_price"},
            constants={"largest": format_steps(LARGEST_UNIT_PRICE_STEPS)},
        ),
        Check(
            code=FindingCode.AMOUNT_OVERFLOW,
            fails=is_looked_at
            & (whole_period.abs() // pl.col("steps_per_minor").cast(WIDE) >= LARGEST_AMOUNT_MINOR),
            columns={"quantity": "quantity", "unit_price": "unit_price"},
        ),
    ]


def _sizes() -> list[Check]:
    return [
        Check(
            code=FindingCode.QUANTITY_OUT_OF_RANGE,
            fails=pl.col("quantity").abs() > LARGEST_QUANTITY_STEPS,
            columns={"quantity": "quantity"},
            constants={"largest": format_steps(LARGEST_QUANTITY_STEPS)},
        ),
        Check(
            code=FindingCode.UNKNOWN_CURRENCY,
            fails=pl.col("steps_per_minor").is_null(),
            columns={"currency": "currency"},
        ),
        Check(
            code=FindingCode.CURRENCY_MISMATCH,
            fails=pl.col("price_currency") != pl.col("currency"),
            columns={"currency": "price_currency", "customer_currency": "currency"},
        ),
    ]


def _tax(tax_point: date) -> list[Check]:
    return [
        Check(
            code=FindingCode.UNKNOWN_TAX_RATE,
            fails=pl.col("tax_rate").is_null(),
            columns={"tax_category": "tax_category"},
            constants={"tax_point": tax_point},
        )
    ]


def _findings(bad: pl.DataFrame, *, checks: list[Check]) -> pl.DataFrame:
    by_code = {check.code.value: check for check in checks}
    rows = []
    for row in bad.iter_rows(named=True):
        check = by_code[row["code_found"]]
        fields = {name: _shown(column, row[column]) for name, column in check.columns.items()}
        found = finding(check.code, **fields, **check.constants)
        ids = {name: row[name] for name in ("charge_id", "customer_id", "client_id")}
        message = f"{_event_of(row)}{found.message}"
        rows.append({"code": check.code.value, **ids, "message": message, "remedy": found.remedy})
    return pl.DataFrame(rows, schema=FINDINGS.schema)


def _event_of(row: Mapping[str, object]) -> str:
    """Return the event that a row is a charge of, to begin its sentence with; empty for an assigned charge."""
    if row.get("event") is None:
        return ""
    kind = str(row["event_kind"]).replace("_", " ").capitalize()
    return f"{kind} {row['event']}, line {row['event_line']}: "


def _shown(column: str, value: object) -> object:
    if column in {"unit_price", "quantity"} and isinstance(value, int):
        return format_steps(value)
    if column == "ends_before" and isinstance(value, date):
        return value - timedelta(days=1)  # people are told the last day
    return "not set" if value is None else value
