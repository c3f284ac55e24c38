"""What is billable and no definition selects: by gap with what it would bill today, and charge by charge."""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil import clock
from counterfoil.core.sentences import in_small
from counterfoil.flows.billing.leaking import (
    NO_LENGTH,
    OTHER_GROUPS,
    OTHER_LENGTHS,
    OTHER_MASTERS,
    START,
    Gap,
    GapTotal,
    in_words,
    leaking_charges,
    leaking_events,
    leaks_of,
    next_leaking,
    totals_by_gap,
)
from counterfoil.records.billing.models import Payer
from counterfoil.records.catalog.models import Kind, MasterCharge
from counterfoil.records.organisation.models import Branch, Role
from counterfoil.records.organisation.queries import surroundings_of, within_branches
from counterfoil.records.parties.models import CustomerGroup
from counterfoil.web.access import needs
from counterfoil.web.display import current_zone
from counterfoil.web.lists.columns import Column
from counterfoil.web.lists.columns import Kind as Shown
from counterfoil.web.lists.listing import Empty, Listing, Noun
from counterfoil.web.lists.page import list_page
from counterfoil.web.saying import said
from counterfoil.web.templatetags.counterfoil import Tab

SALT = "counterfoil.web.exceptions.leakage"
AT_ONCE = 5_000
"""So many charges are rated in one step of adding up."""

NOTHING_LEAKS = Empty(
    title=_("Nothing leaks"), explanation=_("Every billable charge is selected by an active definition.")
)


def _payer(row: Any) -> str:
    return (Payer.DEALER if row.by_dealer else Payer.DIRECT).label


def _listing(
    name: str, noun: Noun, *, client: str, search: tuple[str, ...], columns: tuple[Column, ...]
) -> Listing:
    return Listing(
        name=name,
        noun=noun,
        columns=(
            *columns,
            Column(name="client", label=_("Client"), value=f"{client}.name"),
            Column(name="payer", label=_("Who pays"), value=_payer),
            Column(name="branch", label=_("Branch"), value=f"{client}.branch.name"),
        ),
        default_sort="id",
        search=search,
        search_hint=_("Charge, client"),
        template="exceptions/leakage.html",
        empty=NOTHING_LEAKS,
    )


CHARGES = _listing(
    "leaking-charges",
    Noun("charge", "charges"),
    client="client",
    search=("key__istartswith", "client__name__icontains"),
    columns=(
        Column(
            name="id",
            label=_("Charge"),
            kind=Shown.CODE,
            value="key",
            link="charge",
            sort=("pk",),
            index="pk",
        ),
        Column(name="master", label=_("Master charge"), value="master_charge.name"),
        Column(name="kind", label=_("Kind"), value="master_charge.get_kind_display"),
        Column(name="starts_on", label=_("Starts"), kind=Shown.DATE),
        Column(
            name="bills",
            label="",
            value=lambda _row: gettext("What it would bill"),
            link="charge-forecast",
            opens_panel=True,
        ),
    ),
)
EVENTS = _listing(
    "leaking-events",
    Noun("charge of events", "charges of events"),
    client="event.client",
    search=("event__key__istartswith", "event__client__name__icontains"),
    columns=(
        Column(
            name="id",
            label=_("Event"),
            kind=Shown.CODE,
            value="event.key",
            link=lambda row: reverse("event", args=[row.event_id]),
            sort=("pk",),
            index="pk",
        ),
        Column(name="master", label=_("Master charge"), value="master_charge.name"),
        Column(name="kind", label=_("Kind"), value="event.get_kind_display"),
        Column(
            name="to_be_billed_on", label=_("To be billed"), kind=Shown.DATE, value="event.to_be_billed_on"
        ),
    ),
)


def charges_seen(request: HttpRequest) -> QuerySet[Any]:
    """Return the charges that leak and that the person may see."""
    rows = leaking_charges(around=surroundings_of(request.user))
    return within_branches(rows, user=request.user, path="client__branch_id")  # type: ignore[arg-type]


def events_seen(request: HttpRequest) -> QuerySet[Any]:
    """Return the charges of events that leak and that the person may see."""
    rows = leaking_events(around=surroundings_of(request.user))
    return within_branches(rows, user=request.user, path="event__client__branch_id")  # type: ignore[arg-type]


