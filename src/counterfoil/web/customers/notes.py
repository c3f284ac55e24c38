"""The message log: notes on clients and notes for everybody, with what is to be acted on and by when (product B6)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.flows.noting import mark_done
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches, within_branches_of
from counterfoil.records.parties.models import Client, LogNote
from counterfoil.web.access import needs
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


class NoteForm(AdmittedForm):
    """Something to write down."""

    client = KeyField(
        Client.objects.all(),
        key="code",
        unknown=_("There is no client with this code. Type it exactly, or choose a suggestion."),
        suggestions="client-suggestions",
        label=_("Client"),
        help_text=_("Its code. Empty: a message for everybody in the organisation"),
    )

    class Meta:
        model = LogNote
        fields = ["client", "text", "act_by", "is_done", "log_to_crm"]
        widgets = {"act_by": DayInput}
        labels = {
            "text": _("Note"),
            "act_by": _("Act by"),
            "is_done": _("Done"),
            "log_to_crm": _("Log to CRM"),
        }
        help_texts = {
            "act_by": _("The day by which somebody is to act on it. Empty: nothing is to be done"),
            "log_to_crm": _("A connector that keeps customers elsewhere takes it along"),
        }

    def __init__(self, data: Any = None, *, user: Any, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["client"].queryset = within_branches(Client.objects.all(), user=user)  # type: ignore[attr-defined]


class NoteFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="in_state",
        empty_label=_("All"),
        choices=[("act", _("To act on")), ("overdue", _("Overdue")), ("done", _("Done"))],
    )
    client = django_filters.CharFilter(label=_("Client"), field_name="client__code")

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
            label=_("Client"),
            value=lambda row: row.client.name if row.client_id else None,
            link=lambda row: reverse("client", args=[row.client_id]) if row.client_id else "",
        ),
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
    search=("text__icontains", "client__code__istartswith", "client__name__icontains"),
    search_hint=_("Words, client"),
    bulk_actions=(BulkAction(label=_("Mark as done"), address_name="notes-done", role=Role.BILLER),),
    empty=Empty(
        title=_("Nothing is written down yet"),
        explanation=_(
            "A note says something about a client, or something for everybody. With a day to act by "
            "it stays open until it is done."
        ),
        action=_("Write note"),
        address_name="note-new",
    ),
)


def seen_notes(user: Any) -> QuerySet[LogNote]:
    """Return the notes for everybody, and those on the clients that *user* may see."""
    rows = LogNote.objects.select_related("client", "written_by")
    return within_branches_of(rows, user=user, paths=["client__branch_id"], also=Q(client__isnull=True))


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
    """Write one; `?client=` names the client it is about."""
    note = LogNote(written_by=request.user, written_at=clock.now())  # type: ignore[misc]
    initial = {"client": request.GET.get("client", "")}
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
    if request.GET.get("client") and note.pk is None:
        found = (
            within_branches(Client.objects.all(), user=request.user).filter(code=initial["client"]).first()
        )  # type: ignore[arg-type]
        back = reverse("client", args=[found.pk]) + "?tab=notes" if found else back
    return edit_page(request, form=form, title=title, verb=verb, back=back, done=_back)


def _back(note: LogNote) -> str:
    return reverse("client", args=[note.client_id]) + "?tab=notes" if note.client_id else reverse("notes")


def _today() -> Any:
    return clock.now().astimezone(current_zone()).date()
