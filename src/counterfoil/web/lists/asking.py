"""Do something to what is ticked in a list, after asking in numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from counterfoil.core.refusals import Refusal
from counterfoil.web.display import current_locale
from counterfoil.web.layout.confirm import Confirmation, LeftOut, confirm_page, is_agreed
from counterfoil.web.lists.listing import Listing
from counterfoil.web.lists.page import selection_of
from counterfoil.web.lists.selection import Selection as Chosen
from counterfoil.web.saying import said


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked, in whole sentences, which other languages order otherwise.

    `sentence` has %(ticked)s filled in with what is ticked: "Hold 3 invoices, €90.00 of run 7. They keep their
    lines." `done` is what is said afterwards, such as `ngettext_lazy("%(count)s invoice was held.", "%(count)s
    invoices were held.", "count")`. `only`: the ids it is done to, where that is not all that is ticked; for the others
    stands `left_out`. `fields` are sent along: what was typed before it was asked.
    """

    verb: str
    sentence: str
    done: Any
    lasting: str = ""
    figures: Sequence[tuple[str, str]] = ()
    asks_reason: bool = True
    is_dangerous: bool = False
    left_out: Sequence[LeftOut] = ()
    only: Sequence[int] | None = None
    fields: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class Done:
    """How many it was done to, and the page that shows it, instead of the list."""

    count: int
    to: str


def after_asking(
    request: HttpRequest,
    question: Question | Callable[[Chosen], Question],
    *,
    listing: Listing,
    rows: QuerySet[Any],
    back: str,
    act: Callable[[list[int]], int | Done],
) -> HttpResponse:
    """Ask *question* about the ticked ones of *rows*, then *act* on their ids, say how many it were, and go *back*.

    A question that follows from what is ticked is asked of it; where it raises a `Refusal`, that is said instead.
    """
    selection = selection_of(request, listing=listing, queryset=rows)
    if selection.is_empty:
        messages.warning(request, nothing_ticked(listing))
        return HttpResponseRedirect(back)
    if callable(question):
        try:
            question = question(selection)
        except Refusal as refusal:
            messages.error(request, said(refusal))
            return HttpResponseRedirect(back)
    confirmation = Confirmation(
        title=question.verb,
        sentence=question.sentence % {"ticked": selection.sentence(locale=current_locale())},
        figures=question.figures,
        verb=question.verb,
        back=back,
        lasting=question.lasting,
        fields=[*question.fields, *selection.fields()],
        asks_reason=question.asks_reason,
        is_dangerous=question.is_dangerous,
        left_out=question.left_out,
        can_be_done=question.only is None or bool(question.only),
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    try:
        done = act(selection.ids() if question.only is None else list(question.only))
    except Refusal as refusal:
        messages.error(request, said(refusal))
        return HttpResponseRedirect(back)
    became = done if isinstance(done, Done) else Done(count=done, to=back)
    messages.success(request, question.done % {"count": became.count})
    return HttpResponseRedirect(became.to)


def of_run(sentence: str, run: Any) -> str:
    """Return a question's *sentence* with %(run)s and %(title)s filled in, and %(ticked)s still to be."""
    title = str(run.title).replace("%", "%%")
    return sentence % {"run": run.pk, "title": title, "ticked": "%(ticked)s"}


def nothing_ticked(listing: Listing) -> str:
    """Return what to say where rows of *listing* had to be ticked and none is."""
    return gettext("Nothing was ticked. Tick the %(many)s first.") % {"many": listing.noun.many}
