"""What a command needs around it: the database running, and Django ready."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.speaking import operator, speaker
from counterfoil.project.database.address import external_url
from counterfoil.project.database.sharing import database_running
from counterfoil.project.home import home
from counterfoil.project.loading import load_django


class DatabaseIsOld(CommandFailed):
    """The database at COUNTERFOIL_DATABASE_URL has not seen {count} changes of this version. Make a backup, then
    run `counterfoil upgrade`, which applies them.
    """


@contextmanager
def with_database(*, migrates: bool = False, is_somebodys: bool = True) -> Iterator[None]:
    """Run a block with the installation's database running and Django set up; leave the database as found.

    The embedded database is brought up to date on the way; a database of somebody's own only when the command
    *migrates*, else DatabaseIsOld is raised. One that a later version has used is refused. What is changed meanwhile is
    somebody's: the audit trail says whose (`speaking`), unless the program does it by itself.
    """
    with database_running(home()):
        load_django()
        from counterfoil.project.migrations import bring_up_to_date, check_not_later, pending

        check_not_later()
        waiting = pending()
        if waiting and external_url() and not migrates:
            raise DatabaseIsOld(count=len(waiting))
        if waiting:
            bring_up_to_date()
        if is_somebodys:
            with _somebodys():
                yield
        else:
            yield
        _close_connections()


@contextmanager
def _somebodys() -> Iterator[None]:
    import pghistory

    from counterfoil.commands.choosing import person

    name = speaker()
    with pghistory.context(source="command", operator=operator()):
        if name:
            person(name)
        yield


def _close_connections() -> None:
    from django.db import connections

    connections.close_all()
