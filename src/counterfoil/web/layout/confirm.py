"""Ask before doing: a page that says in numbers what will happen, and what cannot be taken back.

The page carries what it counted. When the numbers have changed before the person confirms, the page is shown
again with the new ones instead of doing what nobody agreed to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.signing import Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

AGREED, REASON = "agreed", "reason"
MOST_REASON = 300


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """What it will not be done to: a sentence with its number, and the first of them as pairs (name, address)."""

    told: str
    links: Sequence[tuple[str, str]] = ()
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """What the person is asked. `verb` names the thing ("Authorise run"); `figures` are pairs (what, how much).

    Where nothing is left that it could be done to, `can_be_done` is false: the page says so, and has no button but the
    link `instead`, a pair (verb, address). What takes a while to be foreseen is fetched from `foreseen_at` once the
    page is there; it is not agreed to.
    """

    title: str
    sentence: str
    verb: str
    back: str
    figures: Sequence[tuple[str, str]] = ()
    foreseen_at: str = ""
    lasting: str = ""
    fields: Sequence[tuple[str, str]] = field(default_factory=tuple)
    asks_reason: bool = False
    is_dangerous: bool = False
    left_out: Sequence[LeftOut] = ()
    can_be_done: bool = True
    instead: tuple[str, str] | None = None

    @property
    def mark(self) -> str:
        """Return a mark of what is agreed to: it changes when a word or number does."""
        figures = [f"{what}: {how_much}" for what, how_much in self.figures]
        left_out = [one.told for one in self.left_out]
        told = "\n".join(map(str, [self.title, self.sentence, self.lasting, *figures, *left_out]))
        return Signer(salt="counterfoil.web.layout.confirm").signature(told)


def is_agreed(request: HttpRequest, confirmation: Confirmation) -> bool:
    """Return whether the posted form agrees to exactly this *confirmation*, with a reason if it asks for one."""
    if (
        not confirmation.can_be_done
        or request.method != "POST"
        or request.POST.get(AGREED) != confirmation.mark
    ):
        return False
    return bool(reason_given(request)) or not confirmation.asks_reason


def reason_given(request: HttpRequest) -> str:
    """Return the reason the person typed, "" for none."""
    return request.POST.get(REASON, "").strip()[:MOST_REASON]


def confirm_page(request: HttpRequest, confirmation: Confirmation) -> HttpResponse:
    """Return the page that asks; it says so when it asks again because the numbers have changed."""
    sent = request.POST.get(AGREED, "")
    context = {
        "confirmation": confirmation,
        "has_changed": bool(sent) and sent != confirmation.mark,
        "lacks_reason": sent == confirmation.mark and confirmation.asks_reason,
        "reason": reason_given(request),
        "title": confirmation.title,
    }
    return render(request, "counterfoil/layout/confirm.html", context)
