"""What happens to every request: an id for the logs, and headers that tell the browser what not to run."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from counterfoil.project.logging import request_id

logger = logging.getLogger("counterfoil.requests")

Answer = Callable[[HttpRequest], HttpResponse]

# An id from a proxy in front is kept when it cannot disturb a log line.
_HARMLESS_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

# What a monitor asks every few seconds is not worth a line each time.
ASKED_ALL_THE_TIME = {"/healthz", "/readyz"}

# No inline script, no inline event handler, no inline style, nothing from other hosts.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-src 'self'",
        "frame-ancestors 'self'",
    ]
)


def request_id_middleware(answer: Answer) -> Answer:
    """Give each request an id, on its log lines and in the header `X-Request-ID`, and log how it was answered."""

    def middleware(request: HttpRequest) -> HttpResponse:
        offered = request.headers.get("X-Request-ID", "")
        token = request_id.set(offered if _HARMLESS_ID.fullmatch(offered) else secrets.token_hex(8))
        started = time.monotonic_ns()
        try:
            response = answer(request)
            response["X-Request-ID"] = request_id.get()
            _log(
                request=request, response=response, milliseconds=(time.monotonic_ns() - started) // 1_000_000
            )
        finally:
            request_id.reset(token)
        return response

    return middleware


def _log(*, request: HttpRequest, response: HttpResponse, milliseconds: int) -> None:
    facts = {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "ms": milliseconds,
    }
    level = logging.DEBUG if request.path in ASKED_ALL_THE_TIME else logging.INFO
    logger.log(level, "answered", extra=facts)


def content_security_policy_middleware(answer: Answer) -> Answer:
    """Send the content security policy with every answer that has none of its own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        return response

    return middleware
