"""How documents are numbered: each branch × document type by a pattern, yearly or on and on (billing-rules 7.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from counterfoil.core.numbering import NumberPattern, may_meet, parse_pattern
from counterfoil.core.refusals import Refusal, shown
from counterfoil.core.sentences import sentence
from counterfoil.records.billing import series_actions as actions
from counterfoil.records.billing.models import DocumentSeries, DocumentType
from counterfoil.records.labels import small
from counterfoil.records.organisation.models import Branch


class PatternsMeet(Refusal):
    """The pattern {pattern} could give numbers that {other} gives as well. Let it differ in a letter before or after
    the sequence, for example by {{branch}}.
    """


class NumberTaken(Refusal):
    """The pattern {pattern} would give {number} again, which an earlier document has. Write it otherwise."""


class DatesOutOfOrder(Refusal):
    """Documents of this series are dated before earlier ones already, so it cannot go back to date order.
    Leave the order off; the series of the next year begins in order again if you set it so then.
    """


class NoSuchBranch(Refusal):
    """There is no branch {branch}. Known are {known}."""


class NoSuchType(Refusal):
    """{document_type} is no type of document. Known are {known}."""


@dataclass(frozen=True, kw_only=True)
class Numbering:
    """How the documents of one type are numbered at one branch now, and the number that comes next."""

    branch: str
    branch_name: str
    document_type: str
    pattern: str
    restarts_each_year: bool
    in_date_order: bool
    next_seq: int
    next_number: str
    last_date: date | None
    is_begun: bool


def series_of(branch: str, document_type: str) -> DocumentSeries | None:
    """Return the newest series of a type of document at a *branch* (its code), None before the first document."""
    return DocumentSeries.objects.filter(branch__code=branch, document_type=document_type).last()


def numberings(*, today: date, branches: Sequence[Branch] | None = None) -> list[Numbering]:
    """Return how documents are numbered, by branch and type; of those nobody set up, how they would be."""
    chosen = Branch.objects.order_by("code") if branches is None else branches
    documents = [(branch.pk, kind.value) for branch in chosen for kind in DocumentType]
    found = actions.series_for(documents, invoice_date=today, makes_new=False)
    by_document = {(one.branch_id, one.document_type): one for one in found}
    return [_numbering(by_document[document], today=today) for document in documents]


def numbering_of(branch: str, document_type: str, *, today: date) -> Numbering:
    """Return how the documents of that type are numbered at the branch with that code."""
    return _numbering(_series(branch, document_type, today=today), today=today)


def change_numbering(
    *,
    branch: str,
    document_type: str,
    pattern: str,
    restarts_each_year: bool,
    in_date_order: bool,
    today: date,
) -> Numbering:
    """Number the documents of that type at the branch so from now on; what has a number keeps it.

    Going on over the years, or yearly again, takes another series of the same documents up where it stood.
    Raises `NotANumberPattern`, `PatternsMeet`, `NumberTaken`, `DatesOutOfOrder`, `NoSuchBranch`, `NoSuchType`.
    """
    written = parse_pattern(pattern, restarts_each_year=restarts_each_year)
    with transaction.atomic():
        actions.lock_numbering()
        place = _branch(branch)
        kind = _type(document_type)
        year = today.year if restarts_each_year else actions.CONTINUOUS
        series = actions.series_or_new(place, kind, year=year)
        [series] = actions.lock_series([series]) if series.pk else [series]
        _check_meets(written, series=series)
        _check_taken(written, series=series)
        if in_date_order and series.any_date_order:
            _check_order(series)
        series.pattern = pattern
        series.any_date_order = not in_date_order
        actions.change_series(series)
        return _numbering(series, today=today)


def example(*, branch: str, document_type: str, pattern: str, restarts_each_year: bool, today: date) -> str:
    """Return the number that *pattern* would give next; stores nothing. Raises what `change_numbering` does."""
    written = parse_pattern(pattern, restarts_each_year=restarts_each_year)
    place = _branch(branch)
    year = today.year if restarts_each_year else actions.CONTINUOUS
    series = actions.series_or_new(place, _type(document_type), year=year)
    _check_meets(written, series=series)
    _check_taken(written, series=series)
    return written.number(seq=series.next_seq, year=today.year, branch=place.code)


def _numbering(series: DocumentSeries, *, today: date) -> Numbering:
    next_number = NumberPattern(series.pattern).number(
        seq=series.next_seq, year=today.year, branch=series.branch.code
    )
    return Numbering(
        branch=series.branch.code,
        branch_name=series.branch.name,
        document_type=series.document_type,
        pattern=series.pattern,
        restarts_each_year=series.year != actions.CONTINUOUS,
        in_date_order=not series.any_date_order,
        next_seq=series.next_seq,
        next_number=next_number,
        last_date=series.last_date,
        is_begun=series.last_date is not None,
    )


def _series(branch: str, document_type: str, *, today: date) -> DocumentSeries:
    document = (_branch(branch).pk, _type(document_type))
    [series] = actions.series_for([document], invoice_date=today, makes_new=False)
    return series


def _branch(code: str) -> Branch:
    found = Branch.objects.filter(code=code).first()
    if found is None:
        known = Branch.objects.order_by("code").values_list("code", flat=True)
        raise NoSuchBranch(branch=shown(code), known=", ".join(known))
    return found


def _type(text: str) -> str:
    if text not in DocumentType.values:
        raise NoSuchType(document_type=shown(text), known=", ".join(DocumentType.values))
    return text


_OUT_OF_ORDER = """
SELECT EXISTS (
    SELECT FROM (
        SELECT invoice.invoice_date, lag(invoice.invoice_date) OVER (ORDER BY number.seq) AS date_before
        FROM billing_documentnumber AS number JOIN billing_invoice AS invoice ON invoice.id = number.invoice_id
        WHERE number.series_id = %s
    ) AS issued
    WHERE invoice_date < date_before
)
"""


def _check_order(series: DocumentSeries) -> None:
    """Raise `DatesOutOfOrder` if dates went back while the order was off."""
    with connection.cursor() as cursor:
        cursor.execute(_OUT_OF_ORDER, [series.pk])
        if cursor.fetchone()[0]:
            raise DatesOutOfOrder


def _check_meets(pattern: NumberPattern, *, series: DocumentSeries) -> None:
    """Raise `PatternsMeet` if another branch's or type's series could give the same number."""
    others = DocumentSeries.objects.exclude(
        branch_id=series.branch_id, document_type=series.document_type
    ).select_related("branch")
    for other in others:
        theirs = NumberPattern(other.pattern)
        if may_meet(pattern, branch=series.branch.code, other=theirs, other_branch=other.branch.code):
            told = sentence(
                "{pattern} for each {kind} of branch {branch}",
                pattern=other.pattern,
                kind=small(DocumentType(other.document_type).label),
                branch=other.branch.code,
            )
            raise PatternsMeet(pattern=pattern.text, other=told)


_TAKEN = """
SELECT number FROM billing_documentnumber
WHERE number ~ %(form)s AND substring(number FROM %(form)s)::numeric >= %(next)s
LIMIT 1
"""


def _check_taken(pattern: NumberPattern, *, series: DocumentSeries) -> None:
    """Raise `NumberTaken` if a number that the series is still to give was given before, by whatever series."""
    form = pattern.form(branch=series.branch.code)
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, {"form": form, "next": series.next_seq})
        taken = cursor.fetchone()
    if taken:
        raise NumberTaken(pattern=pattern.text, number=taken[0])
