"""A batch of consolidated billings against plain binary COPY of the billings, members and deliveries it stores.

    .venv/bin/python benchmarks/consolidating.py --charges 1000000 --json

It fills an installation with so many invoices that wait, of a tenth as many customers, makes one batch of all of them,
and then copies what that stored into copies of its tables with the same indexes.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.floor import copy_floor, timed
from benchmarks.installation import run_benchmark

WRITTEN = ("billing_consolidatedbilling", "billing_billingmember", "deliveries_billingdelivery")

CUSTOMERS = """
INSERT INTO parties_billingcustomer
    (account, name, email, currency, country, address, postcode, city, tax_id, tax_status, payment_terms, delivery,
     language, branch_id, is_active)
SELECT 'C' || n, 'Customer ' || n, 'c' || n || '@example.com', 'EUR', 'IE', '', '', '', '', 'standard',
       (ARRAY['14 days', '30 days', 'end of month'])[n %% 3 + 1], 'email', '', %(branch)s, true
FROM generate_series(1, %(customers)s) AS n
"""

# A third has a next date, a third a minimum that is reached, a third a limit that is not.
SETTINGS = """
INSERT INTO parties_consolidationsettings
    (customer_id, is_used, cycle, next_date, typed_date, minimum_minor, limit_minor, takes_sales, takes_service)
SELECT id, true, '1 month', CASE WHEN id %% 3 = 0 THEN %(day)s::date END, CASE WHEN id %% 3 = 0 THEN %(day)s::date END,
       CASE WHEN id %% 3 = 1 THEN 500 END, CASE WHEN id %% 3 = 2 THEN 100000000 END, true, true
FROM parties_billingcustomer
"""

INVOICES = """
INSERT INTO billing_invoice
    (id, run_id, shard, customer_id, branch_id, document_type, currency, invoice_date, line_count, net_minor, tax_minor,
     gross_minor)
SELECT n, %(run)s, 1, %(first)s + n %% %(customers)s, %(branch)s, CASE WHEN n %% 2 = 0 THEN 'sales' ELSE 'service' END,
       'EUR', %(day)s::date - (n %% 28)::int, 1, 1000 + n %% 5000, 230, 1230 + n %% 5000
FROM generate_series(1, %(invoices)s) AS n
"""

WAITING = """
INSERT INTO billing_queuedinvoice
    (invoice_id, customer_id, branch_id, currency, kind, invoice_date, due_on, tax_minor, gross_minor,
     is_locked)
SELECT id, customer_id, branch_id, currency, document_type, invoice_date, invoice_date + 14, tax_minor, gross_minor,
       false
FROM billing_invoice
"""


def measure(*, charges: int, folder: Path) -> dict[str, Any]:
    """Let so many invoices wait, make one batch, and copy; return the figures by name, times in seconds."""
    from benchmarks.bureau import CUTOFF
    from counterfoil import clock
    from counterfoil.flows.consolidating.batch import Batch, create_batch
    from counterfoil.flows.consolidating.choosing import Selection, groups_of
    from counterfoil.flows.consolidating.sending import SEND
    from counterfoil.records.billing.models import BillingMember, ConsolidatedBilling
    from counterfoil.records.deliveries.outbox import queue_work

    _fill(invoices=charges, customers=max(charges // 10, 1))
    # The queue of jobs is opened once a process; that is not a batch's work.
    queue_work(SEND)
    selection = Selection(cutoff=CUTOFF)
    totals_s, groups = timed(lambda: groups_of(selection))
    wanted = Batch(selection=selection, billing_date=CUTOFF)
    batch_s, _ = timed(lambda: create_batch(wanted, by=None, now=clock.now()))
    floor_s = copy_floor(WRITTEN, folder=folder)
    return {
        "invoices": BillingMember.objects.count(),
        "billings": ConsolidatedBilling.objects.count(),
        "groups": len(groups),
        "totals_s": round(totals_s, 2),
        "batch_s": round(batch_s, 2),
        "copy_floor_s": round(floor_s, 2),
        "ratio": round(batch_s / floor_s, 2),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _fill(*, invoices: int, customers: int) -> None:
    from django.db import connection

    from benchmarks.bureau import CUTOFF
    from counterfoil import clock
    from counterfoil.records.billing.models import Run, RunStatus
    from counterfoil.records.organisation.models import Branch, Organisation
    from counterfoil.records.parties.models import BillingCustomer

    organisation = Organisation.objects.create(id=1, name="Benchmark", country="IE")
    branch = Branch.objects.create(organisation=organisation, code="main", name="Main")
    run = Run.objects.create(
        title="Filled",
        selection={},
        cutoff=CUTOFF,
        invoice_date=CUTOFF,
        status=RunStatus.ISSUED,
        started_at=clock.now(),
    )
    values = {
        "branch": branch.pk,
        "customers": customers,
        "invoices": invoices,
        "run": run.pk,
        "day": CUTOFF,
    }
    with connection.cursor() as cursor:
        cursor.execute(CUSTOMERS, values)
        values["first"] = BillingCustomer.objects.order_by("pk").values_list("pk", flat=True)[0]
        for statement in (SETTINGS, INVOICES, WAITING):
            cursor.execute(statement, values)
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    run_benchmark(measure, description=__doc__)
