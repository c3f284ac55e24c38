"""Bring the catalogues of translations up to the source: `make messages`.

Every text that a page shows is found in the templates and in Python, and put into `locale/<language>/`: the texts of
templates into `templates.po`, those that only Python has into `python.po`. A translation that was there is kept, a
new text waits with an empty one, and what nobody uses any more is dropped. Needs no gettext programs. The catalogues
are compiled when the program starts (`project/languages.py`).
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import templatize

from counterfoil.core.findings import CATALOGUE

PACKAGE = Path(__file__).resolve().parents[1]
LOCALE = PACKAGE / "web" / "locale"
LANGUAGES = ("de",)
# What speaks to programs and to the command line speaks English.
WITHOUT_PAGES = {"api", "commands", "migrations"}
FILES = ("templates", "python")
OTHERS = {"templates": "python", "python": "templates"}

# What marks a text, as xgettext tells it: the places of the text, its plural and its context ("c").
KEYWORDS: dict[str, tuple[object, ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
    # What rules and flows say in English and pages in other languages.
    "sentence": (1,),
    "wording": (1,),
    # What the rows of a list are called.
    "Noun": (1, 2),
}
TRANSLATORS = ("Translators:",)
REFUSAL = "Refusal"
# `{{ number|counted:"invoice,invoices" }}`
_COUNTED = re.compile(r'\|counted:"([^",]+),([^",]+)"')

# Without the day it was made: two people who look for texts get the same file.
HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals={count}; plural={rule};\\n"

"""


@dataclass(frozen=True, slots=True)
class Found:
    """A text in the source: what it says for one and (if it counts) for many, in which context, and where."""

    place: str
    text: str
    many: str = ""
    context: str = ""
    hint: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What a catalogue knows a text by."""
        return self.context, self.text


def found_in_templates() -> Iterator[Found]:
    """Yield the texts of every template of ours."""
    for path in sorted((PACKAGE / "web").glob("*/templates/**/*.html")):
        source = path.read_text(encoding="utf-8")
        # Words between the tags become XXX, indented as they were; Python's tokens want no indentation.
        lines = [line.strip() for line in templatize(source, origin=str(path)).splitlines()]
        yield from _marked("\n".join(lines).encode(), place=_place(path))
        for one, many in _COUNTED.findall(source):
            yield Found(_place(path), one, many=many)


def found_in_python() -> Iterator[Found]:
    """Yield the texts that Python marks, the sentences of findings, and the docstrings that are a refusal's message."""
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if not WITHOUT_PAGES & set(path.parts)]
    for path in paths:
        yield from _marked(path.read_bytes(), place=_place(path))
    for kind in CATALOGUE.values():
        yield Found("core/findings.py", kind.sentence)
        yield Found("core/findings.py", kind.remedy)
    yield from _refusals(paths)


def _marked(source: bytes, *, place: str) -> Iterator[Found]:
    found = extract_python(BytesIO(source), KEYWORDS, TRANSLATORS, {"encoding": "utf-8"})
    for _, function, texts, comments in found:
        hint = " ".join(comments).removeprefix("Translators:").strip()
        strings = [text for text in (texts if isinstance(texts, tuple) else (texts,)) if text]
        context = strings.pop(0) if "pgettext" in str(function) else ""
        if strings:
            counts = function == "Noun" or "ngettext" in str(function) or "npgettext" in str(function)
            many = strings[1] if counts else ""
            yield Found(place, strings[0], many=many, context=context, hint=hint)


def _refusals(paths: list[Path]) -> Iterator[Found]:
    classes = [
        (path, node)
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    names, before = {REFUSAL}, 0
    while len(names) > before:
        before = len(names)
        names |= {node.name for _, node in classes if names & {_base(base) for base in node.bases}}
    for path, node in classes:
        if node.name in names and (text := ast.get_docstring(node)):
            yield Found(_place(path), " ".join(text.split()))


def _base(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def wanted() -> dict[str, list[Found]]:
    """Return the texts each file has to hold: one that a template and Python both have is the templates'."""
    templates, python = list(found_in_templates()), list(found_in_python())
    theirs = {found.key for found in templates}
    return {
        "templates": [*templates, *(found for found in python if found.key in theirs)],
        "python": [found for found in python if found.key not in theirs],
    }


def stored(language: str) -> dict[str, Catalog]:
    """Return the catalogues of *language* as they are, empty ones where there are none yet."""
    paths = {name: LOCALE / language / f"{name}.po" for name in FILES}
    return {
        name: read_po(BytesIO(path.read_bytes()), locale=language) if path.exists() else Catalog(language)
        for name, path in paths.items()
    }


def brought_up(texts: list[Found], *, known: list[Catalog], language: str) -> Catalog:
    """Return a catalogue of *texts*, in the order of their places, with the translations of those that are *known*."""
    catalog = Catalog(language)
    together: dict[tuple[str, str], list[Found]] = {}
    for found in sorted(texts, key=lambda found: (found.place, found.text, found.context)):
        together.setdefault(found.key, []).append(found)
    for (context, text), places in together.items():
        many = next((found.many for found in places if found.many), "")
        hints = {found.hint: None for found in places if found.hint}
        catalog.add(
            (text, many) if many else text,
            _translation(places[0], known=known, forms=catalog.num_plurals if many else 0),
            locations=sorted({(found.place, 0) for found in places}),
            auto_comments=list(hints),
            context=context or None,
        )
    return catalog


def _translation(found: Found, *, known: list[Catalog], forms: int) -> str | tuple[str, ...]:
    """Return what *known* has for *found*: a string, or with *forms* one for each, empty where there is nothing."""
    for catalog in known:
        message = catalog.get(found.text, found.context or None)
        if message and message.string and isinstance(message.string, str) == (not forms):
            return message.string  # type: ignore[no-any-return]
    return ("",) * forms if forms else ""


def written(catalog: Catalog) -> bytes:
    """Return *catalog* as a file, without line numbers, which move."""
    target = BytesIO()
    write_po(target, catalog, omit_header=True, include_lineno=False, width=0)
    header = HEADER.format(
        language=catalog.locale_identifier, count=catalog.num_plurals, rule=catalog.plural_expr
    )
    return header.encode() + target.getvalue().strip() + b"\n"


def main() -> int:
    """Write every language's catalogues anew, and say what waits for a translation."""
    texts = wanted()
    for language in LANGUAGES:
        before = stored(language)
        folder = LOCALE / language
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            known = [before[name], before[OTHERS[name]]]
            catalog = brought_up(texts[name], known=known, language=language)
            (folder / f"{name}.po").write_bytes(written(catalog))
            missing = [message for message in catalog if message.id and not is_translated(message)]
            print(f"{language}/{name}.po: {len(catalog)} texts, {len(missing)} without a translation")
    return 0


def is_translated(message: Message) -> bool:
    """Tell whether *message* has all its forms in the other language."""
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(forms)


if __name__ == "__main__":
    settings.configure(USE_I18N=False)
    sys.exit(main())
