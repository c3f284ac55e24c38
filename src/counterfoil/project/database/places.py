"""Where the embedded database's files are. What a lent account cannot reach is kept where it can."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from pathlib import Path

from counterfoil.project.database.account import Account
from counterfoil.project.database.binaries import WHEEL, Binaries
from counterfoil.project.database.errors import CannotReach

# Only root comes here, and only for an installation in a folder like /root, closed to every other account.
OPEN_FOLDER = Path("/var/lib/counterfoil")


def users_lock(home: Path) -> Path:
    """Return the lock that every process using the database shares, and that its keeper waits to own."""
    return home / "database-users.lock"


def start_lock(home: Path) -> Path:
    """Return the lock that a process owns while it looks whether the database runs, and starts it."""
    return home / "database-start.lock"


def keeper_lock(home: Path) -> Path:
    """Return the lock that the keeper owns as long as it lives; the file holds its process id."""
    return home / "database-keeper.lock"


def log_file(home: Path) -> Path:
    """Return where the keeper and PostgreSQL write what happens to them."""
    return home / "database.log"


def data_folder(home: Path) -> Path:
    """Return PostgreSQL's data directory."""
    return home / "postgres" / "data"


def own_settings(home: Path) -> Path:
    """Return the file in which an operator may set PostgreSQL's own settings; they win over ours."""
    return home / "postgresql.conf"


def make_folder(home: Path, *, account: Account) -> Path:
    """Return the folder of the database's files, `postgres` in the installation's, made when missing.

    When a lent account cannot enter the installation's folder, `postgres` is a symbolic link to a folder
    of the same purpose below OPEN_FOLDER. Raises CannotReach when a folder made before is out of its reach.
    """
    folder = home / "postgres"
    if not folder.exists():
        if not account.can_enter(home):
            # A name of its own each time: data that a removed installation left is never taken for this one's.
            elsewhere = OPEN_FOLDER / secrets.token_hex(8)
            elsewhere.mkdir(mode=0o700, parents=True)
            OPEN_FOLDER.chmod(0o711)
            folder.symlink_to(elsewhere)
        folder.mkdir(mode=0o700, exist_ok=True)
    folder = folder.resolve()
    account.give(folder)
    if not account.can_enter(folder):
        raise CannotReach(account=account.name, folder=folder)
    return folder


def reachable(binaries: Binaries, *, account: Account) -> Binaries:
    """Return *binaries*, or a copy below OPEN_FOLDER when a lent account cannot run them where they are."""
    if account.can_enter(binaries.bindir / "postgres"):
        return binaries
    tree = binaries.bindir.parent
    libraries: list[Path] = []
    if tree.parent.name == WHEEL:
        tree, libraries = tree.parent, [tree.parent.with_name(f"{WHEEL}.libs")]
    copy = OPEN_FOLDER / f"postgresql-{binaries.major}-{_key(binaries.bindir / 'postgres')}"
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        for source in [tree, *libraries]:
            shutil.copytree(source, draft / source.name, symlinks=True)
        OPEN_FOLDER.chmod(0o711)
        draft.chmod(0o755)
        draft.rename(copy)
    bindir = copy / binaries.bindir.relative_to(tree.parent)
    if not account.can_enter(bindir / "postgres"):
        raise CannotReach(account=account.name, folder=bindir)
    return Binaries(bindir=bindir, major=binaries.major)


def _key(program: Path) -> str:
    """Return a short name for a program as it is now: another path or another time of change, another name."""
    return hashlib.sha256(f"{program}:{program.stat().st_mtime_ns}".encode()).hexdigest()[:12]
