"""How CSV files are written: where, and in which dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from counterfoil.core.refusals import Refusal, shown

DELIMITERS = (",", ";", "|", "\t")
DECIMAL_MARKS = (".", ",")
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "iso-8859-1", "iso-8859-15")


class UnusableCsvSetting(Refusal):
    """The CSV connector cannot use {name} = {value}. {remedy}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How cells become text. `utf-8-sig` marks the file as UTF-8 for spreadsheet programs."""

    delimiter: str = ","
    decimal_mark: str = "."
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        """Refuse what would make files nobody can read back."""
        _one_of(DELIMITERS, name="delimiter", value=self.delimiter)
        _one_of(DECIMAL_MARKS, name="decimal_mark", value=self.decimal_mark)
        _one_of(ENCODINGS, name="encoding", value=self.encoding)
        if self.delimiter == self.decimal_mark:
            remedy = "It is the delimiter too; choose another one for either."
            raise UnusableCsvSetting(name="decimal_mark", value=shown(self.decimal_mark), remedy=remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvSettings:
    """The folder one hand-over goes to, made when missing, and the dialect of its files."""

    folder: Path
    dialect: Dialect = field(default_factory=Dialect)


def csv_settings(settings: Mapping[str, str]) -> CsvSettings:
    """Return the settings in *settings*: `folder`, and optionally `delimiter`, `decimal_mark` and `encoding`.

    Raises `UnusableCsvSetting`.
    """
    given = dict(settings)
    folder = given.pop("folder", "")
    if not folder:
        raise UnusableCsvSetting(name="folder", value=shown(folder), remedy="Name the folder to write to.")
    known = [one.name for one in fields(Dialect)]
    for name, value in given.items():
        if name not in known:
            remedy = f"It has folder, {', '.join(known)} and no other setting."
            raise UnusableCsvSetting(name=shown(name), value=shown(value), remedy=remedy)
    return CsvSettings(folder=Path(folder), dialect=Dialect(**given))


def _one_of(choices: tuple[str, ...], *, name: str, value: str) -> None:
    if value not in choices:
        remedy = f"Choose one of: {' '.join(map(repr, choices))}."
        raise UnusableCsvSetting(name=name, value=shown(value), remedy=remedy)
