"""English that remembers what it was made from, so that a page can say it in another language.

Rules, flows and records speak English. A `Sentence` is that English, as good as any other string for files, programs
and the command line; and it keeps its template and fields, by which a face finds the sentence of another language.
What is stored loses them, and stays English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from string import Formatter
from typing import Any


class Sentence(str):
    """A text made of a *template* and its *fields*; the values of fields may be sentences themselves."""

    template: str
    fields: Mapping[str, object]

    def __new__(cls, text: str, template: str, fields: Mapping[str, object] | None = None) -> Sentence:
        """Return *text*, which is *template* with *fields* filled in."""
        made = super().__new__(cls, text)
        made.template = template
        made.fields = fields or {}
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes with the template and its fields."""
        return Sentence, (str(self), self.template, self.fields)


def sentence(template: str, **fields: object) -> Sentence:
    """Return *template* with *fields* filled in: `sentence("every day at {time}", time="06:00")`."""
    return Sentence(template.format_map(fields), template, fields)


def in_small(label: str) -> Sentence:
    """Return *label* for the middle of a sentence: small in English, as other languages write it in those."""
    text = str(label)
    return Sentence(text.lower(), text)


def joined(parts: Iterable[str], between: str) -> Sentence:
    """Return *parts* in one text with *between* them, each still to be had in another language."""
    named = {f"part_{place}": part for place, part in enumerate(parts)}
    return Sentence(between.join(named.values()), between.join(f"{{{name}}}" for name in named), named)


def wording(template: str) -> str:
    """Return *template*, which the database fills in; named so, it is found for translation."""
    return template


def read_back(text: str, template: str) -> Sentence | None:
    """Return *text* as the sentence that *template* makes, with what its fields held; None where it makes another."""
    found = _pattern(template).fullmatch(text)
    return Sentence(text, template, found.groupdict()) if found else None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Return what matches the sentences made of *template*, with a group for each of its fields."""
    seen: set[str] = set()
    pattern = ""
    for text, name, _format, _conversion in Formatter().parse(template):
        pattern += re.escape(text)
        if name:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.*?)"
            seen.add(name)
    return re.compile(pattern, re.DOTALL)
