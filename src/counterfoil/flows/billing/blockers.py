"""What stands against taking documents back: named one by one, so that somebody can act on it (billing-rules 12.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from django.db import connection

from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import Sentence, joined, read_back, sentence, wording
from counterfoil.records.billing import queries

MOST_BLOCKERS_NAMED = 20
FOR_DRAFTS = ("followed", "paired")
"""What stands against dropping drafts, too: later credits of the same invoice, and the other half of a pair."""
FOR_ISSUED = ("delivered", "consolidated", "credited", *FOR_DRAFTS, "closed")
SQL = Path(__file__).parent / "sql"


class TakenBackTooEarly(Refusal):
    """Nothing was changed: {blockers}. Take those back first, or together with it."""


# What the statement says, to be had in other languages, too.
WORDINGS = (
    wording("{document} left the house with {billing} by {channel} ({state})"),
    wording("{document} left the house by {channel} ({state})"),
    wording("{document} is in the consolidated billing {billing}"),
    wording("{document} is credited by {other}"),
    wording("{document} is followed by {other}, which credits the same invoice"),
    wording("{document} is dated {day}, and the books are closed before {closed_before}"),
    wording("{document} belongs together with {other}: credited and billed again"),
)

SENT = {"sending": sentence("sending"), "sent": sentence("sent"), "uncertain": sentence("uncertain")}


@dataclass(frozen=True, kw_only=True)
class Blockers:
    """The first sentences of what stands against it, and how many there are more."""

    named: Sequence[str]
    more: int = 0

    def __bool__(self) -> bool:
        """Whether anything does."""
        return bool(self.named)

    def __str__(self) -> str:
        """Return them as one sentence."""
        text = "; ".join(self.named)
        return f"{text}; and {self.more} more" if self.more else text

    @property
    def words(self) -> Sentence:
        """Return them as one sentence that can be said in another language."""
        named = joined(self.named, "; ")
        return sentence("{named}; and {more} more", named=named, more=self.more) if self.more else named

    def and_(self, others: Sequence[str]) -> Blockers:
        """Return these and *others*, cut after the first twenty."""
        both = [*self.named, *others]
        beyond = max(len(both) - MOST_BLOCKERS_NAMED, 0)
        return Blockers(named=both[:MOST_BLOCKERS_NAMED], more=self.more + beyond)


@dataclass(frozen=True, kw_only=True)
class Against:
    """What stands against taking back documents for one kind of reason: how many there are, and why, by their ids."""

    kind: str
    documents: int
    named: Sequence[tuple[int, str]]

    @classmethod
    def of(cls, kind: str, invoices: Sequence[int]) -> Against:
        """Return it for *invoices* that need no sentence each."""
        return cls(kind=kind, documents=len(invoices), named=[(pk, "") for pk in invoices])

    def with_(self, more: Against) -> Against:
        """Return this and *more* of the same kind, of other documents."""
        return Against(
            kind=self.kind, documents=self.documents + more.documents, named=[*self.named, *more.named]
        )


def standing_against(
    run_id: int, *, invoices: Sequence[int] | None, kinds: Sequence[str], most: int | None
) -> list[Against]:
    """Return what of *kinds* stands against taking back a run's documents, or *invoices*: the first *most* of each.

    None for all of them. They come in the order of *kinds*.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    documents = {}
    for kind, pk, why, _blockers, count in _rows(run_id, invoices=invoices, kinds=kinds, most=most):
        found.setdefault(kind, []).append((pk, _read(why)))
        documents[kind] = count
    return [
        Against(kind=kind, documents=documents[kind], named=found[kind]) for kind in kinds if kind in found
    ]


def blockers_of(run_id: int, *, invoices: Sequence[int] | None, kinds: Sequence[str]) -> Blockers:
    """Return what of *kinds* stands against taking back a run's documents, or those of *invoices*."""
    rows = _rows(run_id, invoices=invoices, kinds=kinds, most=MOST_BLOCKERS_NAMED)
    named = [_read(why) for _kind, _id, why, _blockers, _documents in rows[:MOST_BLOCKERS_NAMED]]
    return Blockers(named=named, more=rows[0][3] - len(named) if rows else 0)


def _rows(
    run_id: int, *, invoices: Sequence[int] | None, kinds: Sequence[str], most: int | None
) -> list[tuple[str, int, str, int, int]]:
    """Return kind, document, sentence, how many sentences there are in all, and documents of the kind."""
    with connection.cursor() as cursor:
        cursor.execute(
            (SQL / "taking_back_blockers.sql").read_text(encoding="utf-8"),
            {
                "run": run_id,
                "invoices": None if invoices is None else list(invoices),
                "kinds": list(kinds),
                "most": most,
            },
        )
        rows: list[tuple[str, int, str, int, int]] = cursor.fetchall()
    return rows


def _read(why: str) -> str:
    found = next((found for one in WORDINGS if (found := read_back(why, one))), None)
    if found is None:
        return why
    fields = {name: SENT.get(str(value), value) for name, value in found.fields.items()}
    return Sentence(why, found.template, fields)


def billed_further(spans: pl.DataFrame) -> list[str]:
    """Return which documents hold newer lines of the charges whose spans should go back (2.5)."""
    blocked = spans.drop_nulls("blocked_by").group_by("blocked_by").len().sort("blocked_by")
    names = queries.names_of(blocked.get_column("blocked_by").to_list())
    return [
        sentence(
            "{invoice} holds newer lines of {count} of its charges", invoice=names[invoice_id], count=count
        )
        for invoice_id, count in blocked.iter_rows()
    ]


def check_drafts_may_go(run_id: int, *, invoices: Sequence[int] | None) -> None:
    """Raise `TakenBackTooEarly` unless the drafts are the last credits of their invoices, and no half of a pair."""
    blockers = blockers_of(run_id, invoices=invoices, kinds=FOR_DRAFTS)
    if blockers:
        raise TakenBackTooEarly(blockers=blockers.words)
