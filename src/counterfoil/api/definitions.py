"""Batch definitions: the saved descriptions of runs, and when they run by themselves."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema
from pydantic import Field

from counterfoil.api.auth import Need, user_of
from counterfoil.api.errors import NotAllowed
from counterfoil.api.paging import Page, Paging, page_of
from counterfoil.api.repeating import once
from counterfoil.api.routes import changes, does, reads
from counterfoil.api.seeing import check_definition_seen, seen
from counterfoil.api.shapes import Key, Request
from counterfoil.clock import now
from counterfoil.core.schedules import words_of
from counterfoil.flows import defining
from counterfoil.flows.billing.scheduling import next_runs
from counterfoil.records.billing.models import BatchDefinition, CreditBasis, Grouping, Payer
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation

router = Router(tags=["definitions"])
SEES = Need("definitions:read")
WRITES = Need("definitions:write", frozenset({Role.BILLER}))
CHANGES = Need("definitions:write", frozenset({Role.BILLER, Role.APPROVER}))

Words = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
SmallNumber = Annotated[int, Field(ge=0, le=32_767)]


class Definition(Schema):
    """What a run selects, how it groups, and where it sends. `branch` null: every branch; `customer_group`
    null: whatever group. `period_lengths`, such as `3 months`, and `master_charges`, codes, empty: any; events have no
    charge period, and are selected whatever that says.

    `schedule` is five fields as cron writes them, in the organisation's zone, empty: no run starts by itself;
    `schedule_words` says the same to people, and `schedule_problem` why the last run that was due did not start.
    """

    id: int
    name: str
    title: str
    kinds: list[str]
    payer: str
    branch: str | None
    customer_group: str | None
    period_lengths: list[str]
    master_charges: list[str]
    grouping: str
    amalgamated: bool
    keeps_zero: bool
    attaches_summary: bool
    credit_basis: str
    past_periods_allowed: int
    connector: str
    send_email: bool
    authorised: bool
    cutoff_rule: str
    invoice_date_rule: str
    schedule: str
    schedule_words: str
    schedule_problem: str
    is_active: bool


class ScheduledRun(Schema):
    """A run to come: when it starts, its cut-off, and the date of its documents."""

    moment: datetime
    cutoff: date
    invoice_date: date


class DefinitionAhead(Definition):
    """A definition with the next five runs that it starts by itself."""

    next_runs: list[ScheduledRun]


class DefinitionChanges(Request):
    """What is to be changed of a definition; what is left out stays. `branch` and `customer_group` null: all."""

    name: Words = ""
    title: Words = ""
    kinds: list[Words] = []
    payer: Words = Payer.ANY.value
    branch: Key | None = None
    customer_group: Key | None = None
    period_lengths: list[Words] = []
    master_charges: list[Key] = []
    grouping: Words = Grouping.CUSTOMER.value
    amalgamated: bool = False
    keeps_zero: bool = False
    attaches_summary: bool = False
    credit_basis: Words = CreditBasis.NONE.value
    past_periods_allowed: SmallNumber = 2
    connector: Words = "csv"
    send_email: bool = True
    authorised: bool = False
    cutoff_rule: Words = "today"
    invoice_date_rule: Words = "today"
    schedule: Words = ""
    is_active: bool = True


class DefinitionWanted(DefinitionChanges):
    """A new definition. `title` empty: its name."""

    name: Words


class CopyWanted(Request):
    """The name of the copy; `title` empty: that of the original, marked as a copy."""

    name: Words
    title: Words = ""


@reads(router, "", need=SEES, answer=Page[Definition])
def list_definitions(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Return the batch definitions you may see, oldest first."""
    return page_of(_seen(request), paging=paging, shape=_shape)


@does(router, "", need=WRITES, answer=DefinitionAhead, status=201)
def create_definition(request: HttpRequest, wanted: DefinitionWanted) -> HttpResponse:
    """Store a new batch definition."""

    def act() -> DefinitionAhead:
        words = wanted.model_dump()
        made = defining.worded(BatchDefinition(), {**words, "title": wanted.title or wanted.name})
        check_definition_seen(request, made, scope=WRITES.scope)
        return _ahead(defining.define(made, by=user_of(request), now=now()))

    return once(request, act, status=201)


@reads(router, "/{name}", need=SEES, answer=DefinitionAhead)
def get_definition(request: HttpRequest, name: Path[Key]) -> DefinitionAhead:
    """Return the batch definition with that name."""
    return _ahead(_named(request, name))


@changes(router, "/{name}", need=CHANGES, answer=DefinitionAhead)
def change_definition(request: HttpRequest, name: Path[Key], wanted: DefinitionChanges) -> HttpResponse:
    """Change what is named of a definition; runs keep the selection they began with.

    `authorised` is switched on by approvers alone, and they change nothing else.
    """
    words = wanted.model_dump(exclude_unset=True)
    if user_of(request).role == Role.APPROVER and set(words) - {"authorised"}:
        raise NotAllowed(reason="an approver changes authorised alone", scope=CHANGES.scope)

    def act() -> DefinitionAhead:
        changed = defining.worded(_named(request, name), words)
        check_definition_seen(request, changed, scope=WRITES.scope)
        if words:
            changed = defining.change(changed, fields=list(words), by=user_of(request), now=now())
        return _ahead(changed)

    return once(request, act)


@does(router, "/{name}/copy", need=WRITES, answer=DefinitionAhead, status=201)
def copy_definition(request: HttpRequest, name: Path[Key], wanted: CopyWanted) -> HttpResponse:
    """Store a copy of a definition under another name; a copy has no schedule."""
    found = _named(request, name)

    def act() -> DefinitionAhead:
        copied = defining.copy_of(found, name=wanted.name, title=wanted.title)
        return _ahead(defining.define(copied, by=user_of(request), now=now()))

    return once(request, act, status=201)


def _seen(request: HttpRequest) -> Any:
    return seen(
        BatchDefinition.objects.select_related("branch", "customer_group", "schedule_state"), request=request
    )


def _named(request: HttpRequest, name: str) -> BatchDefinition:
    found: BatchDefinition = get_object_or_404(_seen(request), name=name)
    return found


def _facts(definition: BatchDefinition) -> dict[str, Any]:
    told = {"branch", "customer_group", "master_charges", "schedule_words", "schedule_problem"}
    state = getattr(definition, "schedule_state", None)
    return {
        **{name: getattr(definition, name) for name in Definition.model_fields if name not in told},
        "branch": definition.branch.code if definition.branch else None,
        "customer_group": definition.customer_group.name if definition.customer_group else None,
        "master_charges": defining.codes_of(definition),
        "schedule_words": words_of(definition.schedule),
        "schedule_problem": state.problem if state else "",
    }


def _shape(definition: BatchDefinition) -> Definition:
    return Definition(**_facts(definition))


def _ahead(definition: BatchDefinition) -> DefinitionAhead:
    zone = ZoneInfo(the_organisation().timezone)
    coming = [ScheduledRun(**asdict(run)) for run in next_runs(definition, now=now(), zone=zone)]
    return DefinitionAhead(**_facts(definition), next_runs=coming)
