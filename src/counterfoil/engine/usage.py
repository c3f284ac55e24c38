"""What usage owes: units between readings or activations, priced by a tariff, on columns (billing-rules 4.4).

The same as `core.usage` for many charges at once. Usage is billed in arrears over its charge's own grid, and the
billed span moves as for any charge.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from counterfoil.core.findings import Finding, FindingCode, finding
from counterfoil.core.money import (
    LARGEST_AMOUNT_MINOR,
    LARGEST_QUANTITY_STEPS,
    Rounding,
    format_steps,
)
from counterfoil.core.money import STEPS as STEPS_OF_ONE
from counterfoil.core.periods import BillOn
from counterfoil.core.usage import TierMode
from counterfoil.engine.frames import DAY, FINDINGS, ID, STEPS, Frame
from counterfoil.engine.grids import Grids
from counterfoil.engine.rating import LINE_OF_A_CHARGE, with_shares
from counterfoil.engine.rounding import WIDE, round_ratio
from counterfoil.engine.stands import METERS, PIECE, READINGS, STANDS_BILLED, meter_uses
from counterfoil.engine.usage_details import with_details

TARIFFS = Frame(
    name="tariffs",
    columns={
        "tariff_id": ID,
        "counts": pl.String,
        "tier_mode": pl.String,
        "counted_unit": pl.String,
        "unit_step": STEPS,
        "allowance": STEPS,
        "minimum": STEPS,
    },
    key=("tariff_id",),
)

TIERS = Frame(
    name="tiers of tariffs",
    columns={"tariff_id": ID, "from_units": STEPS, "tier_price": STEPS, "fee": STEPS},
    key=("tariff_id", "from_units"),
)

MASTER_TARIFFS = Frame(
    name="tariffs of master charges", columns={"master_id": ID, "tariff_id": ID}, key=("master_id",)
)

UNITS_BILLED = Frame(
    name="units billed",
    columns={"charge_id": ID, "grid_start": DAY, "units": STEPS},
    key=("charge_id", "grid_start"),
)
"""The units billed of the grid periods in which an edge of their charge's billed span lies (3.4)."""

ACTIVATIONS = Frame(
    name="activations counted",
    columns={"client_id": ID, "occurred_on": DAY, "activations": pl.Int64},
    key=("client_id", "occurred_on"),
)
"""The chargeable activations of each client by day."""

