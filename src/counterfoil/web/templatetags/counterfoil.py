"""The components that pages are made of, and how values are written: `{% load counterfoil %}`.

Components are Django's own inclusion tags and includes; page shapes are templates to extend
(docs/decisions: one mechanism for components).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.urls import resolve, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext

from counterfoil.records.organisation.models import Role
from counterfoil.web import display, saying
from counterfoil.web.access import Need, declared_need
from counterfoil.web.lists.columns import NOTHING, Tone
from counterfoil.web.lists.listing import Listing
from counterfoil.web.naming import name_of_level

register = template.Library()

SPRITE = "counterfoil/vendor/icons/icons.svg"

# A text area has ten rows unless its form says otherwise: more than most texts here need.
DJANGO_ROWS, FEW_ROWS = "10", "3"


@dataclass(frozen=True)
class Tab:
    """One of the tabs of an object's page."""

    label: str
    address: str
    is_here: bool = False
    count: int | None = None


# --- How values are written


@register.filter
def money(minor: int | None, currency: str) -> str:
    """`{{ invoice.gross_minor|money:invoice.currency }}`: "€48,200.00"."""
    return NOTHING if minor is None else display.money_text(minor, currency, locale=display.current_locale())


@register.filter
def price(value: Decimal | None, currency: str) -> str:
    """`{{ line.unit_price|price:invoice.currency }}`: "€24.50"."""
    return NOTHING if value is None else display.price_text(value, currency, locale=display.current_locale())


@register.filter(is_safe=True)
def sentence_case(text: str) -> str:
    """`{% filter sentence_case %}Recovery Codes{% endfilter %}`: "Recovery codes", for headings of others.

    German nouns keep their capital.
    """
    words = text.strip()
    return words if get_language() == "de" else words[:1] + words[1:].lower()


@register.filter
def quantity(value: Decimal | None) -> str:
    """`{{ line.quantity|quantity }}`: "12.5"."""
    return NOTHING if value is None else display.decimal_text(value, locale=display.current_locale())


@register.filter
def percent(value: Decimal | None) -> str:
    """`{{ rate|percent }}`: "19 %"."""
    return NOTHING if value is None else f"{quantity(value)} %"


@register.filter
def count(number: int) -> str:
    """`{{ run.invoices|count }}`: "1,240"."""
    return display.count_text(number, locale=display.current_locale())


@register.filter
def counted(number: int, nouns: str) -> str:
    """`{{ run.invoices|counted:"invoice,invoices" }}`: "1 invoice", "1,240 invoices", alone, not in a sentence."""
    one, many = nouns.split(",")
    return f"{count(number)} {ngettext(one, many, number)}"


@register.filter
def day(value: date | None) -> str:
    """`{{ run.cutoff|day }}`: "1 Jun 2026"."""
    return NOTHING if value is None else display.date_text(value, locale=display.current_locale())


@register.filter
def weekday(value: date | None) -> str:
    """`{{ run.invoice_date|weekday }}`: "Mon, 1 Jun 2026"; for dates a decision hangs on."""
    return NOTHING if value is None else display.weekday_text(value, locale=display.current_locale())


@register.filter
def period(start: date | None, ends_before: date | None) -> str:
    """`{{ line.period_start|period:line.period_end }}`: "1–30 Jun 2026", first day to last day."""
    return display.period_text(start, ends_before, locale=display.current_locale())


@register.filter
def share(line: Any) -> str:
    """`{{ line|share }}`: the share of its charge period that a line bills, "17/31", or "1" for all of it."""
    return display.share_text(line)


@register.filter
def moment(value: datetime | None) -> str:
    """`{{ run.started_at|moment }}`: "1 Jun 2026, 14:05" by the organisation's clock."""
    if value is None:
        return NOTHING
    return display.moment_text(value, zone=display.current_zone(), locale=display.current_locale())


@register.filter
def said(words: object) -> str:
    """`{{ blocker.message|said }}`: what rules and flows say in English, in the person's language."""
    return saying.said(words)


@register.filter
def said_again(stored: str) -> str:
    """`{{ delivery.detail|said_again }}`: a sentence that is stored in English, in the person's language."""
    return saying.said_again(stored)


@register.filter
def level(name: str) -> str:
    """`{{ line.price_level|level }}`: who set a value: "assignment", "customer", "dealer", "master"."""
    return name_of_level(name)


@register.filter
def capped(words: str) -> str:
    """Return *words* with a capital first letter, the rest as it is."""
    return words[:1].upper() + words[1:]


@register.filter
def lowered(words: str) -> str:
    """Return *words* as they stand within a sentence: with a small first letter, but in German, whose nouns keep it."""
    return words if get_language() == "de" else words[:1].lower() + words[1:]


