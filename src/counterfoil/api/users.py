"""The people who sign in, and the tokens of their programs. Passwords and new tokens are not given over the API."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need, user_of
from counterfoil.api.errors import WrongValue
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.shapes import Id, Key, Request
from counterfoil.clock import now
from counterfoil.flows import people
from counterfoil.flows.granting import revoke_token
from counterfoil.flows.people import Person
from counterfoil.records.organisation.models import ApiToken, Role
from counterfoil.records.organisation.models import User as UserRow

router = Router(tags=["users"])
tokens = Router(tags=["tokens"])
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
SEES = Need("users:read", ADMINISTRATOR)
CHANGES = Need("users:write", ADMINISTRATOR)
SEES_TOKENS = Need("tokens:read", ADMINISTRATOR)
REVOKES = Need("tokens:write", ADMINISTRATOR)

Text = Annotated[str, Field(max_length=150, pattern=r"^[^\x00]*$")]


class NothingToChange(WrongValue):
    """Nothing is to be changed. Name at least one of username, role, first_name, last_name, email, language and
    branches.
    """


class User(Schema):
    """Somebody who signs in. `branches` are codes; none means: sees every branch."""

    id: int
    username: str
    first_name: str
    last_name: str
    email: str
    role: Role
    branches: list[str]
    language: str
    is_active: bool
    last_login: datetime | None


class UserFilter(Schema):
    """Which users are asked for."""

    username: Key | None = None
    role: Role | None = None


class UserWanted(Request):
    """Somebody new. They sign in by single sign-on, or once an administrator gives them a password."""

    username: Text
    role: Role
    first_name: Text = ""
    last_name: Text = ""
    email: Text = ""
    language: Text = ""
    branches: list[Key] = []


class UserChange(Request):
    """What is to be changed; what is not named stays."""

    username: Text | None = None
    role: Role | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    email: Text | None = None
    language: Text | None = None
    branches: list[Key] | None = None


class Token(Schema):
    """A program's key, without its secret."""

    prefix: str
    name: str
    user: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


@reads(router, "", need=SEES, answer=Page[User])
def list_users(request: HttpRequest, wanted: Query[UserFilter], paging: Query[Paging]) -> dict[str, Any]:  # noqa: ARG001
    """Return who signs in, those switched off too, oldest first."""
    rows = UserRow.objects.prefetch_related("branches")
    if wanted.username is not None:
        rows = rows.filter(username=wanted.username)
    if wanted.role is not None:
        rows = rows.filter(role=wanted.role)
    return page_of(rows, paging=paging, shape=_shape)


@reads(router, "/{user_id}", need=SEES, answer=User)
def get_user(request: HttpRequest, user_id: Path[Id]) -> User:  # noqa: ARG001
    """Return one user."""
    return _shape(_found(user_id))


@does(router, "", need=CHANGES, answer=User, status=201)
def create_user(request: HttpRequest, wanted: UserWanted) -> HttpResponse:
    """Add somebody, without a password."""
    person = Person(**wanted.dict())
    return once(request, lambda: _shape(people.add_person(person, with_password=False)[0]), status=201)


@changes(router, "/{user_id}", need=CHANGES, answer=User)
def change_user(request: HttpRequest, user_id: Path[Id], wanted: UserChange) -> HttpResponse:
    """Change somebody's name, role, branches or language."""
    given = {name: value for name, value in wanted.dict().items() if value is not None}
    if not given:
        raise NothingToChange

    def act() -> User:
        known = _found(user_id)
        person = replace(people.person_of(known), **given)
        return _shape(people.change_person(known.username, person, by=user_of(request)))

    return once(request, act)


@does(router, "/{user_id}/switch-off", need=CHANGES, answer=User)
def switch_off(request: HttpRequest, user_id: Path[Id]) -> HttpResponse:
    """Let somebody sign in no more: their sessions and tokens end at once."""

    def act() -> User:
        found = _found(user_id)
        people.switch_off(found, by=user_of(request))
        return _shape(found)

    return once(request, act)


@does(router, "/{user_id}/switch-on", need=CHANGES, answer=User)
def switch_on(request: HttpRequest, user_id: Path[Id]) -> HttpResponse:
    """Let somebody sign in again."""

    def act() -> User:
        found = _found(user_id)
        people.switch_on(found)
        return _shape(found)

    return once(request, act)


@reads(tokens, "", need=SEES_TOKENS, answer=Page[Token])
def list_tokens(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:  # noqa: ARG001
    """Return everybody's tokens, oldest first."""
    return page_of(ApiToken.objects.select_related("user"), paging=paging, shape=_token)


@does(tokens, "/{prefix}/revoke", need=REVOKES, answer=Token)
def revoke(request: HttpRequest, prefix: Path[Key]) -> HttpResponse:
    """End the token that begins with *prefix* at once and for good."""
    return once(request, lambda: _token(revoke_token(prefix, now=now())))


def _found(user_id: int) -> UserRow:
    return get_object_or_404(UserRow.objects.prefetch_related("branches"), pk=user_id)


def _shape(user: UserRow) -> User:
    facts = {name: getattr(user, name) for name in User.model_fields if name != "branches"}
    return User(**facts, branches=sorted(branch.code for branch in user.branches.all()))


def _token(token: ApiToken) -> Token:
    facts = {name: getattr(token, name) for name in Token.model_fields if name != "user"}
    return Token(**facts, user=token.user.username)
