"""Who gets in: people an administrator added, by password or single sign-on. Second factors are encrypted."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render


class AccountsAreGiven(DefaultAccountAdapter):
    """Close the sign-up page; everything else is allauth's own."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False


class OnlyKnownPeople(DefaultSocialAccountAdapter):
    """Single sign-on lets in whom an administrator added: found by a verified e-mail address the first time."""

    def is_open_for_signup(self, _request: HttpRequest, _sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Link a sign-in seen for the first time to the one person with its verified address, or turn it away."""
        if sociallogin.is_existing:
            return
        # What a provider says of an address counts only as the JSON value true: "false" is true to Python.
        verified = [address.email for address in sociallogin.email_addresses if address.verified is True]
        found = _person_with(verified) if sociallogin.state.get("process") == "login" else None
        if found is None:
            page = render(request, "sign_in/unknown.html", {"is_verified": bool(verified)}, status=403)
            raise ImmediateHttpResponse(page)
        sociallogin.connect(request, found)


class SecretsAreEncrypted(DefaultMFAAdapter):
    """Second factors are kept encrypted by a key derived from COUNTERFOIL_SECRET_KEY."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def lock_out_time(_request: HttpRequest) -> timedelta:
    """Return how long a person stays locked out after too many wrong passwords."""
    return timedelta(minutes=15)


def _person_with(addresses: list[str]) -> Any:
    """Return the one active person with one of *addresses*, None for nobody or several."""
    from counterfoil.records.organisation.queries import people_with

    found = people_with(addresses)
    return found[0] if len(found) == 1 else None


def _cipher() -> Fernet:
    digest = hashlib.sha256(b"counterfoil second factors\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
