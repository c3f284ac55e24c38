"""What a charge would bill as it is typed: stored in a transaction that is rolled back, and forecast there (A8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from counterfoil.flows.assigning import Credits, credits_within
from counterfoil.flows.editing import store
from counterfoil.flows.forecasting import ChargeForecast, ForecastLine, forecast_charges, forecast_within
from counterfoil.records.charges.models import Charge


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """What a charge *then* bills, and what it does *now* if it is stored already; *credits* of days it gives up."""

    then: ChargeForecast
    now: ChargeForecast | None
    credits: Credits
    today: date

    @property
    def first_part(self) -> ForecastLine | None:
        """Return its next line where that is part of a period only."""
        line = next(iter(self.then.lines), None)
        return line if line is not None and line.fraction_num != line.fraction_den else None

    @property
    def overdue(self) -> Sequence[ForecastLine]:
        """Return the lines whose bill date is past: the next run catches up on them (billing-rules 2.4)."""
        return [line for line in self.then.lines if line.bill_date < self.today]

    @property
    def overdue_minor(self) -> int:
        """Return what the lines that are overdue come to, net."""
        return sum(line.net_minor for line in self.overdue)


def foresee(charge: Charge, *, fields: Sequence[str], today: date) -> Foreseen:
    """Return what *charge*, new or with *fields* changed, would bill from *today* on; nothing is stored.

    Raises `ValuesAreWrong`, as storing it does.
    """
    now = None
    if charge.pk is not None:
        now = forecast_charges([Charge.objects.get(pk=charge.pk)], today=today).charges[0]
    with transaction.atomic():
        stored = store(charge, fields=fields)
        then = forecast_within([stored], today=today).charges[0]
        found = Foreseen(then=then, now=now, credits=credits_within([stored.pk], on=today), today=today)
        transaction.set_rollback(True)
    return found
