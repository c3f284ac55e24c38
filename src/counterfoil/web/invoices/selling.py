"""A sales invoice typed by hand: for whom, its lines, what it comes to while it is typed (billing-rules 5, 8.1)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil import clock
from counterfoil.core.consolidation import OFF, Flag, Kind, flag_of_new
from counterfoil.core.refusals import Refusal
from counterfoil.flows import selling as flow
from counterfoil.flows.consolidating.queueing import waiting_of, with_waiting
from counterfoil.flows.consolidating.settings import settings_of
from counterfoil.records.billing.models import Invoice
from counterfoil.records.catalog.models import Kind as KindOfCharge
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.charges.models import BillableEvent
from counterfoil.records.organisation.models import Role, User
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer, Client
from counterfoil.web.access import needs
from counterfoil.web.charges.line_forms import LineForm, LineForms
from counterfoil.web.invoices.views import seen
from counterfoil.web.layout.editing import DayInput, KeyField, posted
from counterfoil.web.saying import said

EXTRA_LINES = 4
MOST_LINES = 200
LONGEST_COUNT = 5


class PayerForm(forms.Form):
    """For whom the invoice is."""

    customer = KeyField(
        BillingCustomer.objects.none(),
        key="account",
        unknown=_(
            "There is no active billing customer with this account. Type it exactly, or choose a suggestion."
        ),
        suggestions="customer-suggestions",
        required=True,
        label=_("Customer"),
        help_text=_("Account number of who is invoiced"),
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        payers = within_branches(BillingCustomer.objects.filter(is_active=True), user=user)
        self.fields["customer"].queryset = payers  # type: ignore[attr-defined]


class SaleForm(forms.Form):
    """What stands above the lines."""

    invoice_date = forms.DateField(label=_("Invoice date"), widget=DayInput)
    po_number = forms.CharField(label=_("Purchase order"), required=False, max_length=60)
    client = KeyField(
        Client.objects.none(),
        key="code",
        unknown=_(
            "There is no client of this customer with this code. Type it exactly, or choose a suggestion."
        ),
        suggestions="client-suggestions",
        label=_("Client"),
        help_text=_("Code of one of the customer's clients. Empty: the customer itself"),
    )
    key = forms.CharField(
        label=_("Identifier"),
        required=False,
        max_length=60,
        help_text=_(
            "Any text that no other event has; imports find the invoice by it. Empty: given by itself"
        ),
    )
    queues = forms.BooleanField(label=_("Add to consolidated billing queue"), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        customer: BillingCustomer,
        flag: Flag,
        may_wait: bool,
        initial: dict[str, Any],
        user: User,
    ) -> None:
        super().__init__(data, initial={"queues": flag.is_on, **initial})
        clients = within_branches(customer.clients.all(), user=user)
        self.fields["client"].queryset = clients  # type: ignore[attr-defined]
        if not may_wait:
            del self.fields["queues"]
        elif flag.is_locked:
            self.fields["queues"].disabled = True
            self.fields["queues"].help_text = gettext(
                "Locked by the customer's settings; release it once it is issued"
            )


class SaleLineForm(LineForm):
    """One line. What a master charge leaves open comes from it; without one it is free text."""

    master_charge = KeyField(
        MasterCharge.objects.filter(is_active=True, kind=KindOfCharge.SALE),
        key="code",
        unknown=_(
            "There is no active master charge of the kind sale with this code. Type it exactly, or choose a suggestion."
        ),
        suggestions="master-charge-suggestions",
        label=_("Master charge"),
    )

    ledger_code = forms.CharField(label=_("Ledger code"), required=False, max_length=64)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["master_charge"].widget.query = f"kind={KindOfCharge.SALE}"  # type: ignore[attr-defined]

    def line(self) -> flow.SaleLine | None:
        """Return the line that was typed, None for an empty one."""
        values = self.cleaned_data
        return flow.SaleLine(**values) if any(value not in (None, "") for value in values.values()) else None


Lines = forms.formset_factory(
    SaleLineForm, formset=LineForms, extra=EXTRA_LINES, max_num=MOST_LINES, validate_max=True
)


@needs(Role.BILLER)
def new(request: HttpRequest) -> HttpResponse:
    """Make one: first for whom, then its lines."""
    user: Any = request.user
    chooser = PayerForm(request.GET if request.GET.get("customer") else None, user=user)
    if not chooser.is_valid():
        context = {"form": chooser, "title": gettext("New sales invoice"), "back": reverse("invoices")}
        return render(request, "invoices/choose_payer.html", context)
    customer = chooser.cleaned_data["customer"]
    settings = settings_of(customer)
    flag = flag_of_new(Kind.SALES, settings=settings.rules() if settings else None)
    today = clock.today(request.organisation.timezone)  # type: ignore[attr-defined]
    initial = {"invoice_date": today}
    may_wait = settings is not None and settings.is_used
    form = SaleForm(
        posted(request), customer=customer, flag=flag, may_wait=may_wait, initial=initial, user=user
    )
    lines = Lines(_with_more(request), prefix="lines")
    context = {
        "title": gettext("New sales invoice of %(name)s") % {"name": customer.name},
        "back": reverse("invoices"),
    }
    return _page(request, customer, form=form, lines=lines, former=None, context=context)


@needs(Role.BILLER)
def change(request: HttpRequest, key: int) -> HttpResponse:
    """Make one anew that is a draft, or is void: another draft takes its place."""
    found = get_object_or_404(with_waiting(seen(request)), pk=key)
    sale = flow.sale_of(found)
    if sale is None or not sale.is_chargeable:
        messages.warning(
            request, gettext("Only a sales invoice made by hand or imported is changed, and only the newest.")
        )
        return HttpResponseRedirect(reverse("invoice", args=[key]))
    charges = list(sale.charges.select_related("master_charge", "tax_category"))
    initial = {
        "invoice_date": sale.occurred_on,
        "po_number": sale.po_number,
        "client": None if sale.client.code == sale.customer.account else sale.client_id,
        "key": sale.key,
    }
    waiting = waiting_of(found)
    user: Any = request.user
    form = SaleForm(
        posted(request),
        customer=sale.customer,
        flag=waiting.flag if not hasattr(found, "number") else OFF,
        may_wait=waiting.may_wait,
        initial=initial,
        user=user,
    )
    names = ("master_charge", "description", "quantity", "unit_price", "tax_category", "ledger_code")
    stored = [{name: getattr(one, name) for name in names} for one in charges]
    lines = Lines(_with_more(request), prefix="lines", initial=stored)
    context = {
        "title": gettext("Change sales invoice %(sale)s") % {"sale": sale.key},
        "back": reverse("invoice", args=[key]),
    }
    return _page(request, sale.customer, form=form, lines=lines, former=sale, context=context)


def _with_more(request: HttpRequest) -> Any:
    """Return what was posted, with some more empty lines if they were asked for."""
    data = posted(request)
    count = request.POST.get("lines-TOTAL_FORMS", "")
    if (
        request.POST.get("do") == "more"
        and count.isascii()
        and count.isdigit()
        and len(count) < LONGEST_COUNT
    ):
        data = request.POST.copy()
        data["lines-TOTAL_FORMS"] = str(min(int(count) + EXTRA_LINES, MOST_LINES))
    return data


def _page(
    request: HttpRequest,
    customer: BillingCustomer,
    *,
    form: SaleForm,
    lines: Any,
    former: BillableEvent | None,
    context: dict[str, Any],
) -> HttpResponse:
    """Show the form with what it comes to; store the draft once that is asked for."""
    shown: Invoice | None = None
    refused = ""
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        wanted = _sale(customer, form=form, lines=lines)
        by: Any = request.user
        try:
            if request.POST.get("do") == "save":
                draft = _store(wanted, former=former, by=by)
                return _stored(request, draft)
            if wanted.lines:
                shown = flow.show_sale(wanted, by=by, now=clock.now())
        except (flow.SaleKeyTaken, flow.ClientPaysElsewhere) as refusal:
            form.add_error("key" if isinstance(refusal, flow.SaleKeyTaken) else "client", said(refusal))
        except Refusal as refusal:
            refused = said(refusal)
            if request.POST.get("do") == "save":
                form.add_error(None, refused)
    usual = request.organisation.text_ledger_code  # type: ignore[attr-defined]
    page = {
        "usual_ledger_code": usual,
        "form": form,
        "lines": lines,
        "customer": customer,
        "shown": shown,
        "refused": refused,
        **context,
    }
    return render(request, "invoices/sale.html", page)


def _sale(customer: BillingCustomer, *, form: SaleForm, lines: Any) -> flow.Sale:
    values = form.cleaned_data
    return flow.Sale(
        customer=customer,
        invoice_date=values["invoice_date"],
        lines=[line for one in lines if (line := one.line()) is not None],
        client=values["client"],
        key=values["key"],
        po_number=values["po_number"],
        queues=values.get("queues"),
    )


def _store(wanted: flow.Sale, *, former: BillableEvent | None, by: User) -> Invoice:
    if former is None:
        return flow.make_sale(wanted, by=by, now=clock.now())
    return flow.revise_sale(former.pk, wanted, by=by, now=clock.now())


def _stored(request: HttpRequest, draft: Invoice) -> HttpResponse:
    messages.success(
        request, gettext("The sales invoice is a draft. It is issued when its run is authorised.")
    )
    return HttpResponseRedirect(reverse("invoice", args=[draft.pk]))
