"""What every benchmark begins with: its command line, and an installation in a temporary folder."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

Measure = Callable[..., dict[str, Any]]
"""Called with `charges`, and `folder` for files; returns the figures by name, times in seconds."""


def run_benchmark(measure: Measure, *, description: str | None, charges: int = 1_000_000) -> None:
    """Measure as the command line asks, in an installation of its own, and print the figures."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--charges", type=int, default=charges)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="counterfoil-bench-") as folder:
        Path(folder).chmod(0o711)
        os.environ["COUNTERFOIL_HOME"] = folder
        from counterfoil.commands.session import with_database

        with with_database(migrates=True):
            figures = measure(charges=asked.charges, folder=Path(folder))
    if asked.json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:>14}  {figure}")
