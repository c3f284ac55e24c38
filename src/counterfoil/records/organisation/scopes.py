"""What a program's token may be allowed to do: one word for the subject, one for the deed."""

from __future__ import annotations

from collections.abc import Iterable

from counterfoil.core.refusals import Refusal, shown

SCOPES = {
    "customers:read": "see billing customers",
    "customers:write": "add and change billing customers",
    "clients:read": "see clients",
    "clients:write": "add and change clients",
    "dealers:read": "see dealers",
    "dealers:write": "add and change dealers",
    "contacts:read": "see contacts of customers, clients and dealers",
    "contacts:write": "add, change and forget contacts",
    "notes:read": "see notes on clients and the message log",
    "notes:write": "write notes and say that they were acted on",
    "master_charges:read": "see the catalogue: master charges, charge periods, taxes, price lists",
    "master_charges:write": "add and change what is in the catalogue",
    "charges:read": "see assigned charges",
    "charges:write": "assign, change and end charges, and set prices by date",
    "discounts:read": "see discounts",
    "discounts:write": "add and change discounts",
    "events:read": "see activations, work orders, dispatches and sales",
    "events:write": "store events and say whether they are to be charged",
    "meters:read": "see meters and readings",
    "meters:write": "store readings",
    "organisation:read": "see the organisation and its branches",
    "organisation:write": "change the organisation, branches, customer groups, how documents look and are numbered",
    "audit:read": "see every change",
    "users:read": "see who signs in",
    "users:write": "add and change users, and switch them off and on",
    "tokens:read": "see everybody's tokens, without their secrets",
    "tokens:write": "revoke tokens",
    "definitions:read": "see batch definitions",
    "definitions:write": "store, change and copy batch definitions",
    "runs:read": "see and preview runs and their totals",
    "runs:write": "generate and abandon runs, and confirm what a run set aside as long unbilled",
    "runs:authorise": "authorise runs, which issues and delivers their invoices",
    "runs:deliver": "deliver what of runs is still queued",
    "invoices:read": "see invoices, their lines and their PDF",
    "invoices:write": "hold, release, exclude and revise drafts",
    "invoices:credit": "credit invoices by hand, as drafts to be authorised",
    "invoices:void": "void issued documents and runs that have not left the house",
    "billings:write": "make, edit, void and mail consolidated billings, queue invoices for them and roll next dates",
    "imports:write": "import files of every kind",
    "exceptions:read": "see what could not be billed",
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
