"""Who may open which page. Every view declares what it needs; a view that declares nothing fails a test.

A viewer sees; billers, approvers and accountants each do their own work and see as well; an administrator
may do all of it (product H4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect

from counterfoil.core.sentences import in_small
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import has_second_factor
from counterfoil.web.saying import said

SECOND_FACTOR_FIRST = _("Your role signs in with a second factor. Set it up first; it takes a minute.")

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Need:
    """What a view asks of the person: one of *roles*, or nothing at all when *is_public*."""

    roles: frozenset[Role] = frozenset()
    is_public: bool = False

    def is_met_by(self, role: str) -> bool:
        """Return whether a signed-in person with *role* may pass."""
        return self.is_public or role == Role.ADMINISTRATOR or Role.VIEWER in self.roles or role in self.roles


PUBLIC = Need(is_public=True)
SIGNED_IN = Need(roles=frozenset({Role.VIEWER}))

# Views that others wrote, by the start of their name in the address map.
OTHERS_NEEDS = {
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_signup": PUBLIC,
    "account_inactive": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_confirm_email": PUBLIC,
    "account_email_verification_sent": PUBLIC,
    "mfa_authenticate": PUBLIC,
    "openid_connect_": PUBLIC,
    "socialaccount_login": PUBLIC,
    "socialaccount_signup": PUBLIC,
    "socialaccount_": SIGNED_IN,
    "account_": SIGNED_IN,
    "mfa_": SIGNED_IN,
}


class RoleIsMissing(PermissionDenied):
    """The person has none of the roles *needed*; the message says so in their language."""

    def __init__(self, *, needed: Iterable[Role], role: str) -> None:
        names = sorted(said(in_small(Role(one).label)) for one in needed)
        words = gettext(
            "This needs the role %(needed)s, and yours is %(role)s. "
            "Ask an administrator to do it or to change your role."
        )
        alternative = gettext("or")
        either = f" {alternative} ".join(names)
        super().__init__(words % {"needed": either, "role": said(in_small(Role(role).label))})


class LimitedToBranches(PermissionDenied):
    """What is asked for shows every branch, and the person is limited to some."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "This shows every branch, and you are limited to some. Look at the History tab of what you see."
            )
        )


def needs(*roles: Role) -> Callable[[View], View]:
    """Return a decorator: the view asks the person to sign in and to have one of *roles*.

    `needs(Role.VIEWER)` lets everybody in who is signed in. Raises `RoleIsMissing` for the others.
    """
    if not roles:
        raise ValueError("needs() names no role. Name at least one, Role.VIEWER for everybody signed in.")
    return _guarded_by(Need(roles=frozenset(roles)))


def public(view: View) -> View:
    """Declare that the view is open to anybody, signed in or not."""
    return _guarded_by(PUBLIC)(view)


def declared_need(view: Any, *, name: str = "") -> Need | None:
    """Return what *view* declares, or what is known of the view of others called *name*; None if nothing."""
    declared: Need | None = getattr(view, "need", None)
    if declared:
        return declared
    known = [start for start in OTHERS_NEEDS if name.startswith(start)]
    return OTHERS_NEEDS[max(known, key=len)] if known else None


def _guarded_by(need: Need) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            refusal = _refusal(request, need=need)
            return refusal or view(request, *args, **kwargs)

        guarded.need = need  # type: ignore[attr-defined]
        return guarded

    return decorate


def _refusal(request: HttpRequest, *, need: Need) -> HttpResponse | None:
    """Return the way to sign-in for a person unknown, None for one who may pass; raise for the others."""
    if need.is_public:
        return None
    if not request.user.is_authenticated:
        return _sent_to(request, redirect_to_login(request.get_full_path()).url)
    if not need.is_met_by(request.user.role):
        raise RoleIsMissing(needed=need.roles, role=request.user.role)
    if _lacks_second_factor(request):
        messages.warning(request, SECOND_FACTOR_FIRST)
        return _sent_to(request, reverse("mfa_activate_totp"))
    return None


def _lacks_second_factor(request: HttpRequest) -> bool:
    """Return whether the person's role must sign in with a second factor, and they have none."""
    organisation = request.organisation or None  # type: ignore[attr-defined]
    user: Any = request.user
    if organisation is None or user.role not in organisation.two_factor_roles:
        return False
    return not has_second_factor(user)


def _sent_to(request: HttpRequest, address: str) -> HttpResponse:
    """Send the whole page to *address*, also where a part of it was asked for."""
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)  # type: ignore[attr-defined]
