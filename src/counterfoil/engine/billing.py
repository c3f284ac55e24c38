"""From charges to invoices, in one direction: resolve · sift · owe · rate · group · discount · tax · move the spans.

Pure: the same tables give the same result, whoever asks and however often. A preview and a run both call
`bill`; that is why they agree (billing-rules 12.1).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from counterfoil.core.money import Rounding
from counterfoil.core.pricing import Level
from counterfoil.core.taxes import TaxStatus
from counterfoil.engine import pricing, rating, recurring, sifting, spans, taxing
from counterfoil.engine.billed_again import EXCLUDED_LINES, with_exclusions
from counterfoil.engine.credit_frames import BILLED_PARTS
from counterfoil.engine.discounts import with_discounts
from counterfoil.engine.events import EVENTS, due_events, rate_events, with_dated_prices
from counterfoil.engine.frames import (
    COMMISSIONINGS,
    CONFIRMATIONS,
    ESCALATIONS,
    FINDINGS,
    GIVEN_UP,
    LINES,
    PRICE_CHANGES,
    SPAN_EDGES,
)
from counterfoil.engine.grids import Grids, assign_grids
from counterfoil.engine.grouping import Grouping, number_lines, set_negative_aside, sum_invoices
from counterfoil.engine.price_history import PriceSources, with_price_history
from counterfoil.engine.price_pieces import with_prices
from counterfoil.engine.usage import Usage, rate_usage, with_tariff

CHARGES_AT_ONCE = 100_000
"""More are rated one such part after the other."""

SCHEDULE = (
    "charge_id", "customer_id", "client_id", "grid_id", "starts_on", "ends_before", "commissioned_on",
    "decommissioned_on", "while_commissioned", "billed_from", "billed_to", "starts_in_part", "ends_in_part",
    "bill_on", "offset_days",
)  # fmt: skip
"""What of a charge says which of its days are owed, and when."""

ONLY_TO_RATE = (
    "paid_by", "grid_id", "k", "service_start", "service_end", "has_neighbour", "billed_start", "billed_end", "earlier",
    "starts_on", "ends_before", "commissioned_on", "decommissioned_on", "starts_in_part", "ends_in_part",
    "price_currency", "charge_period_id", "while_commissioned", "account", "country", "customer_is_active", "count",
    "unit", "anchor", "billing_day", "bill_on", "offset_days", "split_on_price_change", "tax_category", "tariff_id",
    "counts", "tier_mode", "counted_unit", "unit_step", "allowance", "minimum", "has_tiers", "has_price_history",
    "goes_on", "together_num", "together_den", "earlier_num", "earlier_den",
)  # fmt: skip
"""Columns beside rated lines that no later stage reads: half of what they weigh."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a run is asked to do, and the seller's ways. *tax_point* None: the invoice date (5.1)."""

    cutoff: date
    invoice_date: date
    grouping: Grouping
    past_periods_allowed: int
    rounding: Rounding
    seller_country: str
    seller_tax_status: str = TaxStatus.STANDARD.value
    tax_point: date | None = None


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What a run reads, each table in the shape engine/frames.py names."""

    charges: pl.DataFrame
    customers: pl.DataFrame
    masters: pl.DataFrame
    customer_overrides: pl.DataFrame
    dealer_overrides: pl.DataFrame
    charge_periods: pl.DataFrame
    tax_rates: pl.DataFrame
    tax_categories: pl.DataFrame
    discounts: pl.DataFrame
    usage: Usage = field(default_factory=Usage)
    events: pl.DataFrame = field(default_factory=EVENTS.empty)
    price_changes: pl.DataFrame = field(default_factory=PRICE_CHANGES.empty)
    escalations: pl.DataFrame = field(default_factory=ESCALATIONS.empty)
    commissionings: pl.DataFrame = field(default_factory=COMMISSIONINGS.empty)
    span_edges: pl.DataFrame = field(default_factory=SPAN_EDGES.empty)
    billed_parts: pl.DataFrame = field(default_factory=BILLED_PARTS.empty)
    given_up: pl.DataFrame = field(default_factory=GIVEN_UP.empty)
    confirmations: pl.DataFrame = field(default_factory=CONFIRMATIONS.empty)
    excluded: pl.DataFrame = field(default_factory=EXCLUDED_LINES.empty)

    def price_sources(self) -> PriceSources:
        """Return where the prices of the charges come from, by level and by date (billing-rules 4.1 to 4.3)."""
        return PriceSources(
            levels={
                Level.ASSIGNMENT: self.charges,
                Level.CUSTOMER: self.customer_overrides,
                Level.DEALER: self.dealer_overrides,
                Level.MASTER: self.masters,
            },
            changes=self.price_changes,
            escalations=self.escalations,
        )


@dataclass(frozen=True, kw_only=True)
class Billed:
    """What a run stores: INVOICES, LINES, FINDINGS and SPANS.

    A credit run stores their counterparts of engine/credit_frames.py, and names the *originals* it credits. *given_up*
    are the days within billed spans that some lines bill again, as they were: nothing else guards those.
    """

    invoices: pl.DataFrame
    lines: pl.DataFrame
    findings: pl.DataFrame
    spans: pl.DataFrame
    originals: pl.DataFrame | None = None
    given_up: pl.DataFrame = field(default_factory=GIVEN_UP.empty)


@dataclass(frozen=True, kw_only=True)
class Owed:
    """The lines that charges and events owe, numbered, discounted and taxed, before any document is set aside.

    With them come the *charges* they are of, as far as they are billed, and FINDINGS for what cannot be.
    """

    lines: pl.DataFrame
    findings: pl.DataFrame
    charges: pl.DataFrame


def bill(loaded: Loaded, *, terms: Terms) -> Billed:
    """Return what the charges and events in *loaded* owe under *terms*, grouped on invoices and taxed."""
    owed = owed_lines(loaded, terms=terms)
    invoices, below_zero = set_negative_aside(sum_invoices(owed.lines), owed.lines)
    lines = owed.lines.join(invoices.select("invoice_no"), on="invoice_no", how="semi", maintain_order="left")
    return Billed(
        invoices=invoices,
        lines=LINES.promise(lines.rename({"billed_from": "span_from", "billed_to": "span_to"})),
        findings=FINDINGS.promise(pl.concat([owed.findings, below_zero])),
        spans=spans.moved_spans(lines=lines, charges=owed.charges),
        given_up=loaded.given_up.join(
            lines.filter("is_within_span"), on="charge_id", how="semi", maintain_order="left"
        ),
    )


def owed_lines(loaded: Loaded, *, terms: Terms) -> Owed:
    """Return the lines that the charges and events in *loaded* owe under *terms*, whatever they come to."""
    by_charges = _owed_in_turn(loaded, terms=terms)
    events, events_aside = _rate_events(loaded, terms=terms)
    owed = with_exclusions(_together(by_charges.lines, events), excluded=loaded.excluded)
    numbered = number_lines(rated=owed, grouping=terms.grouping)
    discounted = with_discounts(
        lines=numbered,
        discounts=loaded.discounts,
        invoice_date=terms.invoice_date,
        rounding=terms.rounding,
    )
    return Owed(
        lines=taxing.with_tax(lines=discounted, rounding=terms.rounding),
        findings=pl.concat([by_charges.findings, events_aside]),
        charges=by_charges.charges,
    )


def _owed_in_turn(loaded: Loaded, *, terms: Terms) -> Owed:
    """Return what the charges owe, so many of them after one another: rating takes many times what its lines do.

    No charge owes more or less for being rated beside others. A customer of a million charges is a shard by itself,
    and this keeps it within the memory of a small one.
    """
    slices = list(loaded.charges.iter_slices(CHARGES_AT_ONCE)) or [loaded.charges]
    parts = [_owed_by_charges(replace(loaded, charges=some), terms=terms) for some in slices]
    if len(parts) == 1:
        return parts[0]
    return Owed(
        lines=pl.concat([part.lines for part in parts], how="diagonal"),
        findings=pl.concat([part.findings for part in parts]),
        charges=pl.concat([part.charges for part in parts]),
    )


def _owed_by_charges(loaded: Loaded, *, terms: Terms) -> Owed:
    """Return the lines that the charges owe: rated, not numbered yet, and without what was only needed to rate them.

    What the stages before leave behind is many times as large as the lines, and is given back when this returns.
    """
    described = with_tariff(_describe(_resolve(loaded), loaded, terms=terms), usage=loaded.usage)
    sources = loaded.price_sources()
    resolved = with_price_history(described, sources=sources)
    billable, set_aside = sifting.sift(charges=resolved, tax_point=terms.tax_point or terms.invoice_date)
    charges, grids = assign_grids(billable)
    given_up, not_again = recurring.with_given_up(
        charges=charges,
        grids=grids,
        commissionings=loaded.commissionings,
        given_up=loaded.given_up,
    )

    allowed = terms.past_periods_allowed
    charges, long = recurring.set_long_aside(
        charges=charges,
        grids=grids,
        cutoff=terms.cutoff,
        allowed=allowed,
        commissionings=loaded.commissionings,
        confirmations=loaded.confirmations,
        given_up=given_up,
    )
    pieces = recurring.owed_pieces(
        charges=charges.select(SCHEDULE),
        grids=grids,
        cutoff=terms.cutoff,
        commissionings=loaded.commissionings,
        span_edges=loaded.span_edges,
        given_up=given_up,
    )
    owed = pieces.join(charges.drop("grid_id"), on="charge_id", how="left")
    priced, unpriced = with_prices(owed, sources=sources, grids=grids)
    rated, waiting = _rate(priced, grids, loaded, terms=terms)
    rated, late = recurring.set_late_aside(
        lines=rated, cutoff=terms.cutoff, allowed=allowed, confirmations=loaded.confirmations
    )
    return Owed(
        lines=rated.drop(ONLY_TO_RATE, strict=False),
        findings=pl.concat([set_aside, not_again, long, unpriced, waiting, late]),
        charges=charges.select(spans.BILLED),
    )


def _rate(
    pieces: pl.DataFrame, grids: Grids, loaded: Loaded, *, terms: Terms
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the lines of *pieces*, by price and share or by usage (4.4), and FINDINGS for usage that must wait."""
    metered = pl.col("tariff_id").is_not_null()
    used = pieces.filter(metered)
    rated = rating.rate(
        pieces=pieces if used.is_empty() else pieces.filter(~metered),
        grids=grids,
        rounding=terms.rounding,
        billed_parts=loaded.billed_parts,
    )
    if used.is_empty():
        return rated, FINDINGS.empty()
    by_units, waiting = rate_usage(pieces=used, grids=grids, usage=loaded.usage, rounding=terms.rounding)
    return _together(rated, by_units), waiting


