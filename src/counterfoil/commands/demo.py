"""`counterfoil demo`: load a bureau to look around in."""

from __future__ import annotations

from typing import Any

from counterfoil import clock
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.progress import progress_bar
from counterfoil.commands.session import with_database


def demo(as_json: AsJson = False) -> None:  # noqa: FBT002  a switch on the command line
    """Load the demo bureau with some months billed already; harmless where it is loaded."""
    with with_database(migrates=True, is_somebodys=False):
        from counterfoil.flows.demo.loading import PASSWORD, load_demo
        from counterfoil.records.organisation.models import Role, User
        from counterfoil.records.organisation.queries import the_organisation

        with progress_bar("Billing the demo bureau's months") as progress:
            is_new = load_demo(today=clock.today("Europe/Dublin"), now=clock.now, progress=progress)
        name = the_organisation().name
        known = set(User.objects.values_list("username", flat=True))
    people = [role.value for role in Role if role.value in known]
    document: dict[str, Any] = {
        "organisation": name,
        "created": is_new,
        "users": people,
        "password": PASSWORD,
    }
    text = (
        f"{name} is {'loaded' if is_new else 'there already'}. Sign in as {', '.join(people)};"
        f" the password of each is {PASSWORD}"
    )
    answer(document, text=text, as_json=as_json)
