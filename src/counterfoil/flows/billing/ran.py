"""How a run was generated: when, shard by shard, and how fast (product C13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from counterfoil.records.billing.models import Run, RunShard


@dataclass(frozen=True, kw_only=True)
class ShardRan:
    """One shard: when it was stored, and how long after the one before it, or after the start."""

    number: int
    charges: int
    done_at: datetime
    took: timedelta
    invoices: int
    lines: int
    exceptions: int


@dataclass(frozen=True, kw_only=True)
class Ran:
    """The shards of a run in the order in which they were stored, and how many are missing.

    Several are rated side by side, so `took` is the time between two that were stored, not the work in one.
    """

    started_at: datetime
    ended_at: datetime | None
    shards: Sequence[ShardRan]
    missing: int

    @property
    def charges(self) -> int:
        """Return how many charges the stored shards were planned to read."""
        return sum(shard.charges for shard in self.shards)

    @property
    def took(self) -> timedelta:
        """Return the time from the start to the last shard stored; nothing while none is."""
        return self.shards[-1].done_at - self.started_at if self.shards else timedelta()

    @property
    def charges_a_second(self) -> int | None:
        """Return the pace, None where it went too fast to say."""
        whole = self.took // timedelta(milliseconds=1)
        return self.charges * 1000 // whole if whole else None

    @property
    def slowest(self) -> ShardRan | None:
        """Return the shard that came longest after the one before it."""
        return max(self.shards, key=lambda shard: shard.took, default=None)


def how_it_ran(run: Run) -> Ran:
    """Return how *run* was generated, also while it still is."""
    stored = list(RunShard.objects.filter(run=run, done_at__isnull=False).order_by("done_at", "number"))
    before, shards = run.started_at, []
    for one in stored:
        done_at = one.done_at or before
        shards.append(
            ShardRan(
                number=one.number,
                charges=one.charges,
                done_at=done_at,
                took=max(done_at - before, timedelta()),
                invoices=one.invoices,
                lines=one.lines,
                exceptions=one.exceptions,
            )
        )
        before = done_at
    missing = RunShard.objects.filter(run=run, done_at__isnull=True).count()
    return Ran(started_at=run.started_at, ended_at=run.generated_at, shards=shards, missing=missing)
