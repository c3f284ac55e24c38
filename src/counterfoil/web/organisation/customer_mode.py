"""The customer mode: what it is, and the guided move to the other one, in numbers before it is done."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.core.paying import CustomerMode
from counterfoil.core.refusals import Refusal
from counterfoil.flows.customer_mode import moving
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.web.access import needs
from counterfoil.web.display import count_text, current_locale, current_zone, money_text
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed, reason_given
from counterfoil.web.saying import said

MOST_CHARGES = 50_000
"""More are rated too long for a page; the command line has no limit."""
OTHER = {CustomerMode.STANDARD: CustomerMode.LEGACY, CustomerMode.LEGACY: CustomerMode.STANDARD}

IS_NOW = {
    CustomerMode.STANDARD: _("The customer mode is standard now."),
    CustomerMode.LEGACY: _("The customer mode is legacy now."),
}
IS_AGAIN = {
    CustomerMode.STANDARD: _("The move was undone: the customer mode is standard again."),
    CustomerMode.LEGACY: _("The move was undone: the customer mode is legacy again."),
}
MOVE_TO_CUSTOMER_MODE = {
    CustomerMode.STANDARD: _("Move to standard customer mode"),
    CustomerMode.LEGACY: _("Move to legacy customer mode"),
}
MOVE_TO_MODE = {
    CustomerMode.STANDARD: _("Move to standard mode"),
    CustomerMode.LEGACY: _("Move to legacy mode"),
}


@needs(Role.ADMINISTRATOR)
def customer_mode(request: HttpRequest) -> HttpResponse:
    """Show the mode, the last move, and the way to the other one."""
    mode = CustomerMode(the_organisation().customer_mode)
    context = {
        "mode": mode,
        "other": OTHER[mode],
        "last": moving.last_move(),
        "title": gettext("Customer mode"),
    }
    return render(request, "organisation/customer_mode.html", context)


@needs(Role.ADMINISTRATOR)
@require_POST
def foresee(request: HttpRequest) -> HttpResponse:
    """Answer with what a move to the other mode comes to, and what would be billed before and after.

    It is posted, since it is done and taken back, and others who store something wait meanwhile.
    """
    context: dict[str, Any] = {"other": _other()}
    if _has_too_many():
        context["most"] = MOST_CHARGES
    else:
        try:
            context["found"] = moving.would_move(to=context["other"], today=_today())
        except Refusal as refusal:
            context["refusal"] = said(refusal)
    return render(request, "organisation/customer_mode_move.html", context)


@needs(Role.ADMINISTRATOR)
@require_POST
def move(request: HttpRequest) -> HttpResponse:
    """Ask, in numbers, then move."""
    back, to = reverse("customer-mode"), _other()
    if _has_too_many():
        told = gettext("There are more than %(most)s charges: move on the command line.")
        messages.error(request, told % {"most": count_text(MOST_CHARGES, locale=current_locale())})
        return HttpResponseRedirect(back)
    try:
        confirmation = _confirmation(moving.would_move(to=to, today=_today()), back=back)
        if not is_agreed(request, confirmation):
            return confirm_page(request, confirmation)
        moving.move(to=to, today=_today(), by=request.user, reason=reason_given(request))  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(request, IS_NOW[to])
    return HttpResponseRedirect(back)


@needs(Role.ADMINISTRATOR)
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Move back to the mode before, while nothing was billed since."""
    try:
        done = moving.undo(today=_today(), by=request.user)  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(
            request,
            IS_AGAIN[done.plan.to],
        )
    return HttpResponseRedirect(reverse("customer-mode"))


def _has_too_many() -> bool:
    return Charge.objects.all()[MOST_CHARGES : MOST_CHARGES + 1].exists()


def _confirmation(found: moving.Move, *, back: str) -> Confirmation:
    locale, to = current_locale(), found.plan.to
    bills = [
        (
            gettext("%(title)s would bill today, before and after") % {"title": one.before.title},
            ", ".join(
                money_text(minor, currency, locale=locale) for currency, minor in one.before.gross.items()
            )
            or gettext("nothing"),
        )
        for one in found.compared
    ]
    return Confirmation(
        title=str(MOVE_TO_CUSTOMER_MODE[to]),
        sentence=gettext(
            "What is billed already stays as it is. What is due today, and what falls due in the next twelve months, "
            "is billed the same to the same customers, to the cent."
        ),
        figures=[
            *((said(label), count_text(count, locale=locale)) for label, count in found.plan.labelled),
            *bills,
            *_due_later(found),
        ],
        lasting=gettext("It can be undone with one click until the next run."),
        verb=str(MOVE_TO_MODE[to]),
        back=back,
        asks_reason=True,
    )


def _due_later(found: moving.Move) -> list[tuple[str, str]]:
    locale, net = current_locale(), found.later.after.net if found.later else {}
    return [
        (
            gettext("Due in the next twelve months, net, before and after"),
            ", ".join(money_text(minor, currency, locale=locale) for currency, minor in net.items())
            or gettext("nothing"),
        )
    ]


def _other() -> CustomerMode:
    return OTHER[CustomerMode(the_organisation().customer_mode)]


def _today() -> date:
    return clock.now().astimezone(current_zone()).date()
