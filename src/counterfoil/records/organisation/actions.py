"""The only writer of the organisation, its branches, its people and their programs' tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Q

from counterfoil.core.refusals import Refusal
from counterfoil.records.organisation.models import (
    ApiAnswer,
    ApiToken,
    BillingLink,
    Branch,
    DocumentTexts,
    Logo,
    Organisation,
    User,
)
from counterfoil.records.organisation.scopes import checked

# Any numbers, as long as nobody else's: the first digits of e and of the square root of 2.
_SETTING_UP = 2_718_281
_ADMINISTERING = 1_414_213

SECRET_BYTES = 32
USE_NOTED_EVERY = timedelta(minutes=1)


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


def change_branches(branches: Iterable[Branch], *, fields: Sequence[str]) -> None:
    """Store the *fields* of *branches*. Documents issued before keep what they said."""
    for branch in branches:
        branch.save(update_fields=list(fields))


def store_billing_link(link: BillingLink) -> BillingLink:
    """Store *link*, new or changed."""
    link.save()
    return link


def keep_logo(content: bytes, *, now: datetime) -> Logo:
    """Store the picture *content* unless it is there already, and return it."""
    kept, _is_new = Logo.objects.get_or_create(
        digest=hashlib.sha256(content).hexdigest(), defaults={"content": content, "uploaded_at": now}
    )
    return kept


def store_texts(texts: Iterable[DocumentTexts]) -> None:
    """Store *texts*, each language's once; they are never deleted, so that old documents find theirs."""
    DocumentTexts.objects.bulk_create(
        texts,
        update_conflicts=True,
        unique_fields=["language"],
        update_fields=["header", "payment_note", "footer", "mail_subject", "mail_body"],
    )


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


def add_user(user: User, *, password: str | None, branches: Iterable[Branch]) -> User:
    """Store a new *user* limited to *branches* (none: sees all); without a *password* nobody signs in by one."""
    user.password = make_password(password)
    user.save(force_insert=True)
    user.branches.set(branches)
    return user


def change_user(user: User, *, fields: Sequence[str], branches: Iterable[Branch] | None = None) -> None:
    """Store the *fields* of *user*, and the *branches* they are limited to unless that is None."""
    user.save(update_fields=list(fields))
    if branches is not None:
        user.branches.set(branches)


def give_password(user: User, *, password: str) -> None:
    """Let *user* sign in with the *password* from now on, and with no other."""
    user.password = make_password(password)
    user.save(update_fields=["password"])


def forget_second_factors(user: User) -> int:
    """Take *user*'s codes and recovery codes away and return whether there were any, as a number."""
    forgotten, _by_model = Authenticator.objects.filter(user_id=user.pk).delete()
    return forgotten


def forget_sessions(*, ended_before: datetime) -> int:
    """Delete the sessions that ended before a moment and return how many they were."""
    forgotten, _by_model = Session.objects.filter(expire_date__lt=ended_before).delete()
    return forgotten


def lock_users() -> None:
    """Let one transaction at a time decide who administers, until it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADMINISTERING])


def end_sessions(user: User) -> int:
    """Sign *user* out everywhere and return how many sessions that ended."""
    theirs = [
        session.session_key
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]
    Session.objects.filter(session_key__in=theirs).delete()
    return len(theirs)


class TokenEndsAtOnce(Refusal):
    """The token would have ended before it began. Choose an end in the future."""


def hash_of(secret: str) -> str:
    """Return what is stored of a token's *secret*: its SHA-256. It is random, so it needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(
    *, user: User, name: str, scopes: Iterable[str], expires_at: datetime, now: datetime
) -> tuple[ApiToken, str]:
    """Store a new token of *user* and return it with its secret, which is known at this moment only.

    Raises `UnknownScope`, `ScopesMissing` and `TokenEndsAtOnce`.
    """
    if expires_at <= now:
        raise TokenEndsAtOnce
    prefix = f"cf_{secrets.token_hex(4)}"
    secret = f"{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        token_hash=hash_of(secret),
        scopes=checked(scopes),
        created_at=now,
        expires_at=expires_at,
    )
    return token, secret


def revoke_tokens(tokens: Iterable[ApiToken], *, now: datetime) -> int:
    """End *tokens* for good and return how many were still valid."""
    open_ones = ApiToken.objects.filter(pk__in=[token.pk for token in tokens], revoked_at=None)
    return open_ones.update(revoked_at=now)


def note_use(token: ApiToken, *, now: datetime) -> None:
    """Remember when *token* was last used, once a minute at most so that reading stays cheap."""
    long_ago = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
    ApiToken.objects.filter(long_ago, pk=token.pk).update(last_used_at=now)


def note_notices_seen(user: User, *, now: datetime) -> None:
    """Remember that *user* has seen every notice there is now."""
    user.notices_seen_at = now
    user.save(update_fields=["notices_seen_at"])


def keep_answer(answer: ApiAnswer) -> tuple[ApiAnswer, bool]:
    """Store *answer* unless its token and key have one; return what is stored now, and whether it is new.

    Waits for whoever stores an answer to the same key at this moment.
    """
    facts = {name: getattr(answer, name) for name in ("fingerprint", "status", "body", "answered_at")}
    return ApiAnswer.objects.get_or_create(token=answer.token, key=answer.key, defaults=facts)


def complete_answer(answer: ApiAnswer, *, status: int, body: str) -> None:
    """Store what was answered, in the transaction that stored *answer*."""
    answer.status, answer.body = status, body
    answer.save(update_fields=["status", "body"])


def forget_answers(*, answered_before: datetime) -> int:
    """Delete the answers given before a moment and return how many they were."""
    forgotten, _by_model = ApiAnswer.objects.filter(answered_at__lt=answered_before).delete()
    return forgotten
