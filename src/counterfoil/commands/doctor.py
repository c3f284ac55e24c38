"""`counterfoil doctor`: is everything here that the program needs, and does it work?"""

from __future__ import annotations

from dataclasses import asdict

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.project.checkup import Finding, checkup

MARKS = {"ok": "✓", "note": "·", "trouble": "✗"}


def doctor(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """Look at Python, PostgreSQL, the database, the disk, fonts and mail; exit 1 when something must be put right."""
    findings = checkup()
    is_well = all(finding.state != "trouble" for finding in findings)
    document = {"ok": is_well, "checks": [asdict(finding) for finding in findings]}
    answer(document, text="\n".join(_line(finding) for finding in findings), as_json=as_json)
    raise typer.Exit(0 if is_well else 1)


def _line(finding: Finding) -> str:
    remedy = f"\n  → {finding.remedy}" if finding.remedy else ""
    return f"{MARKS[finding.state]} {finding.name}: {finding.message}{remedy}"