def tabs(*, chosen: str) -> list[Tab]:
    """Return the tabs of what could not be billed, and of what nothing would bill."""
    return [
        Tab(gettext("To put right"), reverse("exceptions"), chosen == "exceptions"),
        Tab(gettext("Charges no definition selects"), reverse("leakage"), chosen == "charges"),
        Tab(gettext("Events no definition selects"), reverse("leaking-events"), chosen == "events"),
    ]


@needs(Role.VIEWER)
def leakage(request: HttpRequest) -> HttpResponseBase:
    """List the charges that no active definition selects."""
    context = {"tabs": tabs(chosen="charges"), "amounts": reverse("leakage-amounts")}
    rows = charges_seen(request)
    return list_page(request, listing=CHARGES, queryset=rows, title=gettext("Exceptions"), context=context)


@needs(Role.VIEWER)
def events(request: HttpRequest) -> HttpResponseBase:
    """List the charges of events that no active definition selects."""
    context = {"tabs": tabs(chosen="events"), "amounts": reverse("leakage-amounts") + "?of=events"}
    rows = events_seen(request)
    return list_page(request, listing=EVENTS, queryset=rows, title=gettext("Exceptions"), context=context)


@needs(Role.VIEWER)
def amounts(request: HttpRequest) -> HttpResponse:
    """Answer with what leaks by gap: one part more of it, added to what was added up before."""
    try:
        carried = signing.loads(request.GET["more"], salt=SALT) if "more" in request.GET else {}
    except signing.BadSignature:
        carried = {}
    of_events = request.GET.get("of") == "events"
    before = [
        GapTotal(gap=Gap(*gap), count=count, net_minor=net) for gap, count, net in carried.get("totals", [])
    ]
    rows = events_seen(request) if of_events else charges_seen(request)
    part, after = next_leaking(rows, tuple(carried.get("after", START)), most=AT_ONCE)
    totals = totals_by_gap(leaks_of(part, today=_today()), before=before)
    more = ""
    if after is not None:
        plain = [(list(vars(one.gap).values()), one.count, one.net_minor) for one in totals]
        more = signing.dumps({"totals": plain, "after": after}, salt=SALT, compress=True)
    branches = {one.pk: one for one in surroundings_of(request.user).branches}
    named = {one.gap.group_id for one in totals} - {OTHER_GROUPS}
    groups = CustomerGroup.objects.in_bulk(named) if named else {}
    masters_named = {one.gap.master_id for one in totals} - {OTHER_MASTERS}
    masters = MasterCharge.objects.in_bulk(masters_named) if masters_named else {}
    context = {
        "of": "events" if of_events else "",
        "more": more,
        "payer": after[0] if after else 0,
        "counted": sum(one.count for one in totals),
        "gaps": [
            _shown(
                one,
                branches[one.gap.branch_id],
                group=groups.get(one.gap.group_id),
                master=masters.get(one.gap.master_id),
            )
            for one in totals
        ],
    }
    return render(request, "exceptions/leakage_amounts.html", context)


def _today() -> Any:
    return clock.now().astimezone(current_zone()).date()


def _shown(
    total: GapTotal, branch: Branch, *, group: CustomerGroup | None, master: MasterCharge | None
) -> dict[str, Any]:
    """Return a gap with its words, its sums, and the definition that would close it, ready to be added."""
    payer = Payer.DEALER if total.gap.by_dealer else Payer.DIRECT
    title = f"{Kind(total.gap.kind).label}, {said(in_small(payer.label))}"
    words = {"kinds": total.gap.kind, "payer": payer.value, "branch": branch.pk, "title": title}
    if group is not None:
        words["customer_group"] = group.pk
    if master is not None:
        words["master_charges"] = master.code
    if total.gap.length not in (OTHER_LENGTHS, NO_LENGTH):
        words["period_lengths"] = total.gap.length
    return {
        "words": said(
            in_words(
                total.gap,
                branch=branch.name,
                group=group.name if group else "",
                master=master.code if master else "",
            )
        ),
        "count": total.count,
        "net": sorted(total.net_minor.items()),
        "address": f"{reverse('definition-new')}?{urlencode(words)}",
    }
