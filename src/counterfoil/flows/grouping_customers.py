"""Customer groups: added, renamed and taken away; a definition can select by them (product C1)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet

from counterfoil.core.refusals import Refusal, shown
from counterfoil.records.billing.models import BatchDefinition
from counterfoil.records.parties import group_actions as actions
from counterfoil.records.parties.models import CustomerGroup


class WrongGroup(Refusal):
    """The customer group cannot be stored. {why}"""


class NoSuchGroup(Refusal):
    """There is no customer group {name}. Known are {known}."""


class GroupIsSelected(Refusal):
    """The definition {definition} selects the customer group {group}. Let it select another one first."""


def groups_with_counts() -> QuerySet[CustomerGroup]:
    """Return all groups by name, with how many `members` each has and how many definitions have `selected` it."""
    return CustomerGroup.objects.annotate(
        members=Count("customers", distinct=True), selected=Count("batchdefinition", distinct=True)
    ).order_by("name")


def group_called(name: str) -> CustomerGroup:
    """Return the group *name*. Raises `NoSuchGroup`."""
    found = CustomerGroup.objects.filter(name=name.replace("\x00", "")).first()
    if found is None:
        known = ", ".join(CustomerGroup.objects.values_list("name", flat=True)) or "none"
        raise NoSuchGroup(name=shown(name), known=known)
    return found


def store_group(group: CustomerGroup) -> CustomerGroup:
    """Store *group*, new or renamed. Raises `WrongGroup` for a name that is empty, too long or taken."""
    try:
        group.full_clean()
    except ValidationError as error:
        raise WrongGroup(why=" ".join(error.messages)) from error
    with transaction.atomic():
        return actions.store_group(group)


def remove_group(group: CustomerGroup) -> int:
    """Take *group* away; its customers are in none then. Return how many those are. Raises `GroupIsSelected`."""
    with transaction.atomic():
        CustomerGroup.objects.select_for_update().get(pk=group.pk)
        selecting = BatchDefinition.objects.filter(customer_group=group).order_by("name").first()
        if selecting is not None:
            raise GroupIsSelected(definition=selecting.name, group=group.name)
        return actions.remove_group(group)
