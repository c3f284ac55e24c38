"""Credit notes as a run: what follows the dates of charges is credited, and the span goes back (billing-rules 6)."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.flows.billing import issue
from counterfoil.flows.billing.preview import preview
from counterfoil.records.billing.models import Invoice, InvoiceLine, Run
from counterfoil.records.charges.models import Charge, ChargeSpan
from tests import build
from tests.build import NOW

pytestmark = pytest.mark.django_db(transaction=True)
JANUARY, APRIL = date(2026, 1, 1), date(2026, 4, 1)


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def quarter(**values: object) -> Charge:
    """Store a charge of 90.00 a quarter from 1 January, on a grid from 1 January."""
    period = build.monthly(count=3, anchor=JANUARY, **values)
    return build.charge(master_charge=build.master(unit_price=90, charge_period=period), starts_on=JANUARY)


def issued(run: Run) -> Run:
    """Authorise and issue *run* on its own day."""
    issue.authorise(run.pk, by=None, now=NOW)
    return issue.issue(run.pk, today=run.invoice_date, now=build.now)


def ends(charge: Charge, day: str | None) -> None:
    """Let *charge* end before *day*."""
    Charge.objects.filter(pk=charge.pk).update(ends_before=day and date.fromisoformat(day))


def credited(*, cutoff: date = APRIL, basis: str = "daily") -> Run:
    """Generate a credit run."""
    return build.run(cutoff=cutoff, kinds=(), credit_basis=basis)


def span_of(charge: Charge) -> tuple[str, str]:
    """Return the billed span of *charge*."""
    span = ChargeSpan.objects.get(charge=charge)
    return str(span.billed_from), str(span.billed_to)


def test_6_2_a_quarter_ended_on_the_10th_is_credited_by_days() -> None:
    """90.00 × 40/90 served = 40.00, so 50.00 back; tax 23 % of 50.00 = 11.50."""
    charge = quarter()
    billing = issued(build.run(cutoff=JANUARY))
    ends(charge, "2026-02-10")
    shown = preview(build.request(cutoff=APRIL, kinds=(), credit_basis="daily"))
    run = credited()
    note = Invoice.objects.get(run=run)
    assert (note.document_type, note.net_minor, note.tax_minor) == ("credit_note", -5000, -1150)
    assert note.credits_id == Invoice.objects.get(run=billing).pk
    line = InvoiceLine.objects.get(invoice=note)
    assert (line.kind, line.period_start, line.period_end) == ("credit", date(2026, 2, 10), APRIL)
    assert (line.fraction_num, line.fraction_den, str(line.unit_price)) == (5, 9, "90")
    assert line.refers_to == InvoiceLine.objects.get(invoice__run=billing)
    assert span_of(charge) == ("2026-01-01", "2026-02-10")
    assert [total.net_minor for total in shown.totals()] == [-5000]
    assert credited().invoice_set.count() == 0
