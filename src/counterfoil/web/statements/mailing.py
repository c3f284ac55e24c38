"""Statements by e-mail: one, or those of the customers ticked; asked in numbers, sent in the background."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
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
from counterfoil.web.lists.asking import nothing_ticked
from counterfoil.web.lists.page import selection_of
from counterfoil.web.lists.selection import Selection
from counterfoil.web.saying import said
from counterfoil.web.statements.views import StatementForm, asked_days

WHO_SENDS = (Role.BILLER, Role.APPROVER, Role.ACCOUNTANT)
TYPED = "typed"
MOST_ROWS = 200
TITLE = _("E-mail statements")


class ManyForm(StatementForm):
    """Which statements the customers ticked get."""

    only_open = forms.BooleanField(
        label=_("Only customers to whom something is open"), required=False, initial=True
    )


@needs(*WHO_SENDS)
def send(request: HttpRequest, key: int) -> HttpResponse:
    """Say to whom one customer's statement goes and what is open on it, then queue it once."""
    customer = get_object_or_404(seen(request), pk=key)
    form = StatementForm(asked_days(request))
    back = f"{reverse('customer-statement', args=[key])}?{request.GET.urlencode()}".removesuffix("?")
    if not form.is_valid():
        messages.error(request, gettext("The days cannot be read. Correct them, then send the statement."))
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
        title=gettext("E-mail the statement of %(name)s") % {"name": customer.name},
        sentence=(
            gettext("The statement as of %(day)s is sent to %(customer)s, again.")
            if is_repeated
            else gettext("The statement as of %(day)s is sent to %(customer)s.")
        )
        % {"day": _day(wanted), "customer": customer.name},
        figures=[
            (
                gettext("To"),
                to
                or gettext("nobody: the customer is %(reason)s")
                % {"reason": said(next(iter(found.left_out)))},
            ),
            *_open(found),
        ],
        lasting=gettext("The customer may get it twice.") if is_repeated else "",
        verb=gettext("Send again") if is_repeated else gettext("E-mail statement"),
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
        messages.warning(request, nothing_ticked(CUSTOMERS))
        return HttpResponseRedirect(back)
    form = ManyForm(request.POST) if TYPED in request.POST else ManyForm(initial=asked_days(request))
    if form.is_bound and form.is_valid():
        wanted = flow.Wanted(**form.cleaned_data)
        try:
            found = flow.planned(selection.queryset, wanted=wanted, by=request.user)  # type: ignore[arg-type]
            if not found.recipients:
                raise flow.NoStatementsToMail(told=f": {_left_out_text(found)}")
        except Refusal as refusal:
            form.add_error(None, said(refusal))
        else:
            confirmation = _what_is_sent(request, selection, found, wanted, back=back)
            if not is_agreed(request, confirmation):
                return confirm_page(request, confirmation)
            return _queued(request, selection.queryset, wanted, back=back)
    context = {
        "form": form,
        "title": TITLE,
        "verb": gettext("See what is sent"),
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
        "title": gettext("Statements of %(day)s") % {"day": weekday_text(found.day, locale=current_locale())},
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
        cancel = reverse("statement-round-cancel", args=[key])
        context |= panel_context(work, now=clock.now(), poll=poll, cancel=cancel)
    return render(request, "statements/round.html", context)


@needs(*WHO_SENDS)
def round_progress(request: HttpRequest, key: int) -> HttpResponse:
    """Answer a poll of the progress panel."""
    found = get_object_or_404(StatementRound, pk=key)
    here, poll = reverse("statement-round", args=[key]), reverse("statement-round-progress", args=[key])
    cancel = reverse("statement-round-cancel", args=[key])
    work = _work(request, found)
    return panel_response(request, work, now=clock.now(), poll=poll, result=here, cancel=cancel)


@needs(*WHO_SENDS)
@require_POST
def cancel_round(request: HttpRequest, key: int) -> HttpResponse:
    """Cancel what of a round is not on its way yet, of the customers that the person sees."""
    found = get_object_or_404(StatementRound, pk=key)
    customers = sight_of(request).limits(BillingCustomer.objects.all())
    count = flow.cancel_round(found.pk, customers=customers, now=clock.now())
    told = ngettext("%(count)s statement is not sent.", "%(count)s statements are not sent.", count)
    messages.success(request, told % {"count": count_text(count, locale=current_locale())})
    return HttpResponseRedirect(reverse("statement-round", args=[key]))


def _mails(request: HttpRequest, found: StatementRound) -> QuerySet[Mail]:
    return sight_of(request).limits(Mail.objects.filter(statement__round=found), path="customer__branch")


def _work(request: HttpRequest, found: StatementRound) -> Work:
    mails = _mails(request, found)
    total, waiting = mails.count(), mails.filter(state__in=OPEN_STATES).count()
    return Work(
        title=gettext("Statements"),
        stage=gettext("Sending statements"),
        done=total - waiting,
        total=total,
        unit=gettext("statements"),
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
        messages.error(request, said(refusal))
        return HttpResponseRedirect(back)
    messages.success(request, gettext("On its way.") if done else gettext("The statements are on their way."))
    return HttpResponseRedirect(done or reverse("statement-round", args=[opened.pk]))


def _what_is_sent(
    request: HttpRequest, selection: Selection, found: flow.Planned, wanted: flow.Wanted, *, back: str
) -> Confirmation:
    locale = current_locale()
    left_out = [
        (gettext("Left out: %(reason)s") % {"reason": said(reason)}, count_text(count, locale=locale))
        for reason, count in found.left_out.items()
    ]
    typed = [(name, value) for name, value in request.POST.items() if name in (TYPED, *ManyForm.base_fields)]
    count = len(found.recipients)
    return Confirmation(
        title=str(TITLE),
        sentence=_sending(count, has_first_day=wanted.since is not None)
        % {
            "count": count_text(count, locale=locale),
            "day": _day(wanted),
            "since": weekday_text(wanted.since, locale=locale) if wanted.since else "",
        },
        figures=[(gettext("Ticked"), selection.sentence(locale=locale)), *_open(found), *left_out],
        lasting=gettext("What was sent cannot be taken back. Payments are not on statements."),
        verb=ngettext("E-mail %(count)s statement", "E-mail %(count)s statements", count)
        % {"count": count_text(count, locale=locale)},
        back=back,
        fields=[*selection.fields(), *typed],
    )


def _sending(count: int, *, has_first_day: bool) -> str:
    """Return what is asked, with how many and the days still to be filled in."""
    if has_first_day:
        return ngettext(
            "%(count)s statement as of %(day)s, documents from %(since)s on are sent by e-mail, one a customer.",
            "%(count)s statements as of %(day)s, documents from %(since)s on are sent by e-mail, one a customer.",
            count,
        )
    return ngettext(
        "%(count)s statement as of %(day)s are sent by e-mail, one a customer.",
        "%(count)s statements as of %(day)s are sent by e-mail, one a customer.",
        count,
    )


def _day(wanted: flow.Wanted) -> str:
    return weekday_text(wanted.day, locale=current_locale())


def _open(found: flow.Planned) -> list[tuple[str, str]]:
    locale = current_locale()
    return [
        (gettext("Open in %(currency)s") % {"currency": currency}, money_text(minor, currency, locale=locale))
        for currency, minor in sorted(found.open_minor.items())
    ]


def _left_out_text(found: flow.Planned) -> str:
    return ", ".join(f"{count} {said(reason)}" for reason, count in found.left_out.items())
