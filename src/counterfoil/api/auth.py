"""Who is asking: the bearer token, its scopes, and the role and branches of the person it belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from counterfoil.api.errors import NotAllowed
from counterfoil.clock import now
from counterfoil.records.organisation.actions import hash_of, note_use
from counterfoil.records.organisation.models import ApiToken, Role, User
from counterfoil.records.organisation.scopes import SCOPES

EVERYBODY = frozenset(Role)


@dataclass(frozen=True)
class Need:
    """What a route asks of the token: a scope, and one of *roles* of its user. An administrator has them all."""

    scope: str
    roles: frozenset[Role] = field(default=EVERYBODY)

    def __post_init__(self) -> None:
        """Refuse a route with a scope that no token can have."""
        if self.scope not in SCOPES:
            raise ValueError(f"{self.scope} is no scope. Add it to SCOPES.")

    def check(self, token: ApiToken) -> None:
        """Raise `NotAllowed` unless *token* meets the need."""
        if self.scope not in token.scopes:
            raise NotAllowed(reason=f"it lacks the scope {self.scope}", scope=self.scope)
        if token.user.role != Role.ADMINISTRATOR and token.user.role not in self.roles:
            needed = " or ".join(sorted(Role(role).label.lower() for role in self.roles))
            raise NotAllowed(reason=f"its user lacks the role {needed}", scope=self.scope)


class BearerToken(HttpBearer):
    """A token made by `counterfoil token create`, sent as `Authorization: Bearer …`."""

    def __init__(self, need: Need) -> None:
        super().__init__()
        self.need = need

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Return the valid token whose secret was sent, None for any other. Raises `NotAllowed`."""
        moment = now()
        found = (
            ApiToken.objects.select_related("user")
            .filter(token_hash=hash_of(token), revoked_at=None, expires_at__gt=moment, user__is_active=True)
            .first()
        )
        if found is None:
            return None
        request.user = found.user
        note_use(found, now=moment)
        self.need.check(found)
        return found


def token_of(request: Any) -> ApiToken:
    """Return the token that *request* was let in by."""
    token: ApiToken = request.auth
    return token


def user_of(request: Any) -> User:
    """Return the person whose token *request* was let in by."""
    return token_of(request).user
