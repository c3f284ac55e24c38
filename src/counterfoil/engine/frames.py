"""The shape of every table between stages, and what always holds in it.

A `Frame` names its columns, its key and the sentences that are true of every row. `promise` checks a table
against it; stages do so when they hand a table on, and persist does so again before it writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

ID = pl.Int64
MINOR = pl.Int64
STEPS = pl.Int64
DAY = pl.Date


class FrameBroken(AssertionError):
    """A stage handed on a table that breaks its promise. This is a bug: nothing was stored; report the run."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A table's columns with their types, the columns no two rows share, and what is true of every row."""

    name: str
    columns: Mapping[str, pl.DataType | type[pl.DataType]]
    key: tuple[str, ...]
    always: Mapping[str, pl.Expr] = field(default_factory=dict)

    @property
    def schema(self) -> pl.Schema:
        """The columns and types, in order."""
        return pl.Schema(self.columns)

    def promise(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return *table* with exactly this frame's columns. Raises `FrameBroken` and says what is wrong."""
        missing = [name for name in self.columns if name not in table.columns]
        if missing:
            raise FrameBroken(f"{self.name} lacks {', '.join(missing)}. {FrameBroken.__doc__}")
        ordered = table.select(*self.columns)
        if ordered.schema != self.schema:
            wrong = [name for name, kind in ordered.schema.items() if kind != self.columns[name]]
            raise FrameBroken(f"{self.name} has wrong types in {', '.join(wrong)}. {FrameBroken.__doc__}")
        if self.key and not self._has_one_row_a_key(ordered):
            raise FrameBroken(f"{self.name} has two rows for one {self.key}. {FrameBroken.__doc__}")
        self._check_sentences(ordered)
        return ordered

    def _has_one_row_a_key(self, table: pl.DataFrame) -> bool:
        """Return whether no two rows of *table* share a key; cheap where they are ordered by it."""
        ascends = pl.lit(value=False)
        for name in reversed(self.key):
            key, before = pl.col(name), pl.col(name).shift(1)
            ascends = (key > before) | ((key == before) & ascends)
        if table.select(ascends.fill_null(value=False).sum()).item() == table.height - 1:
            return True
        return table.select(self.key).n_unique() == table.height

    def _check_sentences(self, table: pl.DataFrame) -> None:
        if not self.always or table.is_empty():
            return
        holds = table.select(
            expression.fill_null(value=False).all().alias(sentence)
            for sentence, expression in self.always.items()
        ).row(0, named=True)
        broken = [sentence for sentence, true in holds.items() if not true]
        if broken:
            raise FrameBroken(f"{self.name}: not every row {' and '.join(broken)}. {FrameBroken.__doc__}")

    def empty(self) -> pl.DataFrame:
        """Return a table of this shape without rows."""
        return pl.DataFrame(schema=self.schema)


_OVERRIDABLE = {
    "unit_price": STEPS,
    "quantity": STEPS,
    "description": pl.String,
    "charge_period_id": ID,
    "tax_category_id": ID,
    "while_commissioned": pl.Boolean,
}

CHARGES = Frame(
    name="charges",
    columns={
        "charge_id": ID,
        "customer_id": ID,
        "client_id": ID,
        "dealer_id": ID,
        "master_id": ID,
        "paid_by": pl.String,
        "starts_on": DAY,
        "ends_before": DAY,
        "commissioned_on": DAY,
        "decommissioned_on": DAY,
        "billed_from": DAY,
        "billed_to": DAY,
        "starts_in_part": pl.Boolean,
        "ends_in_part": pl.Boolean,
        "po_number": pl.String,
        "client_branch_id": ID,
        **_OVERRIDABLE,
    },
    key=("charge_id",),
)
"""Assigned charges as stored: a null value is not set at this level. `paid_by` is the mark of legacy customer mode."""

CUSTOMERS = Frame(
    name="customers",
    columns={
        "customer_id": ID,
        "account": pl.String,
        "branch_id": ID,
        "currency": pl.String,
        "country": pl.String,
        "tax_status": pl.String,
        "is_active": pl.Boolean,
    },
    key=("customer_id",),
)

MASTERS = Frame(
    name="master charges",
    columns={
        "master_id": ID,
        "code": pl.String,
        "ledger_code": pl.String,
        "currency": pl.String,
        "includes_tax": pl.Boolean,
        **_OVERRIDABLE,
    },
    key=("master_id",),
)

CUSTOMER_OVERRIDES = Frame(
    name="customers' overrides",
    columns={"master_id": ID, "customer_id": ID, **_OVERRIDABLE},
    key=("master_id", "customer_id"),
)

DEALER_OVERRIDES = Frame(
    name="dealers' overrides",
    columns={"master_id": ID, "dealer_id": ID, **_OVERRIDABLE},
    key=("master_id", "dealer_id"),
)

CHARGE_PERIODS = Frame(
    name="charge periods",
    columns={
        "charge_period_id": ID,
        "count": pl.Int64,
        "unit": pl.String,
        "anchor": DAY,
        "billing_day": pl.Int64,
        "part_charging": pl.String,
        "day_count": pl.String,
        "bill_on": pl.String,
        "offset_days": pl.Int64,
        "split_on_price_change": pl.Boolean,
    },
    key=("charge_period_id",),
)

PRICE_CHANGES = Frame(
    name="price changes",
    columns={
        "charge_id": ID,
        "master_id": ID,
        "customer_id": ID,
        "dealer_id": ID,
        "valid_from": DAY,
        "unit_price": STEPS,
    },
    key=("charge_id", "master_id", "customer_id", "dealer_id", "valid_from"),
)
"""Prices by date, of a charge, a master charge, or what a customer or dealer pays for one (billing-rules 4.2).

A null price leaves it to the next level.
"""

ESCALATIONS = Frame(
    name="escalations",
    columns={
        "charge_id": ID,
        "master_id": ID,
        "escalation_id": ID,
        "rate": STEPS,
        "step": STEPS,
        "every_periods": pl.Int64,
        "on_date": DAY,
        "yearly": pl.Boolean,
    },
    key=("charge_id", "master_id"),
)
"""How the prices of a charge, or of all charges of a master charge, grow (billing-rules 4.3)."""

COMMISSIONINGS = Frame(
    name="past commissionings",
    columns={"client_id": ID, "starts_on": DAY, "ends_before": DAY},
    key=("client_id", "starts_on"),
)
"""When clients were commissioned before the present time (billing-rules 2.1)."""

SPAN_EDGES = Frame(
    name="edges of billed spans",
    columns={
        "charge_id": ID,
        "start_grid_start": DAY,
        "start_grid_end": DAY,
        "end_grid_start": DAY,
        "end_grid_end": DAY,
        "end_grid_since": DAY,
    },
    key=("charge_id",),
)
"""The grid periods that hold the first and the last billed day of a charge, as they were when billed (1.5).

`end_grid_since`: the days before it were billed by another grid still; null if none were.
"""

GIVEN_UP = Frame(
    name="days given up",
    columns={
        "charge_id": ID,
        "given_from": DAY,
        "given_to": DAY,
        "grid_start": DAY,
        "grid_end": DAY,
        "is_rated_again": pl.Boolean,
    },
    key=("charge_id", "given_from"),
    always={"has days": pl.col("given_from") < pl.col("given_to")},
)
"""Days within a billed span that a credit took off their line and no newer line bills (2.5, decision 0051).

[`grid_start`, `grid_end`) is the period they were billed in. Not `is_rated_again`: usage, and days of a period that
several grids billed.
"""

TAX_RATES = Frame(
    name="tax rates",
    columns={"tax_category_id": ID, "country": pl.String, "tax_rate": STEPS, "valid_from": DAY},
    key=("tax_category_id", "country", "valid_from"),
)

TAX_CATEGORIES = Frame(
    name="tax categories",
    columns={"tax_category_id": ID, "tax_category": pl.String},
    key=("tax_category_id",),
)

DISCOUNTS = Frame(
    name="discounts",
    columns={
        "discount_id": ID,
        "name": pl.String,
        "charge_id": ID,
        "master_id": ID,
        "customer_id": ID,
        "percent": STEPS,
        "amount": STEPS,
        "starts_on": DAY,
        "ends_before": DAY,
    },
    key=("discount_id",),
    always={"is a percentage or an amount": pl.col("percent").is_null() != pl.col("amount").is_null()},
)
"""Discounts off the lines of a charge or a master charge, or (neither) off a customer's invoices (4.5)."""

FINDINGS = Frame(
    name="findings",
    columns={
        "code": pl.String,
        "charge_id": ID,
        "customer_id": ID,
        "client_id": ID,
        "message": pl.String,
        "remedy": pl.String,
    },
    key=(),
)
"""What could not be billed, each with its sentence and remedy (billing-rules 12.3)."""

PIECES = Frame(
    name="pieces",
    columns={
        "charge_id": ID,
        "grid_id": pl.UInt32,
        "k": pl.Int64,
        "grid_start": DAY,
        "grid_end": DAY,
        "period_start": DAY,
        "period_end": DAY,
        "served_start": DAY,
        "service_start": DAY,
        "service_end": DAY,
        "has_neighbour": pl.Boolean,
        "billed_start": DAY,
        "billed_end": DAY,
        "earlier": pl.List(DAY),
        "bill_date": DAY,
        "is_before_span": pl.Boolean,
        "is_within_span": pl.Boolean,
    },
    key=("charge_id", "period_start"),
    always={
        "has days": pl.col("period_start") < pl.col("period_end"),
        "lies within its grid period": (pl.col("grid_start") <= pl.col("period_start"))
        & (pl.col("period_end") <= pl.col("grid_end")),
    },
)
"""The unbilled days of one charge in one grid period, due for billing.

[`billed_start`, `billed_end`) are the days of the same grid period that are billed already; equal if none. Where
the client was commissioned several times, or credits gave up days, they are in `earlier` instead, start and end of
each range in turn; null for all others. [`service_start`, `service_end`) is the service period (2.2), `has_neighbour`
says that the grid period holds another, and `served_start` is the first day the charge is served at all. The days of
a piece that `is_within_span` were given up and are served again.
"""

LINES = Frame(
    name="lines",
    columns={
        "invoice_no": pl.Int64,
        "line_no": pl.Int32,
        "kind": pl.String,
        "charge_id": ID,
        "event_charge_id": ID,
        "client_id": ID,
        "code": pl.String,
        "ledger_code": pl.String,
        "description": pl.String,
        "period_start": DAY,
        "period_end": DAY,
        "grid_start": DAY,
        "grid_end": DAY,
        "span_from": DAY,
        "span_to": DAY,
        "bill_date": DAY,
        "fraction_num": pl.Int64,
        "fraction_den": pl.Int64,
        "part_charging": pl.String,
        "day_count": pl.String,
        "anchor_day": pl.Int16,
        "quantity": STEPS,
        "unit_price": STEPS,
        "price_level": pl.String,
        "tax_category_id": ID,
        "tax_rate": STEPS,
        "includes_tax": pl.Boolean,
        "discount_minor": MINOR,
        "net_minor": MINOR,
        "tax_minor": MINOR,
        "details": pl.String,
    },
    key=("charge_id", "event_charge_id", "period_start"),
    always={
        "has days": pl.col("period_start") < pl.col("period_end"),
        "is of a charge or of an event": pl.col("charge_id").is_null() != pl.col("event_charge_id").is_null(),
        # Usage in a later piece of a period that is charged for already has units, and no share of its own; so may
        # days served again that were credited by whole months.
        "has a share of its period above nothing": (
            (pl.col("fraction_num") > 0)
            | (
                (pl.col("fraction_num") == 0)
                & ((pl.col("kind") == "usage") | (pl.col("net_minor") + pl.col("discount_minor") != 0))
            )
        )
        & (pl.col("fraction_den") > 0),
        "has a tax rate that is not negative": pl.col("tax_rate") >= 0,
        "is numbered from one": pl.col("line_no") >= 1,
    },
)
"""What the charges and events of a run come to: rated, taxed and grouped.

[`span_from`, `span_to`) is the charge's billed span before this run, null if none. `net_minor` is after
`discount_minor`, which is in the price's terms: with the tax where `includes_tax`. `details` is JSON text, empty
where the columns say all.
"""

INVOICES = Frame(
    name="invoices",
    columns={
        "invoice_no": pl.Int64,
        "customer_id": ID,
        "branch_id": ID,
        "document_type": pl.String,
        "currency": pl.String,
        "po_number": pl.String,
        "line_count": pl.Int32,
        "net_minor": MINOR,
        "tax_minor": MINOR,
        "gross_minor": MINOR,
    },
    key=("invoice_no",),
    always={
        "has lines": pl.col("line_count") >= 1,
        "adds up": pl.col("net_minor") + pl.col("tax_minor") == pl.col("gross_minor"),
        "is not negative": pl.col("gross_minor") >= 0,
    },
)

SPAN_MOVED: Mapping[str, type[pl.DataType]] = {
    "charge_id": ID,
    "was_from": DAY,
    "was_to": DAY,
    "billed_from": DAY,
    "billed_to": DAY,
    "starts_in_part": pl.Boolean,
    "ends_in_part": pl.Boolean,
}
"""From where a charge's billed span moves, and where to; null where nothing is billed."""

SPANS = Frame(
    name="billed spans",
    columns=SPAN_MOVED,
    key=("charge_id",),
    always={
        "only grows": (pl.col("billed_from") <= pl.col("was_from").fill_null(pl.col("billed_from")))
        & (pl.col("billed_to") >= pl.col("was_to").fill_null(pl.col("billed_to"))),
        "is a range": pl.col("billed_from") < pl.col("billed_to"),
    },
)
"""How the billed span of each charge moves when its lines are stored (billing-rules 2.5)."""

CONFIRMATIONS = Frame(
    name="confirmed pasts",
    columns={"charge_id": ID, "confirmed_before": DAY},
    key=("charge_id",),
)
"""Up to which day somebody confirmed that a charge's unbilled periods are to be billed (billing-rules 2.7)."""
