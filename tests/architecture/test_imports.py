"""Imports point down, as the map in ARCHITECTURE.md says."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT


def test_every_import_contract_is_kept() -> None:
    checked = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert checked.returncode == 0, checked.stdout
    assert " 0 broken." in checked.stdout
