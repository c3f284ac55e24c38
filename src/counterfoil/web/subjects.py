"""What the web pages are about, in one place: where one can go, what can be found, what may be running."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from counterfoil.records.organisation.models import Role
from counterfoil.web import searching
from counterfoil.web.dashboard.scheduled import scheduled_runs
from counterfoil.web.dashboard.waiting import NextRun
from counterfoil.web.layout.navigation import Entry, Group
from counterfoil.web.layout.news import News
from counterfoil.web.layout.search import SearchKind
from counterfoil.web.news import news_of

NAVIGATION: tuple[Group, ...] = (
    Group(
        label="",
        icon="layout-dashboard",
        entries=(Entry(label=_("Dashboard"), address_name="dashboard", key="d"),),
    ),
    Group(
        label=pgettext_lazy("navigation", "Billing"),
        icon="receipt",
        entries=(
            Entry(label=_("Runs"), address_name="runs", key="r"),
            Entry(label=_("Definitions"), address_name="definitions", key="b"),
            Entry(
                label=_("Invoices"),
                address_name="invoices",
                key="i",
                covers=("/print-batches/", "/unprinted", "/lines/"),
            ),
            Entry(label=_("Credit notes"), address_name="credit-notes"),
            Entry(label=_("Consolidated billings"), address_name="billings", key="k"),
            Entry(label=_("Exceptions"), address_name="exceptions", key="e"),
        ),
    ),
    Group(
        label=_("Customers"),
        icon="users",
        entries=(
            Entry(label=_("Billing customers"), address_name="customers", key="c", covers=("/statements/",)),
            Entry(label=_("Clients"), address_name="clients", key="s", covers=("/commissionings/",)),
            Entry(label=_("Dealers"), address_name="dealers", key="l"),
            Entry(label=_("Charges"), address_name="charges", key="h"),
            Entry(label=_("Customer groups"), address_name="customer-groups"),
            Entry(label=_("Message log"), address_name="notes"),
        ),
    ),
    Group(
        label=_("Events"),
        icon="activity",
        entries=(
            Entry(label=_("Activations"), address_name="activations", key="a"),
            Entry(label=_("Work orders"), address_name="work-orders", key="w"),
            Entry(label=_("Dispatch and sales"), address_name="dispatch-and-sales"),
            Entry(label=_("Meters and readings"), address_name="meters", key="n"),
        ),
    ),
    Group(
        label=_("Catalogue"),
        icon="tags",
        entries=(
            Entry(label=_("Master charges"), address_name="master-charges", key="m"),
            Entry(label=_("Charge periods"), address_name="charge-periods", key="p"),
            Entry(
                label=_("Price lists"),
                address_name="price-lists",
                key="x",
                covers=("/overrides/", "/prices/"),
            ),
            Entry(label=_("Tariffs"), address_name="tariffs"),
            Entry(label=_("Discounts"), address_name="discounts"),
            Entry(label=_("Escalations"), address_name="escalations"),
            Entry(label=_("Taxes"), address_name="taxes", key="t"),
        ),
    ),
    Group(
        label=_("Connections"),
        icon="plug-connected",
        entries=(
            Entry(label=_("Deliveries"), address_name="deliveries", key="v"),
            Entry(label=_("E-mails"), address_name="mails"),
            Entry(label=_("Billing links"), address_name="billing-links"),
            Entry(
                label=_("Imports and exports"),
                address_name="imports",
                roles=(Role.BILLER, Role.ACCOUNTANT),
                covers=("/file-imports/",),
            ),
        ),
    ),
    Group(
        label=_("Settings"),
        icon="settings",
        entries=(
            Entry(label=_("Organisation"), address_name="organisation", key="o", roles=(Role.ADMINISTRATOR,)),
            Entry(label=_("Branches"), address_name="branches", roles=(Role.ADMINISTRATOR,)),
            Entry(label=_("Customer mode"), address_name="customer-mode", roles=(Role.ADMINISTRATOR,)),
            Entry(label=_("Users and roles"), address_name="users", key="u", roles=(Role.ADMINISTRATOR,)),
            Entry(label=_("Documents"), address_name="documents", roles=(Role.ADMINISTRATOR,)),
            Entry(label=_("Numbering"), address_name="numbering"),
            Entry(label=_("Closing"), address_name="closing", roles=(Role.ACCOUNTANT,)),
            Entry(label=_("API tokens"), address_name="tokens"),
            Entry(label=_("Audit trail"), address_name="audit", roles=(Role.ACCOUNTANT,)),
        ),
    ),
)

SEARCHES: tuple[SearchKind, ...] = searching.SEARCHES

# Returns the work going on now that the user may see, and what they are to know; it may cost one query a page.
NEWS: Callable[[Any], News] = news_of

# Each returns the runs that will begin by themselves and that the user may see; the dashboard shows them.
NEXT_RUNS: tuple[Callable[[Any], Sequence[NextRun]], ...] = (scheduled_runs,)
