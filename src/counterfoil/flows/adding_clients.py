"""A new client with the charges of a template client, in one step (product G3: a client template)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction

from counterfoil.core.money import STEPS
from counterfoil.core.refusals import Refusal
from counterfoil.flows.assigning import Assigned, assign, charges_of_template
from counterfoil.flows.editing import store, store_sent
from counterfoil.records.charges.models import Charge
from counterfoil.records.charges.price_queries import prices_in_force
from counterfoil.records.charges.queries import ChargeTerms, terms_of_charges
from counterfoil.records.parties.models import Client


class NotCommissionedYet(Refusal):
    """The charges copied from {template} begin when the client is commissioned. Say which day that is, or copy none."""


class NothingToCopy(Refusal):
    """{template} has no charges that go on. Choose another template client, or none."""


@dataclass(frozen=True, kw_only=True)
class CopiedCharge:
    """A charge that a new client gets: its terms, and the price in force when it begins, None for one by tariff."""

    terms: ChargeTerms
    unit_price: Decimal | None

    @property
    def currency(self) -> str:
        """Return the currency of its price."""
        return str(self.terms.charge.master_charge.currency)

    @property
    def is_by_tariff(self) -> bool:
        """Return whether a tariff prices what it counts."""
        return self.terms.charge.master_charge.tariff_id is not None

    @property
    def amount(self) -> Decimal | None:
        """Return what a whole charge period of it costs, not rounded."""
        quantity: Decimal | None = self.terms.values["quantity"]
        return None if self.unit_price is None or quantity is None else self.unit_price * quantity


@dataclass(frozen=True, kw_only=True)
class Added:
    """A new client, the charges it got, and how many it may not have, by the reason."""

    client: Client
    charges: Sequence[CopiedCharge] = ()
    assigned: Assigned = field(
        default_factory=lambda: Assigned(charges=(), left_out={}, price_of_a_period={})
    )

    @property
    def without_price(self) -> int:
        """Return how many of the charges have neither a price nor a tariff, so that they cannot be billed."""
        return sum(one.unit_price is None and not one.is_by_tariff for one in self.charges)


def add_client(client: Client, *, template: Client | None, today: date, is_sent: bool = False) -> Added:
    """Store *client* with copies of the charges that *template* has on *today* or later, all of it or nothing.

    They begin when the client is commissioned; who pays is the client's own. What a program *sent* is looked at whole.
    Raises `ValuesAreWrong`, `NothingToCopy` and `NotCommissionedYet`.
    """
    with transaction.atomic():
        return _add(client, template=template, today=today, is_sent=is_sent)


def would_add(client: Client, *, template: Client | None, today: date, is_sent: bool = False) -> Added:
    """Return what `add_client` would come to now; nothing is stored."""
    with transaction.atomic():
        found = _add(client, template=template, today=today, is_sent=is_sent)
        transaction.set_rollback(True)
        return found


def _add(client: Client, *, template: Client | None, today: date, is_sent: bool) -> Added:
    stored = store_sent(client, fields=[]) if is_sent else store(client, fields=[])
    if template is None:
        return Added(client=stored)
    if stored.commissioned_on is None:
        raise NotCommissionedYet(template=template)
    like = charges_of_template(template, on=today)
    if not like:
        raise NothingToCopy(template=template)
    one = Client.objects.filter(pk=stored.pk)
    assigned = assign(one, like=like, starts_on=None)
    charges = _copied(assigned.charges, on=stored.commissioned_on)
    return Added(client=stored, charges=charges, assigned=assigned)


def _copied(charges: Sequence[Charge], *, on: date) -> list[CopiedCharge]:
    found = terms_of_charges(Charge.objects.filter(pk__in=[one.pk for one in charges]).order_by("pk"))
    steps = prices_in_force(found, on=on)
    return [_with_price(terms, steps[terms.charge.pk].unit_price_steps) for terms in found]


def _with_price(terms: ChargeTerms, unit_price_steps: int | None) -> CopiedCharge:
    has_price = unit_price_steps is not None and terms.charge.master_charge.tariff_id is None
    return CopiedCharge(terms=terms, unit_price=Decimal(unit_price_steps or 0) / STEPS if has_price else None)
