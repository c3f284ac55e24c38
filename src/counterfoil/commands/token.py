"""`counterfoil token`: keys for programs that use the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database

if TYPE_CHECKING:
    from counterfoil.records.organisation.models import ApiToken

token = typer.Typer(help="Make, list and revoke keys for programs that use the API.", no_args_is_help=True)


@token.command()
def create(
    name: Annotated[str, typer.Argument(help="What the token is for.")],
    user: Annotated[str, typer.Option(help="Whose role and branches it has: a username.")],
    scope: Annotated[list[str], typer.Option(help="What it allows, such as runs:read; repeatable.")],
    days: Annotated[int, typer.Option(help="How long it lives.")] = 90,
    as_json: AsJson = False,  # noqa: FBT002  a switch on the command line
) -> None:
    """Make a token and print it. It is shown this once and cannot be read again."""
    with with_database():
        from counterfoil.clock import now
        from counterfoil.flows.granting import grant_token

        made, secret = grant_token(username=user, name=name, scopes=scope, days=days, now=now())
        document = {**_facts(made), "token": secret}
        text = f"{secret}\nKeep it safe: it is shown this once. It ends on {made.expires_at:%Y-%m-%d}."
        answer(document, text=text, as_json=as_json)


@token.command(name="list")
def show(as_json: AsJson = False) -> None:  # noqa: FBT002
    """List the tokens there are, without their secrets."""
    with with_database():
        from counterfoil.clock import now
        from counterfoil.flows.granting import tokens

        moment = now()
        rows = [{**_facts(one), "state": _state(one, moment=moment)} for one in tokens()]
        lines = [f"{row['prefix']}  {row['state']:8}  {row['user']}  {row['name']}" for row in rows]
        answer({"tokens": rows}, text="\n".join(lines) or "There are no tokens.", as_json=as_json)


@token.command()
def revoke(
    prefix: Annotated[str, typer.Argument(help="How the token begins, such as cf_1a2b3c4d.")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """End a token at once and for good."""
    with with_database():
        from counterfoil.clock import now
        from counterfoil.flows.granting import revoke_token

        ended = revoke_token(prefix, now=now())
        answer(_facts(ended), text=f"{prefix} is revoked.", as_json=as_json)


def _facts(one: ApiToken) -> dict[str, Any]:
    moments = {"created_at", "expires_at", "revoked_at", "last_used_at"}
    written = {name: value.isoformat() if (value := getattr(one, name)) else None for name in sorted(moments)}
    return {
        "prefix": one.prefix,
        "name": one.name,
        "user": one.user.username,
        "scopes": one.scopes,
        **written,
    }


def _state(one: ApiToken, *, moment: Any) -> str:
    if one.revoked_at:
        return "revoked"
    return "expired" if one.expires_at <= moment else "valid"
