"""Who may make an account: an administrator, for others. Nobody signs up."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountsAreGiven(DefaultAccountAdapter):
    """Close the sign-up page; everything else is allauth's own."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False


def lock_out_time(_request: HttpRequest) -> timedelta:
    """Return how long a person stays locked out after too many wrong passwords."""
    return timedelta(minutes=15)
