"""People: who signs in, with which role, limited to which branches. Every change goes through here.

An installation always keeps somebody who administers it, and nobody takes that from themselves by mistake.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel import Locale, UnknownLocaleError
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from counterfoil.core.refusals import Refusal, shown
from counterfoil.records.organisation import actions
from counterfoil.records.organisation.models import Role, User
from counterfoil.records.organisation.queries import branches_called, check_roles

PASSWORD_BYTES = 15
LONGEST_USERNAME = 150


class WrongPerson(Refusal):
    """The user cannot be stored as described. Correct what is wrong and try again."""


class WrongUsername(WrongPerson):
    """{username} cannot be a user name. Use at most 150 letters, digits and @ . + - _ and no blanks."""


class UsernameTaken(Refusal):
    """Somebody signs in as {username} already. Choose another user name."""


class EmailTaken(Refusal):
    """{other} has the e-mail address {email} already, and one may sign in by it. Give another address."""


class WrongEmail(WrongPerson):
    """{email} is no e-mail address. Write it like name@example.com."""


class UnknownLanguage(WrongPerson):
    """{language} is no language. Give its code, such as en or de, or nothing for the organisation's."""


class LastAdministrator(Refusal):
    """{user} is the last administrator who can sign in, and there must be one. Make somebody else administrator
    first.
    """


class OwnRoleIsKept(Refusal):
    """You would take your own role of administrator away. Ask another administrator to do it."""


class OwnAccountStaysOn(Refusal):
    """You would switch yourself off. Ask another administrator to do it."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """What is known of somebody who signs in. *branches* are codes; none means: sees every branch."""

    username: str
    role: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    language: str = ""
    branches: Sequence[str] = ()


FACTS = ("username", "role", "first_name", "last_name", "email", "language")


def person_of(user: User) -> Person:
    """Return what is known of *user*, to be changed and stored again."""
    codes = tuple(user.branches.order_by("code").values_list("code", flat=True))
    return Person(**{name: getattr(user, name) for name in FACTS}, branches=codes)


def check_person(person: Person, *, known: User | None = None, by: User | None = None) -> None:
    """Raise a `Refusal` unless *person* can be stored, as *known* or as somebody new; stores nothing."""
    _check_username(person.username)
    others = User.objects.exclude(pk=known.pk if known else None)
    if others.filter(username__iexact=person.username).exists():
        raise UsernameTaken(username=shown(person.username))
    check_roles([person.role])
    if person.email:
        _check_email(person.email)
        other = others.filter(email__iexact=person.email).first()
        if other:
            raise EmailTaken(email=shown(person.email), other=other)
    _check_language(person.language)
    branches_called(person.branches)
    if known and person.role != Role.ADMINISTRATOR:
        check_administered(known, by=by, refusal=OwnRoleIsKept)


def check_administered(user: User, *, by: User | None, refusal: type[Refusal] = OwnAccountStaysOn) -> None:
    """Raise *refusal* or `LastAdministrator` if *user* must not cease to be an active administrator."""
    if user.role != Role.ADMINISTRATOR or not user.is_active:
        return
    if by is not None and by.pk == user.pk:
        raise refusal
    others = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(pk=user.pk)
    if not others.exists():
        raise LastAdministrator(user=user)


def add_person(person: Person, *, with_password: bool = True) -> tuple[User, str | None]:
    """Store somebody new and return them with their first password, which is known at this moment only.

    Without a password they sign in by single sign-on, or once they are given one. Raises what
    `check_person` raises.
    """
    password = secrets.token_urlsafe(PASSWORD_BYTES) if with_password else None
    with transaction.atomic():
        actions.lock_users()
        check_person(person)
        user = User(**{name: getattr(person, name) for name in FACTS})
        return actions.add_user(user, password=password, branches=branches_called(person.branches)), password


def choose_language(user: User, language: str) -> User:
    """Let *user* have their pages in *language*, "" being the organisation's. Raises `UnknownLanguage`."""
    _check_language(language)
    with transaction.atomic():
        actions.lock_users()
        known = User.objects.get(pk=user.pk)
        known.language = language
        actions.change_user(known, fields=["language"])
        return known


def change_person(username: str, person: Person, *, by: User | None) -> User:
    """Let who signs in as *username* be *person* from now on. Raises what `check_person` raises."""
    with transaction.atomic():
        actions.lock_users()
        user = User.objects.get(username=username)
        check_person(person, known=user, by=by)
        for name in FACTS:
            setattr(user, name, getattr(person, name))
        actions.change_user(user, fields=FACTS, branches=branches_called(person.branches))
        return user


def switch_off(user: User, *, by: User | None) -> int:
    """Let *user* sign in no more; their sessions and tokens end at once. Return how many sessions that were.

    Raises `LastAdministrator` and `OwnAccountStaysOn`.
    """
    with transaction.atomic():
        actions.lock_users()
        user.refresh_from_db()
        if by is not None and by.pk == user.pk:
            raise OwnAccountStaysOn
        check_administered(user, by=by)
        user.is_active = False
        actions.change_user(user, fields=["is_active"])
        return actions.end_sessions(user)


def switch_on(user: User) -> None:
    """Let *user* sign in again, with the password, the role and the branches they had."""
    with transaction.atomic():
        user.is_active = True
        actions.change_user(user, fields=["is_active"])


def give_new_password(user: User) -> str:
    """Give *user* a new password, end their sessions, and return it: it is known at this moment only."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with transaction.atomic():
        actions.give_password(user, password=password)
        actions.end_sessions(user)
    return password


def forget_second_factor(user: User) -> bool:
    """Let *user* sign in by password alone until they set a second factor up again; their sessions end.

    For a telephone that is lost. Return whether there was one.
    """
    with transaction.atomic():
        forgotten = actions.forget_second_factors(user)
        actions.end_sessions(user)
    return forgotten > 0


def forget_ended_sessions(*, now: datetime) -> int:
    """Forget the sessions that have ended and return how many they were."""
    with transaction.atomic():
        return actions.forget_sessions(ended_before=now)


def _check_username(username: str) -> None:
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        raise WrongUsername(username=shown(username)) from error
    if not username or len(username) > LONGEST_USERNAME:
        raise WrongUsername(username=shown(username))


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise WrongEmail(email=shown(email)) from error


def _check_language(language: str) -> None:
    try:
        if language:
            Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise UnknownLanguage(language=shown(language)) from error
