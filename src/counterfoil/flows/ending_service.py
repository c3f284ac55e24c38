"""A client's service ends: with all of its charges, or alone, and then some charges go on. Foreseen by doing (0085)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet

from counterfoil.flows.assigning import Credits, Ended, credits_within, end
from counterfoil.flows.editing import store
from counterfoil.records.charges.models import Charge
from counterfoil.records.charges.queries import ChargeTerms, terms_of_charges
from counterfoil.records.parties.models import Client


@dataclass(frozen=True, kw_only=True)
class LeftRunning:
    """The charges that go on beyond a client's last day, and what is credited of those billed while commissioned."""

    going_on: Sequence[ChargeTerms]
    credits: Credits


def end_service(client: Client, *, ends_before: date) -> Ended:
    """Let the service of *client*, and all charges that go on, end before a day.

    Raises `ValuesAreWrong`, and `EndsBeforeItStarts` for a charge that begins later.
    """
    with transaction.atomic():
        client.decommissioned_on = ends_before
        store(client, fields=["decommissioned_on"])
        return end(_running(client, ends_before).values_list("pk", flat=True), ends_before=ends_before)


def would_end_service(client: Client, *, ends_before: date) -> Ended:
    """Return what `end_service` would come to now, with what the next credit run would give back; nothing is stored."""
    with transaction.atomic():
        ended = end_service(client, ends_before=ends_before)
        found = credits_within(ended.before, on=ends_before)
        transaction.set_rollback(True)
    return replace(ended, credited=found.net_minor, notes=found.notes, findings=found.findings)


def left_running(client: Client, *, ends_before: date) -> LeftRunning:
    """Return what it leaves running that *client*'s service ends before a day, and what is credited of the rest."""
    with transaction.atomic():
        client.decommissioned_on = ends_before
        store(client, fields=["commissioned_on", "decommissioned_on"])
        terms = terms_of_charges(_running(client, ends_before).order_by("key"))
        served = [one.charge.pk for one in terms if one.values["while_commissioned"]]
        found = credits_within(served, on=ends_before)
        transaction.set_rollback(True)
    return LeftRunning(going_on=[one for one in terms if not one.values["while_commissioned"]], credits=found)


def _running(client: Client, ends_before: date) -> QuerySet[Charge]:
    return client.charges.filter(Q(ends_before__isnull=True) | Q(ends_before__gt=ends_before))
