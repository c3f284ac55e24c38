"""What rules, flows and records say in English, in the language of the page.

A `Refusal` knows its template (its docstring) and its fields, a `Sentence` too, and a stored exception has the fields
that can be read off its sentence. What has none of them is said as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache

from django.utils.translation import get_language, gettext

from counterfoil.core.findings import CATALOGUE, FindingCode
from counterfoil.core.periods import DateRange
from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import Sentence, read_back
from counterfoil.web.display import current_locale, date_text, period_text

ENGLISH = "en"


def said(words: object) -> str:
    """Return *words*, a refusal, a sentence or any other text, as the person's language says them."""
    if is_english():
        return str(words)
    if isinstance(words, Refusal):
        return _filled(" ".join((type(words).__doc__ or "").split()), words.fields)
    if isinstance(words, Sentence):
        return _filled(words.template, words.fields)
    return str(words)


def said_again(stored: str) -> str:
    """Return what was *stored* in English as the person's language says it, where a refusal or a finding says so."""
    return stored if is_english() or not stored else _again(stored, get_language(), str(current_locale()))


def message_of(code: str, stored: str) -> str:
    """Return what happened, of an exception that is *stored* in English."""
    return _read_off(code, stored, is_remedy=False)


def remedy_of(code: str, stored: str) -> str:
    """Return what to do about an exception, of which *stored* says so in English."""
    return _read_off(code, stored, is_remedy=True)


@lru_cache(maxsize=4_096)
def _again(stored: str, _language: str | None, _locale: str) -> str:
    for template in _templates():
        found = read_back(stored, template)
        if found is not None:
            return _told(found)
    return stored


@cache
def _templates() -> tuple[str, ...]:
    """Return the sentences of findings, and of all refusals that say something of their own."""
    kinds, waiting = [], [Refusal]
    while waiting:
        kinds.append(waiting.pop())
        waiting += kinds[-1].__subclasses__()
    told = [" ".join((kind.__doc__ or "").split()) for kind in kinds]
    told += [text for kind in CATALOGUE.values() for text in (kind.sentence, kind.remedy)]
    return tuple(text for text in told if not text.startswith("{") or " " in text)


def is_english() -> bool:
    """Return whether the page speaks English, which everything is written in."""
    return (get_language() or ENGLISH).partition("-")[0] == ENGLISH


def _filled(template: str, fields: Mapping[str, object]) -> str:
    """Return *template* in the person's language, with its *fields* as they are said there."""
    translated = gettext(template) if template else ""
    return translated.format_map({name: _field(value) for name, value in fields.items()})


def _field(value: object) -> str:
    match value:
        case Refusal() | Sentence():
            return said(value)
        case date():
            return date_text(value, locale=current_locale())
        case DateRange():
            return period_text(value.start, value.end, locale=current_locale())
        case _:
            return str(value)


def _read_off(code: str, stored: str, *, is_remedy: bool) -> str:
    """Return a stored sentence of a finding anew: what its template's fields held is read off it."""
    if code not in FindingCode.__members__.values():
        return stored
    kind = CATALOGUE[FindingCode(code)]
    found = read_back(stored, kind.remedy if is_remedy else kind.sentence)
    return stored if found is None else _told(found)


def _told(found: Sentence) -> str:
    """Return a sentence that was read back, its days as the person writes them."""
    return _filled(found.template, {name: _as_written(value) for name, value in found.fields.items()})


def _as_written(value: object) -> object:
    """Return a field that was read off a sentence: a day as a day, which is said as the person writes days."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return value
