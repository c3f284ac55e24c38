"""The exceptions: an inbox grouped by what to do, each with a link to what is to be mended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import django_filters
from django.db.models import Case, Count, Exists, Max, OuterRef, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.core.findings import FindingCode
from counterfoil.flows.billing import confirming
from counterfoil.flows.editing import store_many
from counterfoil.records.billing.models import BillingException, Run, RunStatus, ScheduleState
from counterfoil.records.charges.models import PastConfirmation
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import within_branches
from counterfoil.records.parties.models import BillingCustomer
from counterfoil.web.access import needs
from counterfoil.web.customers.lists import CUSTOMERS, OF_CLIENTS
from counterfoil.web.display import current_locale, money_text
from counterfoil.web.exceptions.leakage import tabs
from counterfoil.web.layout.confirm import reason_given
from counterfoil.web.lists.asking import Question, after_asking
from counterfoil.web.lists.columns import Column, Kind, State, Tone
from counterfoil.web.lists.listing import BulkAction, Empty, Listing, Noun
from counterfoil.web.lists.page import list_page, selection_of
from counterfoil.web.naming import FINDINGS
from counterfoil.web.saying import message_of, remedy_of

MOST_KINDS = 30
MOST_ESTIMATED = 200


def words_of(code: str) -> str:
    """Return an exception's code as words: "No price"."""
    return str(FINDINGS[FindingCode(code)])


def object_of(row: BillingException) -> str:
    """Return what the exception is about: its charge, else its client, else its customer."""
    return str(row.charge or row.client or row.customer or gettext("the run"))


def address_of(row: BillingException) -> str:
    """Return the page where it is mended."""
    if row.charge_id:
        return reverse("charge", args=[row.charge_id])
    if row.client_id:
        return reverse("client", args=[row.client_id])
    return reverse("customer", args=[row.customer_id]) if row.customer_id else ""


# Where what a kind is about is mended: the name of the address, and whose key it takes.
_MENDED = {
    FindingCode.NO_CUSTOMER: ("client-edit", "client_id"),
    FindingCode.NO_ACCOUNT_OF_CLIENT: ("client-account", "client_id"),
    FindingCode.NO_DEALER: ("client-edit", "client_id"),
    FindingCode.NO_ACCOUNT_OF_DEALER: ("client", "client_id"),
    FindingCode.CUSTOMER_INACTIVE: ("customer-edit", "customer_id"),
    FindingCode.NO_PRICE: ("charge-edit", "charge_id"),
    FindingCode.NO_CHARGE_PERIOD: ("charge-edit", "charge_id"),
    FindingCode.CURRENCY_MISMATCH: ("charge-edit", "charge_id"),
    FindingCode.END_NOT_AFTER_START: ("charge-edit", "charge_id"),
    FindingCode.SERVICE_BEFORE_BILLED: ("charge-edit", "charge_id"),
    FindingCode.DATE_OUT_OF_RANGE: ("charge-edit", "charge_id"),
    FindingCode.UNKNOWN_TAX_RATE: ("taxes", ""),
    FindingCode.NO_METER: ("meters", ""),
    FindingCode.NO_READING: ("meters", ""),
    FindingCode.READING_GOES_BACK: ("meters", ""),
}
# What mends all of a kind at once: what the way there is called, and its address.
_MENDED_TOGETHER = {
    FindingCode.UNKNOWN_TAX_RATE: (_("Add tax rate"), "tax-rate-new"),
    FindingCode.NO_PRICE: (_("Prices of master charges"), "master-charges"),
    FindingCode.NO_READING: (_("Enter readings"), "meters"),
    FindingCode.NO_METER: (_("Add meter"), "meter-new"),
}
# Why it is not known what solving a kind would bill.
_NO_AMOUNT = _("What it bills is known once the charge is put right.")
_WHY_NO_AMOUNT = {
    FindingCode.NO_PRICE: _("What it bills follows from the price that you set."),
    FindingCode.NO_CHARGE_PERIOD: _("What it bills follows from the charge period that you set."),
    FindingCode.UNKNOWN_TAX_RATE: _("What it bills, tax included, follows from the rate that you add."),
    FindingCode.CURRENCY_MISMATCH: _("What it bills follows from the price in the customer's currency."),
    FindingCode.NO_CUSTOMER: _("What it bills follows from who pays: prices differ by customer."),
    FindingCode.NO_ACCOUNT_OF_CLIENT: _("What it bills follows from the account that pays."),
    FindingCode.NO_DEALER: _("What it bills follows from the dealer, who may have a price list."),
    FindingCode.NO_ACCOUNT_OF_DEALER: _("What it bills follows from the account that pays."),
    FindingCode.NO_METER: _("What it bills follows from what the meter counts."),
    FindingCode.NO_READING: _("What it bills follows from the reading."),
    FindingCode.READING_GOES_BACK: _("What it bills follows from the right reading."),
    FindingCode.NEGATIVE_DOCUMENT: _("It bills nothing by itself: the next invoice sets it off."),
}
CONFIRMED, OPEN = "confirmed", "open"
STATES = {CONFIRMED: State(_("Confirmed"), Tone.GOOD), OPEN: State(_("Open"), Tone.WARNING)}


