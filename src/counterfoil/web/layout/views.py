"""The frame's own addresses."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from counterfoil.records.organisation.models import Role
from counterfoil.web.access import needs
from counterfoil.web.layout.frame import running_for


@needs(Role.VIEWER)
def running(request: HttpRequest) -> HttpResponse:
    """Return the top bar's note of what is running; it asks again while something is."""
    return render(request, "counterfoil/layout/running.html", {"running": running_for(request.user)})
