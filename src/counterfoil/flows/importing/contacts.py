"""The file of contacts: whom to speak to at a customer, a client or a dealer (product B3)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from counterfoil.flows.importing.columns import Column, Gathered, Kind
from counterfoil.flows.importing.parties import CLIENT, CUSTOMER, DEALER, KEY
from counterfoil.flows.importing.values import ValueType, key, text
from counterfoil.records.parties import contact_actions
from counterfoil.records.parties.contacts import Contact


def _read_email(cell: str) -> str:
    try:
        validate_email(cell)
    except ValidationError as error:
        raise ValueError from error
    return cell


EMAIL = ValueType(expected="an e-mail address", read=_read_email)
_WHOSE = ("customer", "client", "dealer")


def whose(customer: str | None, client: str | None, dealer: str | None) -> str:
    """Return whose contact a row is, as a text no other has. Raises ValueError(why, remedy) if it is not one's."""
    match customer, client, dealer:
        case str(), None, None:
            return f"customer {customer}"
        case None, str(), None:
            return f"client {client}"
        case None, None, str():
            return f"dealer {dealer}"
    raise ValueError(
        "The row does not say whose contact it is.",
        "Fill customer, client or dealer, and leave the others empty.",
    )


def _id_of(name: str) -> Gathered:
    value = f"ref_{name}.id"
    return Gathered(
        name=f"{name}_id", staged="whose", columns=_WHOSE, holds=text(400), gather=whose, value=value
    )


CONTACTS = Kind(
    name="contacts",
    words="contact",
    model=Contact,
    key=("whose", "name"),
    store=contact_actions.store_contacts,
    columns=(
        Column(name="customer", holds=KEY, refers_to=CUSTOMER, paths=("customer__account",)),
        Column(name="client", holds=KEY, refers_to=CLIENT, paths=("client__code",)),
        Column(name="dealer", holds=KEY, refers_to=DEALER, paths=("dealer__code",)),
        Column(name="name", holds=key(200), field="name", required=True),
        Column(name="function", holds=text(100), field="function", default=""),
        Column(name="phone", holds=text(60), field="phone", default=""),
        Column(name="email", holds=EMAIL, field="email", default=""),
    ),
    also_staged=_WHOSE,
    gathered=tuple(_id_of(name) for name in _WHOSE),
    same="""target.name = row.name AND (
        target.customer_id = ref_customer.id OR target.client_id = ref_client.id OR target.dealer_id = ref_dealer.id
    )""",
)
