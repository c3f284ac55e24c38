"""Questions about the organisation and its people."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet

from counterfoil.core.refusals import Refusal
from counterfoil.records.organisation.models import Organisation, User

AnyModel = TypeVar("AnyModel", bound=Model)


class NotInstalled(Refusal):
    """This installation has no organisation yet. Run `counterfoil init` first."""


def the_organisation() -> Organisation:
    """Return the installation's organisation. Raises `NotInstalled` before `counterfoil init`."""
    organisation = Organisation.objects.first()
    if organisation is None:
        raise NotInstalled
    return organisation


def within_branches(rows: QuerySet[AnyModel], *, user: User, path: str = "branch_id") -> QuerySet[AnyModel]:
    """Return those of *rows* whose branch, its id found at *path*, the *user* may see.

    Somebody who was given no branches sees all of them.
    """
    given = User.branches.through.objects.filter(user_id=user.pk)
    return rows.filter(~Exists(given) | Exists(given.filter(branch_id=OuterRef(path))))
