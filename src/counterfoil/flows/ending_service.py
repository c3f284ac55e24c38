"""A client's service ends: with all of its charges, or alone, and then some charges go on. Foreseen by doing (0085)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet

from counterfoil.flows.assigning import Credits, Ended, credits_within, end, end_as_before
from counterfoil.flows.editing import store
from counterfoil.flows.forecasting import forecast_within
from counterfoil.records.charges.models import Charge
from counterfoil.records.charges.queries import ChargeTerms, terms_of_charges
from counterfoil.records.parties.models import Client


@dataclass(frozen=True, kw_only=True)
class LeftRunning:
    """The charges that go on beyond a client's last day, and what is credited of those billed while commissioned."""

    going_on: Sequence[ChargeTerms]
    credits: Credits


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What undoing comes to: whether the client is served again, how many charges get their end back.

    *billed_again* is what they bill more in the next twelve months, net in minor units by currency.
    """

    is_served_again: bool
    charges: int
    billed_again: Mapping[str, int] = field(default_factory=dict)


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


def undo_end_service(
    client: Client, *, before: Mapping[int, date | None], ended_before: date, ended: date | None
) -> Restored:
    """Undo `end_service`: give *client* and its charges the ends they had *before*, *ended* that of its service.

    What was changed meanwhile stays as it is. Raises `ValuesAreWrong`.
    """
    with transaction.atomic():
        found = Client.objects.select_for_update(of=("self",)).get(pk=client.pk)
        is_restored = found.decommissioned_on == ended_before
        if is_restored:
            found.decommissioned_on = ended
            store(found, fields=["decommissioned_on"])
        return Restored(is_served_again=is_restored, charges=end_as_before(before, ended_before=ended_before))


def would_undo_end_service(
    client: Client,
    *,
    before: Mapping[int, date | None],
    ended_before: date,
    ended: date | None,
    today: date,
) -> Restored:
    """Return what `undo_end_service` would come to now, with what is billed again; nothing is stored."""
    of_client = list(client.charges.order_by("pk"))
    with transaction.atomic():
        as_ended = _in_a_year(of_client, today=today)
        found = undo_end_service(client, before=before, ended_before=ended_before, ended=ended)
        again = _in_a_year(of_client, today=today)
        transaction.set_rollback(True)
    more = {currency: net - as_ended.get(currency, 0) for currency, net in again.items()}
    return replace(found, billed_again=more)


def _in_a_year(charges: Sequence[Charge], *, today: date) -> dict[str, int]:
    """Return what *charges* bill in the next twelve months as the open transaction has them, net by currency."""
    return {
        currency: sum(months) for currency, months in forecast_within(charges, today=today).totals.items()
    }


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
