"""Questions about the organisation and its people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from allauth.mfa.models import Authenticator
from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, Model, OuterRef, Q, QuerySet, When
from django.db.models.functions import JSONObject, Lower

from counterfoil.core.paying import CustomerMode
from counterfoil.core.refusals import Refusal, shown
from counterfoil.records.counting import number_of
from counterfoil.records.organisation.models import (
    ApiToken,
    Branch,
    ListView,
    Organisation,
    Role,
    SignOnLink,
    User,
)

AnyModel = TypeVar("AnyModel", bound=Model)


class NotInstalled(Refusal):
    """This installation has no organisation yet. Run `counterfoil init` first."""


def the_organisation() -> Organisation:
    """Return the installation's organisation. Raises `NotInstalled` before `counterfoil init`."""
    organisation = Organisation.objects.first()
    if organisation is None:
        raise NotInstalled
    return organisation


def is_legacy() -> bool:
    """Return whether the organisation is in legacy customer mode (product B2)."""
    return Organisation.objects.filter(customer_mode=CustomerMode.LEGACY).exists()


@dataclass(frozen=True)
class Surroundings:
    """What is around whoever is at work: the organisation, its branches by code, and those of them that they have.

    *list_views* are what they keep of lists, by name.
    """

    organisation: Organisation | None
    branches: Sequence[Branch]
    given: Sequence[Branch]
    list_views: Sequence[ListView] = ()

    @property
    def customer_mode(self) -> CustomerMode:
        """Return the organisation's customer mode."""
        return CustomerMode(self.organisation.customer_mode) if self.organisation else CustomerMode.STANDARD

    @property
    def is_legacy(self) -> bool:
        """Return whether the organisation is in legacy customer mode."""
        return self.customer_mode is CustomerMode.LEGACY


def surroundings_of(user: Any) -> Surroundings:
    """Return what is around *user*, somebody unknown too: one query for each person read, and so once a request."""
    known: Surroundings | None = getattr(user, "surroundings", None)
    if known is None:
        known = user.surroundings = _surroundings_of(user)
    return known


def _surroundings_of(user: Any) -> Surroundings:
    mine = User.branches.through.objects.filter(user_id=user.pk, branch_id=OuterRef("pk"))
    is_first = ~Exists(Branch.objects.filter(code__lt=OuterRef("code")))
    branches = list(
        Branch.objects.select_related("organisation__billing_link")
        .annotate(is_given=Exists(mine), kept=Case(When(is_first, then=_list_views(user))))
        .order_by("code")
    )
    return Surroundings(
        # The first branch comes with the organisation; before there is one, it may be there alone.
        organisation=branches[0].organisation if branches else Organisation.objects.first(),
        branches=branches,
        given=[branch for branch in branches if branch.is_given],
        list_views=[ListView(**view) for view in branches[0].kept] if branches else (),
    )


def _list_views(user: Any) -> ArraySubquery:
    names = [field.attname for field in ListView._meta.concrete_fields]
    rows = ListView.objects.filter(user_id=user.pk).order_by("name")
    return ArraySubquery(rows.values(json=JSONObject(**{name: name for name in names})))


def given_branches(user: Any) -> list[int]:
    """Return the ids of the branches that *user* was given; none means: sees all of them."""
    return [branch.pk for branch in surroundings_of(user).given]


class NoSuchUser(Refusal):
    """There is nobody here who signs in as {username}. Check the name."""


class NoSuchBranch(Refusal):
    """There is no branch {code}. Known are {known}."""


class UnknownRole(Refusal):
    """{role} is no role. Known are {known}."""


def check_roles(roles: Iterable[str]) -> None:
    """Raise `UnknownRole` unless each of *roles* is one."""
    for role in roles:
        if role not in Role.values:
            raise UnknownRole(role=shown(role), known=", ".join(Role.values))


def user_called(username: str) -> User:
    """Return who signs in as *username*, switched off or not. Raises `NoSuchUser`."""
    found = User.objects.filter(username=username.replace("\x00", "")).first()
    if found is None:
        raise NoSuchUser(username=shown(username))
    return found


def people_with(addresses: Iterable[str]) -> list[User]:
    """Return the active users with one of the e-mail *addresses*, however they are cased."""
    wanted = [address.lower() for address in addresses if address]
    lowered = User.objects.annotate(address=Lower("email")).filter(address__in=wanted, is_active=True)
    return list(lowered.order_by("pk"))


def has_second_factor(user: User) -> bool:
    """Return whether *user* signs in with a code from an app."""
    return Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists()


def with_ways_in(users: QuerySet[User]) -> QuerySet[User]:
    """Return *users* with the names of their branches, how many tokens they have, and how else they sign in."""
    own = {"user_id": OuterRef("pk")}
    return users.annotate(
        branch_names=ArrayAgg("branches__name", filter=Q(branches__isnull=False), order_by="branches__code"),
        token_count=number_of(ApiToken.objects.all(), path="user"),
        has_factor=Exists(Authenticator.objects.filter(**own, type=Authenticator.Type.TOTP)),
        is_linked=Exists(SignOnLink.objects.filter(**own)),
    )


def branches_called(codes: Iterable[str]) -> list[Branch]:
    """Return the branches with *codes*, each once. Raises `NoSuchBranch`."""
    known = {branch.code: branch for branch in Branch.objects.order_by("code")}
    wanted = sorted(set(codes))
    for code in wanted:
        if code not in known:
            raise NoSuchBranch(code=shown(code), known=", ".join(known))
    return [known[code] for code in wanted]


def has_branches() -> bool:
    """Return whether branching is on: there is more than one branch."""
    return Branch.objects.count() > 1


def within_branches(rows: QuerySet[AnyModel], *, user: User, path: str = "branch_id") -> QuerySet[AnyModel]:
    """Return those of *rows* whose branch, its id found at *path*, the *user* may see.

    Somebody who was given no branches sees all of them.
    """
    own = given_branches(user)
    return rows.filter(**{f"{path}__in": own}) if own else rows


def within_branches_of(
    rows: QuerySet[AnyModel], *, user: User, paths: Sequence[str], also: Q | None = None
) -> QuerySet[AnyModel]:
    """Return those of *rows* with a branch, its id found at one of *paths*, that the *user* may see, and *also* others.

    Somebody who was given no branches sees all of them.
    """
    given = User.branches.through.objects.filter(user_id=user.pk)
    seen = ~Exists(given) if also is None else ~Exists(given) | also
    for path in paths:
        seen = seen | Q(**{f"{path}__in": given.values("branch_id")})
    return rows.filter(seen)
