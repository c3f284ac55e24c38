"""The only writer of series: which documents each numbers, how its numbers read, and how far they are given (7.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db import connection

from counterfoil.core.numbering import NumberPattern, may_meet
from counterfoil.records.billing.models import DocumentSeries, DocumentType
from counterfoil.records.organisation.models import Branch

DEFAULT_PREFIXES = {
    DocumentType.CONTRACT: "INV",
    DocumentType.SERVICE: "SRV",
    DocumentType.SALES: "SAL",
    DocumentType.CREDIT_NOTE: "CN",
}
CONTINUOUS = 0
"""The year of a series that does not begin anew each year (7.2)."""


def series_for(
    documents: Iterable[tuple[int, str]], *, invoice_date: date, makes_new: bool = True
) -> list[DocumentSeries]:
    """Return the series of *documents* (branch and type) of that date; missing ones are made, or not saved (7.2).

    The open continuous one goes first. A year's first document begins a series like the year's before.
    """
    [found] = series_by_date({invoice_date: documents}, makes_new=makes_new).values()
    return found


def series_by_date(
    documents: Mapping[date, Iterable[tuple[int, str]]], *, makes_new: bool
) -> dict[date, list[DocumentSeries]]:
    """Return what `series_for` does, of *documents* by their dates; all of them in two queries."""
    stored = list(DocumentSeries.objects.select_related("branch"))
    branches = Branch.objects.in_bulk()
    return {
        day: _series_on(day, of_day, stored=stored, branches=branches, makes_new=makes_new)
        for day, of_day in documents.items()
    }


def _series_on(
    invoice_date: date,
    documents: Iterable[tuple[int, str]],
    *,
    stored: list[DocumentSeries],
    branches: Mapping[int, Branch],
    makes_new: bool,
) -> list[DocumentSeries]:
    """Return the series of *documents* of one date; those that are new are among the *stored* from then on."""
    found = []
    for branch_id, document_type in sorted(set(documents)):
        series = _series_of(
            branches[branch_id],
            document_type,
            year=invoice_date.year,
            is_first=branch_id == min(branches),
            stored=stored,
        )
        if series.pk is None:
            series = _made(series) if makes_new else series
            stored.append(series)
        found.append(series)
    return found


def _series_of(
    branch: Branch, document_type: str, *, year: int, is_first: bool, stored: Sequence[DocumentSeries]
) -> DocumentSeries:
    """Return which of the *stored* series the documents of that year take, a new one if none; see `series_for`."""
    of_these = [one for one in stored if (one.branch_id, one.document_type) == (branch.pk, document_type)]
    by_year = {one.year: one for one in of_these if one.is_open or one.year != CONTINUOUS}
    if found := by_year.get(CONTINUOUS) or by_year.get(year):
        return found
    before = max((earlier for earlier in by_year if earlier < year), default=None)
    if before is not None:
        return DocumentSeries(
            branch=branch,
            document_type=document_type,
            year=year,
            pattern=by_year[before].pattern,
            any_date_order=by_year[before].any_date_order,
        )
    pattern = default_pattern(branch, document_type, is_first=is_first, stored=stored)
    return DocumentSeries(branch=branch, document_type=document_type, year=year, pattern=pattern)


def _made(series: DocumentSeries) -> DocumentSeries:
    """Store a new *series*, or return the one that somebody stored meanwhile."""
    stored, _is_new = DocumentSeries.objects.get_or_create(
        branch_id=series.branch_id,
        document_type=series.document_type,
        year=series.year,
        defaults={"pattern": series.pattern, "any_date_order": series.any_date_order},
    )
    return stored


def series_or_new(branch: Branch, document_type: str, *, year: int) -> DocumentSeries:
    """Return the series of that *year*, `CONTINUOUS` for the one that goes on; a new one is not saved yet."""
    of_these = DocumentSeries.objects.filter(branch=branch, document_type=document_type, year=year)
    found = of_these.select_related("branch").first()
    return found or DocumentSeries(branch=branch, document_type=document_type, year=year)


# Any number, as long as nobody else's: more digits of e.
_NUMBERING = 8_284_590


def lock_numbering() -> None:
    """Let one at a time change how documents are numbered, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBERING])


def default_pattern(
    branch: Branch, document_type: str, *, is_first: bool, stored: Sequence[DocumentSeries]
) -> str:
    """Return the pattern of a series nobody has set up: INV-2026-000001; other branches begin with their code.

    The first of these that no other *stored* series could meet: a branch may be called INV.
    """
    prefix = DEFAULT_PREFIXES[DocumentType(document_type)]
    short = "{branch}" if prefix == "INV" else f"{{branch}}-{prefix}"
    candidates = [
        *([f"{prefix}-{{year}}-{{seq:06}}"] if is_first else []),
        f"{short}-{{year}}-{{seq:06}}",
        f"{{branch}}/{prefix}/{{year}}/{{seq:06}}",
        f"{prefix}.{branch.pk}.{{year}}.{{seq:06}}",
    ]
    taken = [
        (NumberPattern(one.pattern), one.branch.code)
        for one in stored
        if (one.branch_id, one.document_type) != (branch.pk, document_type)
    ]
    for candidate in candidates:
        pattern = NumberPattern(candidate)
        if not any(
            may_meet(pattern, branch=branch.code, other=other, other_branch=code) for other, code in taken
        ):
            return candidate
    return candidates[-1]


def change_series(series: DocumentSeries) -> None:
    """Store how a series is written and ordered, new or not, and close the other kind of its documents' (7.2).

    The yearly ones need no closing: an open continuous one goes before them.
    """
    if series.year != CONTINUOUS:
        siblings = DocumentSeries.objects.filter(
            branch_id=series.branch_id, document_type=series.document_type, year=CONTINUOUS
        )
        siblings.update(is_open=False)
    series.is_open = True
    series.save()


def lock_series(series: Sequence[DocumentSeries]) -> list[DocumentSeries]:
    """Lock the rows of *series* for this transaction, in one order, and return them as they are now."""
    ids = [one.pk for one in series]
    locked = DocumentSeries.objects.select_for_update(of=("self",)).select_related("branch")
    return list(locked.filter(pk__in=ids).order_by("pk"))


def advance_series(last_given: Mapping[int, int], *, invoice_date: date) -> None:
    """Move locked series past the numbers just given; *last_given* is the newest sequence by series id."""
    for series_id, seq in last_given.items():
        series = DocumentSeries.objects.get(pk=series_id)
        series.next_seq = seq + 1
        series.last_date = max(invoice_date, series.last_date or invoice_date)
        series.save(update_fields=["next_seq", "last_date"])
