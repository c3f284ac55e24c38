"""Do something to what is ticked in a list, after asking in numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from counterfoil.core.refusals import Refusal
from counterfoil.web.display import current_locale
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.lists.listing import Listing
from counterfoil.web.lists.page import selection_of


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: "Hold 3 invoices, €90.00 of run 7. They keep their lines." `past` is what they then are."""

    verb: str
    past: str
    where: str
    told: str
    lasting: str = ""
    figures: Sequence[tuple[str, str]] = ()
    asks_reason: bool = True
    is_dangerous: bool = False


def after_asking(
    request: HttpRequest,
    question: Question,
    *,
    listing: Listing,
    rows: QuerySet[Any],
    back: str,
    act: Callable[[list[int]], int],
) -> HttpResponse:
    """Ask *question* about the ticked ones of *rows*, then *act* on their ids, say how many it were, and go *back*."""
    selection = selection_of(request, listing=listing, queryset=rows)
    noun = listing.noun
    if selection.is_empty:
        messages.warning(request, f"Nothing was ticked. Tick the {noun.many} first.")
        return HttpResponseRedirect(back)
    verb = f"{question.verb} {noun.many}"
    confirmation = Confirmation(
        title=verb,
        sentence=f"{question.verb} {selection.sentence(locale=current_locale())} {question.where}. {question.told}",
        figures=question.figures,
        verb=verb,
        back=back,
        lasting=question.lasting,
        fields=selection.fields(),
        asks_reason=question.asks_reason,
        is_dangerous=question.is_dangerous,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    try:
        done = act(list(selection.queryset.order_by("pk").values_list("pk", flat=True)))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, f"{done} {noun.for_count(done)} {'was' if done == 1 else 'were'} {question.past}."
        )
    return HttpResponseRedirect(back)