METER, PER_ACTIVATION = "meter", "activations"


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What the rating of usage reads, each table in the shape of its frame."""

    tariffs: pl.DataFrame = field(default_factory=TARIFFS.empty)
    tiers: pl.DataFrame = field(default_factory=TIERS.empty)
    masters: pl.DataFrame = field(default_factory=MASTER_TARIFFS.empty)
    meters: pl.DataFrame = field(default_factory=METERS.empty)
    readings: pl.DataFrame = field(default_factory=READINGS.empty)
    stands_billed: pl.DataFrame = field(default_factory=STANDS_BILLED.empty)
    units_billed: pl.DataFrame = field(default_factory=UNITS_BILLED.empty)
    activations: pl.DataFrame = field(default_factory=ACTIVATIONS.empty)


def with_tariff(charges: pl.DataFrame, *, usage: Usage) -> pl.DataFrame:
    """Return the described *charges* with their tariff's columns, null where they have none.

    A charge with a tariff is billed in arrears, whatever its charge period says. Its price is that of the tiers;
    where the tariff has none, the unit price of the override chain (4.1) is that of every unit.
    """
    has_tiers = usage.tiers.select("tariff_id").unique().with_columns(has_tiers=pl.lit(value=True))
    joined = (
        charges.join(usage.masters, on="master_id", how="left")
        .join(usage.tariffs, on="tariff_id", how="left")
        .join(has_tiers, on="tariff_id", how="left")
    )
    is_usage, is_tiered = pl.col("tariff_id").is_not_null(), pl.col("has_tiers").fill_null(value=False)
    return joined.with_columns(
        bill_on=pl.when(is_usage).then(pl.lit(BillOn.ARREARS.value)).otherwise("bill_on"),
        unit_price=pl.when(is_tiered).then(pl.lit(0, dtype=STEPS)).otherwise("unit_price"),
        price_level=pl.when(is_tiered).then(pl.lit("tariff")).otherwise("price_level"),
        has_tiers=is_tiered,
    )


def rate_usage(
    *, pieces: pl.DataFrame, grids: Grids, usage: Usage, rounding: Rounding
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the lines of the *pieces* of charges with a tariff, as `rating.rate` returns others', and FINDINGS.

    A period whose units are not known waits, and so do the later ones of its charge.
    """
    # Shares of 0 give no line, as for any charge; a later piece of a period may have one and still hold units.
    shared = with_shares(pieces, grids=grids).filter(pl.col("together_num") > 0)
    uses = meter_uses(
        pieces=shared.filter(pl.col("counts") == METER),
        meters=usage.meters,
        readings=usage.readings,
        stands_billed=usage.stands_billed,
    )
    counted = pl.concat(
        [
            _metered(shared.filter(pl.col("counts") == METER), uses),
            _activated(shared.filter(pl.col("counts") == PER_ACTIVATION), usage.activations),
        ]
    )
    checked = counted.with_columns(finding_code=_finding_code(usage))
    known, waiting = _without_waiting(checked)
    lines = _priced(_with_earlier(known, usage.units_billed), usage=usage, rounding=rounding)
    shown = with_details(lines, uses=uses, tiers=usage.tiers).join(
        grids.anchor_days(), on="grid_id", how="left"
    )
    as_usage = {**LINE_OF_A_CHARGE, "kind": pl.lit("usage"), "details": pl.col("usage_details")}
    return shown.with_columns(**as_usage), _findings(waiting)


def _metered(pieces: pl.DataFrame, uses: pl.DataFrame) -> pl.DataFrame:
    """Return *pieces* with `units`, what all meters of the charge counted, and what hinders it if anything does."""
    is_unknown = pl.col("missing_on").is_not_null() | pl.col("goes_back")
    summed = uses.group_by(PIECE).agg(
        units=pl.col("units").cast(WIDE).sum(),
        unknown_meter=pl.col("meter").filter(is_unknown).first(),
        missing_on=pl.col("missing_on").filter(is_unknown).first(),
        goes_back=pl.col("goes_back").any(),
    )
    return pieces.join(summed, on=PIECE, how="left").with_columns(is_counted=pl.col("units").is_not_null())


def _activated(pieces: pl.DataFrame, activations: pl.DataFrame) -> pl.DataFrame:
    """Return *pieces* with `units`: the client's activations that occurred in them."""
    counted = activations.sort("client_id", "occurred_on").select(
        "client_id", "occurred_on", so_far=pl.col("activations").cum_sum().over("client_id")
    )
    counted = counted.sort("occurred_on")
    units = pl.col("until_end").fill_null(0) - pl.col("until_start").fill_null(0)
    found = pieces
    for edge in ("start", "end"):
        # Strictly before the edge: ranges are half-open.
        found = (
            found.sort(f"period_{edge}")
            .join_asof(
                counted.rename({"so_far": f"until_{edge}"}),
                left_on=f"period_{edge}",
                right_on="occurred_on",
                by="client_id",
                allow_exact_matches=False,
                check_sortedness=False,
            )
            .drop("occurred_on", strict=False)
        )
    return found.with_columns(
        units=units.cast(WIDE) * STEPS_OF_ONE,
        unknown_meter=pl.lit(None, dtype=pl.String),
        missing_on=pl.lit(None, dtype=DAY),
        goes_back=pl.lit(value=False),
        is_counted=pl.lit(value=True),
    ).drop("until_start", "until_end")


