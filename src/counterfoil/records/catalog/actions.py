"""The only writer of master charges, charge periods, overrides, tax categories and rates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from counterfoil.records.catalog.models import (
    ChargeOverride,
    ChargePeriod,
    MasterCharge,
    Tariff,
    TariffTier,
    TaxCategory,
    TaxRate,
)
from counterfoil.records.upserting import Stored, store_rows

ROWS_A_STATEMENT = 2_000
_PERIOD_VALUES = (
    "count", "unit", "anchor", "billing_day", "part_charging", "day_count", "bill_on", "offset_days",
    "split_on_price_change",
)  # fmt: skip


def create_tax_categories(categories: Iterable[TaxCategory]) -> list[TaxCategory]:
    """Store new tax *categories* and return them with their ids."""
    return TaxCategory.objects.bulk_create(categories)


def change_tax_categories(categories: Iterable[TaxCategory], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing tax *categories*."""
    TaxCategory.objects.bulk_update(categories, fields)


def create_tax_rates(rates: Iterable[TaxRate]) -> list[TaxRate]:
    """Store new tax *rates* and return them with their ids."""
    return TaxRate.objects.bulk_create(rates)


def change_tax_rates(rates: Iterable[TaxRate], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing tax *rates*. Documents there are keep the tax they were given."""
    TaxRate.objects.bulk_update(rates, fields)


def create_master_charges(master_charges: Iterable[MasterCharge]) -> list[MasterCharge]:
    """Store new *master_charges* and return them with their ids."""
    return MasterCharge.objects.bulk_create(master_charges, batch_size=ROWS_A_STATEMENT)


def change_master_charges(master_charges: Iterable[MasterCharge], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing *master_charges*. What is billed already is never rated again."""
    MasterCharge.objects.bulk_update(master_charges, fields, batch_size=ROWS_A_STATEMENT)


def create_charge_periods(periods: Iterable[ChargePeriod]) -> list[ChargePeriod]:
    """Store new charge *periods* and return them with their ids."""
    return ChargePeriod.objects.bulk_create(periods)


def change_charge_periods(periods: Iterable[ChargePeriod], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing charge *periods*. What is billed already is never rated again."""
    ChargePeriod.objects.bulk_update(periods, fields)


def create_overrides(overrides: Iterable[ChargeOverride]) -> list[ChargeOverride]:
    """Store new *overrides* and return them with their ids."""
    return ChargeOverride.objects.bulk_create(overrides, batch_size=ROWS_A_STATEMENT)


def charge_periods_like(wanted: Iterable[ChargePeriod]) -> list[ChargePeriod]:
    """Return for each of *wanted* the stored charge period with the same values; store those there are none of.

    Each of *wanted* proposes a name, which gets a number when another charge period has it.
    """
    periods = list(wanted)
    stored = {_values(period): period for period in ChargePeriod.objects.all()}
    names = {period.name for period in stored.values()}
    missing = {}
    for period in periods:
        if _values(period) not in stored and _values(period) not in missing:
            period.name = _free_name(period.name, taken=names)
            names.add(period.name)
            missing[_values(period)] = period
    created = ChargePeriod.objects.bulk_create(missing.values(), batch_size=ROWS_A_STATEMENT)
    stored |= {_values(period): period for period in created}
    return [stored[_values(period)] for period in periods]


def store_tax_categories(*, rows: str) -> Stored:
    """Create or change tax categories from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=TaxCategory, rows=rows, columns=["code", "name"])


def store_tax_rates(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change tax rates from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=TaxRate, rows=rows, columns=columns)


def create_tariffs(tariffs: Iterable[Tariff]) -> list[Tariff]:
    """Store new *tariffs* and return them with their ids."""
    return Tariff.objects.bulk_create(tariffs)


def change_tariffs(tariffs: Iterable[Tariff], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing *tariffs*. What is billed already is never rated again."""
    Tariff.objects.bulk_update(tariffs, fields)


def replace_tiers(tariff: Tariff, tiers: Sequence[TariffTier]) -> None:
    """Let *tiers* be all the tiers of *tariff*."""
    tariff.tiers.all().delete()
    TariffTier.objects.bulk_create(tiers)


def store_tariffs(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change tariffs from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=Tariff, rows=rows, columns=columns)


def store_tariff_tiers(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change tiers of tariffs from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=TariffTier, rows=rows, columns=columns)


def store_master_charges(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change master charges from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=MasterCharge, rows=rows, columns=columns)


def _values(period: ChargePeriod) -> tuple[Any, ...]:
    return tuple(getattr(period, name) for name in _PERIOD_VALUES)


def _free_name(name: str, *, taken: set[str]) -> str:
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free
