"""Forecast: what charges will bill in the next twelve months, by the stages of a run (product A8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl

from counterfoil.core.money import format_minor
from counterfoil.engine.billing import Loaded
from counterfoil.engine.forecast import FORECAST, by_month, forecast
from counterfoil.engine.frames import FINDINGS
from counterfoil.flows.billing.load import ShardRange, load_shard, read_by_index, reading, what_there_is
from counterfoil.flows.billing.run import Request, terms_of_request
from counterfoil.flows.billing.selection import Selection
from counterfoil.records.catalog.models import Kind
from counterfoil.records.charges.models import Charge

MONTHS = 12

Moment = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, kw_only=True)
class ForecastLine:
    """One line to come: its days, when it is billed, and what it comes to."""

    period_start: date
    period_end: date
    grid_start: date
    grid_end: date
    part_charging: str
    day_count: str
    bill_date: date
    fraction_num: int
    fraction_den: int
    quantity: int
    unit_price: int
    net_minor: int


@dataclass(frozen=True, kw_only=True)
class ChargeForecast:
    """What one charge bills: by month, and next. *findings* say why it cannot be billed, or why not all of it."""

    charge: Charge
    currency: str
    lines: Sequence[ForecastLine]
    months: Sequence[int]
    findings: Sequence[str]

    @property
    def next_bill_date(self) -> date | None:
        """Return when it bills next; a day in the past is overdue."""
        return self.lines[0].bill_date if self.lines else None

    @property
    def next_minor(self) -> int:
        """Return what it bills then."""
        return sum(line.net_minor for line in self.lines if line.bill_date == self.next_bill_date)

    @property
    def total_minor(self) -> int:
        """Return what it bills in all of the months."""
        return sum(self.months)

    def money(self, minor: int) -> str:
        """Return *minor* units with the currency's digits."""
        return format_minor(minor, self.currency) if self.currency else str(minor)


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What some charges bill in the months that begin on the days *months*; totals by currency, net."""

    months: Sequence[date]
    charges: Sequence[ChargeForecast]

    @property
    def totals(self) -> Mapping[str, Sequence[int]]:
        """Return by currency what all charges bill in each month."""
        found: dict[str, list[int]] = {}
        for one in self.charges:
            if one.currency:
                sums = found.setdefault(one.currency, [0] * len(self.months))
                found[one.currency] = [a + b for a, b in zip(sums, one.months, strict=True)]
        return dict(sorted(found.items()))


WhatIf = Callable[[Loaded], Loaded]


def _as_it_is(loaded: Loaded) -> Loaded:
    return loaded


def forecast_charges(charges: Iterable[Charge], *, today: date) -> Forecast:
    """Return what *charges* bill from the month of *today* on, in their order; net, and nothing is stored."""
    return forecasts_of(charges, today=today, what_ifs=[_as_it_is])[0]


def forecast_with_and_without(
    charges: Iterable[Charge], *, today: date, without: WhatIf
) -> tuple[Forecast, Forecast]:
    """Return what *charges* bill as things are, and what they bill if *without* answers with what is read."""
    before, after = forecasts_of(charges, today=today, what_ifs=[_as_it_is, without])
    return before, after


def forecasts_of(charges: Iterable[Charge], *, today: date, what_ifs: Sequence[WhatIf]) -> list[Forecast]:
    """Return what *charges* bill from the month of *today* on, in their order, for each of *what_ifs*.

    Each may answer with something else than what was read, which is read once: what would be billed then.
    """
    return _forecasts(list(charges), today=today, what_ifs=what_ifs, moment=_moment)


def forecast_within(charges: Iterable[Charge], *, today: date) -> Forecast:
    """As `forecast_charges`, of what the open transaction has stored so far."""
    [found] = _forecasts(list(charges), today=today, what_ifs=[_as_it_is], moment=_open_transaction)
    return found


@contextmanager
def _moment() -> Iterator[None]:
    with reading(None):
        yield


@contextmanager
def _open_transaction() -> Iterator[None]:
    read_by_index()
    yield


def _forecasts(
    wanted: Sequence[Charge], *, today: date, what_ifs: Sequence[WhatIf], moment: Moment
) -> list[Forecast]:
    months = [_month(today, later=number) for number in range(MONTHS)]
    through = _month(today, later=MONTHS) - timedelta(days=1)
    ids = {charge.pk for charge in wanted}
    rated = _rated(ids, today=today, through=through, what_ifs=what_ifs, moment=moment)
    return [
        Forecast(
            months=months,
            charges=_by_charge(wanted, months=months, lines=lines, findings=findings),
        )
        for lines, findings in rated
    ]


def _by_charge(
    wanted: Sequence[Charge], *, months: Sequence[date], lines: pl.DataFrame, findings: pl.DataFrame
) -> list[ChargeForecast]:
    per_month: dict[int, dict[date, int]] = {}
    for charge_id, _currency, month, net in by_month(lines, first=months[0]).iter_rows():
        per_month.setdefault(charge_id, {})[month] = net
    of_charge = lines.partition_by("charge_id", as_dict=True)
    said: dict[int, list[str]] = {}
    for charge_id, message in findings.select("charge_id", "message").iter_rows():
        said.setdefault(charge_id, []).append(message)
    return [
        _of_charge(
            charge,
            lines=of_charge.get((charge.pk,), FORECAST.empty()),
            months=[per_month.get(charge.pk, {}).get(month, 0) for month in months],
            findings=said.get(charge.pk, []),
        )
        for charge in wanted
    ]


def _of_charge(
    charge: Charge, *, lines: pl.DataFrame, months: Sequence[int], findings: Sequence[str]
) -> ChargeForecast:
    names = list(ForecastLine.__dataclass_fields__)
    return ChargeForecast(
        charge=charge,
        currency="" if lines.is_empty() else lines.get_column("currency")[0],
        lines=[ForecastLine(**row) for row in lines.select(names).iter_rows(named=True)],
        months=months,
        findings=findings,
    )


def _rated(
    ids: set[int], *, today: date, through: date, what_ifs: Sequence[WhatIf], moment: Moment
) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
    """Return FORECAST and FINDINGS of the charges *ids* for each of *what_ifs*, read from one moment, by payer."""
    selection = Selection(kinds=tuple(Kind.values))
    request = Request(title="Forecast", selection=selection, cutoff=today, invoice_date=today)
    terms = terms_of_request(request)
    found = [([FORECAST.empty()], [FINDINGS.empty()]) for _ in what_ifs]
    with moment():
        payers = set(Charge.objects.filter(pk__in=ids).values_list("who_pays__payer_id", flat=True))
        there_is = what_there_is()
        for customer in sorted(payers, key=lambda one: one or 0):
            shard = ShardRange(number=1, first_customer=customer, last_customer=customer, charges=len(ids))
            loaded = load_shard(shard, selection=selection, there_is=there_is)
            for what_if, (lines, findings) in zip(what_ifs, found, strict=True):
                rated, aside = forecast(_only(what_if(loaded), ids), terms=terms, through=through)
                lines.append(rated)
                findings.append(aside)
    return [(pl.concat(lines), pl.concat(findings)) for lines, findings in found]


def _only(loaded: Loaded, ids: set[int]) -> Loaded:
    return replace(loaded, charges=loaded.charges.filter(pl.col("charge_id").is_in(list(ids))))


def _month(day: date, *, later: int) -> date:
    """Return the first of the month *later* months after that of *day*."""
    months = day.year * 12 + day.month - 1 + later
    return date(months // 12, months % 12 + 1, 1)
