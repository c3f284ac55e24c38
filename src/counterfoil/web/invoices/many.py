"""What is done to many issued documents: credit in full, send by e-mail, void; what cannot be is named (6.4, 7.5)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext_lazy
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows.billing.mailing import mailable_among, send_many
from counterfoil.flows.billing.voidable import voidable_among
from counterfoil.flows.billing.voiding import void_invoices
from counterfoil.flows.crediting.many import credit_in_full, show_credit_of_many
from counterfoil.records.organisation.models import Role
from counterfoil.records.organisation.queries import the_organisation
from counterfoil.web.access import needs
from counterfoil.web.display import count_text, current_locale
from counterfoil.web.invoices.lists import INVOICES, REVIEWERS
from counterfoil.web.invoices.views import seen
from counterfoil.web.invoices.wording import (
    credit_figures,
    credit_sentence,
    not_credited,
    not_sent,
    not_voided,
)
from counterfoil.web.layout.confirm import reason_given
from counterfoil.web.lists.asking import Done, Question, after_asking
from counterfoil.web.lists.selection import MOST_SELECTED, Selection


class TooManyTicked(Refusal):
    """{count} documents are too many for this at once. Tick up to {most}, then the others."""


@needs(*REVIEWERS)
@require_POST
def credit(request: HttpRequest) -> HttpResponse:
    """Say what crediting the ticked invoices in full comes to, then make one run of the notes."""
    day = clock.today(the_organisation().timezone)

    def ask(selection: Selection) -> Question:
        shown = show_credit_of_many(_few_enough(selection), invoice_date=day)
        return Question(
            verb=gettext("Credit in full"),
            sentence=credit_sentence(shown, day=day).replace("%", "%%"),
            done=ngettext_lazy(
                "%(count)s credit note is in review. It is issued when its run is authorised.",
                "%(count)s credit notes are in review. They are issued when their run is authorised.",
                "count",
            ),
            lasting=gettext("The invoices themselves are never changed, and their days stay billed.")
            if shown.invoices
            else "",
            figures=credit_figures(shown),
            left_out=not_credited(shown.left_out),
            only=shown.invoices,
        )

    def act(ids: list[int]) -> Done:
        run = credit_in_full(
            ids,
            invoice_date=day,
            reason=reason_given(request),
            by=request.user,  # type: ignore[arg-type]
            now=clock.now(),
        )
        return Done(count=len(ids), to=reverse("run", args=[run.pk]))

    return after_asking(
        request, ask, listing=INVOICES, rows=seen(request), back=_list_as_it_was(request), act=act
    )


@needs(*REVIEWERS)
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Say to how many the ticked documents go for the first time and again, then queue each once."""

    def ask(selection: Selection) -> Question:
        _few_enough(selection)
        shown = mailable_among(list(seen(request).filter(pk__in=selection.ids()).order_by("pk")))
        figures = ((gettext("For the first time"), shown.first), (gettext("Once more"), shown.again))
        return Question(
            verb=gettext("Send by e-mail"),
            sentence=gettext("Send documents by e-mail, each to the addresses its customer has now."),
            done=ngettext_lazy(
                "%(count)s document is on its way.", "%(count)s documents are on their way.", "count"
            ),
            figures=[(what, count_text(len(ids), locale=current_locale())) for what, ids in figures if ids],
            lasting=gettext("Their customers may get those twice that were sent before.")
            if shown.again
            else "",
            left_out=[not_sent(why, ids) for why, ids in shown.left_out.items()],
            only=sorted([*shown.first, *shown.again]),
        )

    def act(ids: list[int]) -> int:
        rows = list(seen(request).filter(pk__in=ids).order_by("pk"))
        return send_many(rows, reason=reason_given(request), by=request.user, now=clock.now())  # type: ignore[arg-type]

    return after_asking(
        request, ask, listing=INVOICES, rows=seen(request), back=_list_as_it_was(request), act=act
    )


@needs(Role.APPROVER)
@require_POST
def void(request: HttpRequest) -> HttpResponse:
    """Void those of the ticked documents that have not left the house, and name the others."""

    def ask(selection: Selection) -> Question:
        shown = voidable_among(_few_enough(selection))
        chosen = Selection(INVOICES, seen(request).filter(pk__in=shown.invoices), keys=("",))
        ticked = chosen.sentence(locale=current_locale()).replace("%", "%%")
        return Question(
            verb=gettext("Void documents"),
            sentence=_voided(ticked) if shown.invoices else gettext("None of these documents can be voided."),
            done=ngettext_lazy("%(count)s document is void.", "%(count)s documents are void.", "count"),
            lasting=gettext("A void document keeps its number and does not come back.")
            if shown.invoices
            else "",
            is_dangerous=True,
            left_out=[not_voided(one) for one in shown.against],
            only=shown.invoices,
        )

    def act(ids: list[int]) -> int:
        return void_invoices(ids, reason=reason_given(request), by=request.user, now=clock.now())  # type: ignore[arg-type]

    return after_asking(
        request, ask, listing=INVOICES, rows=seen(request), back=_list_as_it_was(request), act=act
    )


def _voided(ticked: str) -> str:
    words = gettext("Void %(documents)s: their days can be billed again, and they are never sent.")
    return words % {"documents": ticked}


def _few_enough(selection: Selection) -> list[int]:
    """Return the ids of what is ticked. Raises `TooManyTicked`."""
    count = selection.queryset.count()
    if count > MOST_SELECTED:
        raise TooManyTicked(count=count, most=MOST_SELECTED)
    return selection.ids()


def _list_as_it_was(request: HttpRequest) -> str:
    """Return the list with its filters, which are in the address of what was clicked."""
    return f"{reverse('invoices')}?{request.GET.urlencode()}".removesuffix("?")
