"""Closed books: no document is dated in a period that the organisation has closed (billing-rules 7.5)."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from counterfoil.core.refusals import Refusal
from counterfoil.records.organisation import actions
from counterfoil.records.organisation.models import Organisation
from counterfoil.records.organisation.queries import the_organisation


class BooksClosed(Refusal):
    """The books are closed before {closed_before}, so nothing is dated {day}. Choose {closed_before} or a later
    date, or have an accountant open the books again: Settings, Closing, or counterfoil books --closed-before.
    """


def check_books_open(day: date) -> None:
    """Raise `BooksClosed` if *day* lies in a closed period."""
    closed_before = the_organisation().books_closed_before
    if closed_before is not None and day < closed_before:
        raise BooksClosed(closed_before=closed_before, day=day)


def close_books(*, before: date | None) -> Organisation:
    """Close every day before *before* to new documents, or open all of them again with None; audited."""
    with transaction.atomic():
        organisation = the_organisation()
        organisation.books_closed_before = before
        actions.change_organisation(organisation, fields=["books_closed_before"])
        return organisation
