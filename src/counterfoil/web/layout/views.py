"""The frame's own addresses."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from counterfoil import clock
from counterfoil.flows.news.reading import look_at_notices
from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.layout.frame import news_for


@needs(Role.VIEWER)
def running(request: HttpRequest) -> HttpResponse:
    """Return the top bar's note of what is running; it asks again while something is."""
    return render(request, "counterfoil/layout/running.html", {"news": news_for(request.user)})


@needs(Role.VIEWER)
def notices(request: HttpRequest) -> HttpResponse:
    """Show all notices: what waits for the person, what went wrong, what ended."""
    return render(request, "counterfoil/layout/notices.html", {"title": gettext("Notices")})


@needs(Role.VIEWER)
def notice_count(request: HttpRequest) -> HttpResponse:
    """Answer with how many notices are new: the bell asks now and then."""
    return render(request, "counterfoil/layout/notice_count.html", {"news": news_for(request.user)})


@needs(Role.VIEWER)
@require_POST
def notices_seen(request: HttpRequest) -> HttpResponse:
    """Answer with the menu of the bell, new ones marked, and note that the person has seen them."""
    news = news_for(request.user)
    look_at_notices(request.user, now=clock.now())  # type: ignore[arg-type]
    if not request.htmx:  # type: ignore[attr-defined]
        return HttpResponseRedirect(reverse("notices"))
    return render(request, "counterfoil/layout/notice_menu.html", {"news": news, "is_seen": True})
