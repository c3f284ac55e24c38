"""Load what usage and events are rated by; nothing is asked where there is none."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from counterfoil.engine import stands, usage
from counterfoil.engine.events import EVENTS
from counterfoil.engine.frames import Frame
from counterfoil.engine.usage import Usage
from counterfoil.flows.billing.selection import Selection
from counterfoil.records.charges.models import EventKind

Read = Callable[..., pl.DataFrame]
"""Takes the name of a query, the frame it fills and its parameters: `load.read`."""


def load_usage(read: Read, **customers: int | None) -> Usage:
    """Return the tariffs, and the meters, readings and activations of the shard's *customers* (billing-rules 4.4)."""
    masters = read("master_tariffs", usage.MASTER_TARIFFS)
    if masters.is_empty():
        return Usage()

    def of_shard(name: str, frame: Frame) -> pl.DataFrame:
        return read(name, frame, **customers)

    return Usage(
        tariffs=read("tariffs", usage.TARIFFS),
        tiers=read("tariff_tiers", usage.TIERS),
        masters=masters,
        meters=of_shard("meters", stands.METERS),
        readings=of_shard("readings", stands.READINGS),
        stands_billed=of_shard("stands_billed", stands.STANDS_BILLED),
        units_billed=of_shard("units_billed", usage.UNITS_BILLED),
        activations=of_shard("activations_counted", usage.ACTIVATIONS),
    )


def load_events(read: Read, *, selection: Selection, **customers: int | None) -> pl.DataFrame:
    """Return EVENTS: the charges, not charged yet, of the shard's events of the kinds that *selection* names."""
    kinds = event_kinds(selection)
    if not kinds:
        return EVENTS.empty()
    return read(
        "events",
        EVENTS,
        **customers,
        kinds=kinds,
        payer=selection.payer,
        branch=selection.branch_id,
        group=selection.group_id,
        masters=selection.masters,
        events=None if selection.events is None else list(selection.events),
    )


def event_kinds(selection: Selection) -> list[str]:
    """Return those of the kinds that *selection* names which events can have."""
    return [kind for kind in selection.kinds if kind in EventKind.values]
