"""Adjust and waive: what is done to lines of drafts, each with its reason (billing-rules 12.7, 12.8)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing import revising
from counterfoil.records.billing.models import InvoiceLine, Run
from counterfoil.records.catalog.models import TaxCategory
from counterfoil.web.access import needs
from counterfoil.web.display import current_locale, point_for_comma
from counterfoil.web.invoices.drafts import back_to, drafts_of
from counterfoil.web.invoices.lists import REVIEWERS
from counterfoil.web.layout.confirm import reason_given
from counterfoil.web.lists.asking import Question, after_asking, nothing_ticked, of_run
from counterfoil.web.lists.page import selection_of
from counterfoil.web.runs.lists import LINES
from counterfoil.web.saying import said


class AdjustmentForm(forms.Form):
    """By how much, why, and at which tax."""

    amount = forms.CharField(
        label=_("Amount"),
        max_length=20,
        help_text=_("Added to each line; -20.00 takes off. Taxed as the line is."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("Kept with the line and your name; not printed.")
    )
    tax_category = forms.ModelChoiceField(
        TaxCategory.objects.all(),
        label=_("Tax category"),
        required=False,
        empty_label=_("The line's own"),
        to_field_name="code",
    )


@needs(*REVIEWERS)
@require_POST
def adjust(request: HttpRequest, run: int) -> HttpResponse:
    """Ask for an amount and add it to each of the ticked lines as a further line."""
    found = get_object_or_404(Run, pk=run)
    back = back_to(request, otherwise=reverse("run-lines", args=[run]))
    selection = selection_of(request, listing=LINES, queryset=_lines_of(request, found))
    if selection.is_empty:
        messages.warning(request, nothing_ticked(LINES))
        return HttpResponseRedirect(back)
    form = AdjustmentForm(request.POST if "amount" in request.POST else None)
    if form.is_valid():
        category = form.cleaned_data["tax_category"]
        typed = form.cleaned_data["amount"].strip().replace("−", "-")
        try:
            done = revising.adjust(
                list(selection.queryset.order_by("pk").values_list("pk", flat=True)),
                amount=point_for_comma(typed, locale=current_locale()),
                reason=form.cleaned_data["reason"],
                by=request.user,  # type: ignore[arg-type]
                now=clock.now(),
                tax_category=category.code if category else None,
            )
        except Refusal as refusal:
            form.add_error(None, said(refusal))
        else:
            count = len(done)
            told = ngettext("%(count)s draft was adjusted.", "%(count)s drafts were adjusted.", count)
            messages.success(request, told % {"count": count})
            return HttpResponseRedirect(back)
    context: dict[str, Any] = {
        "form": form,
        "fields": selection.fields(),
        "sentence": gettext("%(ticked)s of run %(run)s, %(title)s")
        % {"ticked": selection.sentence(locale=current_locale()), "run": run, "title": found.title},
        "back": back,
        "title": gettext("Adjust lines"),
    }
    return render(request, "invoices/adjust.html", context)


@needs(*REVIEWERS)
@require_POST
def waive(request: HttpRequest, run: int) -> HttpResponse:
    """Bill the ticked lines at 0.00."""
    found = get_object_or_404(Run, pk=run)

    def act(ids: list[int]) -> int:
        revising.waive(ids, reason=reason_given(request), by=request.user, now=clock.now())  # type: ignore[arg-type]
        return len(ids)

    return after_asking(
        request,
        Question(
            verb=gettext("Waive lines"),
            sentence=of_run(
                gettext(
                    "Waive %(ticked)s of run %(run)s, %(title)s. They are billed at 0.00: their days count as "
                    "billed, and nobody pays for them."
                ),
                found,
            ),
            done=ngettext_lazy("%(count)s line was waived.", "%(count)s lines were waived.", "count"),
            lasting=gettext("The computed lines stay in the history, on the drafts that are replaced."),
        ),
        listing=LINES,
        rows=_lines_of(request, found),
        back=back_to(request, otherwise=reverse("run-lines", args=[run])),
        act=act,
    )


def _lines_of(request: HttpRequest, run: Run) -> QuerySet[InvoiceLine]:
    return lines_that_count(drafts_of(request, run).select_related(None))


def lines_that_count(invoices: QuerySet[Any]) -> QuerySet[InvoiceLine]:
    """Return the lines of *invoices* but for those that were replaced or excluded."""
    return InvoiceLine.objects.filter(invoice__in=invoices.filter(exclusion__isnull=True))
