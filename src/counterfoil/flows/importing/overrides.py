"""The file of price lists: what a customer, or the clients of a dealer, get differently (billing-rules 4.1, A3)."""

from __future__ import annotations

from counterfoil.flows.importing import period_lookup, periods
from counterfoil.flows.importing.catalogue import MASTER_CHARGE, PRICE, QUANTITY, tax_category
from counterfoil.flows.importing.columns import Column, Gathered, Kind
from counterfoil.flows.importing.parties import CUSTOMER, DEALER, KEY, no_customer_in_legacy
from counterfoil.flows.importing.values import YES_NO, text
from counterfoil.records.catalog import escalation_actions
from counterfoil.records.catalog.models import ChargeOverride

_WHOSE = ("customer", "dealer")


def whose(customer: str | None, dealer: str | None) -> str:
    """Return whose price list a row is of, as a text no other has. Raises ValueError(why, remedy)."""
    match customer, dealer:
        case str(), None:
            return f"customer {customer}"
        case None, str():
            return f"dealer {dealer}"
    raise ValueError(
        "The row does not say whose price list it is of.",
        "Fill customer or dealer, and leave the other empty.",
    )


def _id_of(name: str) -> Gathered:
    return Gathered(
        name=f"{name}_id",
        staged="whose",
        columns=_WHOSE,
        holds=text(200),
        gather=whose,
        value=f"ref_{name}.id",
    )


OVERRIDES = Kind(
    name="overrides",
    words="override",
    model=ChargeOverride,
    key=("code", "whose"),
    store=escalation_actions.store_overrides,
    columns=(
        Column(
            name="code",
            holds=KEY,
            field="master_charge_id",
            required=True,
            refers_to=MASTER_CHARGE,
            paths=("master_charge__code",),
        ),
        Column(name="customer", holds=KEY, refers_to=CUSTOMER, paths=("customer__account",)),
        Column(name="dealer", holds=KEY, refers_to=DEALER, paths=("dealer__code",)),
        Column(name="unit_price", holds=PRICE, field="unit_price"),
        Column(name="quantity", holds=QUANTITY, field="quantity"),
        Column(name="description", holds=text(300), field="description", default=""),
        *periods.CHARGE_COLUMNS,
        tax_category(),
        Column(name="while_commissioned", holds=YES_NO, field="while_commissioned"),
        Column(name="assignable", holds=YES_NO, field="assignable"),
    ),
    also_staged=_WHOSE,
    gathered=(*(_id_of(name) for name in _WHOSE), periods.GATHERED),
    prepare=period_lookup.prepare_overrides,
    joins=period_lookup.CHARGE_JOIN,
    stored_checks=(
        no_customer_in_legacy(
            problem="In legacy customer mode there are no prices of a customer.",
            remedy="Give them to the dealer, or set them on the charges.",
        ),
    ),
    same="""target.master_charge_id = ref_code.id
        AND (target.customer_id = ref_customer.id OR target.dealer_id = ref_dealer.id)""",
)
