"""What a template says in plain sight, outside of `translate` and `blocktranslate`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

# Tags whose quoted arguments are names and not texts.
NAMES_ONLY = {
    "block", "comment", "elif", "extends", "for", "get_providers", "if", "include", "load", "now", "provider_login_url",
    "slot", "static", "url",
}  # fmt: skip
# Arguments of our own tags that are names: of an icon, of a chart, of a colour.
NAMING = re.compile(
    r"\b(?:icon|drawn|look|name|address|type|tags|for|href|form|id|next|unit_code)=\"[^\"]*\""
)
NAME_AFTER = re.compile(r"^(?:icon|element|setvar)\b")
# Filters whose quoted argument is no text.
CODES = re.compile(
    r"\|(?:may|date|time|stringformat|urlencode|counted|slice|cut|add|join):\"[^\"]*\"|\"[^\"]*\"\|add:"
)
MARKED = re.compile(r"_\((?:\"[^\"]*\"|'[^']*')\)")
QUOTED = re.compile(r"\"([^\"]*)\"|'([^']*)'")

ATTRIBUTES = {
    "alt",
    "aria-description",
    "aria-label",
    "content",
    "hx-confirm",
    "label",
    "placeholder",
    "title",
}
MACHINES = {"script", "style", "kbd", "code", "svg", "meta"}
# Names that are the same in every language.
SAME_EVERYWHERE = {"Counterfoil", "CSV", "Excel", "PDF", "API", "URL", "ID"}
CODE_WORDS = {"auto", "bad", "busy", "good", "quiet", "warning"}

_COMMENTS = re.compile(
    r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|\{% blocktrans(?:late)?\b.*?\{% endblocktrans(?:late)? %\}",
    re.DOTALL,
)
_TAG = re.compile(r"\{%\s*(.*?)\s*%\}|\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{2,}")
# Stands for what a tag or a variable puts there.
FILLED = "\x1a"


def untranslated(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the words of every text of the template *source* that nobody can translate."""
    source = _COMMENTS.sub(_blank, source)
    for found in _TAG.finditer(source):
        for words in _said_by_tag(found[1] or "", found[2] or ""):
            yield source.count("\n", 0, found.start()) + 1, words
    reader = _Reader()
    # An element whose name a tag puts there is an element, too.
    reader.feed(_TAG.sub(_blank, source).replace(f"<{FILLED}", "<x").replace(f"</{FILLED}", "</x"))
    reader.close()
    yield from reader.found


def _blank(found: re.Match[str]) -> str:
    return FILLED + "\n" * found[0].count("\n")


def _said_by_tag(tag: str, variable: str) -> Iterator[str]:
    name = tag.split(maxsplit=1)[0] if tag else ""
    if name in {"translate", "trans", "blocktranslate", "endblocktranslate", "plural"} or NAME_AFTER.match(
        tag
    ):
        return
    rest = MARKED.sub("", CODES.sub("", NAMING.sub("", tag or variable)))
    if name in NAMES_ONLY:
        rest = " ".join(re.findall(r"\w+=\"[^\"]*\"", rest)) if name == "include" else ""
    for one, other in QUOTED.findall(rest):
        if _says_something(one or other) and (one or other) not in CODE_WORDS:
            yield one or other


def _says_something(words: str) -> bool:
    return any(word not in SAME_EVERYWHERE for word in _WORD.findall(words))


class _Reader(HTMLParser):
    """Reads what is left when Django's own are taken out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        is_button = tag == "input" and facts.get("type") in {"submit", "button", "reset"}
        named = ATTRIBUTES | ({"value"} if is_button else set())
        for name, value in attrs:
            if name in named and tag != "meta" and _says_something(value or ""):
                self.found.append((self.getpos()[0], f"{name}: {value}"))
        if tag in MACHINES:
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._within and _says_something(data):
            self.found.append((self.getpos()[0], " ".join(data.replace(FILLED, "…").split())))
