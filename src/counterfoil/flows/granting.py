"""Grant programs access, and take it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from counterfoil.core.refusals import Refusal, shown
from counterfoil.records.organisation import actions
from counterfoil.records.organisation.models import ApiToken, User
from counterfoil.records.organisation.queries import NoSuchUser


class NoSuchToken(Refusal):
    """There is no token {prefix}. `counterfoil token list` shows those there are."""


class LifeTooLong(Refusal):
    """A token lives from 1 to {most} days. Choose a number between them."""


MOST_DAYS = 730


def grant_token(
    *, username: str, name: str, scopes: Sequence[str], days: int, now: datetime
) -> tuple[ApiToken, str]:
    """Make a token of *username* that ends after *days*; return it with its secret, shown this once.

    Raises `NoSuchUser`, `LifeTooLong`, `UnknownScope` and `ScopesMissing`.
    """
    if not 1 <= days <= MOST_DAYS:
        raise LifeTooLong(most=MOST_DAYS)
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NoSuchUser(username=shown(username))
    with transaction.atomic():
        return actions.create_token(
            user=user, name=name, scopes=scopes, expires_at=now + timedelta(days=days), now=now
        )


def revoke_token(prefix: str, *, now: datetime) -> ApiToken:
    """End the token that begins with *prefix* at once; ending it again changes nothing. Raises `NoSuchToken`."""
    with transaction.atomic():
        token = ApiToken.objects.select_related("user").filter(prefix=prefix).first()
        if token is None:
            raise NoSuchToken(prefix=shown(prefix))
        actions.revoke_tokens([token], now=now)
        token.refresh_from_db(fields=["revoked_at"])
        return token


def tokens() -> list[ApiToken]:
    """Return every token with its user, the newest first."""
    return list(ApiToken.objects.select_related("user").order_by("-created_at", "-id"))
