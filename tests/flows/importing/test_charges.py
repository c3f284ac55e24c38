"""Files of charges: dates, overrides, charge periods of their own, and what is billed already."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from counterfoil.flows.billing.review import exclude
from counterfoil.flows.importing.periods import PeriodValues
from counterfoil.records.billing.models import Invoice, InvoiceLine
from counterfoil.records.catalog.models import ChargePeriod
from counterfoil.records.charges.models import Charge, ChargeSpan
from tests import build
from tests.flows.importing.files import counted, imported, told

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


@pytest.fixture(autouse=True)
def catalogue(bureau: None) -> None:
    """Store client S1 of customer C1, and MON: 30.00 a month on the calendar, in advance."""
    imported("customers", "account,name", "C1,Brightwater", "C2,Other")
    imported("clients", "client,name,customer", "S1,Site 1,C1")
    header = "code,name,kind,unit_price,anchor,tax_category"
    imported("master-charges", header, "MON,Monitoring,service,30,2020-01-01,standard")


def _charges(*rows: str, columns: str = "") -> object:
    return counted(imported("charges", f"charge,client,code,starts_on{columns}", *rows))["charges"]


def _span() -> tuple[date | None, date | None]:
    stored = ChargeSpan.objects.get()
    return stored.billed_from, stored.billed_to


def test_a_charge_follows_its_master_where_it_says_nothing() -> None:
    assert _charges("K1,S1,MON,2026-06-01") == (1, 0, 0)
    stored = Charge.objects.get()
    assert (stored.key, stored.client.code, stored.master_charge.code) == ("K1", "S1", "MON")
    assert (stored.starts_on, stored.ends_before, stored.customer) == (JUNE, None, None)
    assert (stored.unit_price, stored.quantity, stored.charge_period) == (None, None, None)
    assert (stored.tax_category, stored.while_commissioned, stored.description) == (None, None, "")
    assert _span() == (None, None)
    assert _charges("K1,S1,MON,2026-06-01") == (0, 0, 1)


def test_what_a_charge_says_itself_is_stored() -> None:
    columns = ",customer,quantity,unit_price,description,tax_category,while_commissioned"
    _charges("K1,S1,MON,2026-06-01,C2,2,29.85,Second line,standard,no", columns=columns)
    stored = Charge.objects.get()
    assert (stored.customer.account, stored.quantity, stored.unit_price) == (  # type: ignore[union-attr]
        "C2",
        Decimal(2),
        Decimal("29.85"),
    )
    assert (stored.description, stored.tax_category.code) == ("Second line", "standard")  # type: ignore[union-attr]
    assert stored.while_commissioned is False


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        (",last_day", ",2026-12-31"),
        (",ends_before", ",2027-01-01"),
        (",last_day,ends_before", ",,2027-01-01"),
    ],
)
def test_an_end_is_typed_as_the_last_day_or_as_the_first_not_billed(columns: str, cells: str) -> None:
    _charges(f"K1,S1,MON,2026-06-01{cells}", columns=columns)
    assert Charge.objects.get().ends_before == date(2027, 1, 1)
    _charges("K1,S1,MON,2026-06-01")
    assert Charge.objects.get().ends_before == date(2027, 1, 1)
    _charges("K1,S1,MON,2026-06-01,", columns=",last_day")
    assert Charge.objects.get().ends_before is None


def test_two_ends_are_one_too_many() -> None:
    header = "charge,client,code,starts_on,last_day,ends_before"
    report = imported("charges", header, "K1,S1,MON,2026-06-01,2026-12-31,2027-01-01")
    assert told(report) == [
        (2, "last_day", "The row has a last_day and an ends_before; each alone says when the charge ends.")
    ]


def test_an_end_before_the_start_is_stored_for_a_run_to_set_aside() -> None:
    assert _charges("K1,S1,MON,2026-06-01,2026-05-01", columns=",last_day") == (1, 0, 0)


def test_client_code_and_customer_must_be_there() -> None:
    report = imported("charges", "charge,client,code,starts_on,customer", "K1,S9,NO,2026-06-01,C9")
    assert told(report) == [
        (2, "client", "There is no client 'S9'."),
        (2, "code", "There is no master charge 'NO'."),
        (2, "customer", "There is no billing customer 'C9'."),
    ]


def _period(key: str) -> PeriodValues | None:
    stored = Charge.objects.get(key=key).charge_period
    return PeriodValues.of(stored) if stored else None


def test_a_period_of_its_own_takes_what_it_does_not_say_from_the_master() -> None:
    _charges(
        "K1,S1,MON,2026-06-01,3 months,,,",
        "K2,S1,MON,2026-06-01,,,15,",
        "K3,S1,MON,2026-06-01,,start,,arrears",
        "K4,S1,MON,2026-06-01,,,,",
        columns=",every,anchor,billing_day,bill",
    )
    anchored = date(2020, 1, 1)
    assert _period("K1") == PeriodValues(count=3, anchor=anchored)
    assert _period("K2") == PeriodValues(billing_day=15)
    assert _period("K3") == PeriodValues(bill_on="arrears")
    assert _period("K4") is None
    assert ChargePeriod.objects.count() == 4  # the master's and three more
    _charges("K1,S1,MON,2026-06-01")  # columns that are absent leave it
    assert _period("K1") == PeriodValues(count=3, anchor=anchored)
    _charges("K1,S1,MON,2026-06-01,", columns=",every")  # an empty one goes back to the master's
    assert _period("K1") is None


def test_a_period_that_does_not_fit_the_masters_is_told() -> None:
    imported("master-charges", "code,name,kind,unit_price,part_charging", "WK,Weekly,service,5,monthly")
    report = imported(
        "charges",
        "charge,client,code,starts_on,every",
        "K1,S1,MON,2026-06-01,2 weeks",
        "K2,S1,WK,2026-06-01,2 weeks",
    )
    assert told(report) == [(3, "every", "monthly cannot share out a charge period of 2 weeks.")]
    assert Charge.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_what_the_system_used_before_billed_opens_the_span() -> None:
    _charges("K1,S1,MON,2025-01-01,2026-06-01", columns=",billed_to")
    assert _span() == (date(2025, 1, 1), JUNE)
    build.run(cutoff=JUNE)
    assert list(InvoiceLine.objects.values_list("period_start", "net_minor")) == [(JUNE, 3000)]


def test_an_opening_on_the_start_means_that_nothing_is_billed() -> None:
    _charges("K1,S1,MON,2026-06-01,2026-06-01", columns=",billed_to")
    assert _span() == (None, None)


def test_an_opening_follows_corrections_until_we_bill() -> None:
    _charges("K1,S1,MON,2025-01-01,2026-06-01", columns=",billed_to")
    _charges("K1,S1,MON,2024-03-01,2026-05-01", columns=",billed_to")
    assert _span() == (date(2024, 3, 1), MAY)
    _charges("K1,S1,MON,2024-04-01")
    assert _span() == (date(2024, 4, 1), MAY)
    _charges("K1,S1,MON,2024-04-01,", columns=",billed_to")
    assert _span() == (None, None)


@pytest.mark.django_db(transaction=True)
def test_an_opening_no_longer_changes_once_we_billed_but_dates_do() -> None:
    _charges("K1,S1,MON,2025-01-01,2026-05-01", columns=",billed_to")
    build.run(cutoff=JUNE)  # bills May and June
    assert _span() == (date(2025, 1, 1), date(2026, 7, 1))
    header = "charge,client,code,starts_on,billed_to"
    report = imported("charges", header, "K1,S1,MON,2025-01-01,2026-06-01")
    assert told(report) == [
        (2, "billed_to", "The charge has been billed since, so what was billed before can no longer change.")
    ]
    assert _charges("K1,S1,MON,2024-12-01,2026-12-31", columns=",last_day") == (0, 1, 0)
    assert _span() == (date(2025, 1, 1), date(2026, 7, 1))


@pytest.mark.django_db(transaction=True)
def test_an_excluded_draft_does_not_count_as_billed() -> None:
    _charges("K1,S1,MON,2025-01-01,2026-05-01", columns=",billed_to")
    build.run(cutoff=JUNE)
    exclude([Invoice.objects.get().pk], reason="Wrong start", by=None, now=build.NOW)
    assert _charges("K1,S1,MON,2025-01-01,2026-06-01", columns=",billed_to") == (0, 1, 0)
    assert _span() == (date(2025, 1, 1), JUNE)
