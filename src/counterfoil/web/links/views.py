"""The pages of billing links, with where they lead while they are typed (product B4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.core.links import CUSTOMER_PLACEHOLDERS, INVOICE_PLACEHOLDERS
from counterfoil.core.refusals import Refusal
from counterfoil.flows import linking as flow
from counterfoil.records.organisation.models import BillingLink, Role
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.web.access import needs
from counterfoil.web.layout.editing import WordedForm, posted
from counterfoil.web.saying import said

SUCH_AS = _("Such as https://erp.example/… with {placeholders}")


def in_braces(names: Sequence[str]) -> str:
    """Return placeholders as they are typed: "{account} {number}"."""
    return " ".join(f"{{{name}}}" for name in names)


class BillingLinkForm(WordedForm):
    """Where the other system shows customers and invoices."""

    is_usual = forms.BooleanField(label=_("Of every customer without one of their own"), required=False)

    class Meta:
        model = BillingLink
        fields = ["name", "customer_page", "invoice_page"]
        labels = {"customer_page": _("A customer's page"), "invoice_page": _("An invoice's page")}
        help_texts = {
            "customer_page": format_lazy(SUCH_AS, placeholders=in_braces(CUSTOMER_PLACEHOLDERS)),
            "invoice_page": format_lazy(SUCH_AS, placeholders=in_braces(INVOICE_PLACEHOLDERS)),
        }


@needs(Role.VIEWER)
def links(request: HttpRequest) -> HttpResponse:
    """List them."""
    rows = BillingLink.objects.annotate(chosen=Count("customers")).order_by("name")
    context = {"links": rows, "usual": the_organisation().billing_link_id, "title": gettext("Billing links")}
    return render(request, "links/links.html", context)


@needs(Role.ADMINISTRATOR)
def new(request: HttpRequest) -> HttpResponse:
    """Add one."""
    return _form(request, BillingLink(), title=gettext("New billing link"), verb=gettext("Add billing link"))


@needs(Role.ADMINISTRATOR)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one."""
    found = get_object_or_404(BillingLink, pk=key)
    return _form(
        request, found, title=gettext("Edit %(name)s") % {"name": found}, verb=gettext("Store changes")
    )


@needs(Role.ADMINISTRATOR)
def show_sample(request: HttpRequest) -> HttpResponse:
    """Answer with where the templates typed would lead, or with why they lead nowhere."""
    context: dict[str, Any] = {}
    try:
        context["samples"] = flow.samples(
            customer_page=request.GET.get("customer_page", "").strip(),
            invoice_page=request.GET.get("invoice_page", "").strip(),
        )
    except Refusal as refusal:
        context["refusal"] = said(refusal)
    return render(request, "links/sample.html", context)


def _form(request: HttpRequest, record: BillingLink, *, title: str, verb: str) -> HttpResponse:
    is_usual = record.pk is not None and the_organisation().billing_link_id == record.pk
    form = BillingLinkForm(posted(request), instance=record, initial={"is_usual": is_usual})
    if form.is_valid():
        try:
            flow.store_link(form.instance, is_usual=form.cleaned_data["is_usual"])
        except Refusal as refusal:
            form.add_error(None, said(refusal))
        else:
            messages.success(request, gettext("The billing link %(name)s was stored.") % {"name": record})
            return HttpResponseRedirect(reverse("billing-links"))
    context = {"form": form, "title": title, "verb": verb, "back": reverse("billing-links")}
    return render(request, "links/edit.html", context)
