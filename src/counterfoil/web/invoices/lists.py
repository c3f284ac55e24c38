"""The list of invoices, drafts among them, everywhere or of one run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from counterfoil.flows.consolidating.queueing import waiting_of
from counterfoil.records.billing import queries
from counterfoil.records.billing.consolidating_queries import due
from counterfoil.records.billing.models import BillingMember, DocumentType, Invoice
from counterfoil.records.deliveries.models import Delivery, DeliveryState
from counterfoil.records.organisation.models import Role
from counterfoil.web.customers.choosing import GroupFilter
from counterfoil.web.layout.branches import BranchFilter
from counterfoil.web.layout.editing import DayInput
from counterfoil.web.lists.columns import Column, Kind, State, Tone
from counterfoil.web.lists.listing import BulkAction, Empty, Listing, Noun

CONSOLIDATED = {
    "": State(""),
    "queued": State(_("Queued"), Tone.BUSY),
    "billed": State(_("In a billing"), Tone.GOOD),
}
STATES = {
    "draft": State(_("Draft"), Tone.BUSY),
    "held": State(_("Held"), Tone.WARNING),
    "kept": State(_("Kept")),
    "excluded": State(_("Excluded")),
    "replaced": State(_("Replaced")),
    "issued": State(_("Issued"), Tone.GOOD),
    "voided": State(pgettext_lazy("state", "Void")),
    "abandoned": State(_("Abandoned")),
}
REASONS = {
    "new": State(_("New"), Tone.GOOD),
    "gone": State(_("Gone"), Tone.WARNING),
    "due_again": State(_("Due again")),
    "not_due": State(_("Not due")),
    "period": State(_("Period"), Tone.BUSY),
    "price": State(_("Price"), Tone.BUSY),
    "quantity": State(_("Quantity"), Tone.BUSY),
    "tax": State(_("Tax in the price"), Tone.BUSY),
    "discount": State(_("Discount"), Tone.BUSY),
    "other": State(_("Other"), Tone.BUSY),
    "same": State(_("As last time")),
}
CALENDAR = ("due_again", "not_due")
"""The reasons that are neither good nor bad: what the calendar does."""

REVIEWERS = (Role.BILLER, Role.APPROVER)
_VOID = Q(void__isnull=False) | Q(run__status="voided")
_UNTOUCHED = Q(number__isnull=True, hold__isnull=True, exclusion__isnull=True)
_BESIDE = {
    "issued": Q(number__isnull=False) & ~_VOID,
    "voided": _VOID,
    "held": Q(hold__isnull=False),
    "excluded": Q(exclusion__isnull=False, exclusion__replaced_by__isnull=True),
    "replaced": Q(exclusion__replaced_by__isnull=False),
    "kept": _UNTOUCHED & queries.KEPT,
    "draft": _UNTOUCHED & ~queries.KEPT,
}


def put_consolidated(rows: Sequence[Invoice]) -> None:
    """Put on *rows*, read `with_waiting`, whether each waits for a consolidated billing, or will, or is in a live one.

    And when it is due.
    """
    for row in rows:
        waiting = waiting_of(row)
        billing = waiting.billing
        row.consolidated = "billed" if billing else "queued" if waiting.flag.is_on else ""
        own = row.number.due_on if hasattr(row, "number") else None
        row.due_on = billing.due_on if billing else own


def state_of(invoice: Invoice) -> str:
    """Return what has become of *invoice*, whose run is at hand."""
    return queries.state_of(invoice, run=invoice.run)


def name_of(invoice: Invoice) -> str:
    """Return its number, or what a draft is called."""
    return (
        invoice.number.number
        if hasattr(invoice, "number")
        else gettext("draft %(invoice)s") % {"invoice": invoice.pk}
    )


class InvoiceFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[(name, STATES[name].word) for name in _BESIDE],
        empty_label=_("All"),
        method="in_state",
    )
    document_type = django_filters.ChoiceFilter(
        label=_("Type"), choices=DocumentType.choices, empty_label=_("All")
    )
    since = django_filters.DateFilter(
        label=_("Dated from"), field_name="invoice_date", lookup_expr="gte", widget=DayInput()
    )
    until = django_filters.DateFilter(
        label=_("Dated until"), field_name="invoice_date", lookup_expr="lte", widget=DayInput()
    )

    consolidated = django_filters.ChoiceFilter(
        label=_("Consolidated"),
        choices=[("queued", _("Queued")), ("billed", _("In a billing")), ("no", _("No"))],
        empty_label=_("All"),
        method="is_consolidated",
    )

    branch = BranchFilter(label=_("Branch"), empty_label=_("All"))
    group = GroupFilter(
        label=_("Customer group"),
        field_name="customer__group",
        null_label=_("In none"),
        empty_label=_("All"),
    )
    delivery = django_filters.ChoiceFilter(
        label=_("Delivery"), choices=DeliveryState.choices, empty_label=_("All"), method="in_delivery"
    )

    class Meta:
        model = Invoice
        fields: list[str] = []

    def in_delivery(self, rows: QuerySet[Invoice], _name: str, state: str) -> QuerySet[Invoice]:
        """Return those of *rows* of which a delivery is in *state*."""
        return rows.filter(pk__in=Delivery.objects.filter(state=state).values("invoice"))

    def is_consolidated(self, rows: QuerySet[Invoice], _name: str, wanted: str) -> QuerySet[Invoice]:
        """Return those of *rows* that wait for a consolidated billing, are in a live one, or neither."""
        billed = Exists(BillingMember.objects.filter(invoice_id=OuterRef("pk"), is_live=True))
        if wanted == "queued":
            return rows.filter(queued__isnull=False)
        return rows.filter(billed) if wanted == "billed" else rows.filter(~billed, queued__isnull=True)

    def in_state(self, rows: QuerySet[Invoice], _name: str, state: str) -> QuerySet[Invoice]:
        """Return those of *rows* that are in *state*, looked for where such ones can be."""
        found = rows.filter(_BESIDE[state])
        if state == "issued":
            return queries.up_to_last_number(found)
        if state in ("draft", "kept"):
            return found.filter(run_id__in=queries.runs_with_drafts())
        return queries.voided_among(rows) if state == "voided" else found


class IssuedFilters(InvoiceFilters):
    """Those of documents of all runs, of which some are due."""

    due_since = django_filters.DateFilter(label=_("Due from"), method="as_they_are", widget=DayInput())
    due_until = django_filters.DateFilter(label=_("Due until"), method="as_they_are", widget=DayInput())

    def as_they_are(self, rows: QuerySet[Invoice], _name: str, _day: date) -> QuerySet[Invoice]:
        """Return *rows*: both days are looked at together."""
        return rows

    def filter_queryset(self, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        """Return what is asked for, due from the one day until the other, whichever is given and is a day."""
        rows = super().filter_queryset(queryset)
        since, until = (self.form.cleaned_data.get(name) for name in ("due_since", "due_until"))
        return due(rows, since=since, until=until) if since or until else rows


class DraftFilters(InvoiceFilters):
    """Those of the documents of one run: the ones that count, unless a state or words ask for others as well."""

    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[(name, STATES[name].word) for name in _BESIDE],
        empty_label=_("All that count"),
        method="in_state",
    )

    def filter_queryset(self, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        """Return what is asked for; excluded, replaced and void documents when they are asked for."""
        rows = super().filter_queryset(queryset)
        if self.data.get("state") or self.data.get("q"):
            return rows
        return rows.filter(exclusion__isnull=True, void__isnull=True)


class UnconsolidatedIssuedFilters(IssuedFilters):
    """Those of documents of all runs, where nobody uses consolidated billing."""

    consolidated = None


class CreditNoteFilters(IssuedFilters):
    """Those of credit notes, which are of one type."""

    document_type = None


_CONSOLIDATED = (Column(name="consolidated", label=_("Consolidated"), kind=Kind.STATE, states=CONSOLIDATED),)
INVOICE = Noun("invoice", "invoices")
NO_INVOICES = Empty(
    title=_("No invoices here"),
    explanation=_("A billing run makes invoices. It shows every one of them before anything is sent."),
    action=_("New run"),
    address_name="run-new",
)


def _columns(filters: type[InvoiceFilters], *, consolidates: bool) -> tuple[Column, ...]:
    """Return the columns of invoices; when they are due is shown of documents that are issued."""
    return (
        Column(
            name="number",
            label=_("Number"),
            kind=Kind.CODE,
            value=name_of,
            link="invoice",
            sort=("pk",),
            index="pk",
        ),
        Column(
            name="customer",
            label=_("Customer"),
            value="customer.name",
            link=lambda row: reverse("customer", args=[row.customer_id]),
            sort=("customer__name",),
        ),
        Column(name="account", label=_("Account"), value="customer.account", is_shown=False),
        Column(name="invoice_date", label=_("Date"), kind=Kind.DATE, sort=("invoice_date",)),
        Column(
            name="due_on",
            label=_("Due"),
            kind=Kind.DATE,
            is_shown=issubclass(filters, IssuedFilters),
        ),
        Column(name="document_type", label=_("Type"), value="get_document_type_display", is_shown=False),
        Column(name="state", label=_("State"), kind=Kind.STATE, value=state_of, states=STATES),
        Column(name="branch", label=_("Branch"), value="branch.name", is_shown=False),
        *(_CONSOLIDATED if consolidates else ()),
        Column(name="line_count", label=_("Lines"), kind=Kind.COUNT, sort=("line_count",)),
        Column(name="net_minor", label=_("Net"), kind=Kind.MONEY, sort=("net_minor",)),
        Column(name="tax_minor", label=_("Tax"), kind=Kind.MONEY),
        Column(name="gross_minor", label=_("Gross"), kind=Kind.MONEY, sort=("gross_minor",)),
    )


def listing_of(
    name: str,
    *,
    actions: tuple[BulkAction, ...] = (),
    beside: tuple[Column, ...] = (),
    filters: type[InvoiceFilters] = InvoiceFilters,
    noun: Noun = INVOICE,
    empty: Empty = NO_INVOICES,
    consolidates: bool = True,
    **more: Any,
) -> Listing:
    """Return the list called *name* with *actions* on many, and columns *beside* the invoices' own.

    Whether each is consolidated is shown where somebody *consolidates*.
    """
    return Listing(
        name=name,
        noun=noun,
        columns=(*_columns(filters, consolidates=consolidates), *beside),
        default_sort="-number",
        filters=filters,
        search=("number__number__istartswith", "customer__name__icontains", "customer__account__istartswith"),
        search_hint=_("Number, customer, account"),
        bulk_actions=actions,
        sums=(("gross_minor", "currency"),),
        complete=put_consolidated,
        empty=empty,
        **more,
    )


_OF_CONSOLIDATION = (
    BulkAction(
        label=_("Queue to consolidate"),
        address_name="invoices-queue",
        role=Role.BILLER,
        also=(Role.APPROVER,),
    ),
    BulkAction(
        label=_("Release from queue"),
        address_name="invoices-release",
        role=Role.BILLER,
        also=(Role.APPROVER,),
    ),
)


def _actions(*, consolidates: bool) -> tuple[BulkAction, ...]:
    return (
        BulkAction(
            label=_("Print"),
            address_name="invoices-print",
            role=Role.BILLER,
            also=(Role.APPROVER, Role.ACCOUNTANT),
        ),
        BulkAction(
            label=_("Send by e-mail"), address_name="invoices-send", role=Role.BILLER, also=(Role.APPROVER,)
        ),
        *(_OF_CONSOLIDATION if consolidates else ()),
        BulkAction(
            label=_("Credit in full"),
            address_name="invoices-credit",
            role=Role.BILLER,
            also=(Role.APPROVER,),
            is_dangerous=True,
        ),
        BulkAction(
            label=_("Void"),
            address_name="invoices-void",
            role=Role.APPROVER,
            is_dangerous=True,
        ),
    )


INVOICES = listing_of("invoices", filters=IssuedFilters, actions=_actions(consolidates=True))
UNCONSOLIDATED = listing_of(
    "invoices",
    filters=UnconsolidatedIssuedFilters,
    actions=_actions(consolidates=False),
    consolidates=False,
)
CREDIT_NOTES = listing_of(
    "credit-notes",
    filters=CreditNoteFilters,
    noun=Noun("credit note", "credit notes"),
    empty=Empty(
        title=_("No credit notes here"),
        explanation=_(
            "A credit note gives back what an invoice billed. A credit run makes them for days that "
            "are no longer served; an invoice's own page makes one by hand."
        ),
        action=_("Invoices"),
        address_name="invoices",
    ),
    actions=(
        BulkAction(
            label=_("Print"),
            address_name="credit-notes-print",
            role=Role.BILLER,
            also=(Role.APPROVER, Role.ACCOUNTANT),
        ),
    ),
)
LAST_TIME = (
    Column(name="last_minor", label=_("Last time"), kind=Kind.MONEY),
    Column(name="difference_minor", label=_("Difference"), kind=Kind.MONEY),
    Column(name="reason", label=_("Reason"), kind=Kind.STATE, states=REASONS),
)
DRAFTS = listing_of(
    "invoices-of-run",
    filters=DraftFilters,
    template="runs/review.html",
    beside=LAST_TIME,
    actions=(
        BulkAction(label=_("Hold"), address_name="drafts-hold", role=Role.BILLER, also=(Role.APPROVER,)),
        BulkAction(
            label=_("Release"), address_name="drafts-release", role=Role.BILLER, also=(Role.APPROVER,)
        ),
        BulkAction(label=_("Re-date"), address_name="drafts-redate", role=Role.BILLER, also=(Role.APPROVER,)),
        BulkAction(label=_("Re-rate"), address_name="drafts-rerate", role=Role.BILLER, also=(Role.APPROVER,)),
        BulkAction(
            label=_("Exclude"),
            address_name="drafts-exclude",
            role=Role.BILLER,
            also=(Role.APPROVER,),
            is_dangerous=True,
        ),
    ),
)
WITHOUT_LAST_TIME = replace(
    DRAFTS, columns=tuple(column for column in DRAFTS.columns if column not in LAST_TIME)
)
"""The documents of a run that nothing was compared with."""
