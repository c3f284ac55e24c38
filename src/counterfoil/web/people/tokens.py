"""The pages of API tokens: one's own, and everybody's for an administrator."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows.granting import grant_token, revoke_token
from counterfoil.records.organisation.models import ApiToken, Role
from counterfoil.web.access import needs
from counterfoil.web.layout.confirm import Confirmation, confirm_page, is_agreed
from counterfoil.web.layout.editing import posted
from counterfoil.web.lists.page import list_page
from counterfoil.web.people.forms import TokenForm
from counterfoil.web.people.lists import TOKENS
from counterfoil.web.saying import said


def _seen(request: HttpRequest) -> QuerySet[ApiToken]:
    rows = ApiToken.objects.select_related("user")
    return rows if request.user.role == Role.ADMINISTRATOR else rows.filter(user_id=request.user.pk)  # type: ignore[union-attr]


@needs(Role.VIEWER)
def tokens(request: HttpRequest) -> HttpResponseBase:
    """List one's own tokens; an administrator's list has everybody's."""
    return list_page(request, listing=TOKENS, queryset=_seen(request), title=gettext("API tokens"))


@needs(Role.VIEWER)
def new(request: HttpRequest) -> HttpResponse:
    """Make a token of one's own, and show it once."""
    form = TokenForm(posted(request))
    if form.is_valid():
        try:
            token, secret = grant_token(
                username=request.user.get_username(), now=clock.now(), **_wanted(form)
            )
        except Refusal as refusal:
            form.add_error(None, said(refusal))
        else:
            context = {
                "token": token,
                "secret": secret,
                "title": gettext("Token made"),
                "back": reverse("tokens"),
            }
            answer = render(request, "people/token.html", context)
            answer["Cache-Control"] = "no-store"
            return answer
    context = {
        "form": form,
        "title": gettext("New API token"),
        "verb": gettext("Make token"),
        "back": reverse("tokens"),
    }
    return render(request, "counterfoil/layout/form.html", context)


@needs(Role.VIEWER)
def revoke(request: HttpRequest, key: int) -> HttpResponse:
    """End a token for good: one's own, or for an administrator anybody's."""
    token = get_object_or_404(_seen(request), pk=key)
    here = reverse("tokens")
    sentence = (
        gettext(
            "The program that uses the token %(prefix)s of %(user)s, %(name)s, is let in no more. It was "
            "last used on %(day)s."
        )
        if token.last_used_at
        else gettext(
            "The program that uses the token %(prefix)s of %(user)s, %(name)s, is let in no more. It was "
            "never used."
        )
    )
    confirmation = Confirmation(
        title=gettext("Revoke %(prefix)s") % {"prefix": token.prefix},
        sentence=sentence
        % {
            "prefix": token.prefix,
            "user": token.user,
            "name": token.name,
            "day": f"{token.last_used_at:%Y-%m-%d}" if token.last_used_at else "",
        },
        lasting=gettext("A revoked token does not come back. A new one can be made."),
        verb=gettext("Revoke token"),
        back=here,
        is_dangerous=True,
    )
    if not is_agreed(request, confirmation):
        return confirm_page(request, confirmation)
    revoke_token(token.prefix, now=clock.now())
    messages.success(request, gettext("%(prefix)s was revoked.") % {"prefix": token.prefix})
    return HttpResponseRedirect(here)


def _wanted(form: TokenForm) -> dict[str, object]:
    return {name: form.cleaned_data[name] for name in ("name", "scopes", "days")}
