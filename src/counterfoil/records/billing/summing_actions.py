"""The only writer of what issued documents add up to."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from counterfoil.records.billing.summing import IssuedDue, IssuedRevenue

# The kind is the master charge's; a line whose code is none any more counts with the others of its documents.
_REVENUE = """
INSERT INTO billing_issuedrevenue (run_id, month, document_type, kind, dealer_id, branch_id, currency, net_minor, lines)
SELECT invoice.run_id, date_trunc('month', invoice.invoice_date)::date, invoice.document_type,
       COALESCE(master.kind, CASE invoice.document_type
                                  WHEN 'service' THEN 'work_order' WHEN 'sales' THEN 'sale' ELSE 'service' END),
       client.dealer_id, invoice.branch_id, invoice.currency,
       %(sign)s * sum(line.net_minor)::bigint, %(sign)s * count(*)
FROM billing_invoice AS invoice
JOIN billing_documentnumber AS number ON number.invoice_id = invoice.id
JOIN billing_invoiceline AS line ON line.invoice_id = invoice.id
JOIN parties_client AS client ON client.id = line.client_id
LEFT JOIN catalog_mastercharge AS master ON master.code = line.code
WHERE invoice.run_id = %(run)s
  AND (%(invoices)s::bigint[] IS NULL OR invoice.id = ANY(%(invoices)s::bigint[]))
  AND NOT EXISTS (SELECT FROM billing_invoicevoid AS void WHERE void.invoice_id = invoice.id)
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
_DUE = """
INSERT INTO billing_issueddue (run_id, due_on, branch_id, currency, gross_minor, documents)
SELECT invoice.run_id, number.due_on, invoice.branch_id, invoice.currency,
       %(sign)s * sum(invoice.gross_minor)::bigint, %(sign)s * count(*)
FROM billing_invoice AS invoice
JOIN billing_documentnumber AS number ON number.invoice_id = invoice.id
WHERE invoice.run_id = %(run)s
  AND (%(invoices)s::bigint[] IS NULL OR invoice.id = ANY(%(invoices)s::bigint[]))
  AND NOT EXISTS (SELECT FROM billing_invoicevoid AS void WHERE void.invoice_id = invoice.id)
GROUP BY 1, 2, 3, 4
"""


def sum_up_issued(run_id: int) -> None:
    """Store what the issued documents of a locked run add up to, in place of what was stored before."""
    forget_issued(run_id)
    _add(run_id, sign=1)


def subtract_issued(run_id: int, *, invoices: Sequence[int]) -> None:
    """Take documents of a locked run that are about to be void out of its figures."""
    _add(run_id, sign=-1, invoices=list(invoices))


def forget_issued(run_id: int) -> None:
    """Take all of a locked run out of the figures."""
    IssuedRevenue.objects.filter(run=run_id).delete()
    IssuedDue.objects.filter(run=run_id).delete()


def _add(run_id: int, *, sign: int, invoices: list[int] | None = None) -> None:
    with connection.cursor() as cursor:
        for statement in (_REVENUE, _DUE):
            cursor.execute(statement, {"run": run_id, "sign": sign, "invoices": invoices})
