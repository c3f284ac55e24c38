"""The documents tell the truth, as far as a program can check it."""

from __future__ import annotations

import re
from pathlib import Path

from counterfoil.commands.main import UNLISTED, VERBS
from tests.architecture.source import ROOT, named, python_files, texts

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
NAMED_WHOLE = re.compile(r"\"COUNTERFOIL_([A-Z_]+)\"")
READ = re.compile(r"\b(?:text|secret|words|switch|whole_number)\(\s*\"([A-Z_]+)\"")


def _pages() -> list[Path]:
    return [path for path in texts() if path.suffix == ".md"]


def test_every_link_leads_somewhere() -> None:
    dead = [
        f"{named(page)} → {target}"
        for page in _pages()
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert dead == []


def test_every_command_is_described() -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    described = set(re.findall(r"`counterfoil ([a-z-]+)", page))
    assert sorted(set(VERBS) - UNLISTED - described) == []
    assert sorted(described - set(VERBS)) == []


def test_every_setting_is_described() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    described = {name.removesuffix("_FILE") for name in re.findall(r"`COUNTERFOIL_([A-Z_]+)`", page)}
    sources = [path.read_text(encoding="utf-8") for path in python_files("src/counterfoil")]
    read = {name for source in sources for name in [*READ.findall(source), *NAMED_WHOLE.findall(source)]}
    assert sorted(read - described) == []
    tests_read = {"TEST_DATABASE_URL"}
    assert sorted(described - read - tests_read) == []


def test_every_make_target_is_listed_and_they_are_at_most_twenty() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    [phony] = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    explained = re.findall(r"^([a-z-]+):.* ## ", makefile, re.MULTILINE)
    assert sorted(phony.split()) == sorted(explained)
    assert len(explained) <= 20
