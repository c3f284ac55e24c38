"""What a run is to bill, and how: taken from a batch definition, or given on the spot."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from counterfoil.records.billing.models import BatchDefinition, CreditBasis, Grouping, Payer
from counterfoil.records.catalog.models import Kind

CSV = "csv"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which charges a run looks at, how it groups them, and where its documents go.

    *period_lengths*, counted in months or days, and *master_ids* are the only ones where there are any; events have no
    charge period, and are not asked for one.

    *events*, ids, unless None: the run bills these sales invoices made by hand and nothing else.

    Stored with the run as it was when the run began, so that resuming uses the same.
    """

    kinds: tuple[str, ...] = (Kind.SERVICE.value,)
    payer: str = Payer.ANY.value
    branch_id: int | None = None
    group_id: int | None = None
    period_lengths: tuple[str, ...] = ()
    master_ids: tuple[int, ...] = ()
    grouping: str = Grouping.CUSTOMER.value
    past_periods_allowed: int = 2
    amalgamated: bool = False
    keeps_zero: bool = False
    attaches_summary: bool = False
    connector: str = CSV
    send_email: bool = True
    authorised: bool = False
    credit_basis: str = CreditBasis.NONE.value
    bills_again: bool = False
    events: tuple[int, ...] | None = None

    @classmethod
    def of(cls, definition: BatchDefinition) -> Selection:
        """Return what *definition* says now."""
        return cls(
            kinds=tuple(definition.kinds),
            payer=definition.payer,
            branch_id=definition.branch_id,
            group_id=definition.customer_group_id,
            period_lengths=tuple(definition.period_lengths),
            master_ids=tuple(definition.master_charges),
            grouping=definition.grouping,
            past_periods_allowed=definition.past_periods_allowed,
            amalgamated=definition.amalgamated,
            keeps_zero=definition.keeps_zero,
            attaches_summary=definition.attaches_summary,
            connector=definition.connector,
            send_email=definition.send_email,
            authorised=definition.authorised,
            credit_basis=definition.credit_basis,
        )

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Selection:
        """Return the selection that `to_json` wrote."""
        events = stored.get("events")
        kept = {"kinds": tuple(stored["kinds"]), "events": None if events is None else tuple(events)}
        kept |= {name: tuple(stored.get(name, ())) for name in ("period_lengths", "master_ids")}
        return cls(**{**stored, **kept})

    @property
    def credits(self) -> bool:
        """Whether the run credits days no longer served, instead of billing (billing-rules 6)."""
        return self.credit_basis != CreditBasis.NONE

    @property
    def charge_kinds(self) -> list[str]:
        """Return the kinds of assigned charges that the run bills: none where it bills given events."""
        return list(self.kinds) if self.events is None else []

    @property
    def masters(self) -> list[int] | None:
        """Return the ids of the only master charges; None: all."""
        return list(self.master_ids) or None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values to be stored with the run."""
        events = None if self.events is None else list(self.events)
        lists = {
            "kinds": list(self.kinds),
            "period_lengths": list(self.period_lengths),
            "master_ids": list(self.master_ids),
        }
        return {**asdict(self), **lists, "events": events}
