"""What is said of many documents: what crediting them comes to, and why some cannot be credited, voided or sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext, ngettext, ngettext_lazy

from counterfoil.flows.billing.blockers import Against
from counterfoil.flows.crediting.many import CreditOfMany
from counterfoil.records.billing.queries import names_of
from counterfoil.web.display import count_text, current_locale, money_text, weekday_text
from counterfoil.web.layout.confirm import LeftOut

MOST_NAMED = 20


def credit_sentence(shown: CreditOfMany, *, day: date) -> str:
    """Return what would be credited, in a sentence."""
    locale, count = current_locale(), len(shown.invoices)
    if not count:
        return gettext("None of these documents can be credited.")
    return ngettext(
        "Credit all that is left of %(count)s invoice, dated %(day)s. The note waits to be authorised.",
        "Credit all that is left of %(count)s invoices, dated %(day)s. The notes are one run, which waits to "
        "be authorised.",
        count,
    ) % {"count": count_text(count, locale=locale), "day": weekday_text(day, locale=locale)}


def credit_figures(shown: CreditOfMany) -> list[tuple[str, str]]:
    """Return number and gross of the notes in each currency."""
    locale = current_locale()
    return [
        figure
        for code, (count, gross) in shown.totals().items()
        for figure in (
            (gettext("Credit notes"), count_text(count, locale=locale)),
            (gettext("Gross"), money_text(gross, code, locale=locale)),
        )
    ]


def not_credited(left_out: Mapping[str, int]) -> list[LeftOut]:
    """Return in numbers what is not credited, and why."""
    return [LeftOut(told=_why_not_credited(why, number)) for why, number in left_out.items()]


def _why_not_credited(why: str, number: int) -> str:
    count = {"count": count_text(number, locale=current_locale())}
    if why == "credited":
        words = ngettext(
            "%(count)s invoice is left out: nothing of it is left to be credited.",
            "%(count)s invoices are left out: nothing of them is left to be credited.",
            number,
        )
    elif why == "credit_note":
        words = ngettext(
            "%(count)s document is left out: it is a credit note itself.",
            "%(count)s documents are left out: they are credit notes themselves.",
            number,
        )
    elif why == "asks_for_money":
        words = ngettext(
            "%(count)s invoice is left out: the note would ask for money. Credit it by its lines.",
            "%(count)s invoices are left out: their notes would ask for money. Credit them by their lines.",
            number,
        )
    else:
        words = ngettext(
            "%(count)s document is left out: only issued invoices are credited.",
            "%(count)s documents are left out: only issued invoices are credited.",
            number,
        )
    return words % count


def not_voided(against: Against) -> LeftOut:
    """Return in numbers which documents cannot be voided and why, with links to the first of them."""
    number = against.documents
    words = _WHY_NOT_VOIDED.get(against.kind, _TOGETHER)
    sentences = dict(against.named[:MOST_NAMED])
    told = words % {"count": number}
    return LeftOut(told=told, links=links_to(sentences, sentences), more=number - len(sentences))


_TOGETHER = ngettext_lazy(
    "%(count)s document cannot be voided without another one that belongs to it.",
    "%(count)s documents cannot be voided without others that belong to them.",
    "count",
)
_WHY_NOT_VOIDED = {
    "delivered": ngettext_lazy(
        "%(count)s document left the house. It is credited instead.",
        "%(count)s documents left the house. They are credited instead.",
        "count",
    ),
    "consolidated": ngettext_lazy(
        "%(count)s document is in a consolidated billing. Void that first.",
        "%(count)s documents are in consolidated billings. Void those first.",
        "count",
    ),
    "credited": ngettext_lazy(
        "%(count)s document is credited. Void its credit note first.",
        "%(count)s documents are credited. Void their credit notes first.",
        "count",
    ),
    "closed": ngettext_lazy(
        "%(count)s document lies in closed books. It is credited instead.",
        "%(count)s documents lie in closed books. They are credited instead.",
        "count",
    ),
    "billed_further": ngettext_lazy(
        "%(count)s document has charges that were billed further since. Void the newer one first.",
        "%(count)s documents have charges that were billed further since. Void the newer ones first.",
        "count",
    ),
    "not_issued": ngettext_lazy(
        "%(count)s document is not issued. Only issued ones are voided.",
        "%(count)s documents are not issued. Only issued ones are voided.",
        "count",
    ),
}


def not_sent(why: str, ids: Sequence[int]) -> LeftOut:
    told = _WHY_NOT_SENT[why] % {"count": len(ids)}
    first = ids[:MOST_NAMED]
    return LeftOut(told=told, links=links_to(first, {}), more=len(ids) - len(first))


_WHY_NOT_SENT = {
    "not_issued": ngettext_lazy(
        "%(count)s document is not sent: it is not issued.",
        "%(count)s documents are not sent: they are not issued.",
        "count",
    ),
    "with_billing": ngettext_lazy(
        "%(count)s document is not sent: it goes out with a consolidated billing.",
        "%(count)s documents are not sent: they go out with consolidated billings.",
        "count",
    ),
    "nobody": ngettext_lazy(
        "%(count)s document is not sent: its customer has no e-mail address for it.",
        "%(count)s documents are not sent: their customers have no e-mail address for them.",
        "count",
    ),
    "on_its_way": ngettext_lazy(
        "%(count)s document is not sent: it is on its way already.",
        "%(count)s documents are not sent: they are on their way already.",
        "count",
    ),
}


def links_to(ids: Iterable[int], sentences: Mapping[int, str]) -> list[tuple[str, str]]:
    """Return the documents of *ids* with the addresses of their pages, under what is said about each or their names."""
    chosen = list(ids)
    nameless = [pk for pk in chosen if not sentences.get(pk)]
    names = names_of(nameless) if nameless else {}
    return [(sentences.get(pk) or names[pk], reverse("invoice", args=[pk])) for pk in chosen]
