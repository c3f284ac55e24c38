"""STYLE.md, as far as a program can read it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.architecture.source import PACKAGE, named, python_files, texts

LONGEST_FUNCTION = 60
LONGEST_FILE = 450
EMPTY_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "base",
    "service",
    "services",
    "manager",
    "misc",
}
WITHOUT_FLOATS = [f"src/counterfoil/{folder}" for folder in ("core", "engine", "records", "flows")]
FLOAT_TYPES = {"Float32", "Float64", "float32", "float64", "FloatField"}
# Written in two parts, so that this file does not find itself.
LEFT_OPEN = re.compile("TO" + r"DO\b|FIX" + r"ME\b|HA" + r"CK\b")
SET_ASIDE = re.compile(r"pytest\.(mark\.)?(sk" + r"ip|xf" + r"ail|importorsk" + r"ip)|unittest\.mo" + r"ck")
PLACES = re.compile(
    "|".join(
        ["pypi" + r"\.org", "pythonhosted" + r"\.org", "registry" + r"\.npmjs", "/wo" + "rk/", "/ro" + "ot/"]
    )
    + "|/ho"
    + r"me/[a-z]+/"
)


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_a_function_fits_a_screen() -> None:
    too_long = [
        f"{named(path, function.lineno)} {function.name}: {function.end_lineno - function.lineno + 1} lines"
        for path in python_files("src", "tests", "benchmarks")
        for function in _functions(path)
        if function.end_lineno is not None and function.end_lineno - function.lineno >= LONGEST_FUNCTION
    ]
    assert too_long == []


def test_a_file_is_one_thing() -> None:
    lengths = {
        path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files("src", "tests")
    }
    assert [f"{named(path)}: {lines}" for path, lines in lengths.items() if lines > LONGEST_FILE] == []


def test_no_file_has_an_empty_name() -> None:
    assert [named(path) for path in python_files("src", "tests") if path.stem in EMPTY_NAMES] == []


def _floats(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        is_type = isinstance(node, ast.Name) and node.id == "float"
        is_column = isinstance(node, ast.Attribute) and node.attr in FLOAT_TYPES
        if is_literal or is_type or is_column:
            found.append(f"{named(path, node.lineno)} {ast.unparse(node)}")
    return found


def test_no_float_comes_near_money() -> None:
    assert [place for path in python_files(*WITHOUT_FLOATS) for place in _floats(path)] == []


def test_no_sql_uses_floating_point() -> None:
    floating = re.compile(r"\b(float[48]?|real|double\s+precision)\b", re.IGNORECASE)
    queries = [path for path in texts() if path.suffix == ".sql"]
    assert [named(path) for path in queries if floating.search(path.read_text(encoding="utf-8"))] == []


def _lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{named(path, number)} {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_nothing_is_left_for_later() -> None:
    assert _lines_with(LEFT_OPEN, texts()) == []


def test_no_test_is_set_aside_and_none_pretends() -> None:
    assert _lines_with(SET_ASIDE, python_files("tests")) == []


def test_no_machine_and_no_registry_is_named() -> None:
    assert _lines_with(PLACES, texts()) == []


def test_every_folder_says_what_it_is() -> None:
    packages = {path.parent for path in python_files("src/counterfoil")}
    silent = [
        named(folder)
        for folder in sorted(packages)
        if not (folder / "__init__.py").exists()
        or not ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_every_file_says_what_it_is() -> None:
    files = [path for path in python_files("src/counterfoil") if path.name not in {"__init__.py", "apps.py"}]
    assert [
        named(path) for path in files if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ] == []


def test_transactions_open_in_flows_only() -> None:
    outside = [
        path for path in python_files("src/counterfoil") if path.relative_to(PACKAGE).parts[0] != "flows"
    ]
    assert _lines_with(re.compile(r"\batomic\("), outside) == []


def test_nothing_happens_by_signal() -> None:
    assert _lines_with(re.compile(r"models\.signals|@receiver\b"), python_files("src/counterfoil")) == []
