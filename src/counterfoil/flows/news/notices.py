"""What a notice is: what there is to know, since when, and whether it is new to whom it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from counterfoil.core.sentences import Sentence, sentence

MOST_COUNTED = 1_000
"""So many of what failed are looked at: more are told as "1,000 or more"."""


class NoticeKind(IntEnum):
    """What a notice can be about; numbers beyond those of work under way, with which it is asked for."""

    RUN_WAITS = 101
    NOT_STARTED = 102
    FAILED = 103
    UNCERTAIN = 104
    BILLINGS_FAILED = 105
    STATEMENTS_FAILED = 106
    EXCEPTIONS = 107
    NOTE_DUE = 108
    PRINTED = 109
    NOT_PRINTED = 110
    FILE_CHECKED = 111
    FILE_REFUSED = 112
    FILE_TAKEN_IN = 113
    FILE_STOPPED = 114


WORDS: dict[NoticeKind, Callable[[str, int], Sentence]] = {
    NoticeKind.RUN_WAITS: lambda name, _count: sentence("{name} waits to be authorised", name=name),
    NoticeKind.NOT_STARTED: lambda name, _count: sentence("{name} was due and did not start", name=name),
    NoticeKind.FAILED: lambda _name, count: (
        sentence("One document could not be delivered")
        if count == 1
        else sentence("{count} documents could not be delivered", count=_told(count))
    ),
    NoticeKind.UNCERTAIN: lambda _name, count: (
        sentence("Of one document nobody knows whether it arrived")
        if count == 1
        else sentence("Of {count} documents nobody knows whether they arrived", count=_told(count))
    ),
    NoticeKind.BILLINGS_FAILED: lambda _name, count: (
        sentence("One consolidated billing was not sent, or may not have been")
        if count == 1
        else sentence("{count} consolidated billings were not sent, or may not have been", count=_told(count))
    ),
    NoticeKind.STATEMENTS_FAILED: lambda _name, count: (
        sentence("One statement was not sent, or may not have been")
        if count == 1
        else sentence("{count} statements were not sent, or may not have been", count=_told(count))
    ),
    NoticeKind.EXCEPTIONS: lambda name, count: (
        sentence("{name}: one exception", name=name)
        if count == 1
        else sentence("{name}: {count} exceptions", name=name, count=_told(count))
    ),
    NoticeKind.NOTE_DUE: lambda name, _count: sentence("To act on: {name}", name=name),
    NoticeKind.PRINTED: lambda name, _count: sentence("{name} is ready to be printed", name=name),
    NoticeKind.NOT_PRINTED: lambda name, _count: sentence("{name} could not be printed", name=name),
    NoticeKind.FILE_CHECKED: lambda name, _count: sentence(
        "{name} is checked and can be imported", name=name
    ),
    NoticeKind.FILE_REFUSED: lambda name, count: (
        sentence("{name}: one error, nothing of it is stored", name=name)
        if count == 1
        else sentence("{name}: {count} errors, nothing of it is stored", name=name, count=f"{count:,}")
    ),
    NoticeKind.FILE_TAKEN_IN: lambda name, _count: sentence("{name} is imported", name=name),
    NoticeKind.FILE_STOPPED: lambda name, _count: sentence("{name} stopped before its end", name=name),
}


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One notice: what, since when, its newest part, how many, and the key of what it is about.

    `is_new`: its newest part came after the person looked last. The key of a kind that counts many is of any of them.
    """

    kind: NoticeKind
    key: int
    since: datetime
    latest: datetime
    count: int
    name: str
    is_new: bool

    @property
    def words(self) -> Sentence:
        """Return what there is to know, without an end."""
        return WORDS[self.kind](self.name, self.count)


def _told(count: int) -> str | Sentence:
    return f"{count:,}" if count < MOST_COUNTED else sentence("{count} or more", count=f"{MOST_COUNTED:,}")
