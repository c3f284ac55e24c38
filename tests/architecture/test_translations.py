"""Every text of the pages can be translated, and German has all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message

from counterfoil.web import translating
from tests.architecture import python_texts
from tests.architecture.pages_texts import untranslated
from tests.architecture.source import PACKAGE, named

# What translates texts that are marked elsewhere: in tables, by docstrings, in records.
TRANSLATING_OTHERS = {
    "web/lists/listing.py",
    "web/naming.py",
    "web/people/forms.py",
    "web/saying.py",
    "web/templatetags/counterfoil.py",
}

WANTED = translating.wanted()
STORED = {language: translating.stored(language) for language in translating.LANGUAGES}
PERCENT_FIELD = re.compile(r"%\((\w+)\)[sd]")


def _templates() -> Iterator[Path]:
    yield from sorted((PACKAGE / "web").glob("*/templates/**/*.html"))


def _messages() -> Iterator[tuple[str, Message]]:
    for language, catalogs in STORED.items():
        for name, catalog in catalogs.items():
            yield from ((f"{language}/{name}.po", message) for message in catalog if message.id)


def _texts(message: Message) -> tuple[list[str], list[str]]:
    """Return the forms of *message* in English and in the other language."""
    english = list(message.id) if isinstance(message.id, tuple | list) else [message.id]
    others = list(message.string) if isinstance(message.string, tuple | list) else [message.string]
    return english, others


def test_every_text_of_a_template_can_be_translated() -> None:
    found = [
        f"{named(path, line)} {words}"
        for path in _templates()
        for line, words in untranslated(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_template_compares_a_word_that_is_another_one_in_german() -> None:
    compared = re.compile(r'{% (?:el)?if [^%]*[=!]= "[A-Z][a-z]')
    found = [named(path, 1) for path in _templates() if compared.search(path.read_text(encoding="utf-8"))]
    assert found == [], "compare the code behind the word"


def _found_in_python(find: Callable[[str], Iterator[tuple[int, str]]]) -> list[str]:
    return [
        f"{named(path, line)} {words}"
        for path in sorted((PACKAGE / "web").rglob("*.py"))
        for line, words in find(path.read_text(encoding="utf-8"))
    ]


def test_every_text_that_a_page_is_given_by_python_can_be_translated() -> None:
    assert _found_in_python(python_texts.untranslated) == []


def test_no_text_is_translated_before_there_is_anybody_to_read_it() -> None:
    assert _found_in_python(python_texts.at_import) == [], "mark it with gettext_lazy"


def test_what_is_translated_is_written_where_it_is_translated() -> None:
    found = _found_in_python(python_texts.not_literal)
    assert [one for one in found if not any(name in one for name in TRANSLATING_OTHERS)] == []


def test_the_plain_strings_of_python_are_told_from_the_translated_ones() -> None:
    source = 'Tab(gettext("Runs"), "?tab=runs"); Tab("Runs", ""); f(title=f"Run {key}", label=x or "Name", verb="–")'
    assert [words for _, words in python_texts.untranslated(source)] == ["Runs", "f'Run {key}'", "Name"]


@pytest.mark.parametrize("language", translating.LANGUAGES)
@pytest.mark.parametrize("name", translating.FILES)
def test_a_catalogue_has_the_texts_of_the_source_and_no_others(language: str, name: str) -> None:
    catalog = STORED[language][name]
    known = {(message.context or "", _texts(message)[0][0]) for message in catalog if message.id}
    texts = {found.key for found in WANTED[name]}
    assert sorted(texts - known) == [], "run `make messages`"
    assert sorted(known - texts) == [], "run `make messages`"


def test_every_text_has_its_translation() -> None:
    missing = [
        f"{file} {_texts(message)[0][0]}"
        for file, message in _messages()
        if not translating.is_translated(message)
    ]
    assert missing == []


def test_nothing_is_fuzzy_and_nothing_is_kept_that_nobody_uses() -> None:
    catalogs = [catalog for by_name in STORED.values() for catalog in by_name.values()]
    assert [message.id for catalog in catalogs for message in catalog if message.id and message.fuzzy] == []
    assert [key for catalog in catalogs for key in catalog.obsolete] == []


def test_a_translation_fills_in_what_its_text_does() -> None:
    wrong = []
    for file, message in _messages():
        english, others = _texts(message)
        if not translating.is_translated(message):
            continue
        always = set.intersection(*map(_fields, english))
        ever = set.union(*map(_fields, english))
        if not all(always <= _fields(form) <= ever for form in others):
            wrong.append(f"{file} {english[0]}")
    assert wrong == []


def test_a_translation_keeps_the_marks_that_pages_need() -> None:
    """Texts stand in attributes, too: a straight quote or a tag of their own would break out of them."""
    marks = re.compile(r"[\"<>]")
    wrong = []
    for file, message in _messages():
        english, others = _texts(message)
        allowed = set(marks.findall("".join(english)))
        if any(set(marks.findall(form)) - allowed for form in others):
            wrong.append(f"{file} {english[0]}")
    assert wrong == []


def _fields(text: str) -> set[str]:
    """Return the names that *text* has filled in: %(name)s or {name}."""
    percents = {f"%{name}" for name in PERCENT_FIELD.findall(text)}
    if "{" not in text:
        return percents
    return percents | {name for _, name, _, _ in Formatter().parse(text) if name}


def test_a_catalogue_is_as_it_would_be_written() -> None:
    for language, catalogs in STORED.items():
        for name, catalog in catalogs.items():
            known = [catalog, Catalog(language)]
            fresh = translating.brought_up(WANTED[name], known=known, language=language)
            path = translating.LOCALE / language / f"{name}.po"
            assert path.read_bytes() == translating.written(fresh), f"run `make messages`: {named(path)}"
