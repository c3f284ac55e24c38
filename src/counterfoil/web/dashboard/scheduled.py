"""The runs that definitions start by themselves: when, and what their last run came to."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.urls import reverse

from counterfoil import clock
from counterfoil.flows.billing.scheduling import next_runs
from counterfoil.records.billing.models import TAKEN_BACK, BatchDefinition, Run, RunStatus, RunTotal
from counterfoil.records.organisation.queries import within_branches
from counterfoil.web.dashboard.waiting import NextRun
from counterfoil.web.display import current_zone
from counterfoil.web.saying import said_again

MOST_DEFINITIONS = 20


def scheduled_runs(user: Any) -> list[NextRun]:
    """Return the next run of each definition with a schedule that *user* may see; two queries."""
    now, zone = clock.now(), current_zone()
    scheduled = BatchDefinition.objects.filter(is_active=True).exclude(schedule="").order_by("name")
    scheduled = scheduled.select_related("schedule_state")
    definitions = list(within_branches(scheduled, user=user)[:MOST_DEFINITIONS])
    last_time = _last_time(definitions) if definitions else {}
    return [
        NextRun(
            title=definition.title,
            begins_at=coming[0].moment,
            address=reverse("definition", args=[definition.pk]),
            expected=last_time.get(definition.pk, ()),
            problem=said_again(definition.schedule_state.problem)
            if hasattr(definition, "schedule_state")
            else "",
        )
        for definition in definitions
        if (coming := next_runs(definition, now=now, zone=zone))
    ]


def _last_time(definitions: list[BatchDefinition]) -> dict[int, list[tuple[int, str]]]:
    """Return by definition what its newest run came to when it was generated: gross and currency."""
    counting = Run.objects.filter(definition__in=definitions).exclude(
        status__in=[*TAKEN_BACK, RunStatus.GENERATING]
    )
    newest = counting.order_by().values("definition").annotate(newest=Max("pk")).values("newest")
    found: dict[int, list[tuple[int, str]]] = {}
    totals = RunTotal.objects.filter(run__in=newest).order_by("run__definition", "currency")
    for definition_id, gross, currency in totals.values_list("run__definition", "gross_minor", "currency"):
        found.setdefault(definition_id, []).append((gross, currency))
    return found
