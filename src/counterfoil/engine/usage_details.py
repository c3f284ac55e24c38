"""The calculation behind a line of usage, as JSON: readings, units, allowance, tiers with their amounts, minimum.

Texts are computed once for each distinct calculation: many periods come to the same few units.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import polars as pl

from counterfoil.core.money import STEPS, format_steps, round_fraction
from counterfoil.core.usage import Tariff, Tier, TierMode, cost_of_usage
from counterfoil.engine.stands import PIECE

_MOST_REMEMBERED = 20_000


def with_details(lines: pl.DataFrame, *, uses: pl.DataFrame, tiers: pl.DataFrame) -> pl.DataFrame:
    """Return priced *lines* with `usage_details`, and `unit_price` where one price is that of all units.

    *uses* are the meters' rows of `meter_uses`. Quantities and prices in the JSON are texts. `units` are those of
    the line before they are rounded up, `period` says what the whole grid period came to so far, and what of it was
    billed earlier; `meters` holds each meter's stands at the edges, and where the next period begins.
    """
    by_tariff = _tiers_by_tariff(tiers)
    meters = _meters_by_piece(uses.join(lines.select(PIECE), on=PIECE, how="semi"))
    calculation = lru_cache(maxsize=_MOST_REMEMBERED)(_calculation)
    texts, prices = [], []
    for row in lines.iter_rows(named=True):
        own_price = (Tier(unit_price_steps=row["unit_price"]),)
        tariff = Tariff(
            mode=TierMode(row["tier_mode"]),
            unit_step_steps=row["unit_step"],
            allowance_steps=row["allowance"],
            minimum_steps=row["minimum"],
            tiers=by_tariff.get(row["tariff_id"], own_price),
        )
        share = Fraction(row["together_num"], row["together_den"])
        found: dict[str, Any] = {
            "counts": row["counts"],
            "unit": row["counted_unit"],
            "units": format_steps(row["units"]),
            **calculation(row["together_units"], tariff, share),
        }
        if row["earlier_num"]:
            found["earlier"] = {
                "units": format_steps(row["earlier_billed_units"]),
                "share": str(Fraction(row["earlier_num"], row["earlier_den"])),
            }
        used = meters.get(tuple(row[name] for name in PIECE), [])
        found["estimated"] = any(edge["estimated"] for one in used for edge in (one["start"], one["end"]))
        if used:
            found["meters"] = used
        texts.append(json.dumps(found, ensure_ascii=False, separators=(",", ":")))
        prices.append(tariff.tiers[0].unit_price_steps if len(tariff.tiers) == 1 else 0)
    return lines.with_columns(
        usage_details=pl.Series(texts, dtype=pl.String), unit_price=pl.Series(prices, dtype=pl.Int64)
    )


def _calculation(units_steps: int, tariff: Tariff, share: Fraction) -> Mapping[str, Any]:
    """Return the calculation for a grid period's units so far; parts that are no decimals are shown in millionths."""
    cost = cost_of_usage(units_steps=units_steps, tariff=tariff, fraction=share)
    found: dict[str, Any] = {
        "share": str(share),
        "billed_units": format_steps(cost.billed_units_steps),
        "free_units": _decimal(cost.free_units),
        "mode": tariff.mode.value,
        "tiers": [
            {
                "from": _decimal(tier.from_units),
                "units": _decimal(tier.units),
                "unit_price": format_steps(tier.unit_price_steps),
                "fee": format_steps(tier.fee_steps),
                "amount": _decimal(tier.cost),
            }
            for tier in cost.tiers
        ],
        "cost": _decimal(cost.cost),
    }
    if tariff.minimum_steps:
        found["minimum"] = {"amount": _decimal(cost.minimum), "applies": cost.is_minimum}
    return found


def _decimal(value: Fraction) -> str:
    return format_steps(round_fraction(value * STEPS))


def _tiers_by_tariff(tiers: pl.DataFrame) -> dict[int, tuple[Tier, ...]]:
    found: dict[int, list[Tier]] = {}
    for tariff_id, from_units, price, fee in tiers.sort("tariff_id", "from_units").iter_rows():
        found.setdefault(tariff_id, []).append(
            Tier(from_units_steps=from_units, unit_price_steps=price, fee_steps=fee)
        )
    return {tariff_id: tuple(some) for tariff_id, some in found.items()}


def _meters_by_piece(uses: pl.DataFrame) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in uses.sort("meter").iter_rows(named=True):
        found.setdefault(tuple(row[name] for name in PIECE), []).append(
            {
                "meter": row["meter_id"],
                "key": row["meter"],
                "start": _edge(row, "start", stand=row["begun"]),
                "end": _edge(row, "end", stand=row["end_stand"]),
                "billed_to": format_steps(row["billed_to_stand"]),
                "units": format_steps(row["units"]),
            }
        )
    return found


def _edge(row: Mapping[str, Any], edge: str, *, stand: int) -> dict[str, Any]:
    """Return one edge: where billing begins can differ from what is read there, and then nobody read it."""
    is_read = row[f"{edge}_stand"] == stand and row[f"{edge}_is_estimate"] is False
    turns_over_at = row["turns_over_at"]
    read_on = row[f"{edge}_read_on"] if row[f"{edge}_stand"] == stand else row[f"period_{edge}"]
    return {
        "value": format_steps(stand % turns_over_at if turns_over_at else stand),
        "on": str(read_on),
        "estimated": not is_read,
    }
