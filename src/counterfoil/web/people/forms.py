"""The forms of users and of API tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from counterfoil.flows.granting import MOST_DAYS
from counterfoil.flows.people import Person
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.records.organisation.scopes import SCOPES

ROLES = {
    Role.VIEWER: _("Viewer: sees everything, changes nothing"),
    Role.BILLER: _("Biller: sets up what is billed, runs it, revises drafts"),
    Role.APPROVER: _("Approver: reviews and authorises runs, voids documents"),
    Role.ACCOUNTANT: _("Accountant: closes the books"),
    Role.ADMINISTRATOR: _("Administrator: may do all of it, and looks after users"),
}


class UserForm(forms.Form):
    """Somebody who signs in."""

    username = forms.CharField(label=_("User name"), max_length=150, help_text=_("They sign in by it"))
    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("They may sign in by it, and single sign-on finds them by it"),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[(role.value, words) for role, words in ROLES.items()],
        widget=forms.RadioSelect,
        initial=Role.VIEWER.value,
    )
    branches = forms.ModelMultipleChoiceField(
        Branch.objects.order_by("code"),
        label=_("Branches"),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("They see these alone. None ticked: they see every branch"),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["language"].choices = [("", gettext("The organisation's")), *settings.LANGUAGES]  # type: ignore[attr-defined]

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
        label=_("What it is for"), max_length=100, help_text=_("Such as the program that uses it")
    )
    scopes = forms.MultipleChoiceField(
        label=_("Allows"),
        choices=[
            (scope, format_lazy(_("{scope}: {words}"), scope=scope, words=gettext_lazy(words)))
            for scope, words in SCOPES.items()
        ],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than your own role and branches"),
    )
    days = forms.IntegerField(
        label=_("Lives for days"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=90,
        help_text=_("Then it ends by itself"),
    )


def named(user: User) -> str:
    """Return how sentences name *user*."""
    return f"{user.get_full_name()} ({user.username})" if user.get_full_name() else user.username
