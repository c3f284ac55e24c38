"""The message log: notes on customers, clients and dealers, and for everybody; what to act on by when (B6)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.flows.noting import mark_done
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import Client, LogNote
from counterfoil.records.parties.queries import notes_seen_by
from counterfoil.web.access import needs
from counterfoil.web.customers.forms import customer_field, dealer_field
from counterfoil.web.display import current_zone
from counterfoil.web.layout.editing import AdmittedForm, DayInput, KeyField, edit_page, posted
from counterfoil.web.lists.asking import Question, after_asking
from counterfoil.web.lists.columns import Column, Kind, State, Tone
from counterfoil.web.lists.listing import BulkAction, Empty, Listing, Noun
from counterfoil.web.lists.page import list_page
from counterfoil.web.naming import yes_or_no

STATES = {
    "overdue": State(_("Overdue"), Tone.BAD),
    "open": State(_("To act on"), Tone.WARNING),
    "done": State(_("Done"), Tone.GOOD),
    "note": State(_("Note")),
}


MOST_ROWS = 100
# Whom a note can be about: the name of the field, and by what it is named.
WHOSE = {"client": "code", "customer": "account", "dealer": "code"}


def contact_of(note: LogNote) -> str:
    """Return whom to reach about *note*, and how."""
    return ", ".join(filter(None, [note.contact_name, note.contact_phone, note.contact_email]))


class NoteForm(AdmittedForm):
    """Something to write down."""

    client = KeyField(
        Client.objects.all(),
        key="code",
        unknown=_("There is no client with this code. Type it exactly, or choose a suggestion."),
        suggestions="client-suggestions",
        label=_("Client"),
        help_text=_("Its code, where the note is about a client"),
    )
    customer = customer_field(help_text=_("Its account, where the note is about a customer"))
    dealer = dealer_field(
        help_text=_("Its code, where the note is about a dealer. About none: a message for everybody")
    )

    class Meta:
        model = LogNote
        fields = [
            "client",
            "customer",
            "dealer",
            "text",
            "contact_name",
            "contact_phone",
            "contact_email",
            "act_by",
            "is_done",
            "log_to_crm",
        ]
        widgets = {"act_by": DayInput}
        labels = {
            "text": _("Note"),
            "contact_name": _("Whom to reach"),
            "contact_phone": _("Telephone"),
            "contact_email": _("E-mail"),
            "act_by": _("Act by"),
            "is_done": _("Done"),
            "log_to_crm": _("Log to CRM"),
        }
        help_texts = {
            "act_by": _("The day by which somebody is to act on it. Empty: nothing is to be done"),
            "contact_name": _("Of somebody who is no customer yet, say: who asks for an offer"),
            "log_to_crm": _("A connector that keeps customers elsewhere takes it along"),
        }

    def __init__(self, data: Any = None, *, user: Any, **more: Any) -> None:
        super().__init__(data, **more)
        for name in WHOSE:
            field: Any = self.fields[name]
            field.queryset = within_branches(field.queryset, user=user)


class NoteFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="in_state",
        empty_label=_("All"),
        choices=[("act", _("To act on")), ("overdue", _("Overdue")), ("done", _("Done"))],
    )
    client = django_filters.CharFilter(label=_("Client"), field_name="client__code")
    customer = django_filters.CharFilter(label=_("Customer"), field_name="customer__account")
    dealer = django_filters.CharFilter(label=_("Dealer"), field_name="dealer__code")

    class Meta:
        model = LogNote
        fields: list[str] = []

    def in_state(self, rows: QuerySet[LogNote], _name: str, value: str) -> QuerySet[LogNote]:
        """Return those of *rows* that are to be acted on, that were, or whose day has passed."""
        if value == "done":
            return rows.filter(is_done=True)
        to_act = rows.filter(act_by__isnull=False, is_done=False)
        return to_act.filter(act_by__lt=_today()) if value == "overdue" else to_act


def state_of(note: LogNote) -> str:
    """Return whether *note* is done, to be acted on, overdue, or a note alone."""
    if note.is_done:
        return "done"
    if note.act_by is None:
        return "note"
    return "overdue" if note.act_by < _today() else "open"


NOTES = Listing(
    name="message-log",
    noun=Noun("note", "notes"),
    columns=(
        Column(
            name="written",
            label=_("Written"),
            kind=Kind.MOMENT,
            value="written_at",
            link="note-edit",
            sort=("pk",),
            index="primary key",
        ),
        Column(name="text", label=_("Note"), link="note-edit"),
        Column(
            name="client",
            label=_("About"),
            value=lambda row: row.about.name if row.about else None,
            link=lambda row: page_of_note(row),  # noqa: PLW0108  it stands further down
        ),
        Column(name="contact", label=_("Whom to reach"), value=contact_of),
        Column(name="act_by", label=_("Act by"), kind=Kind.DATE, sort=("act_by",)),
        Column(name="state", label=_("State"), kind=Kind.STATE, states=STATES, value=state_of),
        Column(name="by", label=_("By"), value=lambda row: str(row.written_by or "")),
        Column(
            name="crm",
            label=_("Log to CRM"),
            value=lambda row: yes_or_no(row.log_to_crm),
            is_shown=False,
        ),
    ),
    default_sort="-written",
    filters=NoteFilters,
    search=(
        "text__icontains",
        "client__code__istartswith",
        "client__name__icontains",
        "customer__account__istartswith",
        "customer__name__icontains",
        "dealer__name__icontains",
    ),
    search_hint=_("Words, client, customer, dealer"),
    bulk_actions=(BulkAction(label=_("Mark as done"), address_name="notes-done", role=Role.BILLER),),
    empty=Empty(
        title=_("Nothing is written down yet"),
        explanation=_(
            "A note says something about a customer, client or dealer, or something for everybody. With a day "
            "to act by "
            "it stays open until it is done."
        ),
        action=_("Write note"),
        address_name="note-new",
    ),
)


def seen_notes(user: Any) -> QuerySet[LogNote]:
    """Return the notes that *user* may see."""
    return notes_seen_by(user)


@needs(Role.VIEWER)
def notes(request: HttpRequest) -> HttpResponseBase:
    """List them, the newest first."""
    context = {"new": reverse("note-new"), "new_label": gettext("Write note")}
    return list_page(
        request,
        listing=NOTES,
        queryset=seen_notes(request.user),
        title=gettext("Message log"),
        context=context,
    )


@needs(Role.BILLER)
def new(request: HttpRequest) -> HttpResponse:
    """Write one; `?client=`, `?customer=` or `?dealer=` names whom it is about."""
    note = LogNote(written_by=request.user, written_at=clock.now())  # type: ignore[misc]
    initial = {name: request.GET.get(name, "") for name in WHOSE}
    return _page(request, note, title=gettext("New note"), verb=gettext("Write note"), initial=initial)


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one; what it said before stays in the audit trail."""
    found = get_object_or_404(seen_notes(request.user), pk=key)
    return _page(request, found, title=gettext("Edit note"), verb=gettext("Store changes"), initial={})


