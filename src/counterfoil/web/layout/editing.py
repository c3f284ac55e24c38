"""Create and edit: one form page for every kind of record."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.forms.models import construct_instance
from django.forms.renderers import BaseRenderer
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from counterfoil.core.periods import ONE_DAY
from counterfoil.core.refusals import Refusal
from counterfoil.flows.admitting import ValuesAreWrong, admit
from counterfoil.flows.editing import store
from counterfoil.web.lists.finding import some_found, ways_of
from counterfoil.web.naming import name_of_field
from counterfoil.web.saying import said

Address = Callable[[Any], str]
MOST_SUGGESTED, MOST_LOOKED_AT = 10, 200


def edit_page(
    request: HttpRequest,
    *,
    form: forms.ModelForm[Any],
    title: str,
    verb: str,
    back: str,
    done: Address,
    template: str = "counterfoil/layout/form.html",
    context: dict[str, Any] | None = None,
    store_typed: Callable[[Any], Any] | None = None,
) -> HttpResponse:
    """Show *form*; once it is sent and right, store its record and go to the address that *done* gives it.

    *store_typed* stores what the form holds where that is more than its record.
    """
    if request.method == "POST" and form.is_valid():
        is_new = form.instance.pk is None
        try:
            stored = store_typed(form) if store_typed else store(form.instance, fields=list(form.fields))
        except ValuesAreWrong as refusal:
            show_wrong(form, refusal)
        except Refusal as refusal:
            form.add_error(None, said(refusal))
        else:
            messages.success(request, stored_words(stored, is_new=is_new))
            return HttpResponseRedirect(done(stored))
    shown = {"form": form, "title": title, "verb": verb, "back": back, **(context or {})}
    return render(request, template, shown)


def stored_words(record: object, *, is_new: bool) -> str:
    """Return what to say once *record* is stored: that it was added, or changed."""
    words = gettext("%(name)s was added.") if is_new else gettext("%(name)s was changed.")
    return words % {"name": record}


def show_wrong(form: forms.BaseForm, refusal: ValuesAreWrong) -> None:
    """Show each problem of *refusal* at its field, or above the form where that has no such field."""
    for name, told in refusal.problems.items():
        form.add_error(name if name in form.fields else None, said(told))


class WordedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form over a record: what it does not label itself is called in the person's language all the same."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, field in self.fields.items():
            if field.label is None or type(field.label) is str:
                field.label = name_of_field((field.label or name).replace("_", " "))


class AdmittedForm(WordedForm):
    """A form whose values go together as `flows.admitting` says, each problem told at its field."""

    def clean(self) -> Any:
        """Refuse what the rules between the values refuse, once each value by itself is right."""
        cleaned: Any = super().clean()
        if not self.errors:
            # A copy: what is refused must not stay in the record that the page shows.
            probe = construct_instance(self, copy(self.instance), self._meta.fields)
            try:
                admit(probe)
            except ValuesAreWrong as refusal:
                show_wrong(self, refusal)
        return cleaned


def posted(request: HttpRequest) -> Any:
    """Return what the form was sent with, None when it is only looked at."""
    return request.POST if request.method == "POST" else None


class DayInput(forms.DateInput):
    """A calendar day, picked or typed."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class LastDayField(forms.DateField):
    """The end of something as people say it, its last day; what is stored is the day after (ranges are half-open)."""

    widget = DayInput

    def prepare_value(self, value: Any) -> Any:
        """Return the last day of what ends before *value*; what was typed stays as it was typed."""
        return value - ONE_DAY if isinstance(value, date) and value > date.min else value

    def to_python(self, value: Any) -> date | None:
        """Return the day after the one that was typed."""
        last: date | None = super().to_python(value)
        if last == date.max:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return None if last is None else last + ONE_DAY


class KeyInput(forms.TextInput):
    """A key typed by hand, with suggestions from the address *suggestions* while it is typed."""

    def __init__(self, *, suggestions: str) -> None:
        super().__init__({"autocomplete": "off"})
        self.suggestions = suggestions
        self.query = ""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        """Return the input and its list of suggestions, which htmx fills."""
        asking = {
            "list": f"{name}-suggestions",
            "hx-get": f"{reverse(self.suggestions)}?name={name}{self.query and '&'}{self.query}",
            "hx-trigger": "input changed delay:200ms",
            "hx-target": f"#{name}-suggestions",
            "hx-sync": "this:replace",
        }
        shown = super().render(name, value, {**(attrs or {}), **asking}, renderer)
        return format_html('{}<datalist id="{}-suggestions"></datalist>', shown, name)


class KeyField(forms.ModelChoiceField):
    """A record named by its key (an account number, a code): there are too many to choose from a list.

    *unknown* is what to say where there is no such record.
    """

    def __init__(
        self,
        rows: QuerySet[Model],
        *,
        key: str,
        unknown: str,
        suggestions: str,
        required: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(
            rows,
            to_field_name=key,
            required=required,
            widget=KeyInput(suggestions=suggestions),
            error_messages={"invalid_choice": unknown},
            **more,
        )

    def prepare_value(self, value: Any) -> Any:
        """Return the key of *value*: a record, the id of one, or what was typed."""
        if isinstance(value, int):
            value = self.queryset.filter(pk=value).first()
        return super().prepare_value(value)


def suggestions(request: HttpRequest, *, rows: QuerySet[Any], key: str, label: str) -> HttpResponse:
    """Answer what a `KeyInput` asks: at most ten *rows* whose key begins with it, or whose label holds it."""
    typed = request.GET.get(request.GET.get("name", ""), "").replace("\x00", "").strip()[:100]
    ways = ways_of(typed, [f"{key}__istartswith", f"{label}__icontains"])
    begins = some_found(rows, ways, most=MOST_LOOKED_AT) if typed else rows.none()
    found = begins.order_by(key).values_list(key, label)[:MOST_SUGGESTED]
    return render(request, "counterfoil/parts/suggestions.html", {"found": found})
