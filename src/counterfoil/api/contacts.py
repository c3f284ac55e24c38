"""Contacts of customers, clients and dealers, and notes: on them, or for everybody (product B3, B6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema

from counterfoil.api.auth import Need, user_of
from counterfoil.api.catalogue import Removed
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.shapes import BillingDate, Id, Key, Request
from counterfoil.api.storing import Text, stored
from counterfoil.clock import now
from counterfoil.flows.editing import remove
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches_of
from counterfoil.records.parties.models import Contact as ContactRow
from counterfoil.records.parties.models import LogNote
from counterfoil.records.parties.queries import notes_seen_by

contacts = Router(tags=["contacts"])
notes = Router(tags=["notes"])
SEES_CONTACTS = Need("contacts:read")
WRITES_CONTACTS = Need("contacts:write", frozenset({Role.BILLER}))
SEES_NOTES = Need("notes:read")
WRITES_NOTES = Need("notes:write", frozenset({Role.BILLER}))


class Contact(Schema):
    """Somebody to speak to at a customer, a client or a dealer; documents are sent where the customer says."""

    id: int
    customer: str | None
    client: str | None
    dealer: str | None
    name: str
    function: str
    phone: str
    email: str


class ContactChanges(Request):
    """What is to be changed of a contact."""

    name: Key | None = None
    function: Text | None = None
    phone: Text | None = None
    email: Text | None = None


class ContactWanted(ContactChanges):
    """A contact of a `customer`, a `client` or a `dealer` to be added."""

    name: Key
    customer: Key | None = None
    client: Key | None = None
    dealer: Key | None = None


class ContactFilter(Schema):
    """Whose contacts are asked for."""

    customer: Key | None = None
    client: Key | None = None
    dealer: Key | None = None


class Note(Schema):
    """Something written down about a customer, client or dealer, or for everybody.

    With `act_by` it is open until it is done. The contact is whom to reach about it.
    """

    id: int
    client: str | None
    customer: str | None
    dealer: str | None
    text: str
    contact_name: str
    contact_phone: str
    contact_email: str
    act_by: date | None
    is_done: bool
    log_to_crm: bool
    written_by: str | None
    written_at: datetime


class NoteChanges(Request):
    """What is to be changed of a note."""

    text: Text | None = None
    contact_name: Text | None = None
    contact_phone: Text | None = None
    contact_email: Text | None = None
    act_by: BillingDate | None = None
    is_done: bool | None = None
    log_to_crm: bool | None = None


class NoteWanted(NoteChanges):
    """A note to be written: about a client, customer or dealer, or about none for everybody."""

    client: Key | None = None
    customer: Key | None = None
    dealer: Key | None = None
    text: Text


class NoteFilter(Schema):
    """Which notes are asked for. `is_open`: somebody is to act on it."""

    client: Key | None = None
    customer: Key | None = None
    dealer: Key | None = None
    is_open: bool | None = None
    log_to_crm: bool | None = None


@reads(contacts, "", need=SEES_CONTACTS, answer=Page[Contact])
def list_contacts(
    request: HttpRequest, wanted: Query[ContactFilter], paging: Query[Paging]
) -> dict[str, Any]:
    """Return the contacts you may see, oldest first."""
    asked = {
        "customer__account": wanted.customer,
        "client__code": wanted.client,
        "dealer__code": wanted.dealer,
    }
    rows = _contacts(request).filter(**{path: value for path, value in asked.items() if value is not None})
    return page_of(rows, paging=paging, shape=_contact)


@does(contacts, "", need=WRITES_CONTACTS, answer=Contact, status=201)
def create_contact(request: HttpRequest, wanted: ContactWanted) -> HttpResponse:
    """Add a contact."""
    return once(request, lambda: _contact(stored(request, ContactRow(), wanted)), status=201)


@changes(contacts, "/{contact_id}", need=WRITES_CONTACTS, answer=Contact)
def change_contact(request: HttpRequest, contact_id: Path[Id], wanted: ContactChanges) -> HttpResponse:
    """Change what is sent of a contact."""
    found = get_object_or_404(_contacts(request), pk=contact_id)
    return once(request, lambda: _contact(stored(request, found, wanted)))


@does(contacts, "/{contact_id}/remove", need=WRITES_CONTACTS, answer=Removed)
def remove_contact(request: HttpRequest, contact_id: Path[Id]) -> HttpResponse:
    """Forget a contact."""
    found = get_object_or_404(_contacts(request), pk=contact_id)

    def act() -> Removed:
        remove(found)
        return Removed(id=contact_id)

    return once(request, act)


@reads(notes, "", need=SEES_NOTES, answer=Page[Note])
def list_notes(request: HttpRequest, wanted: Query[NoteFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Return the notes you may see, oldest first."""
    rows = _notes(request)
    asked = {
        "client__code": wanted.client,
        "customer__account": wanted.customer,
        "dealer__code": wanted.dealer,
    }
    rows = rows.filter(**{path: value for path, value in asked.items() if value is not None})
    if wanted.log_to_crm is not None:
        rows = rows.filter(log_to_crm=wanted.log_to_crm)
    if wanted.is_open is not None:
        to_act = Q(act_by__isnull=False, is_done=False)
        rows = rows.filter(to_act if wanted.is_open else ~to_act)
    return page_of(rows, paging=paging, shape=_note)


@does(notes, "", need=WRITES_NOTES, answer=Note, status=201)
def create_note(request: HttpRequest, wanted: NoteWanted) -> HttpResponse:
    """Write a note."""

    def act() -> Note:
        return _note(stored(request, LogNote(written_by=user_of(request), written_at=now()), wanted))

    return once(request, act, status=201)


@changes(notes, "/{note_id}", need=WRITES_NOTES, answer=Note)
def change_note(request: HttpRequest, note_id: Path[Id], wanted: NoteChanges) -> HttpResponse:
    """Change what is sent of a note, or say that it was acted on."""
    found = get_object_or_404(_notes(request), pk=note_id)
    return once(request, lambda: _note(stored(request, found, wanted)))


def _contacts(request: HttpRequest) -> Any:
    return within_branches_of(
        ContactRow.objects.select_related("customer", "client", "dealer"),
        user=user_of(request),
        paths=[f"{whose}__branch_id" for whose in ("customer", "client", "dealer")],
    )


def _notes(request: HttpRequest) -> Any:
    return notes_seen_by(user_of(request))


def _contact(contact: ContactRow) -> Contact:
    return Contact(
        id=contact.pk,
        customer=contact.customer.account if contact.customer else None,
        client=contact.client.code if contact.client else None,
        dealer=contact.dealer.code if contact.dealer else None,
        name=contact.name,
        function=contact.function,
        phone=contact.phone,
        email=contact.email,
    )


def _note(note: LogNote) -> Note:
    return Note(
        id=note.pk,
        client=note.client.code if note.client else None,
        customer=note.customer.account if note.customer else None,
        dealer=note.dealer.code if note.dealer else None,
        text=note.text,
        contact_name=note.contact_name,
        contact_phone=note.contact_phone,
        contact_email=note.contact_email,
        act_by=note.act_by,
        is_done=note.is_done,
        log_to_crm=note.log_to_crm,
        written_by=note.written_by.username if note.written_by else None,
        written_at=note.written_at,
    )
