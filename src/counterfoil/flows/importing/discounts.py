"""The file of discounts: what is taken off which lines or invoices, how much, and from when to when (4.5)."""

from __future__ import annotations

from datetime import date

from counterfoil.core.money import LARGEST_UNIT_PRICE_STEPS, PERCENT_STEPS
from counterfoil.core.periods import ONE_DAY
from counterfoil.flows.importing.catalogue import MASTER_CHARGE
from counterfoil.flows.importing.columns import Column, Gathered, Kind, Reference, StoredCheck
from counterfoil.flows.importing.parties import CUSTOMER, KEY
from counterfoil.flows.importing.values import DAY, decimal, key, percentage, text
from counterfoil.records.charges import actions
from counterfoil.records.charges.models import Discount

CHARGE = Reference(words="charge", table="charges_charge", key="key", kind="charges")
AMOUNT = decimal(
    largest_steps=LARGEST_UNIT_PRICE_STEPS, expected="a decimal above 0 such as 2.50, with at most 6 places"
)


def end_of(last_day: date | None, ends_before: date | None) -> date | None:
    """Return the first day it is not taken. Raises ValueError(why, remedy) if both columns are filled."""
    if last_day is not None and ends_before is not None:
        raise ValueError(
            "The row has a last_day and an ends_before; each alone says when the discount ends.",
            "Empty one of the two. The last day is the day before ends_before.",
        )
    return ends_before if last_day is None else last_day + ONE_DAY


def _last_day(ends_before: date | None) -> date | None:
    return None if ends_before is None else ends_before - ONE_DAY


def _nothing(_ends_before: date | None) -> None:
    return None


DISCOUNTS = Kind(
    name="discounts",
    words="discount",
    model=Discount,
    key=("discount",),
    store=actions.store_discounts,
    columns=(
        Column(name="discount", holds=key(80), field="key", required=True),
        Column(name="name", holds=text(120), field="name", required=True),
        Column(name="percent", holds=percentage(largest_steps=PERCENT_STEPS), field="percent"),
        Column(name="amount", holds=AMOUNT, field="amount"),
        Column(name="charge", holds=key(80), field="charge_id", refers_to=CHARGE, paths=("charge__key",)),
        Column(
            name="code",
            holds=KEY,
            field="master_charge_id",
            refers_to=MASTER_CHARGE,
            paths=("master_charge__code",),
        ),
        Column(
            name="customer",
            holds=KEY,
            field="customer_id",
            refers_to=CUSTOMER,
            paths=("customer__account",),
        ),
        Column(name="starts_on", holds=DAY, field="starts_on"),
        Column(name="last_day", holds=DAY, paths=("ends_before",), show=_last_day),
        Column(name="ends_before", holds=DAY, paths=("ends_before",), show=_nothing),
    ),
    gathered=(
        Gathered(
            name="ends_before",
            staged="ends_before",
            columns=("last_day", "ends_before"),
            holds=DAY,
            gather=end_of,
        ),
    ),
    stored_checks=(
        StoredCheck(
            column="percent",
            fails="(row.percent IS NULL) = (row.amount IS NULL) OR row.percent <= 0 OR row.amount <= 0",
            problem="A discount is a percentage or an amount above 0, and not both.",
            remedy="Fill percent or amount, and empty the other.",
        ),
        StoredCheck(
            column="charge",
            fails="row.charge_id IS NOT NULL AND (row.master_charge_id IS NOT NULL OR row.customer_id IS NOT NULL)",
            problem="The discount is off one charge, and off the lines of a code or a customer too.",
            remedy="Fill charge alone, or empty it.",
        ),
        StoredCheck(
            column="charge",
            fails="COALESCE(row.charge_id, row.master_charge_id, row.customer_id) IS NULL",
            problem="The row does not say what the discount is off.",
            remedy="Fill charge, or code, or customer, or code and customer.",
        ),
        StoredCheck(
            column="starts_on",
            fails="row.ends_before <= row.starts_on",
            problem="The discount ends on or before the day it starts.",
            remedy="Correct one of the two dates, or leave it empty.",
        ),
    ),
)
