"""Questions about the organisation and its people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet

from counterfoil.core.refusals import Refusal, shown
from counterfoil.records.organisation.models import Branch, Organisation, User

AnyModel = TypeVar("AnyModel", bound=Model)


class NotInstalled(Refusal):
    """This installation has no organisation yet. Run `counterfoil init` first."""


def the_organisation() -> Organisation:
    """Return the installation's organisation. Raises `NotInstalled` before `counterfoil init`."""
    organisation = Organisation.objects.first()
    if organisation is None:
        raise NotInstalled
    return organisation


class NoSuchUser(Refusal):
    """There is nobody here who signs in as {username}. Check the name."""


class NoSuchBranch(Refusal):
    """There is no branch {code}. Known are {known}."""


def user_called(username: str) -> User:
    """Return who signs in as *username*, switched off or not. Raises `NoSuchUser`."""
    found = User.objects.filter(username=username.replace("\x00", "")).first()
    if found is None:
        raise NoSuchUser(username=shown(username))
    return found


def branches_called(codes: Iterable[str]) -> list[Branch]:
    """Return the branches with *codes*, each once. Raises `NoSuchBranch`."""
    known = {branch.code: branch for branch in Branch.objects.order_by("code")}
    wanted = sorted(set(codes))
    for code in wanted:
        if code not in known:
            raise NoSuchBranch(code=shown(code), known=", ".join(known))
    return [known[code] for code in wanted]


def within_branches(rows: QuerySet[AnyModel], *, user: User, path: str = "branch_id") -> QuerySet[AnyModel]:
    """Return those of *rows* whose branch, its id found at *path*, the *user* may see.

    Somebody who was given no branches sees all of them.
    """
    given = User.branches.through.objects.filter(user_id=user.pk)
    return rows.filter(~Exists(given) | Exists(given.filter(branch_id=OuterRef(path))))
