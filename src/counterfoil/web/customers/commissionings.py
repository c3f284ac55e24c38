"""The pages of the times a client was commissioned before the present one (billing-rules 2.1)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from counterfoil.core.periods import ONE_DAY
from counterfoil.flows.editing import remove
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import PastCommissioning
from counterfoil.web.access import needs
from counterfoil.web.customers.clients import seen
from counterfoil.web.customers.forms import LAST_DAY_OF_SERVICE
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.layout.editing import AdmittedForm, DayInput, LastDayField, edit_page, posted


class CommissioningForm(AdmittedForm):
    """A time the client was commissioned before."""

    ends_before = LastDayField(label=LAST_DAY_OF_SERVICE)

    class Meta:
        model = PastCommissioning
        fields = ["starts_on", "ends_before"]
        widgets = {"starts_on": DayInput}
        labels = {"starts_on": _("Commissioned on")}


@needs(Role.VIEWER)
def commissionings(request: HttpRequest, key: int) -> HttpResponse:
    """List when a client was commissioned, now and before."""
    found = get_object_or_404(seen(request), pk=key)
    context = {
        "title": gettext("Commissionings of %(name)s") % {"name": found.name},
        "client": found,
        "past": list(found.past_commissionings.order_by("-starts_on")),
    }
    return render(request, "customers/commissionings.html", context)


@needs(Role.BILLER)
def new(request: HttpRequest, key: int) -> HttpResponse:
    """Add a time a client was commissioned before."""
    found = get_object_or_404(seen(request), pk=key)
    return _page(
        request,
        PastCommissioning(client=found),
        title=gettext("New past commissioning"),
        verb=gettext("Add commissioning"),
    )


@needs(Role.BILLER)
def edit(request: HttpRequest, key: int) -> HttpResponse:
    """Change one; what is billed and no longer served is credited by the next run of credits."""
    found = _seen_one(request, key)
    return _page(request, found, title=gettext("Edit past commissioning"), verb=gettext("Store changes"))


@needs(Role.BILLER)
def delete(request: HttpRequest, key: int) -> HttpResponse:
    """Take one back, once the person has agreed."""
    found = _seen_one(request, key)
    back = _list_of(found)
    confirmation = Confirmation(
        title=gettext("Delete the commissioning from %(starts_on)s") % {"starts_on": found.starts_on},
        sentence=gettext("%(client)s counts as not commissioned from %(starts_on)s to %(last_day)s.")
        % {"client": found.client, "starts_on": found.starts_on, "last_day": found.ends_before - ONE_DAY},
        lasting=gettext("What was billed of these days is credited when credits are run."),
        verb=gettext("Delete commissioning"),
        back=back,
        is_dangerous=True,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    remove(found)
    messages.success(request, gettext("The commissioning was deleted."))
    return HttpResponseRedirect(back)


def _seen_one(request: HttpRequest, key: int) -> PastCommissioning:
    rows = PastCommissioning.objects.select_related("client").filter(client__in=seen(request))
    return get_object_or_404(rows, pk=key)


def _list_of(one: PastCommissioning) -> str:
    return reverse("client-commissionings", args=[one.client_id])


def _page(request: HttpRequest, one: PastCommissioning, *, title: str, verb: str) -> HttpResponse:
    form = CommissioningForm(posted(request), instance=one)
    return edit_page(
        request,
        form=form,
        title=gettext("%(title)s of %(client)s") % {"title": title, "client": one.client},
        verb=verb,
        back=_list_of(one),
        done=_list_of,
    )
