"""Every connector by its name, and the one place where they are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from counterfoil.connectors.csv_files.connector import CsvConnector
from counterfoil.connectors.csv_files.settings import csv_settings
from counterfoil.connectors.port import Connector
from counterfoil.core.refusals import Refusal, shown

Settings = Mapping[str, str]


class UnknownConnector(Refusal):
    """There is no connector called {name}. Choose one of: {names}."""


def _csv(settings: Settings) -> Connector:
    return CsvConnector(settings=csv_settings(settings))


CONNECTORS: Mapping[str, Callable[[Settings], Connector]] = {
    "csv": _csv,
}


def connect(name: str, *, settings: Settings) -> Connector:
    """Return the connector called *name*, ready to use; close it afterwards, or use it in a `with`.

    Every setting is a text. Raises `UnknownConnector`, and what the connector says of settings it cannot use.
    """
    if name not in CONNECTORS:
        raise UnknownConnector(name=shown(name), names=", ".join(sorted(CONNECTORS)))
    return CONNECTORS[name](settings)
