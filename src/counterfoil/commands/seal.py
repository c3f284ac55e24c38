"""`counterfoil seal`: seal what was changed and issued, now, and print the newest seal."""

from __future__ import annotations

from counterfoil import clock
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database


def seal(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """Seal what is new, as a worker does every ten minutes; keep the printed digest where nobody here can write."""
    with with_database():
        from counterfoil.flows.sealing.seal import seal_all

        sealed = seal_all(now=clock.now())
    newest = sealed.newest
    document = {
        "rows": sealed.rows,
        "seal": newest.number if newest else None,
        "sealed_at": newest.sealed_at.isoformat() if newest else None,
        "digest": newest.digest if newest else None,
    }
    text = f"{sealed.rows:,} rows sealed."
    text += f" Seal {newest.number}: {newest.digest}" if newest else " There is no seal yet."
    answer(document, text=text, as_json=as_json)
