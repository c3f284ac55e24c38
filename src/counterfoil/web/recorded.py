"""What the audit trail keeps, as pages write it: the labels of forms, money with its currency, dates, names, words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import DateField, DateTimeField, Field, ForeignKey, JSONField
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from counterfoil.records.billing.models import CreditBasis, Grouping, Payer
from counterfoil.records.catalog.models import Kind
from counterfoil.records.fields import StepsField
from counterfoil.records.organisation.models import Role
from counterfoil.web.deliveries.channels import channel_name
from counterfoil.web.display import (
    current_locale,
    current_zone,
    date_text,
    decimal_text,
    moment_text,
    money_text,
    price_text,
)
from counterfoil.web.naming import field_name, yes_or_no

ONE_DAY = timedelta(days=1)
FIRST_DAYS_AFTER = frozenset({"decommissioned_on", "ends_before"})
"""Fields that keep the first day on which something no longer holds; people are told the last one."""
PRICES = frozenset({"unit_price", "cost", "fee", "minimum"})
# What forms call the fields whose stored names say it otherwise.
LABELS: Mapping[str, Any] = {
    "allowance": _("Free units"),
    "amalgamated": _("One line a tax category and rate"),
    "assignable": _("May be assigned"),
    "attaches_summary": _("Attach the charge summary to e-mails"),
    "bank_name": _("Bank"),
    "bic": _("BIC"),
    "bill_on": _("Billed"),
    "bills_again": _("Bills again"),
    "credit_basis": _("Credits"),
    "cutoff": _("Cut-off"),
    "cutoff_rule": _("Cut-off"),
    "email": _("E-mail"),
    "decommissioned_on": _("Last day with service"),
    "ends_before": _("Last day"),
    "grouping": _("Invoices"),
    "group": _("Customer group"),
    "iban": _("IBAN"),
    "is_active": _("Active"),
    "is_chargeable": _("Chargeable"),
    "is_done": _("Done"),
    "is_estimate": _("An estimate"),
    "keeps_zero": _("Keep invoices of 0.00"),
    "key": _("Identifier"),
    "last_date": _("Date of the newest document"),
    "line_no": _("Line"),
    "log_to_crm": _("Log to CRM"),
    "next_seq": _("Next number"),
    "next_batch": _("Next batch"),
    "part_charging": _("Part of a period"),
    "payer": _("Who pays"),
    "po_number": _("Purchase order"),
    "scheduled_for": _("Due by its schedule"),
    "selection": _("What it bills"),
    "send_email": _("Send by e-mail to customers who want it so"),
    "tax_id": _("Tax ID"),
    "two_factor_roles": _("Roles with a second factor"),
    "value": _("Reading"),
    "while_commissioned": _("Only while commissioned"),
}
SELECTED: Mapping[str, Any] = {
    "kinds": _("Kinds of charge and event"),
    "payer": _("Who pays"),
    "period_lengths": _("Charge periods"),
    "master_ids": _("Master charges"),
    "grouping": _("Invoices"),
    "credit_basis": _("Credits"),
    "past_periods_allowed": _("Past periods allowed"),
    "amalgamated": _("One line a tax category and rate"),
    "keeps_zero": _("Keep invoices of 0.00"),
    "attaches_summary": _("Attach the charge summary to e-mails"),
    "connector": _("Documents go to"),
    "send_email": pgettext_lazy("channel", "By e-mail"),
    "authorised": _("Authorised"),
    "events": _("Sales invoices"),
    "bills_again": _("Bills again"),
}
_CHOSEN: Mapping[str, Callable[[Any], Any]] = {
    "payer": lambda value: Payer(value).label,
    "grouping": lambda value: Grouping(value).label,
    "credit_basis": lambda value: CreditBasis(value).label,
    "connector": channel_name,
    "period_lengths": ", ".join,
    "master_ids": lambda value: str(len(value)),
    "events": lambda value: (
        ngettext("%(count)s document", "%(count)s documents", len(value)) % {"count": len(value)}
    ),
}


def label_of(field: Any) -> str:
    """Return what forms call a stored *field*."""
    return str(LABELS[field.name]) if field.name in LABELS else field_name(field)


def value_text(
    field: Field[Any, Any],
    value: Any,
    *,
    names: Mapping[Any, str],
    beside: Mapping[str, Any],
    currency: str = "",
) -> str:
    """Return *value* of *field* as pages write it, "" for nothing; as the database gives it, or its JSON.

    *names* are those of the records that references lead to, by model and id; *beside* are the row's other values,
    whose currency counts before *currency*.
    """
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(field, ForeignKey):
        return names.get((field.related_model, value), gettext("removed since"))
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(field, (DateField, DateTimeField)):
        return _day_or_moment(field, value)
    money = str(beside.get("currency") or currency)
    if isinstance(field, StepsField):
        return _steps(field, value, currency=money)
    if field.name.endswith("_minor") and money:
        return money_text(int(value), money, locale=current_locale())
    if isinstance(field, JSONField):
        return _json(field.name, value)
    return str(dict(field.flatchoices).get(value, value)) if field.choices else str(value)


def _day_or_moment(field: Field[Any, Any], value: Any) -> str:
    if isinstance(field, DateTimeField):
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment_text(moment, zone=current_zone(), locale=current_locale())
    day: date = date.fromisoformat(value) if isinstance(value, str) else value
    return date_text(day - ONE_DAY if field.name in FIRST_DAYS_AFTER else day, locale=current_locale())


def _steps(field: StepsField, value: Any, *, currency: str) -> str:
    number = value if isinstance(value, Decimal) else field.from_db_value(value, None, None)
    if currency and field.name in PRICES and number is not None:
        return price_text(number, currency, locale=current_locale())
    return decimal_text(number or Decimal(), locale=current_locale())


def _json(name: str, value: Any) -> str:
    if name == "selection" and isinstance(value, dict):
        return selection_text(value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {one}" for key, one in value.items())
    labels = {"kinds": dict(Kind.choices), "two_factor_roles": dict(Role.choices)}.get(name, {})
    if isinstance(value, list):
        return ", ".join(str(labels.get(one, one)) for one in value)
    return str(value)


def selection_text(selection: Mapping[str, Any]) -> str:
    """Return what a run bills, and how, in words; what it leaves out is not said."""
    parts = []
    for name, label in SELECTED.items():
        value = selection.get(name)
        if value is None or value in (False, "", [], "none"):
            continue
        parts.append(f"{label}: {_chosen(name, value)}" if value is not True else str(label))
    return "; ".join(parts)


def _chosen(name: str, value: Any) -> str:
    if name == "kinds":
        return ", ".join(str(dict(Kind.choices).get(one, one)) for one in value)
    return str(_CHOSEN[name](value) if name in _CHOSEN else value)
