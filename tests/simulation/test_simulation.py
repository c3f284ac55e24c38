"""A company over three years: everything happens to it, and after each month the invariants hold.

The seed is printed and can be given: `pytest tests/simulation --seed 7 --months 36`, `make simulate SEED=7`, or the
variables COUNTERFOIL_TEST_SEED and COUNTERFOIL_TEST_MONTHS.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from counterfoil.records.billing.models import InvoiceLine
from tests.simulation import invariants
from tests.simulation.company import Company
from tests.simulation.month import Month

FIRST_MONTH = date(2024, 1, 1)


def _first_of(number: int) -> date:
    return date(FIRST_MONTH.year + number // 12, number % 12 + 1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_company_lives_for_years(
    simulation_seed: int, simulation_months: int, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    print(f"seed {simulation_seed}, {simulation_months} months")
    company = Company(Random(simulation_seed))  # noqa: S311  it must be repeatable
    company.begin(FIRST_MONTH)
    issued: dict[int, str] = {}
    for number in range(simulation_months):
        company.note(f"month {number + 1}")
        is_last = number == simulation_months - 1
        issued = _month(company, day=_first_of(number), issued=issued, is_last=is_last)


def _month(company: Company, *, day: date, issued: dict[int, str], is_last: bool) -> dict[int, str]:
    """Live, credit, bill, review, issue, void and bill again; return the documents issued so far."""
    month = Month(company, day=day)
    month.release_what_is_held()
    company.live_through_month(day)
    credited = month.credit()
    month.issue(credited)
    spans = invariants.spans()
    billed = month.bill()
    invariants.assert_every_day_is_billed_once(
        company, day=day, runs=[credited, billed], everything=is_last or day.month == 12
    )
    month.review(billed)
    month.issue(billed)
    if month.void_run(billed):
        assert invariants.spans() == spans, "voiding did not restore what was owed"
    else:
        month.void_some(billed)
        if day.month % 6 == 0:
            month.deliver(billed)
    month.credit_by_hand()
    _bill_again(month)
    invariants.assert_books_are_sound()
    documents = invariants.issued_documents()
    assert {pk: documents[pk] for pk in issued} == issued, "an issued document changed"
    return documents


def _bill_again(month: Month) -> None:
    """Run the same again: it bills what was excluded or voided, and a third time nothing."""
    again = month.bill()
    month.issue(again)
    third = month.bill()
    assert not InvoiceLine.objects.filter(invoice__run=third).exists(), "a rerun billed something"
    month.issue(third)
