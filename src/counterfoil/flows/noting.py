"""Notes that somebody is to act on: say of many at once that it was done."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from counterfoil.records.parties import contact_actions as actions
from counterfoil.records.parties.contacts import LogNote


def mark_done(note_ids: Iterable[int], *, done: bool) -> int:
    """Say of notes whether what they ask for was done; return how many say something else now."""
    with transaction.atomic():
        notes = list(
            LogNote.objects.select_for_update().filter(pk__in=note_ids, is_done=not done).order_by("pk")
        )
        for note in notes:
            note.is_done = done
        actions.change_notes(notes, fields=["is_done"])
        return len(notes)
