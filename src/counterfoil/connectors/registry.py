"""Which connectors there are, by name."""

from __future__ import annotations

from pathlib import Path

from counterfoil.connectors.csv_files.connector import CsvFiles
from counterfoil.connectors.port import Connector
from counterfoil.core.refusals import Refusal

CONNECTORS = {"csv": CsvFiles}


class NoSuchConnector(Refusal):
    """There is no connector {name}. Choose one of: {known}."""


def connector(name: str, *, folder: Path) -> Connector:
    """Return the connector *name* for one run; those that write files write them into *folder*.

    Raises `NoSuchConnector`.
    """
    if name not in CONNECTORS:
        raise NoSuchConnector(name=name, known=", ".join(sorted(CONNECTORS)))
    return CONNECTORS[name](folder=folder)
