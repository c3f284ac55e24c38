"""Load: what a shard needs, read by SQL in named files, as the tables the engine expects."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.db import connection, transaction

from counterfoil.engine import frames
from counterfoil.engine.billed_again import EXCLUDED_LINES
from counterfoil.engine.billing import Loaded
from counterfoil.engine.credit_frames import BILLED_PARTS
from counterfoil.engine.frames import Frame
from counterfoil.flows.billing.load_usage import load_events, load_usage
from counterfoil.flows.billing.selection import Selection
from counterfoil.records.catalog.models import ChargePeriod
from counterfoil.records.charges.queries import length_of
from counterfoil.records.copying import copy_out

SQL = Path(__file__).parent / "sql"

BLOCK = 64
"""How many neighbouring customers are counted together when shards are planned."""


@dataclass(frozen=True, kw_only=True)
class ShardRange:
    """The customers of a shard, first and last; both None for the charges nobody pays.

    A shard of a credit run has *credited*, the ids of its charges, instead.
    """

    number: int
    first_customer: int | None
    last_customer: int | None
    charges: int
    credited: tuple[int, ...] | None = None


def plan_shards(*, shard_charges: int) -> list[ShardRange]:
    """Return ranges of customers with about *shard_charges* charges each; a customer is never split.

    Customers are counted in blocks of neighbours, and one by one only where a block alone is larger than a shard.
    """
    counted = _charges_by_block(customers=BLOCK)
    nobodys = sum(charges for block, charges in counted if block is None)
    blocks = [(block, charges) for block, charges in counted if block is not None]
    large = [block for block, charges in blocks if charges > shard_charges]
    ranges = [
        (block * BLOCK, (block + 1) * BLOCK - 1, charges)
        for block, charges in blocks
        if charges <= shard_charges
    ]
    if large:
        one_by_one = _charges_by_block(customers=1, within=large)
        ranges += [(customer, customer, charges) for customer, charges in one_by_one if customer is not None]
    shards: list[tuple[int | None, int | None, int]] = [
        (neighbours[0][0], neighbours[-1][1], sum(charges for _, _, charges in neighbours))
        for neighbours in _cut(sorted(ranges), shard_charges=shard_charges)
    ]
    if nobodys:
        shards.append((None, None, nobodys))
    return [
        ShardRange(number=number, first_customer=first, last_customer=last, charges=charges)
        for number, (first, last, charges) in enumerate(shards, start=1)
    ]


def plan_event_shards(events: Sequence[int], *, shard_charges: int) -> list[ShardRange]:
    """Return ranges of the customers of *events*, ids, with about *shard_charges* charges of them each."""
    with connection.cursor() as cursor:
        cursor.execute((SQL / "plan_event_shards.sql").read_text(), {"events": list(events)})
        ranges = [(customer, customer, charges) for customer, charges in cursor.fetchall()]
    return [
        ShardRange(
            number=number,
            first_customer=neighbours[0][0],
            last_customer=neighbours[-1][1],
            charges=sum(charges for _, _, charges in neighbours),
        )
        for number, neighbours in enumerate(_cut(ranges, shard_charges=shard_charges), start=1)
    ]


def _charges_by_block(*, customers: int, within: list[int] | None = None) -> list[tuple[int | None, int]]:
    """Return how many charges each block of *customers* neighbours has; only those in blocks of BLOCK *within*."""
    with connection.cursor() as cursor:
        cursor.execute(
            (SQL / "plan_shards.sql").read_text(),
            {"customers": customers, "within": within, "customers_within": BLOCK},
        )
        return cursor.fetchall()


def _cut(ranges: list[tuple[int, int, int]], *, shard_charges: int) -> list[list[tuple[int, int, int]]]:
    """Return *ranges* of customers in groups; a new one begins with each *shard_charges* charges that are passed."""
    groups: list[list[tuple[int, int, int]]] = []
    passed, place = 0, -1
    for one in ranges:
        if passed // shard_charges != place:
            groups.append([])
            place = passed // shard_charges
        groups[-1].append(one)
        passed += one[2]
    return groups


def load_shard(
    shard: ShardRange, *, selection: Selection, there_is: Mapping[str, bool] | None = None
) -> Loaded:
    """Return what the rating of *shard* reads, from the transaction's snapshot.

    What few charges have is looked for only where there is any of it; *there_is* says so where that is known, and of
    events where none are wanted.
    """
    customers = {"first_customer": shard.first_customer, "last_customer": shard.last_customer}
    there_is = dict(what_there_is() if there_is is None else there_is)

    def read_if_any(name: str, frame: Frame, **parameters: object) -> pl.DataFrame:
        return read(name, frame, **parameters) if there_is.get(name, True) else frame.empty()

    given_up = read_if_any("given_up", frames.GIVEN_UP, **customers, charges=None)
    reopened = given_up.get_column("charge_id").unique().to_list()
    charges = read(
        "charges",
        frames.CHARGES,
        **customers,
        kinds=selection.charge_kinds,
        payer=selection.payer,
        branch=selection.branch_id,
        group=selection.group_id,
        masters=selection.masters,
        periods=periods_of(selection),
        reopened=reopened,
    )
    there_is["span_edges"] = _any_edge_in_part(charges)
    there_is["billed_parts"] = there_is["span_edges"] or bool(reopened)
    return Loaded(
        charges=charges,
        customers=read("customers", frames.CUSTOMERS, **customers),
        masters=read("masters", frames.MASTERS),
        customer_overrides=read("customer_overrides", frames.CUSTOMER_OVERRIDES, **customers),
        dealer_overrides=read("dealer_overrides", frames.DEALER_OVERRIDES),
        charge_periods=read("charge_periods", frames.CHARGE_PERIODS),
        tax_rates=read("tax_rates", frames.TAX_RATES),
        tax_categories=read("tax_categories", frames.TAX_CATEGORIES),
        discounts=read_if_any("discounts", frames.DISCOUNTS, **customers),
        price_changes=read_if_any("price_changes", frames.PRICE_CHANGES, **customers),
        escalations=read_if_any("escalations", frames.ESCALATIONS, **customers),
        commissionings=read_if_any("commissionings", frames.COMMISSIONINGS, **customers),
        span_edges=read_if_any("span_edges", frames.SPAN_EDGES, **customers),
        billed_parts=read_if_any("billed_parts", BILLED_PARTS, **customers, reopened=reopened),
        given_up=given_up,
        confirmations=read_if_any("confirmations", frames.CONFIRMATIONS),
        excluded=read_if_any("excluded_lines", EXCLUDED_LINES, **customers),
        usage=load_usage(read, **customers),
        events=load_events(read_if_any, selection=selection, **customers),
    )


def periods_of(selection: Selection) -> list[int] | None:
    """Return the ids of the charge periods that have one of the lengths *selection* names; None: all."""
    if not selection.period_lengths:
        return None
    return [
        period.pk for period in ChargePeriod.objects.all() if length_of(period) in selection.period_lengths
    ]


def what_there_is() -> dict[str, bool]:
    """Return, for each query of what few charges have, whether there is anything at all that it could find."""
    with connection.cursor() as cursor:
        cursor.execute((SQL / "there_is.sql").read_text())
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def _any_edge_in_part(charges: pl.DataFrame) -> bool:
    """Return whether an edge of any billed span lies within a period of its grid."""
    return charges.select((pl.col("starts_in_part") | pl.col("ends_in_part")).any()).item()


@contextmanager
def shared_snapshot() -> Iterator[str]:
    """Keep a snapshot open and give its name, so that every shard of an attempt reads the same moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


@contextmanager
def reading(snapshot: str | None) -> Iterator[None]:
    """Read within one read-only transaction: that of *snapshot*, or of this moment if None."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; {_BY_INDEX}")
        if snapshot is not None:
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
        yield


_BY_INDEX = "SET LOCAL enable_seqscan = off; SET LOCAL max_parallel_workers_per_gather = 0"


def read_by_index() -> None:
    """Have the rest of this transaction find its rows by index, in this process of the database alone.

    A shard, or a batch of drafts, is a small part of them all: reading all for each makes the cost of a run grow with
    its square. Shards are done side by side, so parallel workers would only take what the others need.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BY_INDEX)


def read(name: str, frame: Frame, **parameters: object) -> pl.DataFrame:
    """Return what the query in `sql/`*name*`.sql` selects, in the shape of *frame*."""
    rows = copy_out(sql_file=SQL / f"{name}.sql", parameters=parameters)
    flags = [column for column, kind in frame.columns.items() if kind == pl.Boolean]
    read_as = {**frame.columns, **dict.fromkeys(flags, pl.Int8())}
    table = pl.read_csv(io.BytesIO(rows), schema=read_as)
    return frame.promise(table.with_columns(pl.col(flags).cast(pl.Boolean)))