# --- Small parts


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "check" %}`: a drawing of the sprite, hidden from screen readers: words say what it means."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static(SPRITE), name)


@register.simple_tag
def state(word: str, tone: str = Tone.QUIET) -> SafeString:
    """`{% state "In review" "busy" %}`: a quiet badge; the tones are those of `lists.columns.Tone`."""
    return format_html('<span class="badge-state tone-{}">{}</span>', Tone(tone), word)


@register.simple_tag
def fact(label: str, value: Any, address: str = "") -> SafeString:
    """`{% fact "Account" customer.account %}` inside `<dl class="facts">`: one fact, a link if it has an address."""
    shown = NOTHING if value is None or value == "" else value
    if address:
        shown = format_html('<a href="{}">{}</a>', address, shown)
    return format_html("<div><dt>{}</dt><dd>{}</dd></div>", label, shown)


@register.simple_tag
def set_by(level: str) -> SafeString:
    """`{% set_by terms.set_by.quantity %}`: the level that set a value, in small words beside it."""
    return format_html('<small class="quiet">{}</small>', name_of_level(level))


@register.simple_tag
def cannot(label: str, why: str, *, drawn: str = "", look: str = "") -> SafeString:
    """`{% cannot _("Void run") why drawn="trash" %}`: a button that cannot be pressed now, and says why."""
    sign = icon(drawn) if drawn else ""
    told = format_html('<span class="visually-hidden">: {}</span>', why)
    return format_html(
        '<button type="button" class="btn {}" aria-disabled="true" title="{}">{}{}{}</button>',
        look, why, sign, label, told,
    )  # fmt: skip


@register.inclusion_tag("counterfoil/parts/empty_state.html")
def empty_state(*, icon: str, title: str, text: str, action: str = "", address: str = "") -> dict[str, Any]:
    """Say what this is, and the one thing to do first."""
    return {"icon": icon, "title": title, "text": text, "action": action, "address": address}


@register.inclusion_tag("counterfoil/parts/empty_state.html", takes_context=True)
def empty_listing(context: Any, listing: Listing) -> dict[str, Any]:
    """Say what a list without rows is for, and the one thing to do first, where the person may do it."""
    empty = listing.empty
    address = reverse(empty.address_name) if empty.address_name else ""
    need = declared_need(resolve(address).func, name=empty.address_name) if address else None
    may = need is not None and need.is_met_by(context["user"].role)
    told = {
        "title": empty.title,
        "text": empty.explanation,
        "action": empty.action if may else "",
        "address": address if may else "",
    }
    return {"icon": "inbox", **told}


@register.inclusion_tag("counterfoil/parts/tab_bar.html")
def tab_bar(tabs: Sequence[Tab]) -> dict[str, Any]:
    """Show the tabs of an object, with how much is in each."""
    return {"tabs": tabs}


@register.inclusion_tag("counterfoil/parts/chart.html")
def chart(data: dict[str, Any], *, name: str, label: str, is_low: bool = False) -> dict[str, Any]:
    """`{% chart data name="revenue" label="…" %}`: what `layout.charts` returned, drawn; the label says it in words.

    The page's block `scripts` includes `counterfoil/parts/chart_scripts.html`.
    """
    return {"data": data, "name": name, "label": label, "is_low": is_low}


# --- Forms


@register.inclusion_tag("counterfoil/parts/error_summary.html")
def error_summary(form: forms.BaseForm) -> dict[str, Any]:
    """Sum up at the top of a form what needs correcting, each with a link to its field."""
    return {"form": form, "count": sum(len(errors) for errors in form.errors.values())}


@register.inclusion_tag("counterfoil/parts/form_fields.html")
def form_fields(form: forms.BaseForm) -> dict[str, Any]:
    """Show every field of *form*, one below the other."""
    return {"form": form}


@register.inclusion_tag("counterfoil/parts/form_field.html")
def form_field(field: BoundField) -> dict[str, Any]:
    """Show one field: label above, help below, errors at the field."""
    is_check = isinstance(field.field.widget, forms.CheckboxInput)
    widget = field.field.widget
    is_group = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple) or getattr(
        widget, "is_group", False
    )
    return {"field": field, "widget": plain_widget(field), "is_check": is_check, "is_group": is_group}


@register.inclusion_tag("counterfoil/parts/row_field.html")
def row_field(field: BoundField) -> dict[str, Any]:
    """Show one field inside a row of a table: its label is for screen readers, its errors stand below it."""
    return {"field": field, "widget": plain_widget(field)}


@register.inclusion_tag("counterfoil/parts/edit_field.html")
def edit_field(field: BoundField, told: str = "") -> dict[str, Any]:
    """Show one field of a row that is edited: its label above, its errors and what is *told* of it below."""
    return {"field": field, "widget": plain_widget(field), "told": told}


@register.simple_tag
def plain_widget(field: BoundField) -> SafeString:
    """Show a field's input alone, dressed in our look, with what it began with where the form asks for that."""
    attributes = {"class": _css_class(field)}
    if field.field.widget.attrs.get("rows") == DJANGO_ROWS:
        attributes["rows"] = FEW_ROWS
    if field.errors:
        described = [f"{field.auto_id}_error"] + ([f"{field.auto_id}_helptext"] if field.help_text else [])
        attributes |= {"aria-invalid": "true", "aria-describedby": " ".join(described)}
    shown = field.as_widget(attrs=attributes)
    return shown + field.as_hidden(only_initial=True) if field.field.show_hidden_initial else shown


def _css_class(field: BoundField) -> str:
    widget = field.field.widget
    given = widget.attrs.get("class", "")
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        own = "form-check-input"
    elif isinstance(widget, forms.Select):
        own = "form-select"
    else:
        own = "form-control"
    return f"{own} {given} {'is-invalid' if field.errors else ''}".strip()


@register.simple_tag
def history_address(record: Any) -> str:
    """`{% history_address form.instance as history %}`: the page of a stored record's history, "" if it has none."""
    from counterfoil.web.audit.histories import kind_of

    kind = kind_of(record) if getattr(record, "pk", None) else ""
    return reverse("history", args=[kind, record.pk]) if kind else ""


# --- Who may do what


@register.filter
def may(user: Any, roles: str) -> bool:
    """`{% if user|may:"biller approver" %}`: whether the person has one of these roles, or all of them."""
    return Need(roles=frozenset(Role(role) for role in roles.split())).is_met_by(user.role)