def _rate_events(loaded: Loaded, *, terms: Terms) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the lines of the events that are due, and FINDINGS for those that cannot be rated (C14)."""
    if loaded.events.is_empty():
        return loaded.events, FINDINGS.empty()
    due = due_events(
        loaded.events,
        cutoff=terms.cutoff,
        masters=loaded.masters,
        customer_overrides=loaded.customer_overrides,
        dealer_overrides=loaded.dealer_overrides,
    )
    priced = with_dated_prices(due, sources=loaded.price_sources())
    billable, set_aside = sifting.sift_events(
        events=_describe(priced, loaded, terms=terms), tax_point=terms.tax_point or terms.invoice_date
    )
    return rate_events(billable, rounding=terms.rounding), set_aside


def _together(some: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of both; a column that one lacks is null there."""
    return some if others.is_empty() else pl.concat([some, others], how="diagonal")


def _resolve(loaded: Loaded) -> pl.DataFrame:
    return pricing.resolve(
        charges=loaded.charges,
        masters=loaded.masters,
        customer_overrides=loaded.customer_overrides,
        dealer_overrides=loaded.dealer_overrides,
    )


def _describe(resolved: pl.DataFrame, loaded: Loaded, *, terms: Terms) -> pl.DataFrame:
    """Return the resolved charges with their customer, charge period and tax rate beside them."""
    customers = loaded.customers.rename({"is_active": "customer_is_active"})
    described = (
        resolved.join(customers, on="customer_id", how="left")
        .join(loaded.charge_periods, on="charge_period_id", how="left")
        .join(loaded.tax_categories, on="tax_category_id", how="left")
    )
    return taxing.with_tax_rate(
        charges=described,
        tax_rates=loaded.tax_rates,
        tax_point=terms.tax_point or terms.invoice_date,
        seller_country=terms.seller_country,
        seller_tax_status=terms.seller_tax_status,
    )
