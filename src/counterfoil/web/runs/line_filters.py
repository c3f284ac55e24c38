"""What the lines of a run are narrowed by: customer, client, part of a period, who set the price, what kind."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

import django_filters
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from counterfoil.records.billing.models import InvoiceLine, LineKind, Run, RunShard
from counterfoil.records.charges.models import Charge, EventCharge
from counterfoil.records.keys import among
from counterfoil.records.parties.models import BillingCustomer, Client
from counterfoil.web.lists.finding import few_keys, ways_of, with_word

CUSTOMER = ("name__icontains", "account__istartswith")
CLIENT = ("name__icontains", "code__istartswith")
MOST_CLIENTS = 2_000
"""The lines of so many clients are looked up by their charges; those of more are near in any order."""

MOST_LOOKED_THROUGH = 50_000
"""So many lines are looked through for a word that no index finds; one that may be in more is common."""
OWN_TEXTS = ("description__icontains", "code__istartswith")
BESIDE_A_LINE = (
    ("invoice__customer", CUSTOMER),
    ("charge__client", CLIENT),
    ("event_charge__event__client", CLIENT),
    ("refers_to__charge__client", CLIENT),
    ("refers_to__event_charge__event__client", CLIENT),
)
"""Where lines are found along indexes, and by which texts: of clients by what the line bills."""

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


class WordsOfLines:
    """Where words stand in the lines of a large run: in what its shards are worded like, and beside its lines.

    Descriptions and codes have no index. Which of them each shard has is noted with it (decision 0124), so a word is
    looked for in the shards that have it, where these are few, and in what was drafted anew after all shards.
    """

    def __init__(self, run: Run, *, paths: Sequence[str]) -> None:
        self._run: Any = run
        self._paths = paths

    @staticmethod
    def read_with(runs: QuerySet[Run]) -> QuerySet[Run]:
        """Return *runs* with what their shards say of their lines, so that nothing more is asked."""
        shards = RunShard.objects.filter(run=OuterRef("pk"), lines__gt=0).order_by()
        said = JSONObject(**{name: name for name in ("first_invoice", "invoices", "lines", "wording")})
        return runs.annotate(worded=ArraySubquery(shards.values_list(said)))

    def lookup(self, word: str) -> list[Q] | None:
        """Return the conditions one of which each line with *word* meets; None: it is common.

        Where a shard does not say how it is worded they are those of all paths, which read the lines of the run.
        """
        if any(one["wording"] is None or one["first_invoice"] is None for one in self._run.worded):
            return ways_of(word, self._paths)
        places = self._places(word)
        if places is None:
            return None
        ways = [way & reduce(or_, places) for way in ways_of(word, OWN_TEXTS)] if places else []
        beside = [
            reduce(or_, ways_of(word, [f"{place}__{path}" for path in texts]))
            for place, texts in BESIDE_A_LINE
        ]
        return [*ways, *beside]

    def _places(self, word: str) -> list[Q] | None:
        """Return conditions for the invoices in whose lines' own texts *word* may stand; None if they are too many."""
        folded, shards = word.casefold(), self._run.worded
        having = [one for one in shards if any(folded in text.casefold() for text in one["wording"])]
        ends = [(one["first_invoice"], one["first_invoice"] + one["invoices"] - 1) for one in having]
        behind = max((one["first_invoice"] + one["invoices"] for one in shards), default=0)
        later = max(0, self._run.last_invoice - behind + 1)
        if sum(one["lines"] for one in having) + later > MOST_LOOKED_THROUGH:
            return None
        if later:
            ends.append((behind, self._run.last_invoice))
        return [Q(invoice__gte=first, invoice__lte=last) for first, last in ends]
