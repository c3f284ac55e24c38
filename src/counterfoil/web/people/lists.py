"""The lists of users and of API tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil import clock
from counterfoil.records.organisation.models import ApiToken, Branch, Role, User
from counterfoil.web.customers.lists import ACTIVE, YES_NO
from counterfoil.web.lists.columns import Column, Kind, State, Tone
from counterfoil.web.lists.listing import Empty, Listing, Noun

EVERY_BRANCH = _("Every branch")


class UserFilters(django_filters.FilterSet):
    role = django_filters.ChoiceFilter(label=_("Role"), choices=Role.choices, empty_label=_("All"))
    is_active = django_filters.BooleanFilter(label=_("State"), widget=YES_NO)
    branches = django_filters.ModelChoiceFilter(
        label=_("Limited to"), queryset=Branch.objects.all(), empty_label=_("All")
    )

    class Meta:
        model = User
        fields: list[str] = []


def _with_branches(users: Sequence[User]) -> None:
    """Put on each of *users* the names of the branches they see; one query for all."""
    given: dict[int, list[str]] = {}
    pairs = User.branches.through.objects.filter(user_id__in=[user.pk for user in users])
    for user_id, name in pairs.order_by("branch__code").values_list("user_id", "branch__name"):
        given.setdefault(user_id, []).append(name)
    for user in users:
        user.branch_names = ", ".join(given.get(user.pk, [])) or str(EVERY_BRANCH)  # type: ignore[attr-defined]


USERS = Listing(
    name="users",
    noun=Noun("user", "users"),
    columns=(
        Column(
            name="username",
            label=_("User name"),
            kind=Kind.CODE,
            link="user",
            sort=("username",),
            index="unique username",
        ),
        Column(
            name="name", label=_("Name"), value="get_full_name", link="user", sort=("last_name", "first_name")
        ),
        Column(name="email", label=_("E-mail"), sort=("email",)),
        Column(name="role", label=_("Role"), value="get_role_display", sort=("role",)),
        Column(name="branch_names", label=_("Branches")),
        Column(name="language", label=_("Language"), is_shown=False),
        Column(name="last_login", label=_("Last signed in"), kind=Kind.MOMENT, sort=("last_login",)),
        Column(name="is_active", label=_("State"), kind=Kind.STATE, states=ACTIVE, sort=("is_active",)),
    ),
    default_sort="username",
    filters=UserFilters,
    search=("username__icontains", "first_name__icontains", "last_name__icontains", "email__icontains"),
    search_hint=_("User name, name, e-mail"),
    complete=_with_branches,
    empty=Empty(
        title=_("No users yet"),
        explanation=_("A user signs in with a role, and may be limited to branches."),
        action=_("Add user"),
        address_name="user-new",
    ),
)

TOKEN_STATES = {
    "valid": State(_("Valid"), Tone.GOOD),
    "expired": State(_("Expired")),
    "revoked": State(_("Revoked")),
    "off": State(_("User is off"), Tone.WARNING),
}


def token_state(token: ApiToken) -> str:
    """Return the code of the state *token* is in now."""
    if token.revoked_at:
        return "revoked"
    if token.expires_at <= clock.now():
        return "expired"
    return "valid" if token.user.is_active else "off"


def _revoked_at(token: ApiToken) -> str:
    return reverse("token-revoke", args=[token.pk])


class TokenFilters(django_filters.FilterSet):
    is_revoked = django_filters.BooleanFilter(
        label=_("Revoked"),
        field_name="revoked_at",
        lookup_expr="isnull",
        widget=forms.Select(choices=[("", _("All")), ("true", _("Not revoked")), ("false", _("Revoked"))]),
    )

    class Meta:
        model = ApiToken
        fields: list[str] = []


def _scopes(token: Any) -> str:
    return ", ".join(token.scopes)


TOKENS = Listing(
    name="tokens",
    noun=Noun("token", "tokens"),
    columns=(
        Column(
            name="prefix", label=_("Begins with"), kind=Kind.CODE, sort=("prefix",), index="unique prefix"
        ),
        Column(name="name", label=_("What it is for"), sort=("name",)),
        Column(name="user", label=_("Whose"), value="user.username", sort=("user__username",)),
        Column(name="scopes", label=_("Allows"), value=_scopes),
        Column(name="created_at", label=_("Made"), kind=Kind.MOMENT, sort=("created_at",)),
        Column(name="last_used_at", label=_("Last used"), kind=Kind.MOMENT, sort=("last_used_at",)),
        Column(name="expires_at", label=_("Ends"), kind=Kind.MOMENT, sort=("expires_at",)),
        Column(name="state", label=_("State"), kind=Kind.STATE, value=token_state, states=TOKEN_STATES),
        Column(
            name="revoke",
            label="",
            value=lambda token: gettext("Revoke") if token_state(token) in ("valid", "off") else None,
            link=_revoked_at,
        ),
    ),
    default_sort="prefix",
    filters=TokenFilters,
    search=("prefix__istartswith", "name__icontains", "user__username__icontains"),
    search_hint=_("Beginning, name, user"),
    template="people/tokens.html",
    empty=Empty(
        title=_("No API tokens yet"),
        explanation=_(
            "A token lets a program use the API with your role and your branches, as far as its scopes allow."
        ),
        action=_("Make token"),
        address_name="token-new",
    ),
)
