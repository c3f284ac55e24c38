"""The customer mode: who is invoiced, and the move from one mode to the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from counterfoil.api.auth import Need, user_of
from counterfoil.api.repeating import once, once_reading
from counterfoil.api.routes import does, reads
from counterfoil.api.shapes import DecimalText, Reason, Request
from counterfoil.clock import today
from counterfoil.core.money import format_minor
from counterfoil.core.paying import CustomerMode
from counterfoil.flows.customer_mode import moving as flow
from counterfoil.flows.customer_mode.billing import WouldBill
from counterfoil.flows.customer_mode.later import DueLater
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation

router = Router(tags=["organisation"])
SEES = Need("organisation:read")
CHANGES = Need("organisation:write", frozenset({Role.ADMINISTRATOR}))


class CustomerModeNow(Schema):
    """The mode, and when it was last moved. `can_be_undone`: nothing was billed since."""

    mode: CustomerMode
    moved_at: datetime | None
    can_be_undone: bool


class MoveWanted(Request):
    """A move to the other mode, foreseen."""

    to: CustomerMode


class MoveDone(MoveWanted):
    """A move to the other mode, and why."""

    reason: Reason


class BlockerShape(Schema):
    """What stands in the way: how often, some of the objects it is about, and what to do."""

    code: str
    count: int
    named: list[str]
    message: str
    remedy: str


class BillShape(Schema):
    """What one definition would bill today; `gross` by currency."""

    documents: int
    lines: int
    exceptions: int
    gross: dict[str, DecimalText]


class ComparedShape(Schema):
    """What one definition would bill before and after; `is_same`: the same lines to the same customers, to the cent."""

    definition: str
    before: BillShape
    after: BillShape
    is_same: bool


class DueShape(Schema):
    """What falls due in the next twelve months; `net` by currency."""

    lines: int
    net: dict[str, DecimalText]


class LaterShape(Schema):
    """What falls due before and after; `is_same`: the same lines to the same customers, to the cent."""

    before: DueShape
    after: DueShape
    is_same: bool


class MoveShape(Schema):
    """What a move comes to: figures by name, blockers, and what would be billed today and later, none where blocked."""

    to: CustomerMode
    figures: dict[str, int]
    blockers: list[BlockerShape]
    compared: list[ComparedShape]
    later: LaterShape | None
    is_possible: bool


@reads(router, "", need=SEES, answer=CustomerModeNow)
def get_customer_mode(request: HttpRequest) -> CustomerModeNow:  # noqa: ARG001
    """Return the customer mode."""
    last = flow.last_move()
    return CustomerModeNow(
        mode=CustomerMode(the_organisation().customer_mode),
        moved_at=last.moved_at if last else None,
        can_be_undone=last is not None and last.can_be_undone,
    )


@does(router, "/preview", need=CHANGES, answer=MoveShape)
def preview_move(request: HttpRequest, wanted: MoveWanted) -> HttpResponse:
    """Return what a move to the other mode comes to now; nothing is stored."""
    return once_reading(request, lambda: _shape(flow.would_move(to=wanted.to, today=_today())))


@does(router, "/move", need=CHANGES, answer=MoveShape)
def move_customer_mode(request: HttpRequest, wanted: MoveDone) -> HttpResponse:
    """Move to the other mode, unless something stands in the way, or something would be billed otherwise."""
    return _done(
        request,
        lambda: flow.move(to=wanted.to, today=_today(), by=user_of(request), reason=wanted.reason),
    )


@does(router, "/undo", need=CHANGES, answer=MoveShape)
def undo_move(request: HttpRequest) -> HttpResponse:
    """Move back to the mode before, while nothing was billed since."""
    return _done(request, lambda: flow.undo(today=_today(), by=user_of(request)))


def _done(request: HttpRequest, act: Callable[[], flow.Move]) -> HttpResponse:
    return once(request, lambda: _shape(act()))


def _today() -> date:
    return today(the_organisation().timezone)


def _shape(move: flow.Move) -> MoveShape:
    return MoveShape(
        to=move.plan.to,
        figures=dict(move.plan.figures),
        blockers=[BlockerShape(**{**vars(one), "named": list(one.named)}) for one in move.plan.blockers],
        compared=[
            ComparedShape(
                definition=one.before.definition,
                before=_bill(one.before),
                after=_bill(one.after),
                is_same=one.is_same,
            )
            for one in move.compared
        ],
        later=LaterShape(
            before=_due(move.later.before), after=_due(move.later.after), is_same=move.later.is_same
        )
        if move.later
        else None,
        is_possible=move.is_possible,
    )


def _due(due: DueLater) -> DueShape:
    return DueShape(
        lines=due.line_count,
        net={currency: format_minor(minor, currency) for currency, minor in due.net.items()},
    )


def _bill(bill: WouldBill) -> BillShape:
    return BillShape(
        documents=bill.documents.height,
        lines=bill.line_count,
        exceptions=bill.exceptions,
        gross={currency: format_minor(minor, currency) for currency, minor in bill.gross.items()},
    )
