"""The pages of runs: list, preview, and one run from generating to issued."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing.issue import why_in_review
from counterfoil.flows.billing.ran import how_it_ran
from counterfoil.flows.billing.run import selection_of
from counterfoil.flows.billing.starting import start
from counterfoil.flows.consolidating.queueing import with_waiting
from counterfoil.records.billing import queries
from counterfoil.records.billing.figures import totals_of, totals_of_run
from counterfoil.records.billing.models import BillingException, Run, RunStatus
from counterfoil.records.billing.run_customers import customers_of
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.web.access import needs
from counterfoil.web.deliveries.views import DELIVERIES_OF_RUN
from counterfoil.web.display import current_zone, duration_text
from counterfoil.web.exceptions.views import EXCEPTIONS_OF_RUN, with_state
from counterfoil.web.invoices.drafts import drafts_of
from counterfoil.web.invoices.lines import lines_that_count
from counterfoil.web.invoices.lists import DRAFTS, WITHOUT_LAST_TIME
from counterfoil.web.invoices.subjects import with_meters
from counterfoil.web.layout.work import panel_context, panel_response
from counterfoil.web.lists.page import list_page
from counterfoil.web.runs.customers import CUSTOMERS_OF_RUN, tell
from counterfoil.web.runs.doing import why_not
from counterfoil.web.runs.forms import RunForm
from counterfoil.web.runs.lists import RUNS, STATES, lines_of_run
from counterfoil.web.runs.outcome import deliveries_of, reconciliation_of
from counterfoil.web.runs.previewing import preview_workbook, previewed
from counterfoil.web.runs.seeing import run_reviewed, run_seen, runs_seen_by, sees_some_branches, work_of
from counterfoil.web.runs.variance import VARIANCES, against_last_time, differences_of, with_last_time
from counterfoil.web.saying import said
from counterfoil.web.templatetags.counterfoil import Tab

MOST_SHARDS = 500


@needs(Role.VIEWER)
def runs(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    context = {"new": reverse("run-new"), "new_label": gettext("New run")}
    rows = runs_seen_by(request.user)  # type: ignore[arg-type]
    return list_page(request, listing=RUNS, queryset=rows, title=gettext("Runs"), context=context)


@needs(Role.BILLER, Role.APPROVER, Role.ACCOUNTANT)
def new(request: HttpRequest) -> HttpResponseBase:
    """Ask what to bill; show what that comes to, storing nothing; generate it when that is confirmed."""
    today = clock.now().astimezone(current_zone()).date()
    data = request.POST if request.method == "POST" else (request.GET if "cutoff" in request.GET else None)
    form = RunForm(data, user=request.user, today=today, initial=request.GET.dict())  # type: ignore[arg-type]
    context: dict[str, Any] = {"form": form, "title": gettext("New run")}
    if form.is_valid():
        try:
            if request.method == "POST":
                return _generate(request, form)
            if "excel" in request.GET:
                return preview_workbook(form.request)
            asked = request.GET.copy()
            part = (asked.pop("part", None) or [""])[-1]
            context |= {
                **previewed(form.request, part=part, asked=asked.urlencode()),
                "excel": f"?{asked.urlencode()}&excel=1",
            }
        except Refusal as refusal:
            messages.error(request, said(refusal))
    return render(request, "runs/new.html", context)


def _generate(request: HttpRequest, form: RunForm) -> HttpResponse:
    if request.user.role not in (Role.BILLER, Role.ADMINISTRATOR):  # type: ignore[union-attr]
        messages.error(request, gettext("Only a biller generates a run. The preview stored nothing."))
        return HttpResponseRedirect(reverse("run-new"))
    run = start(form.request, by=request.user, now=clock.now())  # type: ignore[arg-type]
    return HttpResponseRedirect(reverse("run", args=[run.pk]))


@needs(Role.VIEWER)
def run(request: HttpRequest, key: int) -> HttpResponseBase:
    """Show one: its progress while it is generated, then its review by invoice."""
    found = run_reviewed(request, key)
    if found.status == RunStatus.GENERATING:
        work, now = work_of(found), clock.now()
        panel = panel_context(work, now=now, poll=reverse("run-progress", args=[key]))
        return render(
            request,
            "runs/generating.html",
            {
                **panel,
                "run": found,
                "title": gettext("Run %(run)s: %(title)s") % {"run": key, "title": found.title},
            },
        )
    context = _review(request, found, tab="invoices")
    return list_page(
        request,
        listing=DRAFTS if context["comparison"] else WITHOUT_LAST_TIME,
        queryset=with_waiting(with_last_time(drafts_of(request, found))),
        title=context["title"],
        context=context,
        bulk_arguments=[key],
        known=context["counted"]["invoices"],
    )


@needs(Role.VIEWER)
def customers(request: HttpRequest, key: int) -> HttpResponseBase:
    """Show the review by customer: billed, held, excluded, set aside, and those billed last time alone."""
    found = run_reviewed(request, key)
    context = _review(request, found, tab="customers")
    rows = customers_of(found, documents=context["counted"]["invoices"])
    return list_page(
        request,
        listing=replace(CUSTOMERS_OF_RUN, complete=partial(tell, found)),
        queryset=within_branches(rows, user=request.user, path="branch_id"),  # type: ignore[arg-type]
        title=context["title"],
        context=context,
    )


@needs(Role.VIEWER)
def progress(request: HttpRequest, key: int) -> HttpResponse:
    """Answer a poll of the progress panel."""
    here = reverse("run", args=[key])
    work = work_of(run_seen(request, key))
    return panel_response(
        request, work, now=clock.now(), poll=reverse("run-progress", args=[key]), result=here
    )


@needs(Role.VIEWER)
def lines(request: HttpRequest, key: int) -> HttpResponseBase:
    """Show the review by line."""
    found = run_reviewed(request, key)
    rows = lines_that_count(drafts_of(request, found).select_related(None))
    beside = ("invoice__customer", "invoice__number", "client", "event_charge")
    rows = queries.within_run(with_meters(rows.select_related(*beside)), found)
    context = _review(request, found, tab="lines")
    return list_page(
        request,
        listing=lines_of_run(found, lines=context["counted"]["lines"]),
        queryset=rows,
        title=context["title"],
        context=context,
        bulk_arguments=[key],
        known=context["counted"]["lines"],
    )


@needs(Role.VIEWER)
def exceptions(request: HttpRequest, key: int) -> HttpResponseBase:
    """Show what the run could not bill."""
    found = run_reviewed(request, key)
    rows = with_state(BillingException.objects.filter(run=found))
    rows = rows.select_related("charge", "customer", "client", "run")
    context = _review(request, found, tab="exceptions")
    return list_page(
        request,
        listing=EXCEPTIONS_OF_RUN,
        queryset=rows,
        title=context["title"],
        context=context,
        bulk_arguments=[key],
        known=found.problem_count,  # type: ignore[attr-defined]
    )


@needs(Role.VIEWER)
def deliveries(request: HttpRequest, key: int) -> HttpResponseBase:
    """Show where each document of the run went, and what became of it."""
    found = run_reviewed(request, key)
    context = _review(request, found, tab="deliveries")
    return list_page(
        request,
        listing=DELIVERIES_OF_RUN,
        queryset=deliveries_of(request, found),
        title=context["title"],
        context=context,
        bulk_arguments=[key],
    )


@needs(Role.VIEWER)
def reconciliation(request: HttpRequest, key: int) -> HttpResponse:
    """Show the totals of the run step by step, up to what the other system has."""
    found = run_reviewed(request, key)
    context = {**_review(request, found, tab="reconciliation"), **reconciliation_of(found)}
    return render(request, "runs/reconciliation.html", context)


@needs(Role.VIEWER)
def ran(request: HttpRequest, key: int) -> HttpResponse:
    """Show how the run was generated, shard by shard."""
    found = run_reviewed(request, key)
    told = how_it_ran(found)
    context = {
        **_review(request, found, tab="ran"),
        "ran": told,
        "took": duration_text(told.took),
        "shards": [(one, duration_text(one.took)) for one in told.shards[:MOST_SHARDS]],
    }
    return render(request, "runs/ran.html", context)


@needs(Role.VIEWER)
def variance(request: HttpRequest, key: int) -> HttpResponseBase:
    """Show what differs from the run before, each line with its reason."""
    found = run_reviewed(request, key)
    context = _review(request, found, tab="variance")
    rows = differences_of(request, context["comparison"])
    return list_page(
        request,
        listing=VARIANCES,
        queryset=rows,
        title=context["title"],
        context=context,
        known=context["counted"]["differences"],
    )


def _review(request: HttpRequest, run: Run, *, tab: str) -> dict[str, Any]:
    """Return what stands over each of the tabs: totals by currency, the comparison, what can be done now."""
    is_limited = sees_some_branches(request.user)  # type: ignore[arg-type]
    totals = totals_of(drafts_of(request, run).select_related(None)) if is_limited else totals_of_run(run)
    against = against_last_time(request, run)
    count = sum(total.documents for total in totals)
    line_count = sum(total.lines for total in totals)
    problem_count = run.problem_count  # type: ignore[attr-defined]
    state = STATES[run.status]
    organisation = request.organisation  # type: ignore[attr-defined]
    is_own = organisation.four_eyes and (
        run.generated_by_id == request.user.pk or run.is_revised_by_them  # type: ignore[attr-defined]
    )
    compared = [] if is_limited else [one["total"] for one in against["variances"]]
    context = {
        "run": run,
        "counted": {
            "invoices": count,
            "lines": line_count,
            "differences": sum(total.lines_that_differ for total in compared) if compared else None,
        },
        "title": gettext("Run %(run)s: %(title)s") % {"run": run.pk, "title": run.title},
        "state_word": state.word,
        "state_tone": state.tone,
        "totals": totals,
        "is_credit": selection_of(run).credits,
        **against,
        "needs_colleague": is_own,
        "waits_because": said(why_in_review(run)),
        "why_not": why_not(run, user=request.user, documents=count, is_own=is_own),  # type: ignore[arg-type]
        "tabs": [
            Tab(gettext("Customers"), reverse("run-customers", args=[run.pk]), tab == "customers"),
            Tab(gettext("Invoices"), reverse("run", args=[run.pk]), tab == "invoices", count),
            Tab(gettext("Lines"), reverse("run-lines", args=[run.pk]), tab == "lines", line_count),
            Tab(gettext("Against last time"), reverse("run-variance", args=[run.pk]), tab == "variance"),
            Tab(
                gettext("Exceptions"),
                reverse("run-exceptions", args=[run.pk]),
                tab == "exceptions",
                problem_count,
            ),
            Tab(gettext("Deliveries"), reverse("run-deliveries", args=[run.pk]), tab == "deliveries"),
            Tab(
                gettext("Reconciliation"),
                reverse("run-reconciliation", args=[run.pk]),
                tab == "reconciliation",
            ),
            Tab(gettext("How it ran"), reverse("run-ran", args=[run.pk]), tab == "ran"),
            Tab(gettext("History"), reverse("history", args=["run", run.pk])),
        ],
    }
    if run.status == RunStatus.AUTHORISED:
        poll = reverse("run-progress", args=[run.pk])
        context |= panel_context(work_of(run), now=clock.now(), poll=poll)
    return context
