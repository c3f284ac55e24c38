"""The lists of definitions, and of the runs of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil import clock
from counterfoil.core.schedules import words_of
from counterfoil.flows.billing.scheduling import next_runs
from counterfoil.records.billing.models import BatchDefinition
from counterfoil.web.customers.lists import ACTIVE
from counterfoil.web.definitions.forms import CONNECTOR_NAMES
from counterfoil.web.display import current_zone
from counterfoil.web.lists.columns import Column
from counterfoil.web.lists.columns import Kind as Shown
from counterfoil.web.lists.listing import Empty, Listing, Noun
from counterfoil.web.runs.lists import RUNS, RunsOfDefinitionFilters
from counterfoil.web.saying import said


def place_of(connector: str) -> str:
    """Return what people call the place where documents go."""
    return CONNECTOR_NAMES.get(connector, connector) or gettext("Nowhere")


def _with_next_run(rows: Sequence[BatchDefinition]) -> None:
    """Put on each definition when it starts by itself next."""
    now = clock.now()
    for row in rows:
        coming = next_runs(row, now=now, zone=current_zone())
        row.next_run = coming[0].moment if coming else None  # type: ignore[attr-defined]


DEFINITIONS = Listing(
    name="definitions",
    noun=Noun("definition", "definitions"),
    columns=(
        Column(
            name="name",
            label=_("Name"),
            kind=Shown.CODE,
            link="definition",
            sort=("name",),
            index="unique name",
        ),
        Column(name="title", label=_("Title"), link="definition"),
        Column(name="payer", label=_("Who pays"), value="get_payer_display"),
        Column(
            name="branch",
            label=_("Branch"),
            value=lambda row: row.branch.name if row.branch else gettext("Every branch"),
        ),
        Column(name="customer_group", label=_("Customer group"), value="customer_group.name", is_shown=False),
        Column(name="grouping", label=_("Invoices"), value="get_grouping_display"),
        Column(name="amalgamated", label=_("Amalgamated"), kind=Shown.YES_NO, is_shown=False),
        Column(name="keeps_zero", label=_("Keeps zero"), kind=Shown.YES_NO, is_shown=False),
        Column(name="connector", label=_("Documents go to"), value=lambda row: place_of(row.connector)),
        Column(name="send_email", label=_("E-mail"), kind=Shown.YES_NO, is_shown=False),
        Column(
            name="attaches_summary", label=_("Charge summary by e-mail"), kind=Shown.YES_NO, is_shown=False
        ),
        Column(name="authorised", label=_("Authorised"), kind=Shown.YES_NO),
        Column(
            name="schedule",
            label=_("Starts by itself"),
            value=lambda row: said(words_of(row.schedule)),
            is_shown=False,
        ),
        Column(name="next_run", label=_("Next run"), kind=Shown.MOMENT),
        Column(name="is_active", label=_("State"), kind=Shown.STATE, states=ACTIVE),
        Column(
            name="run",
            label="",
            value=lambda row: gettext("Preview run") if row.is_active else None,
            link=lambda row: f"{reverse('run-new')}?definition={row.pk}",
        ),
    ),
    default_sort="name",
    search=("name__icontains", "title__icontains"),
    search_hint=_("Name, title"),
    complete=_with_next_run,
    empty=Empty(
        title=_("No definitions yet"),
        explanation=_("A definition says what a run selects, how it groups invoices, and where they go."),
        action=_("Add definition"),
        address_name="definition-new",
    ),
)


# What a run of a definition shows of the list of all runs, and where the moment that had it due stands among it.
_BEFORE_SCHEDULE = ("id", "cutoff", "invoice_date", "status", "documents", "gross")
_AFTER_SCHEDULE = ("generated_by", "authorised_by", "issued_at")

RUNS_OF_DEFINITION = replace(
    RUNS,
    name="runs-of-definition",
    filters=RunsOfDefinitionFilters,
    template="definitions/definition.html",
    columns=(
        *(one for one in RUNS.columns if one.name in _BEFORE_SCHEDULE),
        Column(name="scheduled_for", label=_("By schedule"), kind=Shown.MOMENT),
        *(one for one in RUNS.columns if one.name in _AFTER_SCHEDULE),
    ),
    empty=Empty(
        title=_("No runs yet"),
        explanation=_("Preview a run of this definition to see what it would bill."),
    ),
)
