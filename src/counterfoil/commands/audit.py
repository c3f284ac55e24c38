"""`counterfoil audit`: who changed what, when, before and after, and why."""

from __future__ import annotations

from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil.commands.day import day_option
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import table

if TYPE_CHECKING:
    from counterfoil.flows.auditing import Told

MOST = 100_000
IN_WORDS = ("id", "who", "by_id", "what", "kind", "object_id", "name", "reason", "where", "is_scheduled")
DIFFERENCE_IN_WORDS = ("field", "label", "before", "after", "is_whole")
Since = Annotated[date | None, day_option(help_text="From that day on.")]
Until = Annotated[date | None, day_option(help_text="Up to that day.")]


def audit(
    user: Annotated[str, typer.Option(help="What somebody did, by user name.")] = "",
    kind: Annotated[str, typer.Option(help="A kind of object, such as billing-customer or charge.")] = "",
    name: Annotated[str, typer.Option(help="How its key, account, number, code or name begins.")] = "",
    field: Annotated[str, typer.Option(help="What changed, such as unit_price.")] = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="So many at most.")] = 100,
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """Show what was changed, the newest first."""
    with with_database():
        from counterfoil.flows.auditing import changes, told

        found = changes(user=user, kind=kind, name=name, field=field, since=since, until=until)
        rows = told(list(islice(found.order_by("-moment", "-id")[:limit], limit)))
    document = {"changes": [_document(one) for one in rows]}
    shown = [
        (
            f"{one.moment:%Y-%m-%d %H:%M:%S}",
            one.who,
            one.what,
            one.kind,
            one.name,
            _differences(one),
            one.reason,
        )
        for one in rows
    ]
    headings = ["When", "Who", "Change", "What", "Which", "Before → after", "Reason"]
    answer(document, text=table(headings, shown) or "Nothing was changed.", as_json=as_json)


def _document(one: Told) -> dict[str, Any]:
    """Return *one* in words; what pages need besides to say it anew is left out."""
    words = {name: getattr(one, name) for name in IN_WORDS}
    differences = [{name: getattr(each, name) for name in DIFFERENCE_IN_WORDS} for each in one.differences]
    return {**words, "moment": one.moment.isoformat(), "differences": differences}


def _differences(one: Told) -> str:
    return "; ".join(change.sentence for change in one.differences)
