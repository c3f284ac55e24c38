"""The only writer of what issued documents add up to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from counterfoil.records.billing.summing import IssuedDue, IssuedRevenue, RecurringRevenue, RunControl

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
# What lines of recurring charges are a month (core/monthly.py), for each month whose last day they serve: of one that
# begins on the 15th that of its beginning, and not that of its end. Lines of a length are added up, then divided.
_MONTHLY = """
INSERT INTO billing_recurringrevenue (run_id, month, kind, dealer_id, branch_id, currency, monthly_steps, lines)
SELECT of_length.run_id, served.month::date, of_length.kind, of_length.dealer_id, of_length.branch_id,
       of_length.currency,
       %(sign)s * round(sum(
           1000000 * of_length.net * of_length.fraction_den * of_length.a_month
           / (of_length.fraction_num::numeric * of_length.length)
       ))::bigint,
       %(sign)s * sum(of_length.lines)::bigint
FROM (
    SELECT invoice.run_id, COALESCE(master.kind, 'service') AS kind, client.dealer_id, invoice.branch_id,
           invoice.currency,
           date_trunc('month', line.period_start) AS first, date_trunc('month', line.period_end) AS ends_before,
           line.fraction_num, line.fraction_den,
           CASE WHEN line.anchor_day IS NULL THEN 365 ELSE 1 END AS a_month,
           CASE WHEN line.anchor_day IS NULL THEN 12 * (line.grid_end - line.grid_start)
                ELSE 12 * (extract(year FROM line.grid_end) - extract(year FROM line.grid_start))::integer
                     + (extract(month FROM line.grid_end) - extract(month FROM line.grid_start))::integer
           END AS length,
           sum(line.net_minor)::numeric AS net, count(*) AS lines
    FROM billing_invoice AS invoice
    JOIN billing_run AS run ON run.id = invoice.run_id
    JOIN billing_documentnumber AS number ON number.invoice_id = invoice.id
    JOIN billing_invoiceline AS line ON line.invoice_id = invoice.id
    JOIN parties_client AS client ON client.id = line.client_id
    LEFT JOIN catalog_mastercharge AS master ON master.code = line.code
    WHERE invoice.run_id = %(run)s
      AND (%(invoices)s::bigint[] IS NULL OR invoice.id = ANY(%(invoices)s::bigint[]))
      AND NOT EXISTS (SELECT FROM billing_invoicevoid AS void WHERE void.invoice_id = invoice.id)
      AND line.charge_id IS NOT NULL AND line.fraction_num <> 0
      AND (line.kind = 'charge' OR (line.kind = 'credit' AND run.selection ->> 'credit_basis' <> 'none'))
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
) AS of_length
CROSS JOIN LATERAL generate_series(
    of_length.first, of_length.ends_before - interval '1 month', interval '1 month'
) AS served (month)
WHERE of_length.length > 0
GROUP BY 1, 2, 3, 4, 5, 6
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
    RecurringRevenue.objects.filter(run=run_id).delete()
    IssuedDue.objects.filter(run=run_id).delete()


def _add(run_id: int, *, sign: int, invoices: list[int] | None = None) -> None:
    with connection.cursor() as cursor:
        for statement in (_REVENUE, _MONTHLY, _DUE):
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
