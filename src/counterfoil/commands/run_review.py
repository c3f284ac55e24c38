"""`counterfoil run …`, what is decided in review: hold, release, exclude, adjust, waive, redate, rerate, confirm."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from counterfoil import clock
from counterfoil.commands.choosing import person
from counterfoil.commands.day import day_option
from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.output import AsJson, answer
from counterfoil.commands.run_words import Drafts, Reason, Username
from counterfoil.commands.session import with_database
from counterfoil.commands.tables import table
from counterfoil.core.money import format_minor
from counterfoil.core.nouns import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterfoil.flows.billing.revising import Redated

reviewing = typer.Typer()

Draft = Annotated[int, typer.Argument(metavar="DRAFT", help="A draft invoice, by id.")]
LineNumbers = Annotated[list[int], typer.Argument(metavar="LINE...", help="Its lines, by number.")]
Amount = Annotated[str, typer.Option(help="What to add to each line, for example -20.00.")]
Category = Annotated[
    str | None, typer.Option("--tax-category", metavar="CODE", help="Of the adjustment; else the line's own.")
]
NewDate = Annotated[date, day_option("--to", help_text="The new invoice date.")]
ConfirmedTo = Annotated[
    date | None,
    day_option("--last-day", help_text="The last day confirmed; else up to the cut-off."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what it would do, and store nothing.")]


class NoSuchLineNumber(CommandFailed):
    """Draft {draft} has no line {line}. `counterfoil invoice show {draft}` shows its lines."""


@reviewing.command()
def hold(drafts: Drafts, reason: Reason, by: Username = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Keep drafts back from issue; their days stay billed."""
    with with_database():
        from counterfoil.flows.billing import review

        held = review.hold(drafts, reason=reason, by=person(by), now=clock.now())
    answer({"held": held}, text=f"{held} held.", as_json=as_json)


