"""The only writer of the organisation, its branches and its people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib.auth.hashers import make_password
from django.db import connection

from counterfoil.records.organisation.models import Branch, Organisation, User

# Any number, as long as nobody else's: the first digits of e.
_SETTING_UP = 2_718_281


def lock_setting_up() -> None:
    """Let one process at a time set up the installation, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SETTING_UP])


def create_organisation(organisation: Organisation) -> Organisation:
    """Store the installation's one *organisation*."""
    organisation.pk = 1
    organisation.save(force_insert=True)
    return organisation


def change_organisation(organisation: Organisation, *, fields: Sequence[str]) -> None:
    """Store the *fields* of the organisation. Documents issued before keep what they said."""
    organisation.save(update_fields=list(fields))


def create_branches(branches: Iterable[Branch]) -> list[Branch]:
    """Store new *branches* and return them with their ids."""
    return Branch.objects.bulk_create(branches)


def create_users(users: Iterable[User], *, password: str) -> list[User]:
    """Store new *users*, all with the *password*, and return them with their ids."""
    people = list(users)
    hashed = make_password(password)
    for user in people:
        user.password = hashed
    return User.objects.bulk_create(people)