def _finding_code(usage: Usage) -> pl.Expr:
    """Return why the units of a piece cannot be billed, or null: the first check that fails."""
    highest = usage.tiers.group_by("tariff_id").agg(pl.col("tier_price").abs().max())
    price = pl.coalesce(
        pl.col("tariff_id").replace_strict(dict(highest.iter_rows()), default=None, return_dtype=STEPS),
        pl.col("unit_price").abs(),
    )
    most = pl.col("units") * price.cast(WIDE) // pl.col("steps_per_minor").cast(WIDE)
    checks = {
        FindingCode.NO_METER: ~pl.col("is_counted"),
        FindingCode.NO_READING: pl.col("missing_on").is_not_null(),
        FindingCode.READING_GOES_BACK: pl.col("goes_back"),
        FindingCode.QUANTITY_OUT_OF_RANGE: pl.col("units") > LARGEST_QUANTITY_STEPS,
        FindingCode.AMOUNT_OVERFLOW: most >= LARGEST_AMOUNT_MINOR,
    }
    return pl.coalesce(
        pl.when(fails.fill_null(value=False)).then(pl.lit(code.value)) for code, fails in checks.items()
    )


def _without_waiting(checked: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the pieces that can be billed, and the first of each charge that cannot.

    Where a piece before the billed span waits, all of the charge does: the span is one range.
    """
    first = (
        checked.filter(pl.col("finding_code").is_not_null())
        .sort("charge_id", "period_start")
        .unique("charge_id", keep="first", maintain_order=True)
    )
    waits = first.select("charge_id", waits_from="period_start", waits_before="is_before_span")
    known = checked.join(waits, on="charge_id", how="left").filter(
        pl.col("waits_from").is_null()
        | (~pl.col("waits_before") & (pl.col("period_start") < pl.col("waits_from")))
    )
    return known.drop("waits_from", "waits_before"), first


def _with_earlier(pieces: pl.DataFrame, units_billed: pl.DataFrame) -> pl.DataFrame:
    """Return *pieces* with `earlier_units` of the same grid period, billed or in a piece before this one (3.4)."""
    shares_period = pl.col("billed_start") < pl.col("billed_end")
    in_period = ["charge_id", "k"]
    before = pl.col("units").cum_sum().over(in_period) - pl.col("units")
    billed = pl.when(shares_period).then(pl.col("units_billed")).fill_null(0).cast(WIDE)
    return (
        pieces.sort("charge_id", "period_start")
        .join(
            units_billed.rename({"units": "units_billed"}),
            on=["charge_id", "grid_start"],
            how="left",
            maintain_order="left",
        )
        .with_columns(earlier_units=before + billed)
        .with_columns(together_units=pl.col("earlier_units") + pl.col("units"))
        .with_row_index("usage_row")
    )


def _priced(pieces: pl.DataFrame, *, usage: Usage, rounding: Rounding) -> pl.DataFrame:
    """Return *pieces* with `quantity`, units billed, and `amount_minor`, what each adds to its grid period (3.4)."""
    priced = pieces
    for when in ("together", "earlier"):
        costs = _costs(
            pieces.select(
                "usage_row",
                "tariff_id",
                "tier_mode",
                "unit_step",
                "allowance",
                "minimum",
                "unit_price",
                "steps_per_minor",
                units=f"{when}_units",
                num=f"{when}_num",
                den=f"{when}_den",
            ),
            tiers=usage.tiers,
            rounding=rounding,
        )
        priced = priced.join(
            costs.rename({"billed_units": f"{when}_billed_units", "cost": f"{when}_cost"}),
            on="usage_row",
            how="left",
            maintain_order="left",
        )
    adds = pl.col("earlier_num") > 0
    return priced.with_columns(
        quantity=(
            pl.col("together_billed_units")
            - pl.when(adds).then("earlier_billed_units").otherwise(pl.lit(0, dtype=WIDE))
        ).cast(pl.Int64, strict=True),
        amount_minor=(
            pl.col("together_cost") - pl.when(adds).then("earlier_cost").otherwise(pl.lit(0, dtype=WIDE))
        ).cast(pl.Int64, strict=True),
    )


def _costs(rows: pl.DataFrame, *, tiers: pl.DataFrame, rounding: Rounding) -> pl.DataFrame:
    """Return `usage_row`, `billed_units` and `cost` in minor units, rounded once (4.4).

    Units are counted in steps × `den`, money in steps × steps × `den`, so that no share is rounded.
    """
    num, den = pl.col("num").cast(WIDE), pl.col("den").cast(WIDE)
    step = pl.col("unit_step").cast(WIDE)
    billed_units = (pl.col("units") + step - 1) // step * step
    over = pl.max_horizontal(billed_units * den - pl.col("allowance").cast(WIDE) * num, pl.lit(0, dtype=WIDE))
    counted = rows.with_columns(billed_units=billed_units, over=over)

    one_price = {"from_units": pl.col("from_units").fill_null(0), "fee": pl.col("fee").fill_null(0)}
    tiered = (
        counted.join(tiers.sort("tariff_id", "from_units"), on="tariff_id", how="left")
        .with_columns(**one_price, tier_price=pl.col("tier_price").fill_null(pl.col("unit_price")))
        .sort("usage_row", "from_units")
        .with_columns(bound=pl.col("from_units").cast(WIDE) * num)
    )
    next_bound = pl.col("bound").shift(-1).over("usage_row")
    is_reached = pl.col("bound") <= pl.col("over")
    is_last_reached = next_bound.is_null() | (next_bound > pl.col("over"))
    graduated = pl.when(is_last_reached).then("over").otherwise(next_bound) - pl.col("bound")
    is_volume = pl.col("tier_mode") == TierMode.VOLUME.value
    prices_units = is_reached & (is_last_reached | ~is_volume)
    tier_units = pl.when(is_volume).then("over").otherwise(graduated)
    tier_cost = tier_units * pl.col("tier_price").cast(WIDE) + pl.col("fee").cast(WIDE) * den * STEPS_OF_ONE
    minimum = pl.col("minimum").cast(WIDE) * num * STEPS_OF_ONE
    summed = (
        tiered.with_columns(tier_cost=pl.when(prices_units).then(tier_cost).otherwise(pl.lit(0, dtype=WIDE)))
        .group_by("usage_row")
        .agg(cost_of_tiers=pl.col("tier_cost").sum())
    )
    cost = pl.max_horizontal("cost_of_tiers", minimum)
    return counted.join(summed, on="usage_row", how="left").select(
        "usage_row",
        "billed_units",
        cost=round_ratio(cost, pl.col("steps_per_minor").cast(WIDE) * den, rounding=rounding),
    )


def _findings(waiting: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for row in waiting.iter_rows(named=True):
        found = _finding(FindingCode(row["finding_code"]), row)
        ids = {name: row[name] for name in ("charge_id", "customer_id", "client_id")}
        rows.append({"code": found.code.value, **ids, "message": found.message, "remedy": found.remedy})
    return pl.DataFrame(rows, schema=FINDINGS.schema)


def _finding(code: FindingCode, row: dict[str, object]) -> Finding:
    units = format_steps(int(str(row["units"] or 0)))
    match code:
        case FindingCode.NO_READING:
            return finding(code, meter=row["unknown_meter"], day=row["missing_on"])
        case FindingCode.READING_GOES_BACK:
            return finding(code, meter=row["unknown_meter"], start=row["period_start"], end=row["period_end"])
        case FindingCode.QUANTITY_OUT_OF_RANGE:
            return finding(code, quantity=units, largest=format_steps(LARGEST_QUANTITY_STEPS))
        case FindingCode.AMOUNT_OVERFLOW:
            return finding(code, quantity=units, unit_price="the tariff's price")
        case _:
            return finding(code)
