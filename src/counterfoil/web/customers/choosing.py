"""Choose among customer groups in a list, where the page may have read them with something else."""

from __future__ import annotations

from typing import Any

import django_filters
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models.functions import JSONObject
from django.http import HttpRequest

from counterfoil.records.parties.models import CustomerGroup


class GroupFilter(django_filters.ChoiceFilter):
    """Narrows a list to the customers of a group; where the groups are known to the request, nothing is asked."""

    @property
    def field(self) -> Any:
        groups = _groups_of(self.parent.request)
        self.extra["choices"] = [(str(group["id"]), group["name"]) for group in groups]
        return super().field


def every_group() -> ArraySubquery:
    """Return all groups by name, to be read with something else and then to be made `known_groups`."""
    return ArraySubquery(_groups())


def know_groups(request: HttpRequest, groups: list[dict[str, Any]]) -> None:
    """Let the filters of *request* choose among *groups*, read before as `every_group`."""
    request.customer_groups = groups  # type: ignore[attr-defined]


def _groups_of(request: HttpRequest) -> list[dict[str, Any]]:
    if not hasattr(request, "customer_groups"):
        know_groups(request, list(_groups().values_list("json", flat=True)))
    return request.customer_groups  # type: ignore[attr-defined, no-any-return]


def _groups() -> Any:
    return CustomerGroup.objects.order_by("name").values(json=JSONObject(id="pk", name="name"))
