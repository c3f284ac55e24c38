"""A customer's statement of account: the days it covers beside the PDF (product D1)."""

from __future__ import annotations

from datetime import date

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.core.statement import Statement
from counterfoil.documents.labels import labels_in
from counterfoil.flows.stating import printed_statements, statements_of
from counterfoil.records.billing.models import Invoice
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer
from counterfoil.web.access import needs
from counterfoil.web.customers.views import seen
from counterfoil.web.display import current_zone
from counterfoil.web.layout.editing import DayInput
from counterfoil.web.saying import said


class StatementForm(forms.Form):
    """Which days a statement covers."""

    day = forms.DateField(label=_("As of"), widget=DayInput)
    since = forms.DateField(
        label=_("Documents from"), widget=DayInput, required=False, help_text=_("Earlier ones are summed up")
    )


@needs(Role.VIEWER)
def statement(request: HttpRequest, key: int) -> HttpResponse:
    """Show what is open, and the statement as it is printed."""
    customer = get_object_or_404(seen(request), pk=key)
    form = StatementForm(asked_days(request))
    context = {
        "form": form,
        "customer": customer,
        "title": gettext("Statement of %(name)s") % {"name": customer.name},
    }
    if form.is_valid():
        try:
            found = _statements(request, customer, form)
        except Refusal as refusal:
            form.add_error(None, said(refusal))
        else:
            labels = labels_in(get_language() or "")
            context["statements"] = [
                (one, [(labels[name], minor) for name, minor in one.ages if minor]) for one in found
            ]
            query = request.GET.urlencode()
            context["query"] = f"?{query}" if query else ""
            context["pdf"] = reverse("customer-statement-pdf", args=[key]) + context["query"]
    return render(request, "statements/statement.html", context)


@needs(Role.VIEWER)
def pdf(request: HttpRequest, key: int) -> HttpResponse:
    """Answer with the statement as PDF; `?download=1` saves it."""
    customer = get_object_or_404(seen(request), pk=key)
    form = StatementForm(asked_days(request))
    try:
        if not form.is_valid():
            return HttpResponse(gettext("The days cannot be read."), status=400, content_type="text/plain")
        content = printed_statements(_statements(request, customer, form))
    except Refusal as refusal:
        context = {"reason": said(refusal), "title": "PDF"}
        return render(request, "invoices/not_printed.html", context, status=400)
    response = HttpResponse(content, content_type="application/pdf")
    how = "attachment" if request.GET.get("download") else "inline"
    response["Content-Disposition"] = f'{how}; filename="statement-{customer.pk}.pdf"'
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def asked_days(request: HttpRequest) -> dict[str, str]:
    """Return the days that the address names; today where it names none."""
    today = clock.now().astimezone(current_zone()).date()
    return {"day": request.GET.get("day") or today.isoformat(), "since": request.GET.get("since", "")}


def _statements(request: HttpRequest, customer: BillingCustomer, form: StatementForm) -> list[Statement]:
    days: dict[str, date | None] = form.cleaned_data
    rows = within_branches(Invoice.objects.all(), user=request.user)  # type: ignore[arg-type]
    return statements_of(customer, day=days["day"], since=days["since"], rows=rows)  # type: ignore[arg-type]
