"""The kinds of file there are, in the order in which they refer to each other."""

from __future__ import annotations

from counterfoil.core.refusals import Refusal, shown
from counterfoil.flows.importing.catalogue import MASTER_CHARGES, TAX_RATES
from counterfoil.flows.importing.charges import CHARGES
from counterfoil.flows.importing.columns import Kind
from counterfoil.flows.importing.contacts import CONTACTS
from counterfoil.flows.importing.discounts import DISCOUNTS
from counterfoil.flows.importing.events import ACTIVATIONS, DISPATCHES, SALES, WORK_ORDERS
from counterfoil.flows.importing.invoices import INVOICES
from counterfoil.flows.importing.metering import METERS, READINGS, TARIFFS
from counterfoil.flows.importing.overrides import OVERRIDES
from counterfoil.flows.importing.parties import CLIENTS, COMMISSIONINGS, CUSTOMERS, DEALERS
from counterfoil.flows.importing.prices import ESCALATIONS, PRICES

KINDS = {
    kind.name: kind
    for kind in (
        TAX_RATES,
        CUSTOMERS,
        DEALERS,
        CLIENTS,
        COMMISSIONINGS,
        CONTACTS,
        ESCALATIONS,
        TARIFFS,
        MASTER_CHARGES,
        OVERRIDES,
        CHARGES,
        PRICES,
        DISCOUNTS,
        METERS,
        READINGS,
        ACTIVATIONS,
        WORK_ORDERS,
        DISPATCHES,
        SALES,
        INVOICES,
    )
}


class UnknownKind(Refusal):
    """{kind} is no kind of file that can be imported or exported. There are {kinds}."""


def kind_of(name: str) -> Kind:
    """Return the kind of file called *name*. Raises `UnknownKind`."""
    if name not in KINDS:
        raise UnknownKind(kind=shown(name), kinds=", ".join(KINDS))
    return KINDS[name]
