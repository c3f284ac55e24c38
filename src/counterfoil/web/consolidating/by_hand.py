"""One billing made or edited by hand (billing-rules 8.7, 8.8)."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Min, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil import clock
from counterfoil.core.consolidation import NotABillingNumber
from counterfoil.core.refusals import Refusal
from counterfoil.flows.consolidating import by_hand as flow
from counterfoil.records.billing.models import ConsolidatedBilling, Invoice, QueuedInvoice
from counterfoil.records.organisation.models import Branch, User
from counterfoil.records.organisation.queries import surroundings_of, within_branches
from counterfoil.records.parties.models import BillingCustomer
from counterfoil.web.access import needs
from counterfoil.web.consolidating.batch import ids_in
from counterfoil.web.consolidating.lists import MAKERS, state_of
from counterfoil.web.consolidating.views import seen
from counterfoil.web.layout.editing import DayInput, KeyField
from counterfoil.web.saying import said

MOST_ROWS = 2_000
"""What a page lists at once. Members of a billing beyond that stay in it; the other rows are told of."""


class BillingForm(forms.Form):
    """What a billing says; *number* and *customer* stand still once it is made."""

    description = forms.CharField(
        label=_("Description"), required=False, max_length=300, widget=forms.Textarea({"rows": "2"})
    )
    branch = forms.ModelChoiceField(Branch.objects.all(), label=_("Branch"), required=False)
    number = forms.CharField(label=_("Billing number"), required=False, max_length=40)
    po_number = forms.CharField(label=_("PO number"), required=False, max_length=60)
    billing_date = forms.DateField(label=_("Date"), widget=DayInput)
    due_on = forms.DateField(
        label=_("Due by"),
        required=False,
        widget=DayInput,
        help_text=_("Empty: by the customer's payment terms."),
    )
    sends_email = forms.BooleanField(label=_("E-mail the billing"), required=False)
    prints = forms.BooleanField(label=_("Print billing"), required=False)

    def __init__(self, data: Any = None, *, user: User, is_new: bool, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self.fields["branch"].queryset = within_branches(Branch.objects.all(), user=user, path="pk")  # type: ignore[attr-defined]
        if len(surroundings_of(user).branches) < 2:
            del self.fields["branch"]
        if is_new:
            self.fields["number"].help_text = gettext("Empty: the next one, %(next_number)s.") % {
                "next_number": flow.next_number()
            }
            self.fields["billing_date"].help_text = gettext(
                "Also the cut-off: invoices dated up to it are listed."
            )
        else:
            del self.fields["number"]

    def typed(self) -> dict[str, Any]:
        """Return what was typed, as the flows name it."""
        values = dict(self.cleaned_data)
        branch = values.pop("branch", None)
        values.pop("prints")
        return {**values, "branch_id": branch.pk if branch else None}


class CustomerForm(forms.Form):
    """For whom a billing is made: only customers who use consolidated billing are found."""

    customer = KeyField(
        BillingCustomer.objects.none(),
        key="account",
        unknown=_(
            "There is no customer using consolidated billing with this account. "
            "Type it exactly, or choose a suggestion."
        ),
        suggestions="customer-suggestions",
        required=True,
        label=_("Customer"),
        help_text=_("Account number of a customer who uses consolidated billing"),
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.fields["customer"].queryset = within_branches(flow.customers_to_bill(), user=user)  # type: ignore[attr-defined]
        self.fields["customer"].widget.query = "consolidating=1"  # type: ignore[attr-defined]


@needs(*MAKERS)
def new(request: HttpRequest) -> HttpResponse:
    """Make one: first for whom, then of which invoices."""
    user: Any = request.user
    chooser = CustomerForm(request.GET if request.GET.get("customer") else None, user=user)
    if not chooser.is_valid():
        context = {"form": chooser, "title": gettext("New consolidated billing"), "back": reverse("billings")}
        return render(request, "consolidating/choose_customer.html", context)
    customer = chooser.cleaned_data["customer"]
    today = clock.today(request.organisation.timezone)  # type: ignore[attr-defined]
    initial = {
        "billing_date": flow.date_to_begin_with(customer, today=today),
        "branch": customer.branch_id,
    }
    is_posted = request.method == "POST"
    form = BillingForm(request.POST if is_posted else None, user=user, is_new=True, initial=initial)
    dated = form.cleaned_data["billing_date"] if form.is_valid() else initial["billing_date"]
    waiting = within_branches(flow.to_choose(customer.pk, cutoff=dated), user=user)
    rows = _rows(waiting)
    ticked = _ticked(request, shown={row.invoice_id for row in rows})
    if is_posted and form.is_valid() and request.POST.get("do") == "create":
        try:
            wanted = flow.ByHand(
                customer_id=customer.pk, invoices=_allowed(ticked, user=user), **form.typed()
            )
            billing = flow.create_billing(wanted, by=user, now=clock.now())
        except (NotABillingNumber, flow.BillingNumberTaken) as refusal:
            form.add_error("number", said(refusal))
        except flow.DueBeforeBilling as refusal:
            form.add_error("due_on", said(refusal))
        except Refusal as refusal:
            form.add_error(None, said(refusal))
        else:
            return _done(request, billing, prints=form.cleaned_data["prints"])
    context = {
        **_shown(rows, ticked, customer=customer),
        "form": form,
        "title": gettext("New consolidated billing of %(name)s") % {"name": customer.name},
        "verb": gettext("Create billing"),
        "back": reverse("billings"),
        "customer": customer,
        "unlisted_count": waiting.count() - len(rows),
    }
    return render(request, "consolidating/by_hand.html", context)


@needs(*MAKERS)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one: it becomes void, and its next revision is saved."""
    old = get_object_or_404(seen(request), pk=key)
    if state_of(old) != "live":
        messages.warning(
            request, gettext("%(number)s is void, so it is not edited.") % {"number": old.number}
        )
        return HttpResponseRedirect(reverse("billing", args=[key]))
    user: Any = request.user
    initial = {
        "billing_date": old.billing_date,
        "due_on": old.due_on,
        "description": old.description,
        "po_number": old.po_number,
        "branch": old.branch_id,
    }
    is_posted = request.method == "POST"
    form = BillingForm(request.POST if is_posted else None, user=user, is_new=False, initial=initial)
    members = list(old.members.select_related("invoice__number")[:MOST_ROWS])
    there = {row.invoice_id for row in members}
    if old.member_count > len(members):
        there = set(old.members.values_list("invoice_id", flat=True))
    unlisted = there - {row.invoice_id for row in members}
    waiting = within_branches(flow.to_add(old), user=user)
    added = _added(request, waiting)
    rows: list[Any] = [*members, *added]
    known = _ids(request, "shown")
    new_rows = {row.invoice_id for row in rows} - known
    kept = there | new_rows if not is_posted else (there - known) | new_rows | _ids(request, "tick")
    if is_posted and form.is_valid() and request.POST.get("do") == "create":
        try:
            chosen = _allowed(kept, user=user, members=there)
            wanted = flow.Edit(billing_id=old.pk, invoices=chosen, **form.typed())
            billing = flow.edit_billing(wanted, by=user, now=clock.now())
        except flow.DueBeforeBilling as refusal:
            form.add_error("due_on", said(refusal))
        except Refusal as refusal:
            form.add_error(None, said(refusal))
        else:
            return _done(request, billing, prints=form.cleaned_data["prints"])
    listed = {row.invoice_id for row in rows}
    context = {
        **_shown(rows, kept, customer=old.customer, unlisted=unlisted),
        "form": form,
        "title": gettext("Edit consolidated billing %(number)s") % {"number": old.number},
        "verb": gettext("Save as revision %(revision)s") % {"revision": old.revision + 1},
        "back": reverse("billing", args=[key]),
        "customer": old.customer,
        "old": old,
        "to_add": [row for row in _rows(waiting) if row.invoice_id not in listed],
        "added": ",".join(str(row.invoice_id) for row in added),
        "kept_unlisted_count": len(unlisted),
    }
    return render(request, "consolidating/by_hand.html", context)


