"""Which run, which invoice, which person: what the words of a command line refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from counterfoil.commands.failures import CommandFailed
from counterfoil.commands.speaking import speaker

if TYPE_CHECKING:
    from counterfoil.records.billing.models import Invoice, Run
    from counterfoil.records.organisation.models import User
    from counterfoil.records.parties.models import BillingCustomer


class NoRunFits(CommandFailed):
    """No run is {status}. `counterfoil run list` shows those there are."""


class SeveralRunsFit(CommandFailed):
    """Several runs are {status}: {runs}. Name the one you mean."""


class NoSuchInvoice(CommandFailed):
    """There is no invoice {number}. `counterfoil invoice list` shows those there are."""


class NoSuchAccount(CommandFailed):
    """There is no billing customer {account}. Give the account number as it is stored."""


class NoSuchPerson(CommandFailed):
    """Nobody here signs in as {username}. Give the name of somebody who does."""


def chosen_run(run: int | None, *, statuses: tuple[str, ...]) -> Run:
    """Return the run numbered *run*, else the only one in *statuses*.

    Raises `NoSuchRun`, `NoRunFits` and `SeveralRunsFit`.
    """
    from counterfoil.records.billing.models import Run, RunStatus
    from counterfoil.records.billing.queries import run_of

    if run is not None:
        return run_of(run)
    status = " or ".join(RunStatus(one).label.lower() for one in statuses)
    fitting = list(Run.objects.filter(status__in=statuses).order_by("pk").values_list("pk", flat=True)[:6])
    if not fitting:
        raise NoRunFits(status=status)
    if len(fitting) > 1:
        raise SeveralRunsFit(status=status, runs=", ".join(map(str, fitting)))
    return run_of(fitting[0])


def chosen_invoice(number: str) -> Invoice:
    """Return the invoice with that number, else the visible one with that id. Raises `NoSuchInvoice`."""
    from counterfoil.records.billing import queries

    visible = queries.with_state(queries.visible_invoices()).select_related("customer", "run")
    found = visible.filter(number__number=number).first()
    if found is None and number.isdecimal() and len(number) < len(str(2**63)):
        found = visible.filter(pk=int(number)).first()
    if found is None:
        raise NoSuchInvoice(number=number)
    return found


def chosen_customer(account: str) -> BillingCustomer:
    """Return the billing customer with that account number. Raises `NoSuchAccount`."""
    from counterfoil.records.parties.models import BillingCustomer

    found = BillingCustomer.objects.filter(account=account).first()
    if found is None:
        raise NoSuchAccount(account=account)
    return found


def person(username: str | None) -> User | None:
    """Return who signs in as *username*; without one, who speaks (`speaking`), if anybody said so.

    The audit trail names them for all that the command changes from now on. Raises `NoSuchPerson`.
    """
    import pghistory

    from counterfoil.records.organisation.models import User

    username = username or speaker()
    if not username:
        return None
    found = User.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise NoSuchPerson(username=username)
    pghistory.context(user=found.pk)
    return found
