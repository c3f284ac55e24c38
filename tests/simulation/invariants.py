"""What must hold after every month, by an oracle of days that shares no code with the program."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db import connection

from counterfoil.flows.checking import check
from counterfoil.records.billing.models import BillingException, InvoiceLine, Run
from counterfoil.records.charges.models import Charge
from tests.core import oracle
from tests.simulation.company import Company

_DOCUMENTS = """
SELECT invoice.id, md5(invoice::text || string_agg(line::text, '|' ORDER BY line.line_no))
FROM billing_documentnumber AS number
JOIN billing_invoice AS invoice ON invoice.id = number.invoice_id
JOIN billing_invoiceline AS line ON line.invoice_id = invoice.id
GROUP BY invoice.id
"""


def issued_documents() -> dict[int, str]:
    """Return every issued document by its id, as a digest of all its columns."""
    with connection.cursor() as cursor:
        cursor.execute(_DOCUMENTS)
        return dict(cursor.fetchall())


def spans() -> dict[int, tuple[date | None, date | None]]:
    """Return the billed span of every charge."""
    return {
        pk: (start, end)
        for pk, start, end in Charge.objects.values_list("pk", "span__billed_from", "span__billed_to")
    }


def assert_books_are_sound() -> None:
    """Assert every invariant that `counterfoil check` knows."""
    assert check().violations == []


def assert_every_day_is_billed_once(company: Company, *, day: date, runs: list[Run], everything: bool) -> int:
    """Assert that the days billed, less those credited, are the days owed on *day*; return how many charges it saw.

    Of charges whose price and charge period stayed one, what was billed less what was credited is what they would
    have cost from the outset (6.5). What the runs set aside is left out.
    """
    set_aside = set(BillingException.objects.filter(run__in=runs).values_list("charge_id", flat=True))
    customers = set(
        BillingException.objects.filter(run__in=runs, charge__isnull=True).values_list(
            "customer_id", flat=True
        )
    )
    live = _live_invoices()
    seen = 0
    for charge in company.service_charges():
        is_plain = charge.pk not in company.regridded and charge.pk not in company.by_hand
        asked = everything or charge.pk in company.changed or charge.pk % 10 == day.month % 10
        if not asked or not is_plain or charge.pk in set_aside or charge.client.customer_id in customers:
            continue
        _assert_charge(company, charge, day=day, live=live)
        seen += 1
    company.changed.clear()
    return seen


def _assert_charge(company: Company, charge: Charge, *, day: date, live: set[int]) -> None:
    billed, net_minor = _billed(charge, live=live)
    terms = company.terms_of(charge, day=day)
    expected = oracle.owed(terms, through=day)
    story = f"charge {charge.pk}: {[what for what in company.happened if f'(id {charge.pk})' in what]}"
    assert max(billed.values(), default=0) <= 1, story
    if terms.part_charging != "daily":
        return
    owed = {one for line in expected for one in oracle.days(line.start, line.end)}
    have = {one for one, times in billed.items() if times}
    assert oracle.runs(have - owed) == [], story
    assert oracle.runs(owed - have) == [], story
    if charge.pk not in company.repriced:
        assert net_minor == sum(line.amount for line in expected), story


def _live_invoices() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM billing_live_invoice")
        return {pk for (pk,) in cursor.fetchall()}


def _billed(charge: Charge, *, live: set[int]) -> tuple[Counter[date], int]:
    """Return how often each day is on live lines less date credits, and what the lines come to."""
    times: Counter[date] = Counter()
    net_minor = 0
    own = InvoiceLine.objects.filter(charge=charge) | InvoiceLine.objects.filter(refers_to__charge=charge)
    for line in own.distinct():
        if line.invoice_id not in live:
            continue
        net_minor += line.net_minor
        if line.kind == "credit" and line.fraction_num == 0:
            continue  # a minor unit of another piece, for no days (6.5)
        for one in oracle.days(line.period_start, line.period_end):
            times[one] += -1 if line.kind == "credit" else 1
    return +times, net_minor
