"""The files of what changes prices: escalations, prices by date (billing-rules 4.2 and 4.3)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from counterfoil.core.money import LARGEST_UNIT_PRICE_STEPS, PERCENT_STEPS, STEPS
from counterfoil.flows.importing.catalogue import MASTER_CHARGE, PRICE
from counterfoil.flows.importing.columns import Column, Gathered, Installation, Kind, Prepared, StoredCheck
from counterfoil.flows.importing.discounts import CHARGE
from counterfoil.flows.importing.parties import CUSTOMER, DEALER, KEY
from counterfoil.flows.importing.values import DAY, YES_NO, decimal, key, text, whole
from counterfoil.records.catalog import escalation_actions
from counterfoil.records.catalog.actions import create_overrides
from counterfoil.records.catalog.models import ChargeOverride, Escalation
from counterfoil.records.charges import price_actions
from counterfoil.records.charges.models import PriceChange

MOST_PERIODS = 1200
RATE = decimal(
    largest_steps=100 * PERCENT_STEPS, expected="a percentage above -100 such as 3.5, with at most 6 places"
)
A_STEP = decimal(
    largest_steps=LARGEST_UNIT_PRICE_STEPS, expected="a decimal above 0 such as 0.01, 0.05, 1 or 100"
)

ESCALATIONS = Kind(
    name="escalations",
    words="escalation",
    model=Escalation,
    key=("escalation",),
    store=escalation_actions.store_escalations,
    columns=(
        Column(name="escalation", holds=key(120), field="name", required=True),
        Column(name="rate", holds=RATE, field="rate", required=True),
        Column(
            name="every_periods",
            holds=whole(least=1, most=MOST_PERIODS, expected=f"a whole number from 1 to {MOST_PERIODS}"),
            field="every_periods",
        ),
        Column(name="on_date", holds=DAY, field="on_date"),
        Column(name="yearly", holds=YES_NO, field="yearly", default=False),
        Column(name="step", holds=A_STEP, field="step", default=STEPS // 100),
    ),
    stored_checks=(
        StoredCheck(
            column="every_periods",
            fails="(row.every_periods IS NULL) = (row.on_date IS NULL)",
            problem="A price grows every so many periods or on a date, and not both.",
            remedy="Fill every_periods or on_date, and empty the other.",
        ),
        StoredCheck(
            column="yearly",
            fails="row.yearly AND row.on_date IS NULL",
            problem="The price grows yearly, but there is no date.",
            remedy="Fill on_date with the first day, or write no.",
        ),
        StoredCheck(
            column="rate",
            fails=f"row.rate <= {-PERCENT_STEPS} OR row.step <= 0",
            problem="The rate leaves no price, or the step is not above 0.",
            remedy="Give a rate above -100 percent and a step such as 0.01.",
        ),
    ),
)


def whose(charge: str | None, code: str | None, customer: str | None, dealer: str | None) -> str:
    """Return whose price a row is, as a text no other has. Raises ValueError(why, remedy) if it is not one's."""
    match charge, code, customer, dealer:
        case str(), None, None, None:
            return f"charge {charge}"
        case None, str(), None, None:
            return f"code {code}"
        case None, str(), str(), None:
            return f"code {code} for customer {customer}"
        case None, str(), None, str():
            return f"code {code} for dealer {dealer}"
    raise ValueError(
        "The row does not say whose price it is.",
        "Fill charge; or code; or code and customer; or code and dealer.",
    )


_WHOSE = ("charge", "code", "customer", "dealer")
_OVERRIDE = """
(SELECT override.id FROM catalog_chargeoverride AS override
 WHERE override.master_charge_id = ref_code.id
   AND (override.customer_id = ref_customer.id OR override.dealer_id = ref_dealer.id))
"""

_NEW_OVERRIDES = """
SELECT DISTINCT master.id, customer.id, dealer.id
FROM {rows} AS row
JOIN catalog_mastercharge AS master ON master.code = row.code
LEFT JOIN parties_billingcustomer AS customer ON customer.account = row.customer
LEFT JOIN parties_dealer AS dealer ON dealer.code = row.dealer
WHERE (customer.id IS NULL) <> (dealer.id IS NULL)
  AND NOT EXISTS (
    SELECT FROM catalog_chargeoverride AS override
    WHERE override.master_charge_id = master.id
      AND (override.customer_id = customer.id OR override.dealer_id = dealer.id)
  )
"""


def prepare(rows: str, _given: Sequence[str], _installation: Installation) -> Prepared:
    """Create the overrides that the prices of customers and dealers in *rows* belong to; they set nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(_NEW_OVERRIDES.format(rows=rows))
        missing = cursor.fetchall()
    create_overrides(
        ChargeOverride(master_charge_id=master, customer_id=customer, dealer_id=dealer)
        for master, customer, dealer in missing
    )
    return [], 0, []


def _first(*keys: str | None) -> str | None:
    return next((one for one in keys if one), None)


def _id_of(name: str, value: str) -> Gathered:
    return Gathered(name=name, staged="whose", columns=_WHOSE, holds=text(400), gather=whose, value=value)


PRICES = Kind(
    name="prices",
    words="price",
    model=PriceChange,
    key=("whose", "valid_from"),
    store=price_actions.store_price_changes,
    columns=(
        Column(name="charge", holds=key(80), refers_to=CHARGE, paths=("charge__key",)),
        Column(
            name="code",
            holds=KEY,
            refers_to=MASTER_CHARGE,
            paths=("master_charge__code", "override__master_charge__code"),
            show=_first,
        ),
        Column(name="customer", holds=KEY, refers_to=CUSTOMER, paths=("override__customer__account",)),
        Column(name="dealer", holds=KEY, refers_to=DEALER, paths=("override__dealer__code",)),
        Column(name="valid_from", holds=DAY, field="valid_from", required=True),
        Column(name="unit_price", holds=PRICE, field="unit_price", required=True, may_be_empty=True),
    ),
    also_staged=_WHOSE,
    gathered=(
        _id_of("charge_id", "ref_charge.id"),
        _id_of(
            "master_charge_id",
            "CASE WHEN ref_customer.id IS NULL AND ref_dealer.id IS NULL THEN ref_code.id END",
        ),
        _id_of("override_id", _OVERRIDE),
    ),
    prepare=prepare,
    find=price_actions.find_price_changes,
)