@reviewing.command()
def release(drafts: Drafts, by: Username = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """End the hold on drafts, so that the next issue takes them in."""
    with with_database():
        from counterfoil.flows.billing import review

        released = review.release(drafts, by=person(by))
    answer({"released": released}, text=f"{released} released.", as_json=as_json)


@reviewing.command()
def exclude(drafts: Drafts, reason: Reason, by: Username = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Drop drafts from their run; the next run bills their days again."""
    with with_database():
        from counterfoil.flows.billing import review

        excluded = review.exclude(drafts, reason=reason, by=person(by), now=clock.now())
    answer({"excluded": excluded}, text=f"{excluded} excluded.", as_json=as_json)


@reviewing.command()
def adjust(
    draft: Draft,
    lines: LineNumbers,
    amount: Amount,
    reason: Reason,
    tax_category: Category = None,
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Add a further line to lines of a draft, with its reason; a new draft takes the place of the old one."""
    with with_database():
        from counterfoil.flows.billing import revising

        new = revising.adjust(
            _line_ids(draft, lines),
            amount=amount,
            reason=reason,
            by=person(by),
            now=clock.now(),
            tax_category=tax_category,
        )
        _answer_drafts(new, verb="adjusted", as_json=as_json)


@reviewing.command()
def waive(
    draft: Draft,
    lines: LineNumbers,
    reason: Reason,
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Bill lines of a draft at 0.00; their days stay billed, and nobody pays for them."""
    with with_database():
        from counterfoil.flows.billing import revising

        new = revising.waive(_line_ids(draft, lines), reason=reason, by=person(by), now=clock.now())
        _answer_drafts(new, verb="waived", as_json=as_json)


@reviewing.command()
def redate(
    drafts: Drafts,
    to: NewDate,
    reason: Reason = "",
    by: Username = None,
    dry_run: DryRun = False,  # noqa: FBT002
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Date drafts anew: tax and due dates are worked out again, and shown."""
    with with_database():
        from counterfoil.flows.billing import revising

        shown = revising.redated(drafts, invoice_date=to)
        new = []
        if not dry_run:
            new = revising.redate(drafts, invoice_date=to, reason=reason, by=person(by), now=clock.now())
    document = {"drafts": new, "redated": [_redated_document(one) for one in shown]}
    answer(document, text=_redated_text(shown, date_after=to), as_json=as_json)


@reviewing.command()
def rerate(drafts: Drafts, reason: Reason, by: Username = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Rate drafts anew on today's data, inside their run."""
    with with_database():
        from counterfoil.flows.billing.rerating import rerate as rerate_drafts

        done = rerate_drafts(drafts, reason=reason, by=person(by), now=clock.now())
    answer(
        {"drafts": done.drafts, "gone": done.gone, "exceptions": done.exceptions},
        text=f"New drafts: {', '.join(map(str, done.drafts)) or 'none'}. {done.gone} gone, "
        f"{counted(done.exceptions, 'exception', 'exceptions')}.",
        as_json=as_json,
    )


@reviewing.command()
def confirm(
    exceptions: Annotated[list[int], typer.Argument(metavar="EXCEPTION...", help="Exceptions, by id.")],
    reason: Reason,
    last_day: ConfirmedTo = None,
    by: Username = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Confirm that many unbilled past periods of a charge are owed; the next run bills them."""
    with with_database():
        from counterfoil.flows.billing.confirming import confirm as confirm_past

        done = confirm_past(
            exceptions,
            reason=reason,
            by=person(by),
            now=clock.now(),
            ends_before=date.fromordinal(last_day.toordinal() + 1) if last_day else None,
        )
    document = {"confirmed": [{"charge": one.charge, "ends_before": one.ends_before} for one in done]}
    text = table(["Charge", "Confirmed before"], [(one.charge, one.ends_before) for one in done])
    answer(document, text=text, as_json=as_json)


def _line_ids(draft: int, numbers: Sequence[int]) -> list[int]:
    """Return the ids of a draft's lines with these numbers."""
    from counterfoil.records.billing.models import InvoiceLine

    known = dict(InvoiceLine.objects.filter(invoice_id=draft).values_list("line_no", "pk"))
    for number in numbers:
        if number not in known:
            raise NoSuchLineNumber(draft=draft, line=number)
    return [known[number] for number in numbers]


def _answer_drafts(ids: list[int], *, verb: str, as_json: bool) -> None:
    from counterfoil.records.billing.models import Invoice

    rows = [
        {"id": one.pk, "currency": one.currency, **_amounts(one.currency, one.net_minor, one.tax_minor)}
        for one in Invoice.objects.filter(pk__in=ids).order_by("pk")
    ]
    text = table(
        ["New draft>", "Net>", "Tax>", "Gross>", "Currency"],
        [[row[name] for name in ("id", "net", "tax", "gross", "currency")] for row in rows],
        title=f"Drafts {verb}",
    )
    answer({"drafts": rows}, text=text, as_json=as_json)


def _amounts(currency: str, net: int, tax: int) -> dict[str, str]:
    amounts = {"net": net, "tax": tax, "gross": net + tax}
    return {name: format_minor(minor, currency) for name, minor in amounts.items()}


def _redated_document(one: Redated) -> dict[str, Any]:
    return {
        "draft": one.invoice_id,
        "currency": one.currency,
        "invoice_date": {"before": one.date_before, "after": one.date_after},
        "due_on": {"before": one.due_before, "after": one.due_after},
        "tax": {
            "before": format_minor(one.tax_before_minor, one.currency),
            "after": format_minor(one.tax_after_minor, one.currency),
        },
        "gross": {
            "before": format_minor(one.gross_before_minor, one.currency),
            "after": format_minor(one.gross_after_minor, one.currency),
        },
    }


def _redated_text(shown: Sequence[Redated], *, date_after: date) -> str:
    rows = [
        (
            one.invoice_id,
            one.customer,
            f"{one.due_before} → {one.due_after}",
            f"{format_minor(one.tax_before_minor, one.currency)} → {format_minor(one.tax_after_minor, one.currency)}",
            one.currency,
        )
        for one in shown
    ]
    return table(["Draft>", "Customer", "Due", "Tax>", "Currency"], rows, title=f"Dated {date_after}")
