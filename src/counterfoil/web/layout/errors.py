"""What a person sees when a page cannot be shown: what happened, and what to do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from counterfoil.web.access import LimitedToBranches, RoleIsMissing


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer 400: what was sent makes no sense here."""
    return _page(request, "400", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403: saying which role is missing where that is the reason."""
    reason = str(exception) if isinstance(exception, RoleIsMissing | LimitedToBranches) else ""
    return _page(request, "403", status=403, reason=reason)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer 404: nothing lives at this address, or nothing this person may see."""
    return _page(request, "404", status=404)


def server_error(_request: HttpRequest) -> HttpResponse:
    """Answer 500 with a page that touches neither the database nor the session: they may be what failed."""
    return HttpResponse(render_to_string("counterfoil/errors/500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer 403 to a form that was open too long, or came from elsewhere."""
    return _page(request, "csrf", status=403)


def locked_out(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
    """Answer 429 to too many wrong passwords."""
    return _page(request, "locked", status=429)


def _page(request: HttpRequest, name: str, *, status: int, **context: Any) -> HttpResponse:
    return render(request, f"counterfoil/errors/{name}.html", context, status=status)