@needs(Role.BILLER)
@require_POST
def done(request: HttpRequest) -> HttpResponse:
    """Say of the notes ticked that they were acted on."""
    question = Question(
        verb=gettext("Mark as done notes"),
        sentence=gettext("Mark as done %(ticked)s in the message log. They stay in the log."),
        done=ngettext_lazy(
            "%(count)s note was marked as done.", "%(count)s notes were marked as done.", "count"
        ),
        asks_reason=False,
    )
    return after_asking(
        request,
        question,
        listing=NOTES,
        rows=seen_notes(request.user).filter(is_done=False),
        back=reverse("notes"),
        act=lambda ids: mark_done(ids, done=True),
    )


def _page(
    request: HttpRequest, note: LogNote, *, title: str, verb: str, initial: dict[str, str]
) -> HttpResponse:
    form = NoteForm(posted(request), user=request.user, instance=note, initial=initial)
    back = _back(note)
    for name, key in WHOSE.items():
        if note.pk is None and initial.get(name):
            rows: Any = form.fields[name].queryset  # type: ignore[attr-defined]
            found = rows.filter(**{key: initial[name]}).first()
            back = reverse(name, args=[found.pk]) + "?tab=notes" if found else back
    return edit_page(request, form=form, title=title, verb=verb, back=back, done=_back)


def _back(note: LogNote) -> str:
    page = page_of_note(note)
    return f"{page}?tab=notes" if page else reverse("notes")


def page_of_note(note: LogNote) -> str:
    """Return the page of whom *note* is about, "" where it is for everybody."""
    for name in WHOSE:
        key = getattr(note, f"{name}_id")
        if key is not None:
            return reverse(name, args=[key])
    return ""


def notes_tab(record: Any, *, name: str, key: str) -> dict[str, Any]:
    """Return what the tab with the notes on *record* shows; *key* is what the form names it by."""
    beside = record.notes.select_related("written_by")
    return {
        "notes": list(beside[:MOST_ROWS]),
        "today": _today(),
        "note_query": urlencode({name: key}),
        "most": MOST_ROWS,
    }


def _today() -> Any:
    return clock.now().astimezone(current_zone()).date()
