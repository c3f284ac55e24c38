"""Check: does everything that must always hold, hold over the whole database?

An invariant is a file in `sql/` that selects what breaks it: the documents concerned, and a sentence. A new
invariant is a file and a line here. Those of the seals are functions of `sealing.verify`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction

from counterfoil.core.currencies import MINOR_DIGITS
from counterfoil.flows.sealing.verify import CHECKS as SEALS

SQL = Path(__file__).parent / "sql"

# Invariant → the table whose rows it looks at.
INVARIANTS: Mapping[str, str] = {
    "no_day_billed_twice": "billing_invoiceline",
    "spans_are_what_is_billed": "charges_charge",
    "lines_are_price_times_share": "billing_invoiceline",
    "lines_sum_to_their_invoice": "billing_invoice",
    "tax_is_that_of_its_groups": "billing_invoice",
    "credited_tax_is_that_of_its_group": "billing_invoice",
    "credits_leave_no_less_than_nothing": "billing_invoiceline",
    "events_are_marked_by_their_lines": "charges_chargedevent",
    "numbers_have_no_gap": "billing_documentseries",
    "numbers_fit_their_series": "billing_documentnumber",
    "issue_dates_follow_numbers": "billing_documentnumber",
    "control_totals_are_equal": "billing_run",
    "set_aside_has_no_number": "billing_documentnumber",
    "issued_sums_are_true": "billing_run",
    "issued_is_on_its_way": "billing_documentnumber",
    "references_exist": "billing_invoiceline",
    "billings_hold_each_invoice_once": "billing_billingmember",
    "billings_sum_to_their_members": "billing_consolidatedbilling",
    "billings_have_one_live_revision": "billing_consolidatedbilling",
    "what_waits_is_issued": "billing_queuedinvoice",
    "accounts_have_one_owner": "parties_billingcustomer",
    "own_clients_follow_their_owner": "parties_client",
    "sealed_documents_are_unchanged": "organisation_sealedrange",
    "sealed_changes_are_unchanged": "organisation_sealedrange",
    "seals_form_a_chain": "organisation_seal",
}
# What somebody ought to look at, though nothing is wrong with the books.
WARNINGS = ("no_day_is_passed_over", "every_charge_is_selected")

# What every query may use: how many minor units make one of a currency, as two lists side by side.
CURRENCIES = {
    "currencies": list(MINOR_DIGITS),
    "factors": [10**digits for digits in MINOR_DIGITS.values()],
}

MOST_SHOWN = 1_000
"""So many breaches of one invariant are reported one by one; the last one says how many more there are."""


@dataclass(frozen=True, kw_only=True)
class Breach:
    """Where an invariant does not hold: the *documents* concerned, and what is wrong in a sentence."""

    invariant: str
    documents: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Checked:
    """How many rows each invariant was checked on, and where it does not hold."""

    rows: Mapping[str, int]
    violations: Sequence[Breach]
    warnings: Sequence[Breach]


def check() -> Checked:
    """Check every invariant over the whole database, as it was at one moment; changes nothing."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return check_what_is_seen()


def check_what_is_seen() -> Checked:
    """Check every invariant over what the caller's transaction sees."""
    counts = {table: _count(table) for table in sorted(set(INVARIANTS.values()))}
    return Checked(
        rows={name: counts[table] for name, table in INVARIANTS.items()},
        violations=[breach for name in INVARIANTS for breach in _breaches(name)],
        warnings=[breach for name in WARNINGS for breach in _breaches(name)],
    )


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  a name written above
        count: int = cursor.fetchone()[0]
    return count


def _breaches(name: str) -> list[Breach]:
    found, more = _found_by_function(name) if name in SEALS else _found_by_query(name)
    breaches = [Breach(invariant=name, documents=documents, message=message) for documents, message in found]
    if more:
        breaches.append(Breach(invariant=name, documents="", message=f"and {more:,} more like these"))
    return breaches


def _found_by_function(name: str) -> tuple[Sequence[tuple[str, str]], int]:
    found = SEALS[name]()
    return found[:MOST_SHOWN], max(0, len(found) - MOST_SHOWN)


def _found_by_query(name: str) -> tuple[Sequence[tuple[str, str]], int]:
    with connection.cursor() as cursor:
        cursor.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"), CURRENCIES)
        shown = cursor.fetchmany(MOST_SHOWN)
        return [(row[0], row[1]) for row in shown], cursor.rowcount - len(shown)
