"""What a billing customer or a dealer is charged itself, for a tab of its page: the same table as a client's."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from counterfoil.flows.own_clients import Owner
from counterfoil.records.parties.models import Dealer
from counterfoil.web.charges.priced import with_prices


def own_charges(owner: Owner, *, page: str, most: int) -> dict[str, Any]:
    """Return what the tab shows of *owner*, read with its own client; *page* is where the first charge is assigned."""
    client = getattr(owner, "own_client", None)
    return {
        "own_client": client,
        "charges": with_prices(client.charges.order_by("key")[:most]) if client else [],
        "assign": reverse(page, args=[owner.pk]),
        "has_payer": not isinstance(owner, Dealer) or owner.customer_id is not None,
    }
