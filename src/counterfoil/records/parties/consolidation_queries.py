"""Questions about how customers' invoices are consolidated."""

from __future__ import annotations

from django.db.models import Q

from counterfoil.records.parties.models import ConsolidationSettings


def has_amounts_in_another(customer_id: int, *, currency: str) -> bool:
    """Return whether a stored customer has a minimum or a limit, and another currency than *currency* (8.4)."""
    with_amounts = ConsolidationSettings.objects.filter(
        Q(minimum_minor__isnull=False) | Q(limit_minor__isnull=False), customer=customer_id
    )
    return with_amounts.exclude(customer__currency=currency).exists()