def mended_at(row: BillingException) -> str:
    """Return the page on which *row* is put right, that of its object where there is none of its own."""
    name, key = _MENDED.get(FindingCode(row.code), ("", ""))
    if not name or (key and not getattr(row, key)):
        return address_of(row)
    return reverse(name, args=[getattr(row, key)] if key else [])


def mended_together(code: str) -> tuple[str, str] | None:
    """Return what mends all exceptions of a kind at once: its name and address; None where nothing does."""
    label, name = _MENDED_TOGETHER.get(FindingCode(code), ("", ""))
    return (label, reverse(name)) if name else None


class ExceptionFilters(django_filters.FilterSet):
    code = django_filters.ChoiceFilter(
        label=_("Kind"),
        choices=[(code.value, words) for code, words in FINDINGS.items()],
        empty_label=_("All"),
    )

    class Meta:
        model = BillingException
        fields: list[str] = []


def _listing(name: str, **more: Any) -> Listing:
    return Listing(
        name=name,
        noun=Noun("exception", "exceptions"),
        columns=(
            Column(
                name="id",
                label=_("About"),
                value=object_of,
                link=address_of,
                sort=("pk",),
                index="primary key",
            ),
            Column(name="code", label=_("Kind"), value=lambda row: words_of(row.code), sort=("code",)),
            Column(
                name="message",
                label=_("What happened"),
                value=lambda row: message_of(row.code, row.message),
            ),
            Column(
                name="remedy",
                label=_("What to do"),
                value=lambda row: remedy_of(row.code, row.remedy),
                link=mended_at,
            ),
            Column(
                name="state",
                label=_("State"),
                kind=Kind.STATE,
                states=STATES,
                value=lambda row: CONFIRMED if row.is_confirmed else OPEN,
            ),
            Column(name="client", label=_("Client"), value="client.name"),
            Column(
                name="run",
                label=_("Run"),
                kind=Kind.CODE,
                value="run_id",
                link=lambda row: reverse("run", args=[row.run_id]),
            ),
        ),
        default_sort="-id",
        filters=ExceptionFilters,
        search=(
            "message__icontains",
            "charge__key__istartswith",
            "client__name__icontains",
            "customer__account__istartswith",
        ),
        search_hint=_("Words, charge, client, account"),
        empty=Empty(
            title=_("No exceptions"),
            explanation=_(
                "Everything that was due could be billed. What cannot be billed is listed here, with a "
                "remedy."
            ),
        ),
        **more,
    )


CONFIRM = BulkAction(label=_("Confirm"), address_name="exceptions-confirm", role=Role.BILLER)
EXCEPTIONS = _listing("exceptions", template="exceptions/exceptions.html", bulk_actions=(CONFIRM,))
EXCEPTIONS_OF_RUN = _listing(
    "exceptions-of-run",
    template="runs/review.html",
    bulk_actions=(replace(CONFIRM, address_name="run-exceptions-confirm"),),
)


