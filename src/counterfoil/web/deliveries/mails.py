"""The log of e-mails, and sending one document by e-mail, or again, after asking (product D2)."""

from __future__ import annotations

import django_filters
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing.mailing import send_by_mail
from counterfoil.records.billing.models import Invoice
from counterfoil.records.deliveries.models import EMAIL, Delivery, DeliveryState, Mail
from counterfoil.records.deliveries.queries import recipients_now
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.deliveries.views import STATES
from counterfoil.web.display import current_locale, current_zone, date_text, moment_text
from counterfoil.web.invoices.lists import name_of
from counterfoil.web.invoices.views import seen
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed, reason_given
from counterfoil.web.layout.editing import DayInput
from counterfoil.web.lists.columns import Column, Kind
from counterfoil.web.lists.listing import Empty, Listing, Noun
from counterfoil.web.lists.page import list_page
from counterfoil.web.saying import said, said_again


class MailFilters(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(label=_("State"), choices=DeliveryState.choices, empty_label=_("All"))
    customer = django_filters.CharFilter(
        label=_("Account"), field_name="customer__account", lookup_expr="exact"
    )
    since = django_filters.DateFilter(
        label=_("From"), field_name="begun_at", lookup_expr="date__gte", widget=DayInput()
    )
    until = django_filters.DateFilter(
        label=_("Until"), field_name="begun_at", lookup_expr="date__lte", widget=DayInput()
    )

    class Meta:
        model = Mail
        fields: list[str] = []


def _document(row: Mail) -> str:
    """Return what was mailed: a document's number, or whose day's statement."""
    if row.billing is not None:
        return row.billing.billing.number
    if row.statement is None:
        return row.delivery.invoice.number.number  # type: ignore[union-attr]
    return gettext("Statement, %(day)s") % {
        "day": date_text(row.statement.round.day, locale=current_locale())
    }


def _address(row: Mail) -> str:
    if row.billing is not None:
        return reverse("billing", args=[row.billing.billing_id]) + "?tab=deliveries"
    if row.statement is None:
        return reverse("invoice", args=[row.delivery.invoice_id]) + "?tab=deliveries"  # type: ignore[union-attr]
    return reverse("customer-statement", args=[row.customer_id]) + row.statement.round.query


MAILS = Listing(
    name="mails",
    noun=Noun("e-mail", "e-mails"),
    columns=(
        Column(name="begun_at", label=_("When"), kind=Kind.MOMENT, sort=("pk",), index="primary key"),
        Column(
            name="invoice",
            label=_("Document"),
            kind=Kind.CODE,
            value=_document,
            link=_address,
        ),
        Column(
            name="customer",
            label=_("Customer"),
            value="customer.name",
            link=lambda row: reverse("customer", args=[row.customer_id]) + "?tab=mails",
        ),
        Column(name="recipients", label=_("To")),
        Column(name="subject", label=_("Subject"), is_shown=False),
        Column(name="state", label=_("State"), kind=Kind.STATE, states=STATES),
        Column(name="detail", label=_("What was said"), value=lambda row: said_again(row.detail)),
        Column(name="asked_by", label=_("Asked for by"), is_shown=False),
        Column(name="reason", label=_("Reason"), is_shown=False),
        Column(name="message_id", label=_("Message-ID"), is_shown=False),
    ),
    default_sort="-begun_at",
    filters=MailFilters,
    search=(
        "delivery__invoice__number__number__istartswith",
        "billing__billing__number__istartswith",
        "recipients__icontains",
        "customer__name__icontains",
        "subject__icontains",
    ),
    search_hint=_("Number, address, customer, subject"),
    empty=Empty(
        title=_("No e-mails yet"),
        explanation=_(
            "Invoices are mailed once their run is authorised. Every e-mail is listed here, sent or not."
        ),
    ),
)


@needs(Role.VIEWER)
def mails(request: HttpRequest) -> HttpResponseBase:
    """List every e-mail."""
    beside = ("delivery__invoice__number", "billing__billing", "statement__round", "customer", "asked_by")
    every, sight = Mail.objects.select_related(*beside), sight_of(request)
    rows = every
    if sight.is_limited or sight.chosen:
        of_statements = sight.limits(every.filter(statement__isnull=False), path="customer__branch")
        of_billings = sight.limits(every.filter(billing__isnull=False), path="billing__billing__branch")
        rows = sight.limits(every, path="delivery__invoice__branch") | of_billings | of_statements
    return list_page(request, listing=MAILS, queryset=rows, title=gettext("E-mails"))


@needs(Role.BILLER, Role.APPROVER)
def send(request: HttpRequest, key: int) -> HttpResponse:
    """Say to whom a document goes and whether it went before, then queue it once."""
    invoice = get_object_or_404(seen(request), pk=key)
    back = f"{reverse('invoice', args=[key])}?tab=deliveries"
    before = Delivery.objects.filter(invoice=invoice, channel=EMAIL).first()
    confirmation = _what_is_sent(invoice, before, back=back)
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    try:
        send_by_mail(
            invoice,
            again=confirmation.asks_reason,
            reason=reason_given(request),
            by=request.user,  # type: ignore[arg-type]
            now=clock.now(),
        )
    except Refusal as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(
            request,
            gettext("%(document)s is on its way to %(recipients)s.")
            % {"document": name_of(invoice), "recipients": recipients_now(invoice)},
        )
    return HttpResponseRedirect(back)


def _what_is_sent(invoice: Invoice, before: Delivery | None, *, back: str) -> Confirmation:
    doubtful = before is not None and before.state in (DeliveryState.SENT, DeliveryState.UNCERTAIN)
    figures = [
        (
            gettext("To"),
            recipients_now(invoice) or gettext("nobody: the customer has no e-mail address for it"),
        )
    ]
    if before is not None:
        changed = moment_text(before.changed_at, zone=current_zone(), locale=current_locale())
        figures += [
            (
                gettext("Before"),
                gettext("%(state)s, %(changed)s, to %(recipient)s")
                % {"state": before.get_state_display(), "changed": changed, "recipient": before.recipient},
            ),
            (gettext("Sent so often"), str(before.attempts)),
        ]
    return Confirmation(
        title=gettext("Send %(document)s by e-mail") % {"document": name_of(invoice)},
        sentence=(
            gettext("%(document)s is sent to %(customer)s by e-mail, again.")
            if before
            else gettext("%(document)s is sent to %(customer)s by e-mail.")
        )
        % {"document": name_of(invoice), "customer": invoice.customer.name},
        figures=figures,
        lasting=gettext("Its customer may get it twice.") if doubtful else "",
        verb=gettext("Send again") if before else gettext("Send e-mail"),
        back=back,
        asks_reason=doubtful,
    )
