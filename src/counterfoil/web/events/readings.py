"""The sheet of readings: all meters that are to be read for a day, to type what they showed (billing-rules 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from counterfoil import clock
from counterfoil.core.money import STEPS
from counterfoil.core.plausibility import Unread
from counterfoil.flows.reading_meters import OnSheet, doubt_in_words, doubtful, enter_readings, on_sheet
from counterfoil.records.charges.meter_queries import due_on, unread
from counterfoil.records.charges.models import Meter
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.display import current_zone
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.editing import DayInput
from counterfoil.web.layout.frame import BELONGS_TO
from counterfoil.web.lists.columns import Column, Kind
from counterfoil.web.lists.listing import PAGE_SIZES, Empty, Listing, Noun
from counterfoil.web.lists.page import list_page
from counterfoil.web.saying import said

LARGEST = 10**9
NAME = "reading-{}"


class SheetFilters(django_filters.FilterSet):
    """For which day is read, and which meters; without a choice those that nobody has read for the day."""

    on = django_filters.DateFilter(label=_("Read on"), method="for_a_day", widget=DayInput())
    reading = django_filters.ChoiceFilter(
        label=_("Reading"),
        choices=[
            (Unread.BILLED.value, _("None since what is billed")),
            (Unread.ALL.value, _("With one, too")),
        ],
        empty_label=_("None for this day"),
        method="for_a_day",
    )
    client = django_filters.CharFilter(label=_("Client"), field_name="charge__client__code")
    dealer = django_filters.CharFilter(label=_("Dealer"), field_name="charge__client__dealer__code")

    class Meta:
        model = Meter
        fields: list[str] = []

    def __init__(self, data: Any = None, *args: Any, request: HttpRequest, **more: Any) -> None:
        data = {**dict((data or {}).items()), "on": day_of(request).isoformat()}
        super().__init__(data, *args, request=request, **more)

    def for_a_day(self, rows: QuerySet[Meter], _name: str, _value: Any) -> QuerySet[Meter]:
        """Return *rows* as they are: day and reading go together."""
        return rows

    def filter_queryset(self, rows: QuerySet[Meter]) -> QuerySet[Meter]:
        """Return the meters asked for; where the sheet is sent, those on it, whatever became of them since."""
        if self.request.method == "POST":
            return rows
        found = super().filter_queryset(rows)
        without = Unread(self.form.cleaned_data.get("reading") or Unread.DAY)
        return unread(found, day=day_of(self.request), without=without)


class ReadingsForm(forms.Form):
    """A field for each meter on the sheet."""

    def __init__(self, rows: Sequence[OnSheet], data: Any = None) -> None:
        super().__init__(data)
        self.rows = rows
        for row in rows:
            field = forms.DecimalField(
                required=False,
                min_value=0,
                max_value=LARGEST,
                decimal_places=6,
                label=f"{row.meter.key}, {row.meter.charge.client.name}",
                initial=row.around.on_day.value if row.around.on_day else None,
                widget=forms.TextInput(
                    {
                        "inputmode": "decimal",
                        "autocomplete": "off",
                        "data-down": True,
                        "aria-label": gettext("New reading of meter %(name)s") % {"name": row.meter.key},
                        "hx-get": f"{reverse('reading-judged', args=[row.meter.pk])}?on={row.day.isoformat()}",
                        "hx-trigger": "input changed delay:250ms",
                        "hx-target": f"#judged-{row.meter.pk}",
                        "hx-sync": "this:replace",
                    }
                ),
            )
            self.fields[NAME.format(row.meter.pk)] = field

    @property
    def values(self) -> dict[int, Decimal]:
        """Return what was typed, by the id of the meter, once the form is valid."""
        typed = {row.meter.pk: self.cleaned_data.get(NAME.format(row.meter.pk)) for row in self.rows}
        return {key: value for key, value in typed.items() if value is not None}


def put_on_sheet(meters: Sequence[Any], *, day: date, data: Any = None) -> ReadingsForm:
    """Put on each of *meters* its `field`, what it showed before, `last`, and what is `judged`; return the form."""
    rows = on_sheet(meters, day=day)
    form = ReadingsForm(rows, data)
    is_valid = data is not None and form.is_valid()
    for row in rows:
        meter: Any = row.meter
        meter.day, meter.last, meter.on_day = day, row.around.last, row.around.on_day
        meter.field = form[NAME.format(meter.pk)]
        known = row.around.on_day.value if row.around.on_day else None
        meter.judged = judged_words(row, form.values.get(meter.pk) if is_valid else known)
    return form


def judged_words(row: OnSheet, value: Decimal | None) -> dict[str, Any]:
    """Return what the page says beside a *value* that is typed: the units `used`, the `usual` ones, and a `doubt`."""
    if value is None:
        return {}
    found = row.judged(value)
    return {
        "used": None if found.units_steps is None else Decimal(found.units_steps) / STEPS,
        "usual": None if found.usual_steps is None else round(Decimal(found.usual_steps) / STEPS, 1),
        "doubt": said(doubt_in_words(found) or ""),
        "unit": unit_of(row.meter),
    }


def unit_of(meter: Meter) -> str:
    """Return what the meter counts in."""
    tariff = meter.charge.master_charge.tariff
    return tariff.unit if tariff else ""


def _in_files(name: str, value: Any, **more: Any) -> Column:
    return Column(name=name, label=name, value=value, **more)


SHEET = Listing(
    name="readings",
    noun=Noun("meter", "meters"),
    columns=(
        Column(name="key", label=_("Meter"), kind=Kind.CODE, link="meter", sort=("key",), index="unique key"),
        Column(
            name="client",
            label=_("Client"),
            value="charge.client.name",
            link=lambda row: reverse("client", args=[row.charge.client_id]),
        ),
        Column(name="name", label=_("Name")),
        Column(name="unit", label=_("Unit"), value=unit_of),
        Column(name="last_value", label=_("Last reading"), kind=Kind.QUANTITY, value="last.value"),
        Column(name="last_read_on", label=_("Read on"), kind=Kind.DATE, value="last.read_on"),
    ),
    default_sort="key",
    filters=SheetFilters,
    search=("key__istartswith", "name__icontains", "charge__client__name__icontains"),
    search_hint=_("Meter, client"),
    template="events/readings.html",
    more_labels=(_("New reading"), _("Used")),
    more_template="events/reading_cells.html",
    file_columns=(
        _in_files("meter", "key"),
        _in_files("read_on", "day", kind=Kind.DATE),
        _in_files("value", "on_day.value", kind=Kind.QUANTITY),
        _in_files("client", "charge.client.code"),
        _in_files("client_name", "charge.client.name"),
        _in_files("meter_name", "name"),
        _in_files("unit", unit_of),
        _in_files("last_read_on", "last.read_on", kind=Kind.DATE),
        _in_files("last_value", "last.value", kind=Kind.QUANTITY),
    ),
    file_words=_("A sheet to take along: fill in the column value, and import it as readings"),
    empty=Empty(title=_("No meters yet"), explanation=""),
)


@needs(Role.BILLER)
def sheet(request: HttpRequest) -> HttpResponseBase:
    """Show the sheet of a day; store what is typed for all of its meters, or nothing and say what is wrong."""
    setattr(request, BELONGS_TO, reverse("meters"))
    day = day_of(request)
    context: dict[str, Any] = {"day": day}
    if request.method == "POST":
        form = put_on_sheet(list(_sent(request)), day=day, data=request.POST)
        wrong = doubtful(form.rows, form.values) if form.is_valid() else []
        are_right = "are_right" in request.POST
        if form.is_valid() and (are_right or not wrong):
            return _stored(request, enter_readings(form.rows, form.values, are_right=are_right))
        context |= {"form": form, "doubtful": wrong}
    listing = replace(SHEET, complete=partial(put_on_sheet, day=day, data=request.POST or None))
    rows = _sent(request) if request.method == "POST" else due_on(_seen(request), day)
    return list_page(
        request, listing=listing, queryset=rows, title=gettext("Readings"), context=context, is_form=True
    )


@needs(Role.BILLER)
def judged(request: HttpRequest, key: int) -> HttpResponse:
    """Say what a reading that is being typed comes to, and whether it looks wrong; `?on=` is its day."""
    meter = get_object_or_404(_seen(request), pk=key)
    form = ReadingsForm(rows := on_sheet([meter], day=day_of(request)), request.GET)
    found = judged_words(rows[0], form.values.get(key)) if form.is_valid() else {}
    return render(request, "events/judged.html", {"judged": found, "errors": form.errors.values()})


def day_of(request: HttpRequest) -> date:
    """Return the day that the address asks for, else today."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return clock.now().astimezone(current_zone()).date()


def _seen(request: HttpRequest) -> QuerySet[Meter]:
    rows = Meter.objects.select_related("charge__client", "charge__master_charge__tariff")
    return sight_of(request).limits(rows, path="charge__client__branch")


def _sent(request: HttpRequest) -> QuerySet[Meter]:
    """Return the meters that the sheet was sent with."""
    keys = [name.rpartition("-")[2] for name in request.POST if name.startswith(NAME.format(""))]
    known = [int(key) for key in keys if key.isascii() and key.isdecimal() and len(key) < len(str(2**63))]
    return _seen(request).filter(pk__in=known[: max(PAGE_SIZES)]).order_by("key")


def _stored(request: HttpRequest, count: int) -> HttpResponse:
    words = ngettext("%(count)s reading was stored.", "%(count)s readings were stored.", count)
    messages.success(request, words % {"count": count})
    return HttpResponseRedirect(request.get_full_path())
