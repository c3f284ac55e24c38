"""Credit an invoice by hand and void a document: seen in numbers before it is done (billing-rules 6.4, 7.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from counterfoil import clock
from counterfoil.core.money import parse_minor, parse_steps
from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing.blockers import Blockers
from counterfoil.flows.billing.voiding import Voiding, void_invoices, voiding_of_invoice
from counterfoil.flows.crediting.by_hand import (
    CreditAsked,
    CreditShown,
    LineAgain,
    credit_invoice,
    left_of,
    show_credit,
)
from counterfoil.flows.crediting.payers import customer_of_account
from counterfoil.records.billing.models import Invoice
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.web.access import needs
from counterfoil.web.display import count_text, current_locale, money_text, point_for_comma, weekday_text
from counterfoil.web.invoices.lists import name_of, state_of
from counterfoil.web.invoices.views import seen
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed, reason_given
from counterfoil.web.runs.voiding import figures_of
from counterfoil.web.saying import said

TYPED = ("amount_", "quantity_", "price_")


@needs(Role.BILLER, Role.APPROVER)
def credit(request: HttpRequest, key: int) -> HttpResponse:
    """Show what is left of each line; then ask in numbers; then make the credit note, a draft of a run of its own."""
    found = get_object_or_404(seen(request), pk=key)
    if state_of(found) != "issued" or found.credits_id:
        messages.warning(
            request, gettext("Only issued invoices are credited. A draft is excluded from its run instead.")
        )
        return HttpResponseRedirect(reverse("invoice", args=[key]))
    if request.method != "POST":
        return _form(request, found)
    try:
        asked = _asked(request, found)
        confirmation = _what_is_made(request, found, asked, show_credit(asked))
        if not is_agreed(request, confirmation):
            return confirm_page(request, confirmation)
        run = credit_invoice(asked, reason=reason_given(request), by=request.user, now=clock.now())  # type: ignore[arg-type]
    except Refusal as refusal:
        return _form(request, found, refused=said(refusal))
    messages.success(
        request, gettext("The credit note is in review. It is issued when its run is authorised.")
    )
    return HttpResponseRedirect(reverse("run", args=[run.pk]))


@needs(Role.APPROVER)
def void(request: HttpRequest, key: int) -> HttpResponse:
    """Ask in numbers, with a reason, then void one document."""
    found = get_object_or_404(seen(request), pk=key)
    back = reverse("invoice", args=[key])
    voiding = voiding_of_invoice(found) if state_of(found) == "issued" else None
    if not isinstance(voiding, Voiding):
        messages.error(request, _why_not_void(found, voiding))
        return HttpResponseRedirect(back)
    confirmation = Confirmation(
        title=gettext("Void %(document)s") % {"document": name_of(found)},
        sentence=gettext("Void %(document)s of %(name)s: its days can be billed again, and it is never sent.")
        % {"document": name_of(found), "name": found.customer.name},
        figures=figures_of(voiding),
        lasting=gettext("A void document keeps its number and does not come back."),
        verb=gettext("Void document"),
        back=back,
        asks_reason=True,
        is_dangerous=True,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    try:
        void_invoices([key], reason=reason_given(request), by=request.user, now=clock.now())  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(
            request,
            gettext("%(document)s is void. What it had billed can be billed again.")
            % {"document": name_of(found)},
        )
    return HttpResponseRedirect(back)


def _form(request: HttpRequest, invoice: Invoice, *, refused: str = "") -> HttpResponse:
    typed = request.POST
    lines = [
        {
            **row,
            **{f"typed_{name}": typed.get(f"{name}{row['original_line_no']}", "") for name in TYPED},
            "quantity_now": row["quantity"],
        }
        for row in left_of(invoice.pk).iter_rows(named=True)
    ]
    context = {
        "invoice": invoice,
        "title": gettext("Credit %(document)s") % {"document": name_of(invoice)},
        "lines": lines,
        "left_minor": sum(line["left_minor"] for line in lines),
        "refused": refused,
        "typed": typed,
    }
    return render(request, "invoices/credit.html", context, status=422 if refused else 200)


def _asked(request: HttpRequest, invoice: Invoice) -> CreditAsked:
    """Return what was typed: amounts by line, all of it, or all of it and what is billed again."""
    typed, locale = request.POST, current_locale()
    amounts: dict[int, int | None] = {}
    again: dict[int, LineAgain] = {}
    for number in invoice.lines.order_by("line_no").values_list("line_no", flat=True):
        if amount := typed.get(f"amount_{number}", "").strip():
            amounts[number] = parse_minor(point_for_comma(amount, locale=locale), invoice.currency)
        quantity, price = (typed.get(f"{name}{number}", "").strip() for name in ("quantity_", "price_"))
        again[number] = LineAgain(
            quantity=parse_steps(point_for_comma(quantity, locale=locale)) if quantity else None,
            unit_price=parse_steps(point_for_comma(price, locale=locale)) if price else None,
        )
    bills_again = typed.get("what") == "again"
    account = typed.get("customer", "").strip()
    return CreditAsked(
        invoice_id=invoice.pk,
        invoice_date=clock.today(the_organisation().timezone),
        amounts=amounts if typed.get("what") == "lines" else {},
        amount=0 if typed.get("what") == "lines" and not amounts else None,
        bills_again=bills_again,
        again=again if bills_again else {},
        customer=customer_of_account(account) if bills_again and account else None,
    )


def _what_is_made(
    request: HttpRequest, invoice: Invoice, asked: CreditAsked, shown: CreditShown
) -> Confirmation:
    """Say what the credit note comes to, and the invoice that bills again."""
    locale = current_locale()
    figures = list(_amounts(gettext("Credit note"), shown.note, currency=invoice.currency))
    if shown.again is not None:
        figures += _amounts(gettext("Invoice"), shown.again, currency=invoice.currency)
    lines = shown.note.lines.height
    kept = {name: value for name, value in request.POST.items() if name.startswith(TYPED)}
    return Confirmation(
        title=gettext("Credit %(document)s") % {"document": name_of(invoice)},
        sentence=_crediting(lines, bills_again=asked.bills_again)
        % {
            "count": count_text(lines, locale=locale),
            "document": name_of(invoice),
            "day": weekday_text(asked.invoice_date, locale=locale),
        },
        figures=figures,
        lasting=gettext("The invoice itself is never changed, and its days stay billed."),
        verb=gettext("Make credit note"),
        back=reverse("invoice-credit", args=[invoice.pk]),
        fields=[
            *kept.items(),
            ("what", request.POST.get("what", "")),
            ("customer", request.POST.get("customer", "")),
        ],
        asks_reason=True,
    )


def _crediting(lines: int, *, bills_again: bool) -> str:
    """Return what is asked, with the number of lines, the document and the day still to be filled in."""
    if bills_again:
        return ngettext(
            "Credit %(count)s line of %(document)s and bill the same days again, dated %(day)s. "
            "It waits to be authorised.",
            "Credit %(count)s lines of %(document)s and bill the same days again, dated %(day)s. "
            "It waits to be authorised.",
            lines,
        )
    return ngettext(
        "Credit %(count)s line of %(document)s, dated %(day)s. It waits to be authorised.",
        "Credit %(count)s lines of %(document)s, dated %(day)s. It waits to be authorised.",
        lines,
    )


def _why_not_void(invoice: Invoice, blockers: Blockers | None) -> str:
    if blockers is None:
        words = gettext("%(document)s cannot be voided: only issued documents are.")
        return words % {"document": name_of(invoice)}
    words = gettext("%(document)s cannot be voided: %(why)s.")
    return words % {"document": name_of(invoice), "why": said(blockers.words)}


def _amounts(what: str, made: Any, *, currency: str) -> Iterator[tuple[str, str]]:
    locale = current_locale()
    row = made.invoices.row(0, named=True)
    for name, label in (("net", gettext("net")), ("tax", gettext("tax")), ("gross", gettext("gross"))):
        yield f"{what}, {label}", money_text(row[f"{name}_minor"], currency, locale=locale)
