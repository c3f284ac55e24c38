"""The runs that definitions start by themselves: when, and what their last run came to."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
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
    """Return the next run of each definition with a schedule that *user* may see; one query."""
    now, zone = clock.now(), current_zone()
    scheduled = BatchDefinition.objects.filter(is_active=True).exclude(schedule="").order_by("name")
    scheduled = scheduled.select_related("schedule_state")
    scheduled = scheduled.annotate(last_time=_last_time())
    return [
        NextRun(
            title=definition.title,
            begins_at=coming[0].moment,
            address=reverse("definition", args=[definition.pk]),
            expected=[(one["gross_minor"], one["currency"]) for one in definition.last_time],  # type: ignore[attr-defined]
            problem=said_again(definition.schedule_state.problem)
            if hasattr(definition, "schedule_state")
            else "",
        )
        for definition in within_branches(scheduled, user=user)[:MOST_DEFINITIONS]
        if (coming := next_runs(definition, now=now, zone=zone))
    ]


def _last_time() -> ArraySubquery:
    """Return what the newest run of a definition came to when it was generated: gross and currency."""
    counting = Run.objects.filter(definition=OuterRef(OuterRef("pk"))).exclude(
        status__in=[*TAKEN_BACK, RunStatus.GENERATING]
    )
    newest = counting.order_by("-pk").values("pk")[:1]
    totals = RunTotal.objects.filter(run=Subquery(newest)).order_by("currency")
    return ArraySubquery(totals.values(json=JSONObject(gross_minor="gross_minor", currency="currency")))
