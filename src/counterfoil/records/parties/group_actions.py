"""The only writer of customer groups."""

from __future__ import annotations

from counterfoil.records.parties.models import BillingCustomer, CustomerGroup


def store_group(group: CustomerGroup) -> CustomerGroup:
    """Store a new or renamed *group*."""
    group.save()
    return group


def remove_group(group: CustomerGroup) -> int:
    """Take every customer out of *group*, delete it, and return how many were in it."""
    customers = BillingCustomer.objects.filter(group=group).update(group=None)
    group.delete()
    return customers
