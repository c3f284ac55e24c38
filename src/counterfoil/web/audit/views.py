"""The page of the audit trail: every change, searched, filtered and taken along as a file (product H5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import django_filters
from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from counterfoil.core.refusals import Refusal
from counterfoil.flows import auditing
from counterfoil.records.organisation.models import Role, User
from counterfoil.records.organisation.trail import Change, ChangeQuerySet
from counterfoil.web.access import LimitedToBranches, needs
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.editing import DayInput
from counterfoil.web.lists.columns import Column, Kind, State, Tone
from counterfoil.web.lists.listing import Empty, Listing, Noun
from counterfoil.web.lists.page import list_page

STATES = {
    "added": State("Added", Tone.GOOD),
    "changed": State("Changed"),
    "removed": State("Removed", Tone.WARNING),
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


class AuditFilters(django_filters.FilterSet):
    who = django_filters.ModelChoiceFilter(
        label="Who", queryset=User.objects.order_by("username"), empty_label="Everybody", method="by_user"
    )
    kind = django_filters.ChoiceFilter(label="What", choices=[], empty_label="Everything", method="of_kind")
    label = django_filters.ChoiceFilter(
        label="Change",
        choices=[(code, word.capitalize()) for code, word in auditing.WORDS.items()],
        empty_label="All",
    )
    field = django_filters.CharFilter(label="Field", method="of_field")
    since = django_filters.DateFilter(
        label="From", field_name="moment", lookup_expr="date__gte", widget=DayInput
    )
    until = django_filters.DateFilter(
        label="To", field_name="moment", lookup_expr="date__lte", widget=DayInput
    )

    class Meta:
        model = Change
        fields: list[str] = []

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        known = [(code, name.capitalize()) for code, name in auditing.kinds().items()]
        self.filters["kind"].extra["choices"] = known
        self.filters["field"].extra["widget"] = forms.TextInput({"placeholder": "such as unit price"})

    def by_user(self, rows: ChangeQuerySet, _name: str, user: User) -> ChangeQuerySet:
        return auditing.by_user(rows, user.pk)

    def of_kind(self, rows: ChangeQuerySet, _name: str, kind: str) -> ChangeQuerySet:
        return auditing.of_kind(rows, kind)

    def of_field(self, rows: ChangeQuerySet, _name: str, field: str) -> Any:
        try:
            return auditing.of_field(rows, field)
        except Refusal:
            return rows.none()


def _tell(rows: Sequence[Any]) -> None:
    """Put on each of *rows* what it says in words."""
    for row, told in zip(rows, auditing.told(rows), strict=True):
        row.told = told


def _of(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row.told, name)


def _differences(row: Any) -> str:
    return "; ".join(one.sentence for one in row.told.differences)


def _page_of(row: Any) -> str:
    address = PAGES.get(row.told.kind)
    return reverse(address, args=[row.object_id]) if address and row.label != "delete" else ""


AUDIT = Listing(
    name="audit-trail",
    noun=Noun("change", "changes"),
    columns=(
        Column(
            name="moment",
            label="When",
            kind=Kind.MOMENT,
            sort=("moment",),
            index="each trail's pgh_created_at",
        ),
        Column(name="who", label="Who", value=_of("who")),
        Column(name="what", label="Change", kind=Kind.STATE, value=_of("what"), states=STATES),
        Column(name="kind", label="What", value=lambda row: row.told.kind.capitalize()),
        Column(name="name", label="Which", value=_of("name"), link=_page_of),
        Column(name="differences", label="Before → after", value=_differences),
        Column(name="reason", label="Reason", value=_of("reason")),
        Column(name="where", label="Where from", value=_of("where"), is_shown=False),
    ),
    default_sort="-moment",
    filters=AuditFilters,
    search=("name__istartswith",),
    search_hint="Key, account, number, code, name",
    complete=_tell,
    empty=Empty(
        title="Nothing was changed yet", explanation="Whatever is added, changed or removed stands here."
    ),
)


@needs(Role.ACCOUNTANT, Role.ADMINISTRATOR)
def audit(request: HttpRequest) -> HttpResponseBase:
    """List every change, the newest first."""
    if sight_of(request).is_limited:
        raise LimitedToBranches
    rows = Change.objects.select_related("context")
    return list_page(request, listing=AUDIT, queryset=rows, title="Audit trail")
