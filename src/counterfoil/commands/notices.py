"""`counterfoil notices`: what somebody is to know without looking for it, as the bell of the pages tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.choosing import person
from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database

if TYPE_CHECKING:
    from counterfoil.flows.news.notices import Notice


class WhoseNotices(CommandFailed):
    """Notices are somebody's. Say whose: `counterfoil notices --by USERNAME`, or `counterfoil --as USERNAME …`."""


def notices(
    by: Annotated[str | None, typer.Option(metavar="USERNAME", help="Whose notices.")] = None,
    seen: Annotated[bool, typer.Option("--seen", help="Note that they have seen them.")] = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show what waits for somebody, what went wrong, and what ended that they had asked for."""
    with with_database():
        from counterfoil.flows.news.reading import look_at_notices, news_of
        from counterfoil.records.organisation.queries import the_organisation

        user, now = person(by), clock.now()
        if user is None:
            raise WhoseNotices
        found = news_of(user, now=now, today=clock.today(the_organisation().timezone)).notices
        if seen:
            look_at_notices(user, now=now)
    lines = [f"{'new' if one.is_new else '   '}  {one.since:%Y-%m-%d}  {one.words}" for one in found]
    text = "\n".join(lines) or "Nothing waits for them."
    answer({"notices": [_notice(one) for one in found]}, text=text, as_json=as_json)


def _notice(one: Notice) -> dict[str, Any]:
    return {
        "kind": one.kind.name.lower(),
        "about": one.key,
        "words": str(one.words),
        "count": one.count,
        "since": one.since.isoformat(),
        "is_new": one.is_new,
    }