def with_state(rows: QuerySet[BillingException]) -> QuerySet[BillingException]:
    """Return *rows* with whether somebody has confirmed what each is about, up to the cut-off of its run."""
    confirmed = PastConfirmation.objects.filter(
        charge=OuterRef("charge"), ends_before__gte=OuterRef("run__cutoff")
    )
    is_late = Q(code=FindingCode.TOO_MANY_PAST_PERIODS)
    return rows.annotate(is_confirmed=Case(When(is_late, then=Exists(confirmed)), default=Value(value=False)))


def to_confirm(rows: QuerySet[BillingException]) -> QuerySet[BillingException]:
    """Return those of *rows* that are about unbilled past periods which nobody has confirmed yet."""
    return with_state(rows.filter(code=FindingCode.TOO_MANY_PAST_PERIODS)).filter(is_confirmed=False)


def seen(user: Any) -> QuerySet[BillingException]:
    """Return the exceptions of runs in review or later that *user* may see, of each definition's newest runs."""
    from counterfoil.web.runs.seeing import runs_seen_by

    return of_newest(runs_seen_by(user))


def of_newest(runs: QuerySet[Run]) -> QuerySet[BillingException]:
    """Return the exceptions of those of *runs* that are in review or later, of each definition's newest."""
    seen_now = runs.exclude(status__in=[RunStatus.GENERATING, RunStatus.ABANDONED])
    newest = seen_now.order_by().values("title").annotate(newest=Max("pk")).values("newest")
    return BillingException.objects.filter(run__in=newest)


@needs(Role.VIEWER)
def exceptions(request: HttpRequest) -> HttpResponseBase:
    """List what the newest runs could not bill, with how many of each kind."""
    rows = seen(request.user)
    kinds = (
        with_state(rows)
        .order_by()
        .values("code")
        .annotate(count=Count("pk"), open=Count("pk", filter=Q(is_confirmed=False)), remedy=Max("remedy"))
        .order_by("-count")
    )
    context = {
        "kinds": [_group(kind) for kind in kinds[:MOST_KINDS]],
        "chosen": request.GET.get("code", ""),
        "tabs": tabs(chosen="exceptions"),
        "unstarted": _unstarted(request.user),
    }
    listed = with_state(rows).select_related("charge", "customer", "client", "run")
    return list_page(
        request, listing=EXCEPTIONS, queryset=listed, title=gettext("Exceptions"), context=context
    )


def _unstarted(user: Any) -> list[ScheduleState]:
    """Return the schedules whose run was due and did not start, of the definitions that *user* may see."""
    active = ScheduleState.objects.filter(definition__is_active=True).exclude(definition__schedule="")
    rows = active.exclude(problem="").select_related("definition").order_by("definition__title")
    return list(within_branches(rows, user=user, path="definition__branch_id")[:MOST_KINDS])


def _group(kind: dict[str, Any]) -> dict[str, Any]:
    """Return a kind of exception with its words, and what puts all of it right at once."""
    label, address = mended_together(kind["code"]) or ("", "")
    return {
        **kind,
        "words": words_of(kind["code"]),
        "remedy": remedy_of(kind["code"], kind["remedy"]),
        "mend": label,
        "mended_at": address,
        "is_late": kind["code"] == FindingCode.TOO_MANY_PAST_PERIODS,
        "is_inactive": kind["code"] == FindingCode.CUSTOMER_INACTIVE,
        "is_rated": kind["code"] in confirming.RATED_AS_REMEDIED,
        "clients": f"{reverse('clients')}?exception={kind['code']}" if kind["code"] in OF_CLIENTS else "",
        "no_amount": _WHY_NO_AMOUNT.get(FindingCode(kind["code"]), _NO_AMOUNT),
    }


