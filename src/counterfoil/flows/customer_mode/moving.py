"""Move the organisation to the other customer mode: foreseen by doing it and taking it back, done once, undone.

What the definitions would bill is worked out before and after in the same transaction; unless it is the same to the
cent, nothing is moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import pghistory
from django.db import connection, transaction

from counterfoil.core.money import format_minor
from counterfoil.core.nouns import counted
from counterfoil.core.paying import CustomerMode
from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing.review import need_reason
from counterfoil.flows.customer_mode.billing import WouldBill, would_bill
from counterfoil.flows.customer_mode.later import DueLater, due_later
from counterfoil.flows.customer_mode.plan import SQL, Plan, plan
from counterfoil.records.billing.models import Run, RunStatus
from counterfoil.records.charges import mode_actions
from counterfoil.records.organisation.actions import change_organisation
from counterfoil.records.organisation.models import Organisation, User
from counterfoil.records.organisation.queries import NotInstalled
from counterfoil.records.parties.actions import change_clients, leave_clients_to_their_dealers
from counterfoil.records.parties.models import Client

_MOVED = (
    "charges_charge", "charges_billableevent", "charges_eventcharge", "parties_client", "parties_dealer",
    "catalog_mastercharge", "catalog_chargeoverride", "billing_batchdefinition",
)  # fmt: skip


class MoveIsBlocked(Refusal):
    """The organisation cannot be moved to {to} customer mode. {first} {remedy}"""


class WouldBillOtherwise(Refusal):
    """Nothing was moved: {definition} would bill {after} instead of {before}. Compare them, and mend what differs."""


class WouldBillOtherwiseLater(Refusal):
    """Nothing was moved: in the next twelve months {after} would fall due instead of {before}, or be paid by others.
    Compare them, and mend what differs.
    """


class RunIsGenerating(Refusal):
    """Run {run} is generating. Wait until it is finished, then move."""


class InThatModeAlready(Refusal):
    """The organisation is in {mode} customer mode already. There is nothing to move."""


class NothingToUndo(Refusal):
    """The customer mode was not moved, or that is undone already. There is nothing to undo."""


class BilledSince(Refusal):
    """Run {run} billed after the move, so it stays. Move to {mode} customer mode anew: what that comes to is shown."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What one definition would bill before and after a move."""

    before: WouldBill
    after: WouldBill

    @property
    def is_same(self) -> bool:
        """Return whether it bills the same lines to the same customers, to the cent."""
        return self.before.is_as(self.after)


@dataclass(frozen=True, kw_only=True)
class ComparedLater:
    """What falls due in the next twelve months before and after a move."""

    before: DueLater
    after: DueLater

    @property
    def is_same(self) -> bool:
        """Return whether the same lines fall due to the same customers, to the cent."""
        return self.before.is_as(self.after)


@dataclass(frozen=True, kw_only=True)
class Move:
    """A move, done or foreseen: its plan, and by definition what would be billed; empty where it is blocked.

    *later* is what falls due in the next twelve months, None where it is blocked.
    """

    plan: Plan
    compared: Sequence[Compared] = ()
    later: ComparedLater | None = None

    @property
    def is_possible(self) -> bool:
        """Return whether nothing stands in the way and everything is billed as before."""
        is_later_same = self.later is None or self.later.is_same
        return not self.plan.blockers and is_later_same and all(one.is_same for one in self.compared)


@dataclass(frozen=True, kw_only=True)
class LastMove:
    """When the customer mode was last moved, from which one, by whom, and the first run since, if any."""

    moved_at: datetime
    moved_from: CustomerMode
    by: User | None
    run_since: int | None
    is_undo: bool = False

    @property
    def can_be_undone(self) -> bool:
        """Return whether nothing was billed since, and it did not undo a move itself: two clicks undo once."""
        return self.run_since is None and not self.is_undo


def would_move(*, to: CustomerMode, today: date) -> Move:
    """Return what a move to the mode *to* comes to now, by doing it and taking it back.

    Raises `InThatModeAlready` and `RunIsGenerating`.
    """
    with transaction.atomic():
        found = _moved(to=to, today=today)
        transaction.set_rollback(True)
        return found


