"""How document numbers look and which date may take the next one (billing-rules 7.1, 7.2).

Giving numbers without gap or duplicate is the issuing transaction's work; here are the series a document
belongs to, the pattern its number is written by, and the order of dates within a series.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from counterfoil.core.document import DocumentType
from counterfoil.core.refusals import Refusal, shown
from counterfoil.core.sentences import sentence

LONGEST_PATTERN = 60


class NotANumberPattern(Refusal):
    """{text} is not a number pattern: {reason}. Write, for example, INV-{{year}}-{{seq:06}}."""


class DateBeforeLastIssued(Refusal):
    """{invoice_date} is before {last_issued}, the date of the last document issued in series {series}.
    Date the document {last_issued} or later (Re-date, or counterfoil run redate), or issue it in another series,
    or switch the date order of this one off: Settings, Numbering, or counterfoil numbering set.
    """


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """What a series of numbers belongs to; *year* is None where the series runs on over the years."""

    branch: str
    document_type: DocumentType
    year: int | None

    def __str__(self) -> str:
        """Return the key as a person reads it: "NORTH contract 2026"."""
        return " ".join(str(part) for part in (self.branch, self.document_type, self.year) if part)


@dataclass(frozen=True, slots=True)
class NumberPattern:
    """A checked pattern: fixed text and the placeholders {year}, {branch} and one {seq} or {seq:06}."""

    text: str

    def __post_init__(self) -> None:
        """Refuse a pattern that could not give every document a number of its own."""
        reason = _reason_against(self.text)
        if reason:
            raise NotANumberPattern(text=shown(self.text), reason=reason)

    @property
    def names_year(self) -> bool:
        """Whether the number shows the year; one that restarts each year must."""
        return "{year}" in self.text

    def number(self, *, seq: int, year: int, branch: str) -> str:
        """Return the number of document *seq*, 1 or more. It grows beyond its padding rather than repeat."""
        values = {"year": f"{year:04}", "branch": branch}

        def filled(match: re.Match[str]) -> str:
            if match["name"] == "seq":
                return str(seq).zfill(int(match["width"] or 0))
            return values[match["name"]]

        return _PLACEHOLDER.sub(filled, self.text)

    def around_seq(self, *, year: int, branch: str) -> tuple[str, int, str]:
        """Return the text before the sequence, the digits it is padded to, and the text after it."""
        [place] = [found for found in _PLACEHOLDER.finditer(self.text) if found["name"] == "seq"]
        values = {"year": f"{year:04}", "branch": branch}
        before, after = (
            _PLACEHOLDER.sub(lambda found: values[found["name"]], text)
            for text in (self.text[: place.start()], self.text[place.end() :])
        )
        return before, int(place["width"] or 0), after

    def form(self, *, branch: str) -> str:
        """Return the regular expression that its numbers match, in any year; its group is the sequence."""
        return "^" + "".join(self._form_parts(branch=branch)) + "$"

    def _form_parts(self, *, branch: str) -> Iterator[str]:
        begun = 0
        for match in _PLACEHOLDER.finditer(self.text):
            yield re.escape(self.text[begun : match.start()])
            forms = {"seq": "([0-9]+)", "year": "[0-9]{4}", "branch": re.escape(branch)}
            yield forms[match["name"]]
            begun = match.end()
        yield re.escape(self.text[begun:])


_PLACEHOLDER = re.compile(r"\{(?P<name>year|branch|seq)(?::0(?P<width>[1-9]|1[0-2]))?\}", re.ASCII)


# Branch A1 with number 1 and branch A with number 11 would both read A11.
_BRANCH_MEETS_SEQUENCE = re.compile(
    r"\{branch\}(?:[0-9]|\{year\})*\{seq|\{seq[^}]*\}(?:[0-9]|\{year\})*\{branch\}", re.ASCII
)


def parse_pattern(text: str, *, restarts_each_year: bool) -> NumberPattern:
    """Return the pattern that *text* writes. Raises `NotANumberPattern` with the reason.

    Where the series restarts each year the pattern must show the year, else two documents would share a number.
    """
    pattern = NumberPattern(text)
    if restarts_each_year and not pattern.names_year:
        raise NotANumberPattern(
            text=shown(text), reason=sentence("the series restarts each year, so {{year}} must be in it")
        )
    return pattern


def may_meet(one: NumberPattern, *, branch: str, other: NumberPattern, other_branch: str) -> bool:
    """Return whether two series could ever give the same number (billing-rules 7.1).

    Any year may meet any other that its pattern names. Told from the text before and after the sequence: where
    the one's differs from the other's by digits alone, a longer sequence may fill the difference.
    """
    before, after = _around_sequence(one, branch=branch)
    other_before, other_after = _around_sequence(other, branch=other_branch)
    return _differ_by_digits(before, other_before) and _differ_by_digits(after[::-1], other_after[::-1])


_ANY_DIGIT = "\0"
"""Stands for each digit of a year that is not known."""


def _around_sequence(pattern: NumberPattern, *, branch: str) -> tuple[str, str]:
    filled = pattern.text.replace("{year}", _ANY_DIGIT * 4).replace("{branch}", branch)
    before, _, after = _SEQUENCE.sub("\1", filled).partition("\1")
    return before, after


_SEQUENCE = re.compile(r"\{seq[^}]*\}")


def _differ_by_digits(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    begins_alike = all(
        a == b or (_ANY_DIGIT in (a, b) and _is_digit(a) and _is_digit(b))
        for a, b in zip(shorter, longer, strict=False)
    )
    return begins_alike and all(_is_digit(character) for character in longer[len(shorter) :])


def _is_digit(character: str) -> bool:
    return character == _ANY_DIGIT or character in "0123456789"


def series_key(
    *, branch: str, document_type: DocumentType, invoice_date: date, restarts_each_year: bool
) -> SeriesKey:
    """Return the series a document takes its number from (billing-rules 7.2)."""
    return SeriesKey(branch, document_type, invoice_date.year if restarts_each_year else None)


def check_date_order(
    *, series: SeriesKey, invoice_date: date, last_issued: date | None, in_date_order: bool = True
) -> None:
    """Raise `DateBeforeLastIssued` if *invoice_date* is before the series' last one (billing-rules 7.2).

    The same date is fine, and so is a series' first document. A series may switch the order off.
    """
    if in_date_order and last_issued is not None and invoice_date < last_issued:
        raise DateBeforeLastIssued(invoice_date=invoice_date, last_issued=last_issued, series=series)


def _reason_against(text: str) -> str | None:
    fixed = _PLACEHOLDER.sub("", text)
    matches = list(_PLACEHOLDER.finditer(text))
    sequences = [match for match in matches if match["name"] == "seq"]
    if len(text) > LONGEST_PATTERN:
        return sentence("it is longer than {longest_pattern} characters", longest_pattern=LONGEST_PATTERN)
    if "{" in fixed or "}" in fixed or any(match["width"] for match in matches if match["name"] != "seq"):
        return sentence("only {{year}}, {{branch}}, {{seq}} and {{seq:06}} may stand in braces")
    if len(sequences) != 1:
        return sentence("the sequence, {{seq}}, must stand in it exactly once")
    if _BRANCH_MEETS_SEQUENCE.search(text):
        return sentence("a character that is no digit must stand between {{branch}} and {{seq}}")
    if not text.isprintable() or text != text.strip():
        return sentence("it has a blank at an end, or a character that cannot be printed")
    return None
