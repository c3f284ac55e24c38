"""Errors a person can do something about, and the one place that knows which they are."""

from __future__ import annotations

import sys
from typing import Any

from counterfoil.core.refusals import Refusal
from counterfoil.project.database.errors import DatabaseTrouble
from counterfoil.project.environment import SettingIsWrong


class CommandFailed(Exception):
    """The command failed. See what it said above."""

    def __init__(self, **facts: object) -> None:
        """Fill *facts* into the class's docstring, which is the message."""
        super().__init__(" ".join(str(self.__doc__).split()).format_map(facts))


def explain(error: Exception) -> str | None:
    """Return the sentence that tells a person what happened and what to do; None for a bug."""
    if isinstance(error, CommandFailed | Refusal | DatabaseTrouble | SettingIsWrong):
        return str(error)
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError) and error.filename:
        return f"{error.filename}: {error.strerror}. Check the path and your rights to it."
    if isinstance(error, _django_error("OperationalError")):
        first_line = str(error).strip().partition("\n")[0]
        return f"The database refused: {first_line}. Run `counterfoil doctor`."
    return None


def _django_error(name: str) -> Any:
    """Return Django's database error *name* when Django is loaded at all, else a type that nothing has."""
    django_db = sys.modules.get("django.db")
    return getattr(django_db, name) if django_db else ()