@needs(Role.VIEWER)
def late_amount(request: HttpRequest) -> HttpResponse:
    """Answer with what solving all of a kind of the newest runs would bill: confirming, or reactivating customers."""
    code = request.GET.get("code", FindingCode.TOO_MANY_PAST_PERIODS)
    if code not in confirming.RATED_AS_REMEDIED:
        raise Http404
    unsolved = with_state(seen(request.user)).filter(code=code, charge__isnull=False, is_confirmed=False)
    some = list(unsolved.select_related("run", "charge").order_by("pk")[:MOST_ESTIMATED])
    sums = confirming.all_would_bill(some)
    amounts = [money_text(minor, currency, locale=current_locale()) for currency, minor in sums.items()]
    return render(
        request,
        "exceptions/late_amount.html",
        {
            "amounts": ", ".join(amounts),
            "estimated": len(some),
            "is_all": len(some) < MOST_ESTIMATED,
            "is_inactive": code == FindingCode.CUSTOMER_INACTIVE,
        },
    )


@needs(Role.BILLER)
@require_POST
def reactivate(request: HttpRequest) -> HttpResponse:
    """Make the customers active again for whom something could not be billed because they are not."""
    about = seen(request.user).filter(code=FindingCode.CUSTOMER_INACTIVE)
    rows = BillingCustomer.objects.filter(pk__in=about.values("customer"), is_active=False)

    def act(ids: list[int]) -> int:
        found = list(rows.filter(pk__in=ids).order_by("pk"))
        for one in found:
            one.is_active = True
        return store_many(found, fields=["is_active"])

    question = Question(
        verb=gettext("Reactivate billing customers"),
        sentence=gettext("Reactivate %(ticked)s. The next run bills what is due for them."),
        done=ngettext_lazy(
            "%(count)s billing customer is active again.",
            "%(count)s billing customers are active again.",
            "count",
        ),
        lasting=gettext("They can be made inactive again; what was billed by then stays billed."),
        asks_reason=False,
    )
    back = reverse("exceptions")
    return after_asking(request, question, listing=CUSTOMERS, rows=rows, back=back, act=act)


@needs(Role.BILLER)
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Confirm the long unbilled past of the charges whose exceptions are ticked."""
    return confirm_ticked(
        request,
        listing=EXCEPTIONS,
        rows=seen(request.user),
        back=reverse("exceptions"),
        sentence=gettext(
            "Confirm %(ticked)s of the newest runs. The next run bills all periods of these charges up to "
            "the cut-off of the run that set them aside, however many. Ticked exceptions about anything "
            "else are left out."
        ),
    )


def confirm_ticked(
    request: HttpRequest, *, listing: Listing, rows: QuerySet[BillingException], back: str, sentence: str
) -> HttpResponse:
    """Ask, and confirm that the past periods of the ticked exceptions are owed (billing-rules 2.7)."""
    late = to_confirm(rows)

    def act(ids: list[int]) -> int:
        done = confirming.confirm(ids, reason=reason_given(request), by=request.user, now=clock.now())  # type: ignore[arg-type]
        return len(done)

    question = Question(
        figures=_figures(selection_of(request, listing=listing, queryset=late).queryset),
        verb=gettext("Confirm exceptions"),
        sentence=sentence,
        done=ngettext_lazy(
            "%(count)s exception was confirmed.", "%(count)s exceptions were confirmed.", "count"
        ),
        lasting=gettext("A confirmation stays until the periods are billed."),
    )
    return after_asking(request, question, listing=listing, rows=late, back=back, act=act)


def _figures(late: QuerySet[BillingException]) -> list[tuple[str, str]]:
    """Return what confirming *late* would bill, where they are few enough to be asked while somebody waits."""
    some = list(late.select_related("run", "charge").order_by("pk")[: MOST_ESTIMATED + 1])
    if len(some) > MOST_ESTIMATED:
        return []
    sums = confirming.all_would_bill(some)
    return [
        (gettext("This would bill, net"), money_text(minor, currency, locale=current_locale()))
        for currency, minor in sums.items()
    ]
