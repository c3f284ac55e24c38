"""The file of charges: what is charged to which client, from when, and what other than its master charge says.

In place of a client a row may name a billing customer or a dealer that is charged itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection

from counterfoil.core.paying import PaidBy
from counterfoil.core.periods import ONE_DAY
from counterfoil.flows.importing import period_lookup, periods
from counterfoil.flows.importing.catalogue import (
    MASTER_CHARGE,
    PRICE,
    QUANTITY,
    escalation,
    last_day_of,
    tax_category,
    use_check,
)
from counterfoil.flows.importing.charges_of_owners import (
    PLACE,
    client_cell,
    name_own_clients,
    one_of,
    own_checks,
)
from counterfoil.flows.importing.columns import (
    Check,
    Column,
    Gathered,
    Installation,
    Kind,
    Prepared,
    StoredCheck,
)
from counterfoil.flows.importing.parties import (
    CLIENT,
    CUSTOMER,
    DEALER,
    IS_OWN,
    KEY,
    no_customer_in_legacy,
)
from counterfoil.flows.importing.values import DAY, YES_NO, choice, key, text
from counterfoil.records.charges import actions
from counterfoil.records.charges.models import Charge


def end_of(last_day: date | None, ends_before: date | None) -> date | None:
    """Return the first day not billed. Raises ValueError(why, remedy) if both columns are filled."""
    if last_day is not None and ends_before is not None:
        raise ValueError(
            "The row has a last_day and an ends_before; each alone says when the charge ends.",
            "Empty one of the two. The last day is the last one billed, the day before ends_before.",
        )
    return ends_before if last_day is None else last_day + ONE_DAY


def _nothing(_ends_before: date | None) -> None:
    return None


# Lines that count: neither in an abandoned run nor on an excluded draft.
_IS_BILLED = """
EXISTS (
    SELECT FROM billing_invoiceline AS line
    JOIN billing_invoice AS invoice ON invoice.id = line.invoice_id
    JOIN billing_run AS run ON run.id = invoice.run_id
    LEFT JOIN billing_invoiceexclusion AS exclusion ON exclusion.invoice_id = invoice.id
    WHERE line.charge_id = row.id AND run.status <> 'abandoned' AND exclusion.invoice_id IS NULL
)
"""

# Runs move the spans they bill: wait for those under way, and have later ones wait, where an opening may move.
_LOCK_SPANS = """
SELECT count(*) FROM (
    SELECT FROM charges_chargespan AS span
    JOIN charges_charge AS was ON was.id = span.charge_id
    JOIN {rows} AS row ON row.charge = was.key
    WHERE row.starts_on <> was.starts_on {or_opening}
    ORDER BY span.charge_id FOR UPDATE OF span
) AS locked
"""


def prepare(rows: str, given: Sequence[str], installation: Installation) -> Prepared:
    """Lock the spans that may open anew; find or create own clients and the charge periods of the charges in *rows*."""
    opening = "OR row.billed_to IS DISTINCT FROM was.opening_billed_to" if "billed_to" in given else ""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_SPANS.format(rows=rows, or_opening=opening))
    problems, count = name_own_clients(rows)
    found, count_found, besides = period_lookup.prepare_charges(rows, given, installation)
    return [*problems, *found], count + count_found, besides


CHARGES = Kind(
    name="charges",
    words="charge",
    model=Charge,
    key=("charge",),
    store=actions.store_charges,
    columns=(
        Column(name="charge", holds=key(80), field="key", required=True),
        Column(
            name="client",
            holds=KEY,
            field="client_id",
            required=True,
            may_be_empty=True,
            refers_to=CLIENT,
            paths=("client__code", "client__own_of_customer", "client__own_of_dealer"),
            show=client_cell,
        ),
        Column(
            name="code",
            holds=KEY,
            field="master_charge_id",
            required=True,
            refers_to=MASTER_CHARGE,
            paths=("master_charge__code",),
        ),
        Column(name="starts_on", holds=DAY, field="starts_on", required=True),
        Column(
            name="customer",
            holds=KEY,
            field="customer_id",
            refers_to=CUSTOMER,
            paths=("customer__account",),
        ),
        Column(name="last_day", holds=DAY, paths=("ends_before",), show=last_day_of),
        Column(name="ends_before", holds=DAY, paths=("ends_before",), show=_nothing),
        Column(name="quantity", holds=QUANTITY, field="quantity"),
        Column(name="unit_price", holds=PRICE, field="unit_price"),
        Column(name="description", holds=text(300), field="description", default=""),
        Column(name="billed_to", holds=DAY, field="opening_billed_to", paths=("opening_billed_to",)),
        *periods.CHARGE_COLUMNS,
        tax_category(),
        escalation(),
        Column(name="while_commissioned", holds=YES_NO, field="while_commissioned"),
        Column(name="po_number", holds=text(60), field="po_number", default=""),
        Column(name="paid_by", holds=choice(PaidBy), field="paid_by", default=""),
        Column(
            name="of_customer",
            holds=KEY,
            refers_to=CUSTOMER,
            paths=("client__own_of_customer__account",),
        ),
        Column(name="of_dealer", holds=KEY, refers_to=DEALER, paths=("client__own_of_dealer__code",)),
    ),
    also_staged=("of_customer", "of_dealer"),
    checks=(Check(columns=("client", "of_customer", "of_dealer"), check=one_of),),
    gathered=(
        Gathered(
            name="ends_before",
            staged="ends_before",
            columns=("last_day", "ends_before"),
            holds=DAY,
            gather=end_of,
        ),
        periods.GATHERED,
    ),
    prepare=prepare,
    joins=period_lookup.CHARGE_JOIN,
    extra={
        "uses_anew": "(row.master_charge_id, row.starts_on) IS DISTINCT FROM (was.master_charge_id, was.starts_on)",
        "changes_owner": f"""row.client_id <> was.client_id
            AND ({IS_OWN.format(id="row.client_id")} OR {IS_OWN.format(id="was.client_id")})""",
        "changes_opening": "row.id IS NOT NULL AND row.opening_billed_to IS DISTINCT FROM was.opening_billed_to",
        "reopens_span": f"""
            CASE WHEN row.id IS NOT NULL AND (row.starts_on, row.opening_billed_to)
                      IS DISTINCT FROM (was.starts_on, was.opening_billed_to)
                 THEN NOT {_IS_BILLED} ELSE FALSE END""",
    },
    stored_checks=(
        use_check(on=PLACE.format(client="row.client_id"), day="row.starts_on"),
        no_customer_in_legacy(
            problem="In legacy customer mode a charge names no customer: its mark says who pays.",
            remedy="Empty the cell, and write direct or dealer in paid_by.",
        ),
        *own_checks(),
        StoredCheck(
            column="billed_to",
            fails=f"row.changes_opening AND {_IS_BILLED}",
            problem="The charge has been billed since, so what was billed before can no longer change.",
            remedy="Leave billed_to as it was. Days that were billed wrongly are credited.",
        ),
    ),
)
