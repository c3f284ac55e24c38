"""Which runs a person sees, what is going on in them, and whether their work has failed."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from counterfoil.flows.billing.reconcile import with_size
from counterfoil.flows.billing.starting import GENERATE, ISSUE
from counterfoil.flows.billing.variance import with_last_time
from counterfoil.records.billing import queries
from counterfoil.records.billing.figures import with_differences
from counterfoil.records.billing.models import BillingException, Invoice, Run, RunStatus
from counterfoil.records.counting import number_of
from counterfoil.records.organisation.models import User
from counterfoil.records.organisation.queries import given_branches
from counterfoil.web.customers.choosing import every_group, know_groups
from counterfoil.web.layout.work import Work
from counterfoil.web.lists.state import WORDS
from counterfoil.web.runs.doing import with_queue
from counterfoil.web.runs.line_filters import WordsOfLines

DIED = _("The work stopped before its end. Nothing is lost: go on, and only what is missing is done.")


def runs_seen_by(user: User) -> QuerySet[Run]:
    """Return the runs *user* may see: with branches of their own, those that bill one of these alone."""
    runs = Run.objects.select_related("generated_by", "authorised_by", "definition")
    own = given_branches(user)
    return runs.filter(selection__branch_id__in=own) if own else runs


def sees_some_branches(user: User) -> bool:
    """Return whether *user* was given branches, and so does not see all of them."""
    return bool(given_branches(user))


def run_seen(request: HttpRequest, key: int) -> Run:
    """Return the run, or answer that there is nothing at this address."""
    return get_object_or_404(runs_seen_by(request.user), pk=key)  # type: ignore[arg-type]


def run_reviewed(request: HttpRequest, key: int) -> Run:
    """Return the run with what stands over its review and `problem_count`, or answer 404.

    Whether the person revised drafts of it, and the groups that lists of its invoices filter by, are read with it;
    where words are looked for, also what its shards say of their lines.
    """
    runs = with_differences(
        with_size(with_last_time(queries.with_ends(runs_seen_by(request.user))))  # type: ignore[arg-type]
    ).annotate(
        problem_count=number_of(BillingException.objects.all(), path="run"),
        is_revised_by_them=Exists(queries.revised_by(request.user.pk, run=OuterRef("pk"))),
        groups=every_group(),
    )
    if request.GET.get(WORDS):
        runs = WordsOfLines.read_with(runs)
    found: Any = get_object_or_404(with_queue(runs), pk=key)
    know_groups(request, found.groups)
    return found  # type: ignore[no-any-return]


def work_of(run: Run) -> Work:
    """Return how far the generation, or the issue, of *run* is."""
    is_generating = run.status == RunStatus.GENERATING
    if is_generating:
        done, total = queries.charges_done(run.pk)
    else:
        to_issue = queries.drafts_to_issue(run.pk).count()
        done = Invoice.objects.filter(run=run, number__isnull=False).count()
        total = done + to_issue
    return Work(
        title=gettext("Run %(run)s") % {"run": run.pk},
        stage=gettext("Generating invoices") if is_generating else gettext("Issuing invoices"),
        done=done,
        total=total,
        unit=gettext("charges") if is_generating else gettext("invoices"),
        started_at=run.started_at if is_generating else run.authorised_at or run.started_at,
        address=reverse("run", args=[run.pk]),
        is_finished=run.status not in (RunStatus.GENERATING, RunStatus.AUTHORISED),
        failure=str(DIED) if job_failed(run.pk, task=GENERATE if is_generating else ISSUE) else "",
    )


def job_failed(run_id: int, *, task: str) -> bool:
    """Return whether the newest job *task* of a run has failed for good."""
    jobs = ProcrastinateJob.objects.filter(task_name=task, args__run_id=run_id)
    return jobs.order_by("-id").values_list("status", flat=True).first() == "failed"
