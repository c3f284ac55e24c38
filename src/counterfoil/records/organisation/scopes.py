"""What a program's token may be allowed to do: one word for the subject, one for the deed."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_noop as _

from counterfoil.core.refusals import Refusal, shown

SCOPES = {
    "customers:read": _("see billing customers"),
    "customers:write": _("add and change billing customers"),
    "clients:read": _("see clients"),
    "clients:write": _("add and change clients"),
    "dealers:read": _("see dealers"),
    "dealers:write": _("add and change dealers"),
    "contacts:read": _("see contacts of customers, clients and dealers"),
    "contacts:write": _("add, change and forget contacts"),
    "notes:read": _("see notes on clients and the message log"),
    "notes:write": _("write notes and say that they were acted on"),
    "master_charges:read": _("see the catalogue: master charges, charge periods, taxes, price lists"),
    "master_charges:write": _("add and change what is in the catalogue"),
    "charges:read": _("see assigned charges"),
    "charges:write": _("assign, change and end charges, and set prices by date"),
    "discounts:read": _("see discounts"),
    "discounts:write": _("add and change discounts"),
    "events:read": _("see activations, work orders, dispatches and sales"),
    "events:write": _("store events and say whether they are to be charged"),
    "meters:read": _("see meters and readings"),
    "meters:write": _("store readings"),
    "organisation:read": _("see the organisation and its branches"),
    "organisation:write": _(
        "change the organisation, branches, customer groups, how documents look and are numbered"
    ),
    "audit:read": _("see every change"),
    "users:read": _("see who signs in"),
    "users:write": _("add and change users, and switch them off and on"),
    "tokens:read": _("see everybody's tokens, without their secrets"),
    "tokens:write": _("revoke tokens"),
    "definitions:read": _("see batch definitions"),
    "definitions:write": _("store, change and copy batch definitions"),
    "runs:read": _("see and preview runs and their totals"),
    "runs:write": _("generate and abandon runs, and confirm what a run set aside as long unbilled"),
    "runs:authorise": _("authorise runs, which issues and delivers their invoices"),
    "runs:deliver": _("deliver what of runs is still queued"),
    "invoices:read": _("see invoices, their lines and their PDF"),
    "invoices:write": _("hold, release, exclude and revise drafts"),
    "invoices:credit": _("credit invoices by hand, as drafts to be authorised"),
    "invoices:void": _("void issued documents and runs that have not left the house"),
    "billings:write": _(
        "make, edit, void and mail consolidated billings, queue invoices for them and roll next dates"
    ),
    "imports:write": _("import files of every kind"),
    "exceptions:read": _("see what could not be billed"),
    "notices:read": _("see what its user is to know"),
}
"""Every scope, and what it allows."""


class UnknownScope(Refusal):
    """{scope} is no scope. Choose among: {known}."""


class ScopesMissing(Refusal):
    """A token without a scope opens nothing. Name at least one, such as runs:read."""


def checked(scopes: Iterable[str]) -> list[str]:
    """Return *scopes* sorted, each once. Raises `ScopesMissing` and `UnknownScope`."""
    wanted = sorted(set(scopes))
    if not wanted:
        raise ScopesMissing
    for scope in wanted:
        if scope not in SCOPES:
            raise UnknownScope(scope=shown(scope), known=", ".join(SCOPES))
    return wanted
