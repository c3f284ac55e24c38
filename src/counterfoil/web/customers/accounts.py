"""The accounts of clients and dealers, entered on their pages in legacy customer mode."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil.core.refusals import Refusal
from counterfoil.flows.accounts import account_of, store_account
from counterfoil.flows.admitting import ValuesAreWrong
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import Client, Dealer
from counterfoil.web.access import needs
from counterfoil.web.customers.forms import CustomerForm
from counterfoil.web.layout.editing import posted, show_wrong
from counterfoil.web.saying import said


@needs(Role.BILLER)
def of_client(request: HttpRequest, key: int) -> HttpResponse:
    """Enter or change the account of a client."""
    rows = within_branches(Client.objects.select_related("customer", "branch"), user=request.user)  # type: ignore[arg-type]
    return _page(request, get_object_or_404(rows, pk=key), back=reverse("client", args=[key]))


@needs(Role.BILLER)
def of_dealer(request: HttpRequest, key: int) -> HttpResponse:
    """Enter or change the account of a dealer."""
    rows = within_branches(Dealer.objects.select_related("customer", "branch"), user=request.user)  # type: ignore[arg-type]
    return _page(request, get_object_or_404(rows, pk=key), back=reverse("dealer", args=[key]))


def _page(request: HttpRequest, whose: Client | Dealer, *, back: str) -> HttpResponse:
    organisation: Any = request.organisation  # type: ignore[attr-defined]
    if not organisation.is_legacy:
        raise Http404
    account = account_of(whose)
    if account.pk is None:
        account.currency, account.country = organisation.currency, organisation.country
    form = CustomerForm(posted(request), user=request.user, instance=account)  # type: ignore[arg-type]
    if form.is_valid():
        try:
            stored = store_account(form.instance, of=whose, fields=list(form.fields))
        except ValuesAreWrong as refusal:
            show_wrong(form, refusal)
        except Refusal as refusal:
            form.add_error(None, said(refusal))
        else:
            messages.success(request, gettext("The account %(name)s was stored.") % {"name": stored})
            return HttpResponseRedirect(back)
    context = {
        "form": form,
        "title": gettext("Account of %(name)s") % {"name": whose},
        "verb": gettext("Store account"),
        "back": back,
    }
    return render(request, "counterfoil/layout/form.html", context)
