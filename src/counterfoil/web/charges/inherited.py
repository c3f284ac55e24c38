"""What a charge gets where it says nothing itself, in words: the value, and the level it comes from (rule 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from counterfoil.core.money import STEPS
from counterfoil.core.paying import CustomerMode
from counterfoil.records.charges.models import Charge
from counterfoil.records.charges.price_queries import in_force, steps_of_charge
from counterfoil.records.charges.queries import ChargeTerms, inherited_terms
from counterfoil.web.display import current_locale, decimal_text, price_text
from counterfoil.web.prices.shown import today

LEVELS = {
    "customer": gettext_lazy("from the customer's price list"),
    "dealer": gettext_lazy("from the dealer's price list"),
    "master": gettext_lazy("from the master charge"),
}


def inherited(charge: Charge, *, mode: CustomerMode) -> dict[str, str]:
    """Return by field what *charge*, which need not be stored, gets where that field is left empty."""
    terms = inherited_terms(charge, mode=mode)
    values, set_by = terms.values, terms.set_by
    told = {
        name: _told(name, values[name], set_by.get(name, ""), charge)
        for name in ("quantity", "charge_period", "tax_category", "while_commissioned", "description")
    }
    told["unit_price"] = _price(terms)
    if charge.master_charge.escalation is not None:
        told["escalation"] = _empty(str(charge.master_charge.escalation), "master")
    if mode is CustomerMode.STANDARD:
        payer = charge.client.customer
        told["customer"] = (
            gettext("Empty: %(payer)s, who pays for the client") % {"payer": payer}
            if payer
            else gettext("Empty: nobody, since the client has no billing customer")
        )
    return told


def _price(terms: ChargeTerms) -> str:
    """Return the price in force today, which may be one by date, of the levels below the charge."""
    charge = terms.charge
    names = ("client", "master_charge", "customer", "paid_by", "starts_on", "escalation")
    bare = Charge(**{name: getattr(charge, name) for name in names})
    if charge.master_charge.tariff_id is not None:
        return gettext("It is billed by the tariff %(tariff)s") % {"tariff": charge.master_charge.tariff}
    current, _following = in_force(steps_of_charge(replace(terms, charge=bare), through=today()), on=today())
    if current.unit_price_steps is None or current.set_by is None:
        return gettext("Empty: no price, and it is not billed without one")
    price = Decimal(current.unit_price_steps) / STEPS
    shown = price_text(price, charge.master_charge.currency, locale=current_locale())
    return _empty(shown, current.set_by.value)


def _told(name: str, value: Any, level: str, charge: Charge) -> str:
    if name == "description" and not value:
        value, level = charge.master_charge.name, "master"
    if value is None:
        return gettext("Empty: none, since no level below sets it")
    return _empty(_WORDS.get(name, str)(value), level)


def _empty(value: str, level: str) -> str:
    return gettext("Empty: %(value)s, %(source)s") % {"value": value, "source": LEVELS[level]}


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "quantity": lambda value: decimal_text(value, locale=current_locale()),
    "while_commissioned": lambda value: gettext("yes") if value else gettext("no"),
}
