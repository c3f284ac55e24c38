"""A bureau as people meet it at their desks: a month issued and sent, the next in review, and all that lies beside.

Two charges make an invoice, so a million charges are 500,000 invoices a month. Of the second month a fiftieth of the
charges have no tax rate, and become exceptions; a tenth of the clients have a dealer; a definition that is switched off
leaves the activations to leak.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from benchmarks.bureau import CUTOFF, fill

NEXT_MONTH = date(2026, 7, 1)

_BEFORE = """
INSERT INTO parties_dealer (id, code, name, branch_id, is_active)
SELECT n, 'D' || n, 'Dealer ' || n, 1, TRUE FROM generate_series(1, 400) AS n;
UPDATE parties_client SET dealer_id = 1 + id %% 400 WHERE id %% 10 = 0;
INSERT INTO parties_contact (client_id, name, function, phone, email)
SELECT id, 'Keyholder ' || id, '', '0' || id, 'k' || id || '@example.com' FROM parties_client WHERE id %% 5 = 0;
INSERT INTO parties_lognote (client_id, text, written_at)
SELECT id, 'Called about site ' || id || ', wants the keypad moved.', now() FROM parties_client WHERE id %% 5 = 1;
INSERT INTO charges_billableevent (id, key, kind, client_id, occurred_on, to_be_billed_on, is_chargeable, description)
SELECT n, 'A' || n, 'activation', 1 + n %% %(clients)s, '2026-05-20', '2026-05-20', TRUE, 'Alarm response ' || n
FROM generate_series(1, %(clients)s / 5) AS n;
INSERT INTO charges_eventcharge (event_id, line_no, master_charge_id, description)
SELECT id, 1, 1, '' FROM charges_billableevent;
INSERT INTO charges_meter (key, charge_id, name, tolerance_days, may_be_estimated)
SELECT 'E' || id, id, '', 0, FALSE FROM charges_charge WHERE id %% 20 = 0;
INSERT INTO charges_reading (meter_id, read_on, value, is_estimate)
SELECT id, '2026-05-01', id * 1000000, FALSE FROM charges_meter;
INSERT INTO charges_discount (key, name, charge_id, percent)
SELECT 'R' || id, 'Loyalty', id, 10000000 FROM charges_charge WHERE id %% 50 = 1;
"""

_SENT = """
UPDATE deliveries_delivery SET state = CASE WHEN id %% 997 = 0 THEN 'failed' ELSE 'sent' END, attempts = 1;
INSERT INTO deliveries_mail
    (delivery_id, customer_id, state, recipients, subject, message_id, detail, reason, begun_at, settled_at)
SELECT delivery.id, invoice.customer_id, state, recipient, 'Your invoice', '<' || delivery.id || '@bench.example.com>',
       '', '', queued_at, queued_at
FROM deliveries_delivery AS delivery JOIN billing_invoice AS invoice ON invoice.id = delivery.invoice_id
WHERE channel = 'email';
"""

_NEXT_MONTH = """
INSERT INTO catalog_taxcategory (id, code, name) VALUES (3, 'unrated', 'Without a rate');
UPDATE charges_charge SET tax_category_id = 3 WHERE id %% 50 = 0;
UPDATE charges_charge SET unit_price = unit_price + 500000 WHERE id %% 25 = 0 AND unit_price IS NOT NULL;
"""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The runs of the two months, by id."""

    issued: int
    in_review: int

    def places(self) -> dict[str, int]:
        """Return what addresses name: the runs, and one of the first invoices."""
        from counterfoil.records.billing.models import Invoice

        invoice = Invoice.objects.filter(run_id=self.issued).order_by("pk").values_list("pk", flat=True)[6]
        return {"issued": self.issued, "in_review": self.in_review, "invoice": invoice}


def desk_of() -> Desk | None:
    """Return the runs of a database that was filled before; None of an empty one."""
    from counterfoil.records.billing.models import Run, RunStatus

    issued, in_review = (
        Run.objects.filter(title=title, status=status).values_list("pk", flat=True).first()
        for title, status in (("June", RunStatus.ISSUED), ("July", RunStatus.IN_REVIEW))
    )
    return Desk(issued=issued, in_review=in_review) if issued and in_review else None


def fill_desk(*, charges: int) -> Desk:
    """Fill the empty database with a bureau of *charges* and its two months, and analyse it."""
    from counterfoil import clock
    from counterfoil.flows.billing import issue, reconcile, run
    from counterfoil.flows.billing.selection import Selection
    from counterfoil.flows.billing.variance import keep_comparison

    fill(charges=charges)
    _do(_BEFORE, clients=(charges + 1) // 2)
    request = run.Request(title="June", selection=Selection(), cutoff=CUTOFF, invoice_date=CUTOFF)
    june = run.generate(request, by=None, now=clock.now)
    issue.authorise(june.pk, by=None, now=clock.now())
    issue.issue(june.pk, today=CUTOFF, now=clock.now)
    _do(_SENT)
    _do(_NEXT_MONTH)
    tidy()
    request = run.Request(title="July", selection=Selection(), cutoff=NEXT_MONTH, invoice_date=NEXT_MONTH)
    july = run.generate(request, by=None, now=clock.now)
    tidy()
    keep_comparison(july, now=clock.now())
    for made in (june, july):
        reconcile.keep_control(made.pk, now=clock.now)
    tidy()
    return Desk(issued=june.pk, in_review=july.pk)


def tidy() -> None:
    """Let the planner know what there is, as autovacuum will have by the time people look."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _do(statements: str, **values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements, values)
