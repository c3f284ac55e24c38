"""The pages people look at all day, on a run of so many invoices: queries and time of each, as a table.

    .venv/bin/python benchmarks/pages.py --charges 1000000

Two charges make an invoice, so a million charges are 500,000 invoices. It fills an installation with a bureau, bills
its month and looks at the review; issues it and looks at the lists. Each address is asked for once to warm up and
then twenty times; the slowest but one is its p95.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.installation import run_benchmark

TIMES = 20
P95 = TIMES - 2
FRAME_QUERIES = 6
"""What every page asks: session, person, organisation, branches, what runs, and whose branches."""


def measure(*, charges: int, folder: Path) -> dict[str, Any]:  # noqa: ARG001  nothing is written
    """Bill, look, issue, look; return by page its queries, without the frame's, and the p95 in milliseconds."""
    from benchmarks.bureau import CUTOFF, fill
    from counterfoil import clock
    from counterfoil.flows.billing import issue, review, run
    from counterfoil.flows.billing.selection import Selection
    from counterfoil.records.billing.models import Invoice

    fill(charges=charges)
    request = run.Request(title="Benchmark", selection=Selection(), cutoff=CUTOFF, invoice_date=CUTOFF)
    made = run.generate(request, by=None, now=clock.now)
    _tidied()
    client = _signed_in()
    some = list(Invoice.objects.order_by("pk").values_list("pk", flat=True)[:3])
    review.hold(some, reason="benchmark", by=None, now=clock.now())
    looked = {f"review {name}": _look(client, address) for name, address in _review(made.pk)}
    issue.authorise(made.pk, by=None, now=clock.now())
    issue.issue(made.pk, today=CUTOFF, now=clock.now)
    _tidied()
    looked |= {name: _look(client, address) for name, address in _lists(made.pk)}
    return {name: f"{queries} queries, {p95:.0f} ms" for name, (queries, p95) in looked.items()}


def _review(run: int) -> Iterator[tuple[str, str]]:
    yield "invoices", f"/runs/{run}"
    yield "held", f"/runs/{run}?state=held"
    yield "drafts", f"/runs/{run}?state=draft"
    yield "found", f"/runs/{run}?q=C77"
    yield "last page", f"/runs/{run}?at=end"
    yield "lines", f"/runs/{run}/lines"
    yield "lines found", f"/runs/{run}/lines?q=S77"
    yield "exceptions", f"/runs/{run}/exceptions"
    yield "against", f"/runs/{run}/variance"


def _lists(run: int) -> Iterator[tuple[str, str]]:
    yield "dashboard", "/"
    yield "by dealer", "/?by=dealer"
    yield "runs", "/runs/"
    yield "invoices", "/invoices/"
    yield "issued", "/invoices/?state=issued"
    yield "drafts", "/invoices/?state=draft"
    yield "of a month", "/invoices/?state=issued&since=2026-06-01&until=2026-06-30"
    yield "of no month", "/invoices/?state=issued&since=2026-01-01&until=2026-01-31"
    yield "due", "/invoices/?state=issued&due_since=2026-06-02&due_until=2026-07-01"
    yield "none due", "/invoices/?state=issued&due_until=2026-05-01"
    yield "by number", "/invoices/?q=INV-2026-0000"
    yield "by name", "/invoices/?q=Customer+77"
    yield "credit notes", "/invoices/?document_type=credit_note"
    yield "customers", "/customers/"
    yield "customer found", "/customers/?q=Customer+77"
    yield "a customer", "/customers/7"
    yield "its invoices", "/customers/7?tab=invoices"
    yield "a client", "/clients/7"
    yield "an invoice", "/invoices/7"
    yield "exceptions", "/exceptions/"
    yield "deliveries", "/deliveries/"
    yield "failed ones", "/deliveries/?state=failed"
    yield "search", "/search?q=Customer+77"
    yield "the run", f"/runs/{run}"
    yield "its deliveries", f"/runs/{run}/deliveries"
    yield "reconciliation", f"/runs/{run}/reconciliation"


def _tidied() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _signed_in() -> Any:
    from django.core.management import call_command
    from django.test import Client

    from counterfoil.records.organisation.actions import create_users
    from counterfoil.records.organisation.models import Role, User

    logging.getLogger("counterfoil.requests").setLevel(logging.WARNING)
    call_command("collectstatic", interactive=False, verbosity=0)
    create_users([User(username="bench", role=Role.ADMINISTRATOR)], password="a-long-enough-word")  # noqa: S106  of no use
    client = Client(SERVER_NAME="127.0.0.1")
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(User.objects.get(username="bench"), backend=backend)
    return client


def _look(client: Any, address: str) -> tuple[int, float]:
    """Return the page's queries beyond the frame's, and the slowest but one of its times in milliseconds."""
    from django.db import connection

    asked: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        asked.append(re.sub(r"\s+", " ", sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}")
    times = []
    for _time in range(TIMES):
        begun = time.perf_counter()
        client.get(address)
        times.append((time.perf_counter() - begun) * 1000)
        if sum(times) > 20_000:
            break
    slow = sorted(times)[min(P95, len(times) - 1)]
    print(json.dumps({"page": address, "queries": len(asked), "p95_ms": round(slow)}), file=sys.stderr)
    return len(asked) - FRAME_QUERIES, slow


if __name__ == "__main__":
    run_benchmark(measure, description=__doc__, charges=1_000_000)
