"""Verify the seals: is everything that was sealed still as it was then?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from counterfoil.flows.sealing.digests import DOCUMENTS, Range, columns_of, digests, tables_of
from counterfoil.flows.sealing.seal import digest_after, in_order
from counterfoil.records.billing.models import DocumentNumber
from counterfoil.records.organisation.models import Seal, SealedRange

Found = list[tuple[str, str]]
"""The documents concerned, and what is wrong in a sentence."""


def changed_documents() -> Found:
    """Return the ranges of issued documents that are no longer what was sealed."""
    return [
        (_numbers(one), f"changed since they were sealed on {one.seal.sealed_at:%Y-%m-%d}: {why}")
        for one, why in _broken(SealedRange.objects.filter(source=DOCUMENTS))
    ]


def changed_trails() -> Found:
    """Return the ranges of the audit trail that are no longer what was sealed."""
    return [
        (
            f"{one.source}, events {one.above + 1} to {one.up_to}",
            f"changed since they were sealed on {one.seal.sealed_at:%Y-%m-%d}: {why}",
        )
        for one, why in _broken(SealedRange.objects.exclude(source=DOCUMENTS))
    ]


def broken_chain() -> Found:
    """Return the seals that do not follow from the one before them and from what they cover."""
    found: Found = []
    before, expected = "", 1
    covered = {
        number: list(ranges)
        for number, ranges in groupby(SealedRange.objects.order_by("seal_id"), key=lambda one: one.seal_id)
    }
    for seal in Seal.objects.order_by("number"):
        if seal.number != expected:
            found.append((f"seal {expected}", f"is missing: seal {seal.number} comes instead"))
        ranges = in_order(covered.get(seal.number, []))
        digest = digest_after(before, number=seal.number, sealed_at=seal.sealed_at, ranges=ranges)
        if digest != seal.digest and seal.number == expected:
            found.append(
                (f"seal {seal.number}", "does not follow from the seal before it and what it covers")
            )
        before, expected = seal.digest, seal.number + 1
    return found


CHECKS: Mapping[str, Callable[[], Found]] = {
    "sealed_documents_are_unchanged": changed_documents,
    "sealed_changes_are_unchanged": changed_trails,
    "seals_form_a_chain": broken_chain,
}


def _broken(rows: object) -> Iterator[tuple[SealedRange, str]]:
    """Yield the ranges whose rows have another digest now, with why; one statement a source and set of columns."""
    ordered = sorted(rows.select_related("seal"), key=_form)  # type: ignore[attr-defined]
    for (source, _columns), same in groupby(ordered, key=_form):
        yield from _broken_of(source, in_order(list(same)))


def _form(one: SealedRange) -> tuple[str, str]:
    return one.source, json.dumps(one.columns, sort_keys=True)


def _broken_of(source: str, ranges: Sequence[SealedRange]) -> Iterator[tuple[SealedRange, str]]:
    columns = ranges[0].columns
    here = columns_of(tables_of(source))
    gone = [
        f"{table}.{name}" for table in columns for name in columns[table] if name not in here.get(table, [])
    ]
    if gone or set(columns) != set(tables_of(source)):
        yield from ((one, f"what was sealed is not there any more: {', '.join(gone)}") for one in ranges)
        return
    now = digests(source, [Range(one.series, one.above, one.up_to) for one in ranges], columns=columns)
    for one, hashed in zip(ranges, now, strict=True):
        if hashed.row_count != one.row_count:
            yield one, f"{one.row_count:,} rows were sealed, and there are {hashed.row_count:,}"
        elif hashed.digest != one.digest:
            yield one, "a value is another one"


def _numbers(one: SealedRange) -> str:
    """Return the first and the last number of a range of documents."""
    issued = DocumentNumber.objects.filter(series_id=one.series, seq__gt=one.above, seq__lte=one.up_to)
    numbers = list(issued.order_by("seq").values_list("number", flat=True))
    if not numbers:
        return f"series {one.series}, {one.above + 1} to {one.up_to}"
    return f"invoice {numbers[0]}" if len(numbers) == 1 else f"invoices {numbers[0]} to {numbers[-1]}"
