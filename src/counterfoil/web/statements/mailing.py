"""Statements by e-mail: one, or those of the customers ticked; asked in numbers, sent in the background."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows import stating_by_mail as flow
from counterfoil.records.deliveries.models import OPEN_STATES, Mail, StatementRound
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer
from counterfoil.web.access import needs
from counterfoil.web.customers.lists import CUSTOMERS
from counterfoil.web.customers.views import seen
from counterfoil.web.deliveries.views import STATES
from counterfoil.web.display import count_text, current_locale, money_text, weekday_text
from counterfoil.web.layout.branches import sight_of
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed, reason_given
from counterfoil.web.layout.work import Work, panel_context, panel_response
from counterfoil.web.lists.page import selection_of
from counterfoil.web.lists.selection import Selection
from counterfoil.web.statements.views import StatementForm, asked_days

WHO_SENDS = (Role.BILLER, Role.APPROVER, Role.ACCOUNTANT)
TYPED = "typed"
MOST_ROWS = 200
TITLE = "E-mail statements"


class ManyForm(StatementForm):
    """Which statements the customers ticked get."""

    only_open = forms.BooleanField(
        label="Only customers to whom something is open", required=False, initial=True
    )


@needs(*WHO_SENDS)
def send(request: HttpRequest, key: int) -> HttpResponse:
    """Say to whom one customer's statement goes and what is open on it, then queue it once."""
    customer = get_object_or_404(seen(request), pk=key)
    form = StatementForm(asked_days(request))
    back = f"{reverse('customer-statement', args=[key])}?{request.GET.urlencode()}".removesuffix("?")
    if not form.is_valid():
        messages.error(request, "The days cannot be read. Correct them, then send the statement.")
        return HttpResponseRedirect(back)
    rows = BillingCustomer.objects.filter(pk=key)
    wanted = flow.Wanted(**form.cleaned_data, only_open=False)
    found = flow.planned(rows, wanted=wanted, by=request.user)  # type: ignore[arg-type]
    is_repeated = flow.SENT_BEFORE in found.left_out
    if is_repeated:
        wanted = flow.Wanted(**form.cleaned_data, only_open=False, again=True, reason=reason_given(request))
        found = flow.planned(rows, wanted=wanted, by=request.user)  # type: ignore[arg-type]
    to = next(iter(found.recipients.values()), "")
    confirmation = Confirmation(
        title=f"E-mail the statement of {customer.name}",
        sentence=f"The statement as of {_day(wanted)} is sent to {customer.name}{', again' if is_repeated else ''}.",
        figures=[("To", to or f"nobody: the customer is {next(iter(found.left_out))}"), *_open(found)],
        lasting="The customer may get it twice." if is_repeated else "",
        verb="Send again" if is_repeated else "E-mail statement",
        back=back,
        asks_reason=is_repeated,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    return _queued(request, rows, wanted, back=back, done=f"{reverse('customer', args=[key])}?tab=mails")


@needs(*WHO_SENDS)
@require_POST
def send_many(request: HttpRequest) -> HttpResponse:
    """Ask which statements the customers ticked get, say what that comes to in numbers, then queue them once."""
    rows = sight_of(request).limits(BillingCustomer.objects.all())
    selection = selection_of(request, listing=CUSTOMERS, queryset=rows)
    back = f"{reverse('customers')}?{request.GET.urlencode()}".removesuffix("?")
    if selection.is_empty:
        messages.warning(request, "Nothing was ticked. Tick the billing customers first.")
        return HttpResponseRedirect(back)
    form = ManyForm(request.POST) if TYPED in request.POST else ManyForm(initial=asked_days(request))
    if form.is_bound and form.is_valid():
        wanted = flow.Wanted(**form.cleaned_data)
        try:
            found = flow.planned(selection.queryset, wanted=wanted, by=request.user)  # type: ignore[arg-type]
            if not found.recipients:
                raise flow.NoStatementsToMail(told=f": {_left_out_text(found)}")
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            confirmation = _what_is_sent(request, selection, found, wanted, back=back)
            if not is_agreed(request, confirmation):
                return confirm_page(request, confirmation)
            return _queued(request, selection.queryset, wanted, back=back)
    context = {
        "form": form,
        "title": TITLE,
        "verb": "See what is sent",
        "back": back,
        "hidden": selection.fields(),
        "sentence": selection.sentence(locale=current_locale()),
    }
    return render(request, "charges/many.html", context)


@needs(*WHO_SENDS)
def sent_round(request: HttpRequest, key: int) -> HttpResponse:
    """Show how far statements asked for at once are, and what became of each."""
    found = get_object_or_404(StatementRound.objects.select_related("asked_by"), pk=key)
    mails = _mails(request, found)
    states = mails.order_by("state").values_list("state").annotate(Count("pk"))
    work = _work(request, found)
    context: dict[str, Any] = {
        "round": found,
        "title": f"Statements of {weekday_text(found.day, locale=current_locale())}",
        "states": [(STATES[state], count) for state, count in states],
        "mails": list(
            mails.select_related("customer", "asked_by", "statement__round").order_by("pk")[:MOST_ROWS]
        ),
        "shows_document": True,
        "most": MOST_ROWS,
        "work": None,
    }
    if not work.is_finished:
        poll = reverse("statement-round-progress", args=[key])
        context |= panel_context(work, now=clock.now(), poll=poll)
    return render(request, "statements/round.html", context)


@needs(*WHO_SENDS)
def round_progress(request: HttpRequest, key: int) -> HttpResponse:
    """Answer a poll of the progress panel."""
    found = get_object_or_404(StatementRound, pk=key)
    here, poll = reverse("statement-round", args=[key]), reverse("statement-round-progress", args=[key])
    return panel_response(request, _work(request, found), now=clock.now(), poll=poll, result=here)


def _mails(request: HttpRequest, found: StatementRound) -> QuerySet[Mail]:
    return sight_of(request).limits(Mail.objects.filter(statement__round=found), path="customer__branch")


def _work(request: HttpRequest, found: StatementRound) -> Work:
    mails = _mails(request, found)
    total, waiting = mails.count(), mails.filter(state__in=OPEN_STATES).count()
    return Work(
        title="Statements",
        stage="Sending statements",
        done=total - waiting,
        total=total,
        unit="statements",
        started_at=found.asked_at,
        address=reverse("statement-round", args=[found.pk]),
        is_finished=not waiting,
    )


def _queued(
    request: HttpRequest, rows: QuerySet[BillingCustomer], wanted: flow.Wanted, *, back: str, done: str = ""
) -> HttpResponse:
    try:
        opened = flow.mail_statements(rows, wanted=wanted, by=request.user, now=clock.now())  # type: ignore[arg-type]
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(back)
    messages.success(request, "On its way." if done else "The statements are on their way.")
    return HttpResponseRedirect(done or reverse("statement-round", args=[opened.pk]))


def _what_is_sent(
    request: HttpRequest, selection: Selection, found: flow.Planned, wanted: flow.Wanted, *, back: str
) -> Confirmation:
    locale = current_locale()
    left_out = [
        (f"Left out: {reason}", count_text(count, locale=locale)) for reason, count in found.left_out.items()
    ]
    since = f", documents from {weekday_text(wanted.since, locale=locale)} on" if wanted.since else ""
    typed = [(name, value) for name, value in request.POST.items() if name in (TYPED, *ManyForm.base_fields)]
    count = len(found.recipients)
    return Confirmation(
        title=TITLE,
        sentence=f"{count_text(count, locale=locale)} {'statement' if count == 1 else 'statements'} as of "
        f"{_day(wanted)}{since} are sent by e-mail, one a customer.",
        figures=[("Ticked", selection.sentence(locale=locale)), *_open(found), *left_out],
        lasting="What was sent cannot be taken back. Payments are not on statements.",
        verb=f"E-mail {count_text(count, locale=locale)} {'statement' if count == 1 else 'statements'}",
        back=back,
        fields=[*selection.fields(), *typed],
    )


def _day(wanted: flow.Wanted) -> str:
    return weekday_text(wanted.day, locale=current_locale())


def _open(found: flow.Planned) -> list[tuple[str, str]]:
    locale = current_locale()
    return [
        (f"Open in {currency}", money_text(minor, currency, locale=locale))
        for currency, minor in sorted(found.open_minor.items())
    ]


def _left_out_text(found: flow.Planned) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in found.left_out.items())
