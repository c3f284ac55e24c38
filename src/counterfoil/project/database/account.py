"""Whom PostgreSQL runs as. It refuses root, so root lends it to a system account that exists already."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from counterfoil.project.database.errors import NoAccount, UserHasNoName

# `postgres` is made by Debian's package; `nobody` exists everywhere. None is ever created.
ACCOUNTS = ("postgres", "nobody")
ROOT = 0


class RunAs(TypedDict, total=False):
    """The arguments of `subprocess` that change who a child is; empty for ourselves."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """The system account the database runs as; `is_lent` when it is not our own."""

    name: str
    uid: int
    gid: int
    is_lent: bool

    def run_as(self) -> RunAs:
        """Return what makes `subprocess` start a child as this account, with none of our groups."""
        if not self.is_lent:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, path: Path) -> bool:
        """Return whether the account may enter the folder, or run the program, *path*. The kernel answers."""
        if not self.is_lent:
            return os.access(path, os.X_OK)
        asked = subprocess.run(["test", "-x", str(path)], check=False, cwd="/", **self.run_as())
        return asked.returncode == 0

    def give(self, path: Path) -> None:
        """Make *path* belong to the account."""
        if self.is_lent:
            os.chown(path, self.uid, self.gid)


def account_for(data: Path) -> Account:
    """Return the account that runs the database with the data folder *data*, which may not exist yet.

    An ordinary user runs it himself. Root runs it as the owner of the data, else as the first of ACCOUNTS.
    Raises NoAccount, UserHasNoName.
    """
    if os.geteuid() != ROOT:
        return _our_own()
    if data.exists() and data.stat().st_uid != ROOT:
        return _named_account(pwd.getpwuid(data.stat().st_uid))
    for name in ACCOUNTS:
        try:
            return _named_account(pwd.getpwnam(name))
        except KeyError:
            continue
    raise NoAccount


def _named_account(entry: pwd.struct_passwd) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, is_lent=True)


def _our_own() -> Account:
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError as error:
        raise UserHasNoName(uid=uid) from error
    return Account(name=name, uid=uid, gid=os.getegid(), is_lent=False)
