"""What the lines of a run are narrowed by: customer, client, part of a period, who set the price, what kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from counterfoil.records.billing.models import InvoiceLine, LineKind
from counterfoil.records.charges.models import Charge, EventCharge
from counterfoil.records.keys import among
from counterfoil.records.parties.models import BillingCustomer, Client
from counterfoil.web.lists.finding import few_keys, with_word

CUSTOMER = ("name__icontains", "account__istartswith")
CLIENT = ("name__icontains", "code__istartswith")
MOST_CLIENTS = 2_000
"""The lines of so many clients are looked up by their charges; those of more are near in any order."""

PARTS = [("part", _("Part of a period")), ("whole", _("Whole period"))]
LEVELS = [
    ("assignment", _("The charge itself")),
    ("customer", _("Customer's price list")),
    ("dealer", _("Dealer's price list")),
    ("master", _("Master charge")),
    ("event", _("The event itself")),
]
CHANGED = (LineKind.ADJUSTMENT, LineKind.WAIVED)


class LineFilters(django_filters.FilterSet):
    customer = django_filters.CharFilter(label=_("Customer"), method="of_customer")
    client = django_filters.CharFilter(label=_("Client"), method="of_client")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=LineKind.choices, empty_label=_("All"))
    share = django_filters.ChoiceFilter(
        label=_("Share"), choices=PARTS, empty_label=_("All"), method="of_share"
    )
    level = django_filters.ChoiceFilter(
        label=_("Price from"), field_name="price_level", choices=LEVELS, empty_label=_("All")
    )
    adjusted = django_filters.ChoiceFilter(
        label=_("Adjusted or waived"), choices=[("yes", _("Yes"))], empty_label=_("All"), method="is_adjusted"
    )

    class Meta:
        model = InvoiceLine
        fields: list[str] = []

    def of_customer(self, rows: QuerySet[InvoiceLine], _name: str, words: str) -> QuerySet[InvoiceLine]:
        """Return those of *rows* that a customer pays whose name or account has all of *words*."""
        customers = _with_words(BillingCustomer.objects.all(), words, paths=CUSTOMER)
        keys = few_keys(customers)
        return rows.filter(invoice__customer__in=customers if keys is None else keys)

    def of_client(self, rows: QuerySet[InvoiceLine], _name: str, words: str) -> QuerySet[InvoiceLine]:
        """Return those of *rows* that are of a client whose name or code has all of *words*."""
        clients = _with_words(Client.objects.all(), words, paths=CLIENT)
        keys = few_keys(clients)
        if keys is None or len(keys) > MOST_CLIENTS:
            return rows.filter(client__in=clients if keys is None else keys)
        return rows.filter(client__in=keys, invoice__in=_invoices_of_clients(rows, keys))

    def of_share(self, rows: QuerySet[InvoiceLine], _name: str, share: str) -> QuerySet[InvoiceLine]:
        """Return those of *rows* that bill a part of their period, or all of it."""
        whole = Q(fraction_num=F("fraction_den"))
        return rows.filter(whole if share == "whole" else ~whole)

    def is_adjusted(self, rows: QuerySet[InvoiceLine], _name: str, _wanted: str) -> QuerySet[InvoiceLine]:
        """Return those of *rows* that a person changed: waived, adjusted, or the adjustment itself.

        What was changed has a reason, and reasons are few.
        """
        changed = rows.filter(reason__isnull=False, kind__in=CHANGED).order_by()
        keys = dict(changed.values_list("pk", "refers_to_id"))
        return among(rows, sorted({*keys, *keys.values()} - {None}))


def _with_words(rows: QuerySet[Any], words: str, *, paths: Sequence[str]) -> QuerySet[Any]:
    """Return those of *rows* with all of *words*; each path has an index, and together they are one bitmap."""
    for word in words.replace("\x00", "").split():
        rows = with_word(rows, word, paths)
    return rows


def _invoices_of_clients(rows: QuerySet[InvoiceLine], clients: Sequence[int]) -> Sequence[int]:
    """Return the keys of the invoices among *rows* with lines of *clients*: by charge, event, and what they refer to.

    Lines have no index by client; it would cost every run more than it is worth here.
    """
    charges = Charge.objects.filter(client__in=clients).values("pk")
    event_charges = EventCharge.objects.filter(event__client__in=clients).values("pk")
    ways = [
        Q(charge__in=charges),
        Q(event_charge__in=event_charges),
        Q(refers_to__charge__in=charges),
        Q(refers_to__event_charge__in=event_charges),
    ]
    found = [rows.filter(way).order_by().values_list("invoice", flat=True) for way in ways]
    return list(found[0].union(*found[1:]))
