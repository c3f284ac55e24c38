"""Pages that show every component, for the tests alone: a list, an object, a form, a question, work going on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import include, path, reverse

from counterfoil.records.billing.models import DocumentType, Invoice
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer
from counterfoil.web.access import needs
from counterfoil.web.display import current_locale
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.layout.navigation import Entry, Group
from counterfoil.web.layout.search import Hit, SearchKind, Told, by
from counterfoil.web.layout.work import Work, panel_context, panel_response
from counterfoil.web.lists.columns import Column, Kind, State, Tone
from counterfoil.web.lists.listing import BulkAction, Empty, Listing, Noun
from counterfoil.web.lists.page import list_page, selection_of
from counterfoil.web.templatetags.counterfoil import Tab
from tests.web import bureau


class InvoiceFilters(django_filters.FilterSet):
    document_type = django_filters.ChoiceFilter(label="Type", choices=DocumentType.choices, empty_label="All")
    invoice_date = django_filters.DateFilter(
        label="Invoice date from", lookup_expr="gte", widget=forms.DateInput({"type": "date"})
    )
    currency = django_filters.ChoiceFilter(
        label="Currency", choices=[("EUR", "EUR"), ("GBP", "GBP")], empty_label="All"
    )

    class Meta:
        model = Invoice
        fields: list[str] = []


def _state(invoice: Invoice) -> str:
    if getattr(invoice, "number", None):
        return "issued"
    return ["in_review", "held", "exception", "excluded"][invoice.pk % 4]


INVOICES = Listing(
    name="invoices",
    noun=Noun("invoice", "invoices"),
    columns=(
        Column(
            name="number",
            label="Number",
            kind=Kind.CODE,
            value=lambda invoice: (
                invoice.number.number if hasattr(invoice, "number") else f"draft {invoice.pk}"
            ),
            link="guide-invoice",
            sort=("pk",),
            index="primary key",
        ),
        Column(name="invoice_date", label="Date", kind=Kind.DATE, sort=("invoice_date",), index="by date"),
        Column(name="customer", label="Customer", value="customer.name", sort=("customer__name",)),
        Column(name="document_type", label="Type", value="get_document_type_display"),
        Column(
            name="state",
            label="State",
            kind=Kind.STATE,
            value=_state,
            states={
                "issued": State("Issued", Tone.GOOD),
                "in_review": State("In review", Tone.BUSY),
                "held": State("Held", Tone.WARNING),
                "exception": State("Exception", Tone.BAD),
                "excluded": State("Excluded"),
            },
        ),
        Column(name="due_on", label="Due", kind=Kind.DATE, value="number.due_on", sort=("number__due_on",)),
        Column(name="line_count", label="Lines", kind=Kind.COUNT, is_shown=False),
        Column(name="net_minor", label="Net", kind=Kind.MONEY, sort=("net_minor",)),
        Column(name="tax_minor", label="Tax", kind=Kind.MONEY),
        Column(name="gross_minor", label="Gross", kind=Kind.MONEY, sort=("gross_minor",)),
    ),
    default_sort="-number",
    filters=InvoiceFilters,
    search=("number__number__istartswith", "customer__name__icontains", "customer__account__istartswith"),
    search_hint="Number, customer, account",
    bulk_actions=(
        BulkAction(label="Hold", address_name="guide-hold", role=Role.BILLER),
        BulkAction(label="Void", address_name="guide-hold", role=Role.ADMINISTRATOR, is_dangerous=True),
    ),
    sums=(("gross_minor", "currency"),),
    empty=Empty(
        title="No invoices yet",
        explanation="Invoices are what a billing run makes. Start with a run: it shows everything before it sends.",
        action="Preview a run",
        address_name="guide-form",
    ),
)


class CustomerForm(forms.ModelForm):
    confirmed = forms.BooleanField(label="Send invoices by e-mail only", required=False)

    class Meta:
        model = BillingCustomer
        fields = ["account", "name", "currency", "email", "tax_status", "delivery", "branch"]


def _seen(request: HttpRequest) -> Any:
    rows = Invoice.objects.select_related("customer", "number")
    return sight_of(request).limits(rows)


@needs(Role.VIEWER)
def invoices(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, listing=INVOICES, queryset=_seen(request), title="Invoices")


@needs(Role.BILLER)
def hold(request: HttpRequest) -> HttpResponse:
    selection = selection_of(request, listing=INVOICES, queryset=_seen(request))
    sentence = f"Hold {selection.sentence(locale=current_locale())}."
    confirmation = Confirmation(
        title="Hold invoices",
        sentence=f"{sentence} They keep their lines and are issued later, once released.",
        figures=[("Invoices", selection.count().text(locale=current_locale()))],
        lasting="A hold can be released at any time; who held and why stays in the history.",
        verb="Hold invoices",
        back=reverse("guide-invoices"),
        fields=selection.fields(),
        asks_reason=True,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    messages.success(request, sentence.replace("Hold", "Held"))
    return HttpResponseRedirect(reverse("guide-invoices"))


@needs(Role.VIEWER)
def invoice(request: HttpRequest, key: int) -> HttpResponse:
    found = get_object_or_404(_seen(request), pk=key)
    tabs = [
        Tab("Lines", "?tab=lines", is_here=True, count=4),
        Tab("Deliveries", "?tab=d", count=0),
        Tab("History", "?"),
    ]
    context = {"invoice": found, "tabs": tabs, "title": f"Invoice {found}"}
    return render(request, "guide/object.html", context)


@needs(Role.BILLER)
def form(request: HttpRequest) -> HttpResponse:
    filled = CustomerForm(request.POST or None)
    if filled.is_valid():
        messages.success(request, "Customer stored.")
        return HttpResponseRedirect(reverse("guide-form"))
    context = {"form": filled, "title": "New billing customer", "verb": "Add customer", "back": "/"}
    return render(request, "counterfoil/layout/form.html", context)


POLLS = {"count": 0}


def _work() -> tuple[Work, datetime]:
    done = min(312, POLLS["count"] * 104)
    work = Work(
        title="Run 2026-06",
        stage="Issuing invoices",
        done=done,
        total=312,
        unit="invoices",
        started_at=bureau.MOMENT,
        address="/guide/work",
        is_finished=POLLS["count"] > 4,
    )
    return work, bureau.MOMENT + timedelta(seconds=8)


@needs(Role.VIEWER)
def work(request: HttpRequest) -> HttpResponse:
    going, now = _work()
    context = {
        **panel_context(going, now=now, poll=reverse("guide-poll"), cancel=reverse("guide-form")),
        "title": "Run 2026-06",
    }
    return render(request, "guide/work.html", context)


@needs(Role.VIEWER)
def poll(request: HttpRequest) -> HttpResponse:
    POLLS["count"] += 1
    going, now = _work()
    return panel_response(
        request, going, now=now, poll=reverse("guide-poll"), result=reverse("guide-invoices")
    )


@needs(Role.VIEWER)
def parts(request: HttpRequest) -> HttpResponse:
    messages.success(request, "312 invoices issued. They are being delivered now.")
    messages.warning(request, "Two charges have no price. They are listed as exceptions.")
    messages.error(
        request, "The connection to Odoo Main failed. Nothing was sent; it is tried again in 5 minutes."
    )
    messages.info(request, "The organisation's zone is Europe/Dublin.")
    today = datetime(2026, 6, 1, 12, 5, tzinfo=UTC)
    return render(request, "guide/parts.html", {"title": "Parts", "tones": list(Tone), "today": today})


@needs(Role.ACCOUNTANT)
def books(request: HttpRequest) -> HttpResponse:
    return render(request, "guide/parts.html", {"title": "Books"})


@needs(Role.VIEWER)
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken on purpose, for the page that says so")


def hit_of(told: Told) -> Hit:
    """Tell a customer that was found."""
    return Hit(told["name"], told["account"], reverse("guide-invoices") + f"?q={told['account']}")


NAVIGATION = (
    Group(
        label="",
        icon="layout-dashboard",
        entries=(Entry(label="Dashboard", address_name="guide-parts", key="d"),),
    ),
    Group(
        label="Billing",
        icon="receipt",
        entries=(
            Entry(label="Runs", address_name="guide-work", key="r"),
            Entry(label="Invoices", address_name="guide-invoices", key="i"),
            Entry(label="Exceptions", address_name="guide-broken"),
        ),
    ),
    Group(
        label="Customers",
        icon="users",
        entries=(Entry(label="Billing customers", address_name="guide-form", key="c", roles=(Role.BILLER,)),),
    ),
    Group(
        label="Accounting",
        icon="books",
        entries=(Entry(label="Journal", address_name="guide-books", roles=(Role.ACCOUNTANT,)),),
    ),
)
SEARCHES = (
    SearchKind(
        label="Billing customers",
        icon="users",
        seen=lambda _user: BillingCustomer.objects.all(),
        ways=by("name__icontains"),
        order=("name", "pk"),
        values=("name", "account"),
        hit=hit_of,
    ),
)

urlpatterns = [
    path("", include("counterfoil.project.urls")),
    path("guide/invoices", invoices, name="guide-invoices"),
    path("guide/invoices/hold", hold, name="guide-hold"),
    path("guide/invoices/<int:key>", invoice, name="guide-invoice"),
    path("guide/form", form, name="guide-form"),
    path("guide/work", work, name="guide-work"),
    path("guide/poll", poll, name="guide-poll"),
    path("guide/parts", parts, name="guide-parts"),
    path("guide/books", books, name="guide-books"),
    path("guide/broken", broken, name="guide-broken"),
]
handler400 = "counterfoil.web.layout.errors.bad_request"
handler403 = "counterfoil.web.layout.errors.permission_denied"
handler404 = "counterfoil.web.layout.errors.not_found"
handler500 = "counterfoil.web.layout.errors.server_error"
