"""Which branches a person sees: those an administrator gave them (none given: all), or the one they chose.

The choice lasts as long as the session and limits every list. Whoever is limited to branches sees nothing of
the others, whatever they choose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import django_filters
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from counterfoil.records.organisation.models import Branch, Role
from counterfoil.records.organisation.queries import surroundings_of
from counterfoil.web.access import needs

SESSION_KEY = "branch"
AnyModel = TypeVar("AnyModel", bound=Model)


@dataclass(frozen=True)
class Sight:
    """What a person sees: the branches they may choose among, and the one they chose (None: all of them)."""

    branches: Sequence[Branch]
    is_limited: bool
    chosen: Branch | None

    @property
    def has_choice(self) -> bool:
        return len(self.branches) > 1

    def limits(self, queryset: QuerySet[AnyModel], *, path: str = "branch") -> QuerySet[AnyModel]:
        """Return the rows of *queryset* whose branch, found at *path*, the person sees now."""
        if self.chosen:
            return queryset.filter(**{path: self.chosen})
        return queryset.filter(**{f"{path}__in": list(self.branches)}) if self.is_limited else queryset


def sight_of(request: HttpRequest) -> Sight:
    """Return what the signed-in person sees."""
    known: Sight | None = getattr(request, "sight", None)
    if known is None:
        known = _sight(request)
        request.sight = known  # type: ignore[attr-defined]
    return known


class BranchFilter(django_filters.ChoiceFilter):
    """Narrows a list to a branch that the person sees. The frame knows them, so nothing is asked for them."""

    @property
    def field(self) -> Any:
        branches = sight_of(self.parent.request).branches
        self.extra["choices"] = [(str(branch.pk), branch.name) for branch in branches]
        return super().field


@needs(Role.VIEWER)
@require_POST
def choose_branch(request: HttpRequest) -> HttpResponse:
    """Remember the posted branch for this session (empty: all), and go back to where the person was."""
    key = request.POST.get("branch", "")
    if key in {str(branch.pk) for branch in sight_of(request).branches}:
        request.session[SESSION_KEY] = key
    else:
        request.session.pop(SESSION_KEY, None)
    return HttpResponseRedirect(_way_back(request))


def _sight(request: HttpRequest) -> Sight:
    around = surroundings_of(request.user)
    branches = around.given or around.branches
    chosen_key = request.session.get(SESSION_KEY)
    chosen = next((branch for branch in branches if str(branch.pk) == chosen_key), None)
    return Sight(branches=branches, is_limited=bool(around.given), chosen=chosen)


def _way_back(request: HttpRequest) -> str:
    """Return the page the form was on, without its place in a list: another branch has other rows."""
    address: Any = request.POST.get("next", "")
    return address if url_has_allowed_host_and_scheme(address, allowed_hosts=None) else "/"
