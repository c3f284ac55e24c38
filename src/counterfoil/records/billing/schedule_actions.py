"""The only writer of how far the schedules of definitions are dealt with."""

from __future__ import annotations

from datetime import datetime

from counterfoil.records.billing.models import BatchDefinition, ScheduleState


def begin_schedule(definition: BatchDefinition, *, now: datetime) -> None:
    """Have *definition* start what is due after *now*, and nothing that was due before."""
    ScheduleState.objects.update_or_create(definition=definition, defaults={"seen_up_to": now, "problem": ""})


def lock_schedule(definition_id: int) -> ScheduleState | None:
    """Lock the schedule of an active definition for this transaction; None if another has it, or it is off."""
    rows = ScheduleState.objects.select_for_update(of=("self",), skip_locked=True)
    active = rows.filter(definition__is_active=True).exclude(definition__schedule="")
    return active.select_related("definition").filter(pk=definition_id).first()


def note_problem(state: ScheduleState, problem: str) -> None:
    """Note why what is due is not started yet."""
    state.problem = problem[:500]
    state.save(update_fields=["problem"])


def note_seen(state: ScheduleState, *, up_to: datetime, problem: str = "") -> None:
    """Note that what was due up to that moment is dealt with: started, or not for the reason *problem*."""
    state.seen_up_to = up_to
    state.problem = problem[:500]
    state.save(update_fields=["seen_up_to", "problem"])
