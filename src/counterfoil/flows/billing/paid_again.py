"""Events of documents that are taken back after the customer mode was moved: who paid them pays them again (B1, B2).

In standard mode an event has one customer, in legacy mode the marks of its master charges say who pays. What was issued
before a move may have been paid otherwise than the mode can say now, and is asked about when it is void.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.db import connection

from counterfoil.core.refusals import Refusal
from counterfoil.flows.customer_mode.moving import last_move
from counterfoil.records.charges import mode_actions
from counterfoil.records.organisation.queries import is_legacy

SQL = Path(__file__).parent / "sql"


class WouldBePaidByAnother(Refusal):
    """{document} billed the event {event} to {customer} before the customer mode was moved; void, it would be billed to
    {payer}. Void the event's documents one by one, and bill each again before the next; or credit this one instead.
    """


def keep_payers(line_ids: Sequence[int]) -> None:
    """Let whoever paid the events of lines pay them again, in the transaction that frees these events.

    Raises `WouldBePaidByAnother` where the present customer mode cannot say so.
    """
    moved = last_move() if line_ids else None
    if moved is None:
        return
    asked = {"lines": list(line_ids), "moved_at": moved.moved_at}
    if not is_legacy():
        mode_actions.keep_payers(lines=asked["lines"], moved_at=moved.moved_at)
    with connection.cursor() as cursor:
        cursor.execute((SQL / "paid_otherwise.sql").read_text(encoding="utf-8"), asked)
        found = cursor.fetchone()
    if found is not None:
        document, event, customer, payer = found
        raise WouldBePaidByAnother(document=document, event=event, customer=customer, payer=payer)
