"""`counterfoil note …`: the message log: what is written down about whom, and for everybody."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.charge_many import NothingCalled
from counterfoil.commands.choosing import person
from counterfoil.commands.day import day_option
from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.session import with_database

if TYPE_CHECKING:
    from counterfoil.records.parties.models import LogNote

note = typer.Typer(
    help="The message log: notes on customers, clients and dealers, and for everybody.", no_args_is_help=True
)

OfCustomer = Annotated[
    str | None, typer.Option("--customer", metavar="ACCOUNT", help="The customer it is about.")
]
OfDealer = Annotated[str | None, typer.Option("--dealer", metavar="CODE", help="The dealer it is about.")]
OfClient = Annotated[str | None, typer.Option("--client", metavar="CODE", help="The client it is about.")]


class NoSuchNote(CommandFailed):
    """There is no note {note}. `counterfoil note list` shows those there are."""


@note.command(name="list")
def list_(
    client: OfClient = None,
    customer: OfCustomer = None,
    dealer: OfDealer = None,
    is_open: Annotated[bool, typer.Option("--open", help="Only those to act on.")] = False,  # noqa: FBT002
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show notes, the newest first."""
    with with_database():
        from counterfoil.records.parties.models import LogNote

        beside = ("client", "customer", "dealer", "written_by")
        rows = LogNote.objects.select_related(*beside).order_by("-pk")
        asked = {"client__code": client, "customer__account": customer, "dealer__code": dealer}
        rows = rows.filter(**{path: key for path, key in asked.items() if key is not None})
        if is_open:
            rows = rows.filter(act_by__isnull=False, is_done=False)
        found = list(rows[:limit])
        answer({"notes": [_note(one) for one in found]}, text=_text(found), as_json=as_json)


@note.command()
def add(
    text: Annotated[str, typer.Argument(help="What there is to say.")],
    client: OfClient = None,
    customer: OfCustomer = None,
    dealer: OfDealer = None,
    contact: Annotated[str, typer.Option(help="Whom to reach about it.")] = "",
    phone: Annotated[str, typer.Option(help="Their telephone number.")] = "",
    email: Annotated[str, typer.Option(help="Their e-mail address.")] = "",
    act_by: Annotated[date | None, day_option(help_text="The day by which somebody is to act on it.")] = None,
    crm: Annotated[bool, typer.Option("--crm", help="A connector takes it along to a CRM.")] = False,  # noqa: FBT002
    by: Annotated[str | None, typer.Option(metavar="USERNAME", help="Who writes it.")] = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Write a note: about a client, customer or dealer, or for everybody."""
    with with_database():
        from counterfoil.flows.editing import store_sent
        from counterfoil.records.parties.models import BillingCustomer, Client, Dealer, LogNote

        new = LogNote(
            client=_called(Client, client, what="client", key="code"),
            customer=_called(BillingCustomer, customer, what="customer", key="account"),
            dealer=_called(Dealer, dealer, what="dealer", key="code"),
            text=text,
            contact_name=contact,
            contact_phone=phone,
            contact_email=email,
            act_by=act_by,
            log_to_crm=crm,
        )
        new.written_by, new.written_at = person(by), clock.now()
        stored = store_sent(new, fields=[])
        answer(_note(stored), text=f"Note {stored.pk} is written.", as_json=as_json)


@note.command()
def done(
    notes: Annotated[list[int], typer.Argument(metavar="NOTE...", help="Their numbers.")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Say of notes that they were acted on."""
    with with_database():
        from counterfoil.flows.noting import mark_done
        from counterfoil.records.parties.models import LogNote

        known = set(LogNote.objects.filter(pk__in=notes).values_list("pk", flat=True))
        for one in notes:
            if one not in known:
                raise NoSuchNote(note=one)
        count = mark_done(notes, done=True)
        answer(
            {"done": count},
            text=f"{count:,} {'note is' if count == 1 else 'notes are'} done.",
            as_json=as_json,
        )


def _called(model: Any, wanted: str | None, *, what: str, key: str) -> Any:
    """Return the record whose *key* is *wanted*, None where none is named. Raises `NothingCalled`."""
    found = model.objects.filter(**{key: wanted}).first() if wanted is not None else None
    if wanted is not None and found is None:
        raise NothingCalled(what=what, key=wanted, kind=f"{what}s")
    return found


def _note(one: LogNote) -> dict[str, Any]:
    return {
        "note": one.pk,
        "client": one.client.code if one.client else None,
        "customer": one.customer.account if one.customer else None,
        "dealer": one.dealer.code if one.dealer else None,
        "text": one.text,
        "contact": {"name": one.contact_name, "phone": one.contact_phone, "email": one.contact_email},
        "act_by": one.act_by,
        "is_done": one.is_done,
        "log_to_crm": one.log_to_crm,
        "written_by": one.written_by.username if one.written_by else None,
        "written_at": one.written_at.isoformat(),
    }


def _text(notes: list[LogNote]) -> str:
    if not notes:
        return "There are no such notes."
    lines = []
    for one in notes:
        about = str(one.about or "for everybody")
        due = "" if one.act_by is None else f", {'done' if one.is_done else f'act by {one.act_by}'}"
        lines.append(f"{one.pk:>6}  {about}{due}: {one.text}")
    return "\n".join(lines)
