"""The pages of invoices: list, one document beside what it is made of, PDF."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, pgettext

from counterfoil.core.money import Rounding
from counterfoil.core.refusals import Refusal
from counterfoil.documents.render import render_pdf, render_summary
from counterfoil.flows.billing.documents import documents_with_looks
from counterfoil.flows.consolidating.queueing import waiting_of, with_waiting
from counterfoil.flows.linking import link_of_invoice
from counterfoil.flows.selling import sales_of
from counterfoil.records.billing import queries
from counterfoil.records.billing.consolidating_queries import is_consolidated_somewhere
from counterfoil.records.billing.models import DocumentType, Invoice
from counterfoil.records.counting import number_of
from counterfoil.records.deliveries.models import EMAIL, TO_SEND_AGAIN, Delivery, Mail
from counterfoil.records.organisation.models import Organisation, Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.web.access import needs
from counterfoil.web.customers.choosing import every_group, know_groups
from counterfoil.web.deliveries.channels import channel_name
from counterfoil.web.invoices.against import against_last_time, last_time, last_time_of
from counterfoil.web.invoices.history import history_of_invoice
from counterfoil.web.invoices.lists import CREDIT_NOTES, INVOICES, STATES, UNCONSOLIDATED, name_of, state_of
from counterfoil.web.invoices.subjects import with_meters
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.lists.page import list_page
from counterfoil.web.saying import said
from counterfoil.web.templatetags.counterfoil import Tab

REVIEWED = ("draft", "held", "kept")
"""The states of documents that a review may do something to."""


def seen(request: HttpRequest) -> QuerySet[Invoice]:
    """Return the invoices the person may see, with what lies beside them."""
    rows = queries.with_state(queries.visible_invoices()).select_related(
        "run", "customer", "branch", "hold", "exclusion", "number", "void", "credits"
    )
    return within_branches(rows, user=request.user)  # type: ignore[arg-type]


def _with_all_beside(request: HttpRequest) -> QuerySet[Invoice]:
    """Return the invoices the person may see with all that the page of one shows and no tab asks for."""
    of_run = within_branches(Invoice.objects.filter(run=OuterRef("run_id")), user=request.user)  # type: ignore[arg-type]
    before = of_run.filter(pk__gt=OuterRef("pk")).order_by("pk")
    after = of_run.filter(pk__lt=OuterRef("pk")).order_by("-pk")
    people = ("run__generated_by", "run__authorised_by", "run__voided_by", "void__voided_by")
    return (
        with_waiting(seen(request))
        .select_related(*people, "exclusion__excluded_by", "replaces__excluded_by")
        .select_related("credits__number", "customer__billing_link")
        .annotate(
            # The documents of its run beside it, in the order of their list: the newest first.
            before=Subquery(before.values("pk")[:1]),
            after=Subquery(after.values("pk")[:1]),
            delivery_count=number_of(Delivery.objects.all(), path="invoice"),
            last_time=last_time(),
            sale_is_chargeable=Subquery(sales_of(OuterRef("pk")).values("event__is_chargeable")[:1]),
        )
    )


@needs(Role.VIEWER)
def invoices(request: HttpRequest) -> HttpResponseBase:
    """List them."""
    listing = INVOICES if _knows_consolidation(request) else UNCONSOLIDATED
    context = {"new": reverse("sale-new"), "new_label": gettext("New sales invoice")}
    return list_page(
        request, listing=listing, queryset=_all(request), title=gettext("Invoices"), context=context
    )


@needs(Role.VIEWER)
def credit_notes(request: HttpRequest) -> HttpResponseBase:
    """List the credit notes alone."""
    rows = queries.credit_notes_among(_all(request))
    return list_page(request, listing=CREDIT_NOTES, queryset=rows, title=gettext("Credit notes"))


def _all(request: HttpRequest) -> QuerySet[Invoice]:
    """Return the documents in sight, as a list shows them."""
    rows = queries.visible_invoices().select_related("run", "branch", "hold", "exclusion", "void")
    return sight_of(request).limits(with_waiting(rows))


def _knows_consolidation(request: HttpRequest) -> bool:
    """Return whether anything has to do with consolidated billing here; read with it, its filters know the groups."""
    offered = Organisation.objects.values_list(is_consolidated_somewhere(), every_group())
    for is_known, groups in offered:
        know_groups(request, groups)
        return bool(is_known)
    return False


@needs(Role.VIEWER)
def invoice(request: HttpRequest, key: int) -> HttpResponse:
    """Show one: its lines with why, its tax groups, its deliveries, what happened to it."""
    found = get_object_or_404(_with_all_beside(request), pk=key)
    chosen = request.GET.get("tab", "lines")
    state_code = state_of(found)
    if "follow" in request.GET and state_code == "replaced":
        return HttpResponseRedirect(reverse("invoice", args=[found.exclusion.replaced_by_id]))
    state = STATES[state_code]
    usual = request.organisation.billing_link  # type: ignore[attr-defined]
    credit_notes = _credit_notes(found)
    context: dict[str, Any] = {
        "invoice": found,
        "state_code": state_code,
        "state_word": state.word,
        "state_tone": state.tone,
        "title": f"{found.get_document_type_display()} {name_of(found)}",
        "tabs": [
            Tab(gettext("Lines"), "?tab=lines", chosen == "lines", found.line_count),
            Tab(gettext("Against last time"), "?tab=before", chosen == "before"),
            Tab(gettext("Document"), "?tab=document", chosen == "document"),
            Tab(gettext("Deliveries"), "?tab=deliveries", chosen == "deliveries", found.delivery_count),
            *_credits_tab(found, chosen=chosen, count=len(credit_notes)),
            Tab(gettext("History"), "?tab=history", chosen == "history"),
        ],
        "chosen": chosen,
        "there": link_of_invoice(found, usual=usual),
        "last_time": last_time_of(found),
        "may_be_reviewed": state_code in REVIEWED,
        "credit_notes": credit_notes,
        "left_minor": found.gross_minor + sum(note.gross_minor for note in credit_notes),
        "before": found.before,
        "after": found.after,
        "waiting": waiting_of(found),
        "can_be_changed": _can_be_changed(found),
        "replaces": getattr(found, "replaces", None),
    }
    if chosen == "deliveries":
        deliveries = list(Delivery.objects.filter(invoice=found))
        context["deliveries"] = deliveries
        for one in deliveries:
            one.name, one.can_be_repeated = channel_name(one.channel), one.state in TO_SEND_AGAIN
        mails = Mail.objects.filter(delivery__invoice=found).select_related("asked_by")
        context["mails"] = list(mails.order_by("-pk"))
        context["was_mailed"] = any(one.channel == EMAIL for one in context["deliveries"])
    elif chosen == "history":
        context["history"] = history_of_invoice(found)
    elif chosen == "before":
        rounding = Rounding(request.organisation.rounding)  # type: ignore[attr-defined]
        context |= against_last_time(found, rounding=rounding)
    elif chosen == "lines":
        lines = found.lines.select_related("client", "tax_category", "reason__given_by", "event_charge")
        context["lines"] = list(with_meters(lines).order_by("line_no"))
        for line in context["lines"]:
            line.excluded_before = json.loads(line.details).get("excluded_before") if line.details else None
        context["groups"] = _tax_groups(context["lines"])
    return render(request, "invoices/invoice.html", context)


@needs(Role.VIEWER)
def pdf(request: HttpRequest, key: int) -> HttpResponse:
    """Answer with the document as PDF; `?download=1` saves it, otherwise it is shown."""
    found = get_object_or_404(seen(request), pk=key)
    return _printed(request, found, printer=render_pdf, name=name_of(found))


@needs(Role.VIEWER)
def summary(request: HttpRequest, key: int) -> HttpResponse:
    """Answer with the charge summary as PDF: every single line, also of an amalgamated invoice."""
    found = get_object_or_404(seen(request), pk=key)
    return _printed(request, found, printer=render_summary, name=f"{name_of(found)} summary")


def _can_be_changed(invoice: Invoice) -> bool:
    """Return whether *invoice* is a sales invoice made by hand that another draft may take the place of."""
    known: Any = invoice
    return state_of(invoice) in ("draft", "held", "voided", "excluded") and bool(known.sale_is_chargeable)


def _credit_notes(invoice: Invoice) -> list[Invoice]:
    """Return the credit notes for *invoice* that count, each with `shown`, what it is called."""
    if not hasattr(invoice, "number"):
        return []
    notes = queries.with_state(queries.visible_invoices().filter(credits=invoice)).select_related("run")
    found = [note for note in notes if state_of(note) not in ("excluded", "replaced", "voided")]
    for note in found:
        note.shown, note.state = name_of(note), STATES[state_of(note)]
    return found


def _credits_tab(invoice: Invoice, *, chosen: str, count: int) -> list[Tab]:
    """Return the tab of what was given back, which a credit note itself has not."""
    if invoice.document_type == DocumentType.CREDIT_NOTE:
        return []
    return [Tab(pgettext("documents", "Credits"), "?tab=credits", chosen == "credits", count)]


def _printed(
    request: HttpRequest, invoice: Invoice, *, printer: Callable[..., bytes], name: str
) -> HttpResponse:
    try:
        [(document, look)] = documents_with_looks([invoice])
        content = printer(document, look=look)
    except Refusal as refusal:
        return render(
            request, "invoices/not_printed.html", {"reason": said(refusal), "title": "PDF"}, status=500
        )
    response = HttpResponse(content, content_type="application/pdf")
    how = "attachment" if request.GET.get("download") else "inline"
    response["Content-Disposition"] = f'{how}; filename="{name.replace(" ", "-")}.pdf"'
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def address(invoice: Invoice) -> str:
    """Return the page of *invoice*."""
    return reverse("invoice", args=[invoice.pk])


def _tax_groups(lines: list[Any]) -> list[dict[str, Any]]:
    """Return net and tax by category and rate, in order of first appearance (5.2, 5.4)."""
    groups: dict[tuple[str, Any, bool], dict[str, Any]] = {}
    for line in lines:
        start = {"category": line.tax_category.name, "rate": line.tax_rate, "net_minor": 0, "tax_minor": 0}
        group = groups.setdefault((line.tax_category.code, line.tax_rate, line.includes_tax), start)
        group["net_minor"] += line.net_minor
        group["tax_minor"] += line.tax_minor
    return list(groups.values())
