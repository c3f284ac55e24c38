"""The only writer of contacts and of notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from counterfoil.records.parties.contacts import Contact, LogNote
from counterfoil.records.upserting import Stored, store_rows

ROWS_A_STATEMENT = 2_000


def create_contacts(contacts: Iterable[Contact]) -> list[Contact]:
    """Store new *contacts* and return them with their ids."""
    return Contact.objects.bulk_create(contacts, batch_size=ROWS_A_STATEMENT)


def change_contacts(contacts: Iterable[Contact], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing *contacts*."""
    Contact.objects.bulk_update(contacts, fields, batch_size=ROWS_A_STATEMENT)


def delete_contacts(contacts: Iterable[Contact]) -> None:
    """Forget *contacts*; the audit trail keeps that they were there."""
    Contact.objects.filter(pk__in=[one.pk for one in contacts]).delete()


def store_contacts(*, rows: str, columns: Sequence[str]) -> Stored:
    """Create or change contacts from the temporary table *rows*; see `store_rows`."""
    return store_rows(model=Contact, rows=rows, columns=columns)


def create_notes(notes: Iterable[LogNote]) -> list[LogNote]:
    """Store new *notes* and return them with their ids."""
    return LogNote.objects.bulk_create(notes, batch_size=ROWS_A_STATEMENT)


def change_notes(notes: Iterable[LogNote], *, fields: Sequence[str]) -> None:
    """Store the *fields* of existing *notes*; the audit trail keeps what they said before."""
    LogNote.objects.bulk_update(notes, fields, batch_size=ROWS_A_STATEMENT)
