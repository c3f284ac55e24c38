"""What Python says to people on pages in plain strings, outside of the calls that translate."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

TRANSLATING = {
    "_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy",
}  # fmt: skip
AT_ONCE = {"gettext", "ngettext", "pgettext"}
# Arguments and keys of dictionaries whose value a person reads.
SAID = {
    "action", "empty_label", "explanation", "help_text", "label", "lasting", "new_label", "null_label", "remove_label",
    "search_hint", "sentence", "stage", "title", "told", "unit", "unknown", "verb",
}  # fmt: skip
# Calls that show one of their arguments, and which.
SHOWING = {
    "State": 0, "Tab": 0, "ValidationError": 0, "add_error": 1,
    "success": 1, "warning": 1, "error": 1, "info": 1,
}  # fmt: skip
# Calls whose arguments are paths to what is shown.
NAMING = {"suggestions"}
# Dictionaries in a form's Meta: what its fields are called, and what helps to fill them in.
TABLES = {"help_texts", "labels"}
SAME_EVERYWHERE = {"BIC", "CSV", "IBAN", "PDF"}
_WORD = re.compile(r"[^\W\d_]{2,}")


def untranslated(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the words of every text of *source* that people read and nobody can translate."""
    for node in ast.walk(ast.parse(source)):
        for value in _shown_by(node):
            yield from _plain(value)


def at_import(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the call of every text that is translated once, when its module is read."""
    yield from _at_import(ast.parse(source))


def not_literal(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the argument of every call that translates what is not written there."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in TRANSLATING and node.args:
            first = node.args[0]
            if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
                yield node.lineno, ast.unparse(first)


def _shown_by(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call) and _name(node.func) not in NAMING:
        yield from (keyword.value for keyword in node.keywords if keyword.arg in SAID)
        place = SHOWING.get(_name(node.func))
        if place is not None and len(node.args) > place:
            yield node.args[place]
    elif isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        yield from (value for key, value in pairs if isinstance(key, ast.Constant) and key.value in SAID)
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and _is_table(node):
        yield from node.value.values


def _is_table(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id in TABLES for target in node.targets)


def _plain(value: ast.expr) -> Iterator[tuple[int, str]]:
    """Yield the strings that *value* may be, whichever way it is chosen or put together."""
    match value:
        case ast.Constant(value=str(text)) if _says_something(text):
            yield value.lineno, text
        case ast.JoinedStr(values=parts):
            said = "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
            if _says_something(said):
                yield value.lineno, ast.unparse(value)
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            yield from _plain(one)
            yield from _plain(other)
        case ast.BoolOp(values=values) | ast.Tuple(elts=values):
            for one in values:
                yield from _plain(one)


def _at_import(node: ast.AST) -> Iterator[tuple[int, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.Call) and _name(child.func) in AT_ONCE:
            yield child.lineno, ast.unparse(child)
        yield from _at_import(child)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _says_something(text: str) -> bool:
    return any(word not in SAME_EVERYWHERE for word in _WORD.findall(text))
