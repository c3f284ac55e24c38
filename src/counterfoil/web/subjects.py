"""What the web pages are about, in one place: where one can go, what can be found, what may be running."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from counterfoil.records.organisation.models import Role
from counterfoil.web import searching
from counterfoil.web.dashboard.scheduled import scheduled_runs
from counterfoil.web.dashboard.waiting import NextRun
from counterfoil.web.layout.navigation import Entry, Group
from counterfoil.web.layout.search import SearchKind
from counterfoil.web.layout.work import Work
from counterfoil.web.under_way import under_way

NAVIGATION: tuple[Group, ...] = (
    Group(
        label="",
        icon="layout-dashboard",
        entries=(Entry(label="Dashboard", address_name="dashboard", key="d"),),
    ),
    Group(
        label="Billing",
        icon="receipt",
        entries=(
            Entry(label="Runs", address_name="runs", key="r"),
            Entry(label="Definitions", address_name="definitions", key="b"),
            Entry(label="Invoices", address_name="invoices", key="i"),
            Entry(label="Credit notes", address_name="credit-notes"),
            Entry(label="Consolidated billings", address_name="billings", key="k"),
            Entry(label="Exceptions", address_name="exceptions", key="e"),
        ),
    ),
    Group(
        label="Customers",
        icon="users",
        entries=(
            Entry(label="Billing customers", address_name="customers", key="c"),
            Entry(label="Clients", address_name="clients", key="s"),
            Entry(label="Dealers", address_name="dealers", key="l"),
            Entry(label="Charges", address_name="charges", key="h"),
            Entry(label="Message log", address_name="notes"),
        ),
    ),
    Group(
        label="Events",
        icon="activity",
        entries=(
            Entry(label="Activations", address_name="activations", key="a"),
            Entry(label="Work orders", address_name="work-orders", key="w"),
            Entry(label="Dispatch and sales", address_name="dispatch-and-sales"),
            Entry(label="Meters and readings", address_name="meters", key="n"),
        ),
    ),
    Group(
        label="Catalogue",
        icon="tags",
        entries=(
            Entry(label="Master charges", address_name="master-charges", key="m"),
            Entry(label="Charge periods", address_name="charge-periods", key="p"),
            Entry(label="Price lists", address_name="price-lists", key="x"),
            Entry(label="Tariffs", address_name="tariffs"),
            Entry(label="Discounts", address_name="discounts"),
            Entry(label="Escalations", address_name="escalations"),
            Entry(label="Taxes", address_name="taxes", key="t"),
        ),
    ),
    Group(
        label="Connections",
        icon="plug-connected",
        entries=(
            Entry(label="Deliveries", address_name="deliveries", key="v"),
            Entry(label="E-mails", address_name="mails"),
            Entry(label="Billing links", address_name="billing-links"),
            Entry(label="Imports and exports", address_name="imports", roles=(Role.BILLER,)),
        ),
    ),
    Group(
        label="Settings",
        icon="settings",
        entries=(
            Entry(label="Organisation", address_name="organisation", key="o", roles=(Role.ADMINISTRATOR,)),
            Entry(label="Branches", address_name="branches", roles=(Role.ADMINISTRATOR,)),
            Entry(label="Customer mode", address_name="customer-mode", roles=(Role.ADMINISTRATOR,)),
            Entry(label="Customer groups", address_name="customer-groups", roles=(Role.ADMINISTRATOR,)),
            Entry(label="Users and roles", address_name="users", key="u", roles=(Role.ADMINISTRATOR,)),
            Entry(label="Documents", address_name="documents", roles=(Role.ADMINISTRATOR,)),
            Entry(label="Numbering", address_name="numbering"),
            Entry(label="Closing", address_name="closing", roles=(Role.ACCOUNTANT,)),
            Entry(label="API tokens", address_name="tokens"),
            Entry(label="Audit trail", address_name="audit", roles=(Role.ACCOUNTANT,)),
        ),
    ),
)

SEARCHES: tuple[SearchKind, ...] = searching.SEARCHES

# Each returns the work going on now that the user may see; together they may cost one query a page.
RUNNING: tuple[Callable[[Any], Sequence[Work]], ...] = (under_way,)

# Each returns the runs that will begin by themselves and that the user may see; the dashboard shows them.
NEXT_RUNS: tuple[Callable[[Any], Sequence[NextRun]], ...] = (scheduled_runs,)
