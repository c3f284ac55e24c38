"""The only writer of what issued documents add up to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from counterfoil.records.billing.summing import IssuedDue, IssuedRevenue, RunControl

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

# What live billings hold is due on another day than by itself: taken off that day, put on this one (8.5).
_MOVE = """
INSERT INTO billing_issueddue (run_id, due_on, branch_id, currency, gross_minor, documents)
SELECT NULL, moved.due_on, held.branch_id, held.currency, sum(moved.gross_minor)::bigint, sum(moved.documents)
FROM (
    SELECT own_due_on, billing_due_on, branch_id, currency, sum(gross_minor) AS gross, count(*) AS documents
    FROM ({held}) AS each
    WHERE own_due_on <> billing_due_on
    GROUP BY own_due_on, billing_due_on, branch_id, currency
) AS held
CROSS JOIN LATERAL (
    VALUES (held.own_due_on, -held.gross, -held.documents), (held.billing_due_on, held.gross, held.documents)
) AS moved (due_on, gross_minor, documents)
GROUP BY moved.due_on, held.branch_id, held.currency
"""
_OF_BILLINGS = """
    SELECT CASE WHEN %(back)s THEN billing.due_on ELSE number.due_on END AS own_due_on,
           CASE WHEN %(back)s THEN number.due_on ELSE billing.due_on END AS billing_due_on,
           invoice.branch_id, invoice.currency, invoice.gross_minor
    FROM billing_billingmember AS member
    JOIN billing_consolidatedbilling AS billing ON billing.id = member.billing_id
    JOIN billing_documentnumber AS number ON number.invoice_id = member.invoice_id
    JOIN billing_invoice AS invoice ON invoice.id = member.invoice_id
    WHERE member.billing_id = ANY(%(billings)s)
"""
_OF_CHOSEN = """
    SELECT chosen.due_on AS own_due_on, due.due_on AS billing_due_on, chosen.branch_id, chosen.currency,
           chosen.gross_minor
    FROM consolidation_chosen AS chosen
    JOIN consolidation_groups AS groups ON groups.group_no = chosen.group_no
    JOIN unnest(%(terms)s::text[], %(dates)s::date[], %(due)s::date[]) AS due (terms, billing_date, due_on)
      ON due.terms = groups.terms AND due.billing_date = groups.billing_date
"""


def move_due(billings: Sequence[int], *, back: bool = False) -> None:
    """Count what *billings* (ids) hold as due when they are; going *back*, when each document is by itself (8.5)."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVE.format(held=_OF_BILLINGS), {"billings": list(billings), "back": back})


def move_due_of_chosen(due_dates: Sequence[tuple[str, date, date]]) -> None:
    """The same for a batch that was just chosen into the tables `consolidation_chosen` and `consolidation_groups`.

    *due_dates* are terms, billing date and due date, each pair that occurs once.
    """
    terms, dates, due = zip(*due_dates, strict=True)
    values = {"terms": list(terms), "dates": list(dates), "due": list(due)}
    with connection.cursor() as cursor:
        cursor.execute(_MOVE.format(held=_OF_CHOSEN), values)


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


def keep_control(
    run_id: int, *, controls: Sequence[Any], unreached: str, made_of: dict[str, Any], now: datetime
) -> RunControl:
    """Keep the control totals of a run, plain values, in place of what was kept before."""
    kept, _is_new = RunControl.objects.update_or_create(
        run_id=run_id,
        defaults={"controls": controls, "unreached": unreached, "made_of": made_of, "made_at": now},
    )
    return kept