def move(
    *, to: CustomerMode, today: date, by: User | None, reason: str, undoes: LastMove | None = None
) -> Move:
    """Move to the mode *to*, and return what it came to. What *undoes* a move gives back what that took.

    Raises `InThatModeAlready`, `RunIsGenerating`, `MoveIsBlocked`, `WouldBillOtherwise`, `WouldBillOtherwiseLater` and
    `ReasonMissing`; then nothing has changed.
    """
    need_reason(reason)
    who: dict[str, Any] = {"user": by.pk} if by else {}
    told = {"source": "customer mode", "reason": reason, "is_undo": undoes is not None, **who}
    with pghistory.context(**told), transaction.atomic():
        found = _moved(to=to, today=today, undoes=undoes)
        if found.plan.blockers:
            first = found.plan.blockers[0]
            raise MoveIsBlocked(to=to.value, first=first.message, remedy=first.remedy)
        for one in found.compared:
            if not one.is_same:
                before, after = (_in_words(bill) for bill in (one.before, one.after))
                raise WouldBillOtherwise(definition=one.before.definition, before=before, after=after)
        if found.later is not None and not found.later.is_same:
            before, after = (
                _told(due.line_count, due.net) for due in (found.later.before, found.later.after)
            )
            raise WouldBillOtherwiseLater(before=before, after=after)
        return found


def undo(*, today: date, by: User | None) -> Move:
    """Move back to the mode before the last move, while nothing was billed since; return what it came to.

    Raises `NothingToUndo`, `BilledSince`, and what `move` does.
    """
    last = last_move()
    if last is None or last.is_undo:
        raise NothingToUndo
    if last.run_since is not None:
        raise BilledSince(run=last.run_since, mode=last.moved_from.value)
    return move(to=last.moved_from, today=today, by=by, reason="The move was undone.", undoes=last)


def last_move() -> LastMove | None:
    """Return the last move, read from the audit trail; None if there was none."""
    trail = Organisation.pgh_event_model.objects.order_by("pgh_id")  # type: ignore[attr-defined]
    modes = list(trail.select_related("pgh_context").only("customer_mode", "pgh_created_at", "pgh_context"))
    for before, after in reversed(list(pairwise(modes))):
        if before.customer_mode != after.customer_mode:
            runs = Run.pgh_event_model.objects.filter(
                pgh_label="insert", pgh_created_at__gt=after.pgh_created_at
            )  # type: ignore[attr-defined]
            billing = Run.objects.filter(pk__in=runs.values("pgh_obj_id")).exclude(status=RunStatus.ABANDONED)
            told = after.pgh_context.metadata if after.pgh_context else {}
            user = told.get("user")
            return LastMove(
                moved_at=after.pgh_created_at,
                moved_from=CustomerMode(before.customer_mode),
                by=User.objects.filter(pk=user).first() if user else None,
                run_since=billing.order_by("pk").values_list("pk", flat=True).first(),
                is_undo=told.get("is_undo", False),
            )
    return None


def _moved(*, to: CustomerMode, today: date, undoes: LastMove | None = None) -> Move:
    """Do the move within the transaction that is open, unless it is blocked."""
    organisation = Organisation.objects.select_for_update().first()
    if organisation is None:
        raise NotInstalled
    if organisation.customer_mode == to:
        raise InThatModeAlready(mode=to.value)
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(_MOVED)} IN SHARE ROW EXCLUSIVE MODE")
    generating = Run.objects.filter(status=RunStatus.GENERATING).first()
    if generating is not None:
        raise RunIsGenerating(run=generating.pk)
    planned = plan(to)
    if planned.blockers:
        return Move(plan=planned)
    before, before_later = would_bill(today=today), due_later(today=today)
    if to is CustomerMode.STANDARD:
        mode_actions.assign_what_dealers_pay()
        if undoes is not None:
            _give_back(moved_at=undoes.moved_at)
    else:
        mode_actions.mark_who_pays()
        leave_clients_to_their_dealers()
    organisation.customer_mode = to.value
    change_organisation(organisation, fields=["customer_mode"])
    compared = [
        Compared(before=was, after=now) for was, now in zip(before, would_bill(today=today), strict=True)
    ]
    later = ComparedLater(before=before_later, after=due_later(today=today))
    return Move(plan=planned, compared=compared, later=later)


def _give_back(*, moved_at: datetime) -> None:
    """Give clients, charges and events the customers that a move to legacy mode took, where the same ones pay."""
    with connection.cursor() as cursor:
        cursor.execute((SQL / "defaults_taken.sql").read_text(), {"moved_at": moved_at})
        clients = [Client(pk=pk, customer_id=customer) for pk, customer in cursor.fetchall()]
    change_clients(clients, fields=["customer"])
    mode_actions.give_back(moved_at=moved_at)


def _in_words(bill: WouldBill) -> str:
    return _told(bill.line_count, bill.gross)


def _told(line_count: int, amounts: Mapping[str, int]) -> str:
    sums = ", ".join(f"{format_minor(minor, currency)} {currency}" for currency, minor in amounts.items())
    return f"{counted(line_count, 'line', 'lines')}, {sums or 'nothing'}"
