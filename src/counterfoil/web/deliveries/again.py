"""Deliveries that failed or are uncertain are sent again, after asking in numbers: of one run, or of whichever."""

from __future__ import annotations

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext_lazy
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.flows.billing import deliver
from counterfoil.flows.billing.starting import DELIVER, go_on
from counterfoil.records.deliveries.models import EMAIL, TO_SEND_AGAIN, Delivery, DeliveryState
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.deliveries.channels import channel_name
from counterfoil.web.deliveries.views import DELIVERIES, seen
from counterfoil.web.display import count_text, current_locale
from counterfoil.web.lists.asking import Question, after_asking
from counterfoil.web.lists.listing import Listing
from counterfoil.web.lists.page import selection_of


@needs(Role.BILLER, Role.APPROVER)
@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    """Say what sending the ticked deliveries again does, and queue it; go back to where it was asked."""
    sentence = gettext(
        "Send %(ticked)s again. Failed ones are sent again, e-mails to the customers' present addresses. Those that "
        "were sent, or are on their way, are left out."
    )
    asked = request.GET.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    back = asked if is_ours else f"{reverse('deliveries')}?{request.GET.urlencode()}".removesuffix("?")
    return ask_to_resend(request, seen(request), sentence=sentence, listing=DELIVERIES, back=back)


def ask_to_resend(
    request: HttpRequest, rows: QuerySet[Delivery], *, sentence: str, listing: Listing, back: str
) -> HttpResponse:
    """Ask by *sentence* whether those of *rows* that are ticked are sent again, and queue it."""
    again = rows.filter(state__in=TO_SEND_AGAIN)

    def act(ids: list[int]) -> int:
        done = deliver.resend(ids, now=clock.now())
        runs = (
            Delivery.objects.filter(pk__in=ids)
            .order_by("invoice__run")
            .values_list("invoice__run", flat=True)
        )
        for run_id in runs.distinct():
            go_on(DELIVER, run_id=run_id)
        return done

    question = Question(
        verb=gettext("Send again deliveries"),
        sentence=sentence,
        done=ngettext_lazy(
            "%(count)s delivery was queued again.", "%(count)s deliveries were queued again.", "count"
        ),
        lasting=gettext("An uncertain e-mail may have arrived: its customer may get it twice."),
        figures=_by_state(selection_of(request, listing=listing, queryset=again).queryset),
        asks_reason=False,
    )
    return after_asking(request, question, listing=listing, rows=again, back=back, act=act)


def _by_state(ticked: QuerySet[Delivery]) -> list[tuple[str, str]]:
    """Return how many of what is ticked failed, and how many are uncertain, by channel."""
    counted = ticked.order_by("channel", "state").values_list("channel", "state").annotate(count=Count("pk"))
    return [
        (
            f"{DeliveryState(state).label}, {gettext('e-mail') if channel == EMAIL else channel_name(channel)}",
            count_text(count, locale=current_locale()),
        )
        for channel, state, count in counted
    ]
