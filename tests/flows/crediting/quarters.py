"""A quarter at 90.00 billed and issued, ended, credited: the words in which crediting and voiding are tested."""

from __future__ import annotations

from datetime import date
from typing import Any

from counterfoil.flows.billing import issue
from counterfoil.flows.checking import check
from counterfoil.records.billing.models import Invoice, Run
from counterfoil.records.catalog.models import ChargePeriod
from counterfoil.records.charges.models import Charge, ChargeSpan
from tests import build
from tests.build import NOW

JANUARY, FEBRUARY, APRIL, JULY = date(2026, 1, 1), date(2026, 2, 1), date(2026, 4, 1), date(2026, 7, 1)


def quarters(**values: Any) -> ChargePeriod:
    """Store a charge period of three months from 1 January."""
    return build.monthly(count=3, anchor=JANUARY, **values)


def quarter(*, period: ChargePeriod | None = None, **values: Any) -> Charge:
    """Store a charge of 90.00 a quarter from 1 January 2026."""
    of = build.master(unit_price=90, charge_period=period or quarters())
    return build.charge(**{"master_charge": of, "starts_on": JANUARY, **values})


def issued(run: Run) -> Run:
    """Authorise and issue *run* on its own day."""
    issue.authorise(run.pk, by=None, now=NOW)
    return issue.issue(run.pk, today=run.invoice_date, now=build.now)


def billed(*, cutoff: date = JANUARY) -> Run:
    """Bill and issue all that is due by *cutoff*."""
    return issued(build.run(cutoff=cutoff))


def ends(charge: Charge, day: str | None) -> None:
    """Let *charge* end before *day*, or run on."""
    Charge.objects.filter(pk=charge.pk).update(ends_before=day and date.fromisoformat(day))


def credited(*, cutoff: date = APRIL, basis: str = "daily") -> Run:
    """Generate a credit run."""
    return build.run(cutoff=cutoff, kinds=(), credit_basis=basis)


def span_of(charge: Charge) -> tuple[str, str]:
    """Return the billed span of *charge* as text."""
    span = ChargeSpan.objects.get(charge=charge)
    return str(span.billed_from), str(span.billed_to)


def nets() -> list[int]:
    """Return the net of every document that counts, in the order they were made."""
    live = Invoice.objects.filter(exclusion__isnull=True, void__isnull=True).exclude(
        run__status__in=("abandoned", "voided")
    )
    return list(live.order_by("pk").values_list("net_minor", flat=True))


def assert_sound() -> None:
    """The invariants of `counterfoil check` hold."""
    assert [(one.invariant, one.documents, one.message) for one in check().violations] == []
