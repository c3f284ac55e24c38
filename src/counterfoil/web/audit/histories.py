"""The history of what has a form and no page with tabs: one page for all of them, and the link that leads there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext

from counterfoil.records.billing.models import BatchDefinition, DocumentSeries, Run
from counterfoil.records.catalog.models import (
    ChargeOverride,
    ChargePeriod,
    Escalation,
    MasterCharge,
    Tariff,
    TaxCategory,
    TaxRate,
)
from counterfoil.records.charges.models import BillableEvent, Charge, Discount, Meter, PriceChange, Reading
from counterfoil.records.organisation.models import BillingLink, Branch, Organisation, Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import (
    BillingCustomer,
    Client,
    ConsolidationSettings,
    Contact,
    CustomerGroup,
    Dealer,
    LogNote,
    PastCommissioning,
)
from counterfoil.web.access import LimitedToBranches, RoleIsMissing, needs
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.history import history_of

# Kind in the address → what it is, and how its branch is found: "" for what belongs to none, ELSEWHERE for what may
# belong to one in several ways, so that whoever is limited to branches does not see its history here.
ELSEWHERE = "elsewhere"
KINDS: Mapping[str, tuple[Any, str]] = {
    "billing-link": (BillingLink, ""),
    "branch": (Branch, "pk"),
    "charge": (Charge, "client__branch_id"),
    "charge-override": (ChargeOverride, ELSEWHERE),
    "charge-period": (ChargePeriod, ""),
    "client": (Client, "branch_id"),
    "commissioning": (PastCommissioning, "client__branch_id"),
    "consolidation": (ConsolidationSettings, "customer__branch_id"),
    "contact": (Contact, ELSEWHERE),
    "customer": (BillingCustomer, "branch_id"),
    "customer-group": (CustomerGroup, ""),
    "dealer": (Dealer, "branch_id"),
    "definition": (BatchDefinition, "branch_id"),
    "discount": (Discount, ELSEWHERE),
    "escalation": (Escalation, ELSEWHERE),
    "event": (BillableEvent, "client__branch_id"),
    "master-charge": (MasterCharge, ""),
    "meter": (Meter, "charge__client__branch_id"),
    "note": (LogNote, ELSEWHERE),
    "organisation": (Organisation, ""),
    "price-change": (PriceChange, ELSEWHERE),
    "reading": (Reading, "meter__charge__client__branch_id"),
    "run": (Run, ELSEWHERE),
    "series": (DocumentSeries, "branch_id"),
    "tariff": (Tariff, ""),
    "tax-category": (TaxCategory, ""),
    "tax-rate": (TaxRate, ""),
}
_BY_MODEL = {model: kind for kind, (model, _path) in KINDS.items()}


def kind_of(record: Any) -> str:
    """Return the word for *record* in the address of its history, "" where it has none."""
    return _BY_MODEL.get(type(record), "")


@needs(Role.VIEWER)
def history(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """Show who changed one record when, before and after."""
    if kind not in KINDS:
        raise Http404
    model, path = KINDS[kind]
    if model is Organisation and request.user.role != Role.ADMINISTRATOR:  # type: ignore[union-attr]
        raise RoleIsMissing(needed=[Role.ADMINISTRATOR], role=request.user.role)  # type: ignore[union-attr]
    rows = model.objects.all()
    if path == ELSEWHERE and sight_of(request).is_limited:
        raise LimitedToBranches
    if path not in ("", ELSEWHERE):
        rows = within_branches(rows, user=request.user, path=path)  # type: ignore[arg-type]
    found = get_object_or_404(rows, pk=key)
    context = {"history": history_of(found), "title": gettext("History of %(name)s") % {"name": found}}
    return render(request, "audit/history.html", context)
