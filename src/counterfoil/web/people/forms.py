"""The forms of users and of API tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from counterfoil.flows.granting import MOST_DAYS
from counterfoil.flows.people import Person
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.records.organisation.scopes import SCOPES

ROLES = {
    Role.VIEWER: "Viewer: sees everything, changes nothing",
    Role.BILLER: "Biller: sets up what is billed, runs it, revises drafts",
    Role.APPROVER: "Approver: reviews and authorises runs, voids documents",
    Role.ACCOUNTANT: "Accountant: closes the books",
    Role.ADMINISTRATOR: "Administrator: may do all of it, and looks after users",
}


class UserForm(forms.Form):
    """Somebody who signs in."""

    username = forms.CharField(label="User name", max_length=150, help_text="They sign in by it")
    first_name = forms.CharField(max_length=150, required=False)
    last_name = forms.CharField(max_length=150, required=False)
    email = forms.EmailField(
        label="E-mail",
        required=False,
        help_text="They may sign in by it, and single sign-on finds them by it",
    )
    role = forms.ChoiceField(
        choices=[(role.value, words) for role, words in ROLES.items()],
        widget=forms.RadioSelect,
        initial=Role.VIEWER.value,
    )
    branches = forms.ModelMultipleChoiceField(
        Branch.objects.order_by("code"),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="They see these alone. None ticked: they see every branch",
    )
    language = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["language"].choices = [("", "The organisation's"), *settings.LANGUAGES]  # type: ignore[attr-defined]

    @property
    def person(self) -> Person:
        """Return what was typed."""
        chosen = dict(self.cleaned_data)
        return Person(**{**chosen, "branches": tuple(branch.code for branch in chosen["branches"])})


def typed_as(person: Person) -> dict[str, Any]:
    """Return what the form of *person* begins with."""
    names = ("username", "role", "first_name", "last_name", "email", "language")
    return {**{name: getattr(person, name) for name in names}, "branches": list(person.branches)}


class TokenForm(forms.Form):
    """A key for a program."""

    name = forms.CharField(
        label="What it is for", max_length=100, help_text="Such as the program that uses it"
    )
    scopes = forms.MultipleChoiceField(
        label="Allows",
        choices=[(scope, f"{scope}: {words}") for scope, words in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text="Never more than your own role and branches",
    )
    days = forms.IntegerField(
        label="Lives for days",
        min_value=1,
        max_value=MOST_DAYS,
        initial=90,
        help_text="Then it ends by itself",
    )


def named(user: User) -> str:
    """Return how sentences name *user*."""
    return f"{user.get_full_name()} ({user.username})" if user.get_full_name() else user.username
