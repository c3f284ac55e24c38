"""The page of the audit trail: every change, searched, filtered and taken along as a file (product H5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import itemgetter
from typing import Any

import django_filters
from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from counterfoil.core.refusals import Refusal
from counterfoil.flows import auditing
from counterfoil.records.organisation.models import Role, User
from counterfoil.records.organisation.naming import names_of
from counterfoil.records.organisation.trail import Change, ChangeQuerySet
from counterfoil.web.access import LimitedToBranches, needs
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.editing import DayInput
from counterfoil.web.layout.history import NOTHING
from counterfoil.web.lists.columns import Column, Kind, State, Tone
from counterfoil.web.lists.listing import Empty, Listing, Noun
from counterfoil.web.lists.page import list_page
from counterfoil.web.naming import name_of_record
from counterfoil.web.recorded import label_of, value_text
from counterfoil.web.saying import said

STATES = {
    "added": State(_("Added"), Tone.GOOD),
    "changed": State(_("Changed")),
    "removed": State(_("Removed"), Tone.WARNING),
}
# Kind of object → the address of its page, which takes its id. The others have none of their own.
PAGES = {
    "billing customer": "customer",
    "branch": "branch",
    "charge": "charge",
    "client": "client",
    "dealer": "dealer",
    "master charge": "master-charge",
    "meter": "meter",
    "run": "run",
    "user": "user",
}


class WhoFilter(django_filters.ChoiceFilter):
    """Narrows the trail to what one person did. Whom there is to choose is read with the changes that are shown."""

    @property
    def field(self) -> Any:
        self.extra["choices"] = lambda: people_of(self.parent.request)
        return super().field


def people_of(request: HttpRequest) -> list[tuple[str, str]]:
    """Return everybody by name, each with their id."""
    if not hasattr(request, "names"):
        request.names = names_of({User: None})  # type: ignore[attr-defined]
    named: Mapping[Any, str] = request.names  # type: ignore[attr-defined]
    people = [(str(pk), name) for (model, pk), name in named.items() if model is User]
    return sorted(people, key=itemgetter(1))


class AuditFilters(django_filters.FilterSet):
    who = WhoFilter(label=_("Who"), empty_label=_("Everybody"), method="by_user")
    kind = django_filters.ChoiceFilter(
        label=_("What"), choices=[], empty_label=_("Everything"), method="of_kind"
    )
    label = django_filters.ChoiceFilter(
        label=pgettext_lazy("noun", "Change"),
        choices=[(code, STATES[word].word) for code, word in auditing.WORDS.items()],
        empty_label=_("All"),
    )
    field = django_filters.CharFilter(label=_("Field"), method="of_field")
    since = django_filters.DateFilter(
        label=_("From"), field_name="moment", lookup_expr="date__gte", widget=DayInput
    )
    until = django_filters.DateFilter(
        label=pgettext_lazy("last day", "To"), field_name="moment", lookup_expr="date__lte", widget=DayInput
    )

    class Meta:
        model = Change
        fields: list[str] = []

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        known = [(code, name_of_record(name)) for code, name in auditing.kinds().items()]
        self.filters["kind"].extra["choices"] = known
        self.filters["field"].extra["widget"] = forms.TextInput(
            {"placeholder": gettext("such as unit price")}
        )

    def by_user(self, rows: ChangeQuerySet, _name: str, user: str) -> ChangeQuerySet:
        return auditing.by_user(rows, int(user))

    def of_kind(self, rows: ChangeQuerySet, _name: str, kind: str) -> ChangeQuerySet:
        return auditing.of_kind(rows, kind)

    def of_field(self, rows: ChangeQuerySet, _name: str, field: str) -> Any:
        try:
            return auditing.of_field(rows, field)
        except Refusal:
            return rows.none()


def _tell(request: HttpRequest, rows: Sequence[Any]) -> None:
    """Put on each of *rows* what it says in words; the *request* knows everybody's name from then on."""
    for row, told in zip(rows, auditing.told(rows, names_everybody=True), strict=True):
        row.told = told
        request.names = told.names  # type: ignore[attr-defined]


def _of(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row.told, name)


def _differences(row: Any) -> str:
    return "; ".join(one for one in (sentence_of(each, row.told) for each in row.told.differences) if one)


def sentence_of(one: auditing.Difference, told: auditing.Told) -> str:
    """Return what changed in one line, as pages write it: both sides of a change, one of what was added or removed."""
    field, before, after = one.stored
    was, now = (value_text(field, value, names=told.names, beside=told.row) for value in (before, after))
    sides = [text for text in (was, now) if text] if one.is_whole else [was or NOTHING, now or NOTHING]
    return f"{label_of(field)}: {' → '.join(map(str, sides))}" if sides else ""


def _who(row: Any) -> str:
    return gettext("Its schedule") if row.told.is_scheduled else str(row.told.who)


def _page_of(row: Any) -> str:
    address = PAGES.get(row.told.kind)
    return reverse(address, args=[row.object_id]) if address and row.label != "delete" else ""


AUDIT = Listing(
    name="audit-trail",
    noun=Noun("change", "changes"),
    columns=(
        Column(
            name="moment",
            label=_("When"),
            kind=Kind.MOMENT,
            sort=("moment",),
            index="each trail's pgh_created_at",
        ),
        Column(name="who", label=_("Who"), value=_who),
        Column(
            name="what",
            label=pgettext_lazy("noun", "Change"),
            kind=Kind.STATE,
            value=_of("what"),
            states=STATES,
        ),
        Column(name="kind", label=_("What"), value=lambda row: name_of_record(row.told.kind)),
        Column(name="name", label=_("Which"), value=lambda row: said(row.told.name), link=_page_of),
        Column(name="differences", label=_("Before → after"), value=_differences),
        Column(name="reason", label=_("Reason"), value=_of("reason")),
        Column(name="where", label=_("Where from"), value=_of("where"), is_shown=False),
    ),
    default_sort="-moment",
    filters=AuditFilters,
    search=("name__istartswith",),
    search_hint=_("Key, account, number, code, name"),
    empty=Empty(
        title=_("Nothing was changed yet"),
        explanation=_("Whatever is added, changed or removed stands here."),
    ),
)


@needs(Role.ACCOUNTANT, Role.ADMINISTRATOR)
def audit(request: HttpRequest) -> HttpResponseBase:
    """List every change, the newest first."""
    if sight_of(request).is_limited:
        raise LimitedToBranches
    rows = Change.objects.select_related("context")
    listing = replace(AUDIT, complete=partial(_tell, request))
    return list_page(request, listing=listing, queryset=rows, title=gettext("Audit trail"))
