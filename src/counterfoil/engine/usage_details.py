"""The calculation behind a line of usage, as JSON: readings, units, allowance, tiers with their amounts, minimum.

Texts are computed once for each distinct calculation: many periods come to the same few units.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
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
    meters = _meters_by_piece(uses.join(lines.select(PIECE), on=PIECE, how="semi"))
    tariffs = _Tariffs(tiers)
    texts, prices = [], []
    for piece, row, earlier in zip(
        lines.select(PIECE).iter_rows(),
        lines.select(*_TARIFF, "together_units", "together_num", "together_den").iter_rows(),
        lines.select("units", "earlier_billed_units", "earlier_num", "earlier_den").iter_rows(),
        strict=True,
    ):
        texts.append(f'{{"units":"{format_steps(earlier[0])}",{tariffs.calculations[row]}')
        if earlier[2]:
            share = Fraction(earlier[2], earlier[3])
            texts[-1] += f',"earlier":{{"units":"{format_steps(earlier[1])}","share":"{share}"}}'
        is_estimated, used = meters.get(piece, (False, ""))
        texts[-1] += f',"estimated":{"true" if is_estimated else "false"}{used}}}'
        prices.append(tariffs.only_price(row))
    return lines.with_columns(
        usage_details=pl.Series(texts, dtype=pl.String), unit_price=pl.Series(prices, dtype=pl.Int64)
    )


_TARIFF = (
    "tariff_id", "tier_mode", "unit_step", "allowance", "minimum", "unit_price", "counts", "counted_unit",
)  # fmt: skip
"""The columns that say how a line is priced; `_Tariffs` takes them in this order."""


class _Tariffs:
    """The texts of calculations by what they depend on: many lines come to the same few units."""

    def __init__(self, tiers: pl.DataFrame) -> None:
        self._tiers = _tiers_by_tariff(tiers)
        self.calculations = _Calculations(self._tiers)

    def only_price(self, row: tuple[Any, ...]) -> int:
        """Return the one price of all units, or 0 where there are several."""
        tiers = self._tiers.get(row[0])
        if tiers is None:
            return int(row[5])
        return tiers[0].unit_price_steps if len(tiers) == 1 else 0


class _Calculations(dict[tuple[Any, ...], str]):
    """The text of each calculation, by the values of `_TARIFF`, units and share; made when first asked for."""

    def __init__(self, tiers: Mapping[int, tuple[Tier, ...]]) -> None:
        super().__init__()
        self._tiers = tiers

    def __missing__(self, row: tuple[Any, ...]) -> str:
        tariff_id, mode, unit_step, allowance, minimum, unit_price, counts, unit, units, num, den = row
        tariff = Tariff(
            mode=TierMode(mode),
            unit_step_steps=unit_step,
            allowance_steps=allowance,
            minimum_steps=minimum,
            tiers=self._tiers.get(tariff_id, (Tier(unit_price_steps=unit_price),)),
        )
        found = {"counts": counts, "unit": unit, **_calculation(units, tariff, Fraction(num, den))}
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        text = self[row] = _json(found)[1:-1]
        return text


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


def _meters_by_piece(uses: pl.DataFrame) -> dict[tuple[Any, ...], tuple[bool, str]]:
    """Return by piece whether any of its meters' stands is estimated, and their part of the text."""
    found: dict[tuple[Any, ...], tuple[bool, str]] = {}
    for row in _shown_edges(uses).iter_rows():
        piece, (meter, key, billed_to, units) = row[:3], row[3:7]
        edges = [_edge(*row[at : at + 3]) for at in (7, 10)]
        text = (
            f'{{"meter":{meter},"key":{_json(key)},"start":{edges[0]},"end":{edges[1]},'
            f'"billed_to":"{format_steps(billed_to)}","units":"{format_steps(units)}"}}'
        )
        was_estimated, before = found.get(piece, (False, ""))
        together = f"{before[:-1]},{text}]" if before else f',"meters":[{text}]'
        found[piece] = (was_estimated or row[9] or row[12], together)
    return found


def _edge(value: int, day: str, is_estimated: bool) -> str:  # noqa: FBT001
    return (
        f'{{"value":"{format_steps(value)}","on":"{day}","estimated":{"true" if is_estimated else "false"}}}'
    )


def _shown_edges(uses: pl.DataFrame) -> pl.DataFrame:
    """Return the stands as the counter shows them; the start is where billing begins, be it read there or not.

    Where these differ, nobody read what is shown.
    """
    edges = []
    for edge, stand in (("start", "begun"), ("end", "end_stand")):
        is_read = (pl.col(f"{edge}_stand") == pl.col(stand)).fill_null(value=False)
        on_counter = pl.when(pl.col("turns_over_at").is_null()).then(pl.col(stand))
        edges += [
            on_counter.otherwise(pl.col(stand) % pl.col("turns_over_at")).alias(f"{edge}_value"),
            pl.when(is_read)
            .then(f"{edge}_read_on")
            .otherwise(f"period_{edge}")
            .cast(pl.String)
            .alias(f"{edge}_on"),
            (~is_read | pl.col(f"{edge}_is_estimate").fill_null(value=True)).alias(f"{edge}_estimated"),
        ]
    ordered = uses.sort("meter", "meter_id")
    return ordered.select(*PIECE, "meter_id", "meter", "billed_to_stand", "units", *edges)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
