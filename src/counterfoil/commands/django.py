"""`counterfoil django …`: Django's own commands, for those who build the program."""

from __future__ import annotations

from typing import Annotated

import typer

from counterfoil.project.database.sharing import database_running
from counterfoil.project.home import home
from counterfoil.project.loading import load_django

# These read the models only, and start no database.
WITHOUT_DATABASE = {"check", "makemessages", "compilemessages", "collectstatic", "help", "findstatic"}


def django(words: Annotated[list[str], typer.Argument()]) -> None:
    """Run one of Django's commands, with the database running where it may need one."""
    from django.core.management import execute_from_command_line

    load_django()
    arguments = ["counterfoil django", *words]
    if words[0] in WITHOUT_DATABASE:
        execute_from_command_line(arguments)
        return
    with database_running(home()):
        execute_from_command_line(arguments)