def _rows(rows: QuerySet[QueuedInvoice]) -> list[QueuedInvoice]:
    """Return the first invoices of a list, by date."""
    return list(rows.select_related("invoice__number").order_by("invoice_date", "invoice_id")[:MOST_ROWS])


def _added(request: HttpRequest, rows: QuerySet[QueuedInvoice]) -> list[QueuedInvoice]:
    """Return what was quickly added so far, and what is added now."""
    wanted = _ids(request, "added")
    if request.POST.get("do") == "add":
        wanted |= set(ids_in(request.POST.get("invoice", "")))
    return _rows(rows.filter(invoice_id__in=wanted))


def _ids(request: HttpRequest, name: str) -> set[int]:
    """Return the ids that the posted fields called *name* list."""
    return set(ids_in(",".join(request.POST.getlist(name))))


def _allowed(ticked: set[int], *, user: User, members: Set[int] = frozenset()) -> list[int]:
    """Return what of *ticked* the person may see, or what is a member already: a page may send any id."""
    rows = within_branches(Invoice.objects.filter(pk__in=ticked), user=user)
    return sorted({*rows.values_list("pk", flat=True), *(ticked & members)})


def _ticked(request: HttpRequest, *, shown: set[int]) -> set[int]:
    """Return what is ticked; all that is *shown* for the first time is."""
    if request.method != "POST":
        return shown
    return _ids(request, "tick") | (shown - _ids(request, "shown"))


def _shown(
    rows: list[Any], ticked: set[int], *, customer: BillingCustomer, unlisted: Set[int] = frozenset()
) -> dict[str, Any]:
    """Return the rows with their ticks, what those come to, and whether that falls short of the minimum."""
    chosen = Invoice.objects.filter(pk__in={row.invoice_id for row in rows} & ticked | unlisted)
    found = chosen.aggregate(count=Count("pk"), total=Sum("gross_minor", default=0), currency=Min("currency"))
    currency = found["currency"] or customer.currency
    return {
        "rows": [(row, row.invoice_id in ticked) for row in rows],
        "shown": ",".join(str(row.invoice_id) for row in rows),
        "total_minor": found["total"],
        "currency": currency,
        "chosen_count": found["count"],
        "warning": said(flow.warning_of(customer.pk, total_minor=found["total"], currency=currency))
        if found["count"]
        else "",
    }


def _done(request: HttpRequest, billing: ConsolidatedBilling, *, prints: bool) -> HttpResponse:
    messages.success(
        request, gettext("Consolidated billing %(number)s was saved.") % {"number": billing.number}
    )
    tab = "?tab=document" if prints else ""
    return HttpResponseRedirect(reverse("billing", args=[billing.pk]) + tab)
