"""Print batches: whole files, in order, gone on with where they stopped; asked for by people and programs (D1)."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from counterfoil import clock
from counterfoil.core.refusals import Refusal
from counterfoil.flows import printing
from counterfoil.flows.billing import issue
from counterfoil.records.billing.models import Invoice, InvoiceVoid
from counterfoil.records.deliveries.models import PrintBatch
from counterfoil.records.organisation.models import Logo, Organisation, Role
from tests import build
from tests.api.conftest import MakeProgram, program  # noqa: F401  a fixture
from tests.build import JUNE, NOW
from tests.documents.test_pictures import png
from tests.web import month
from tests.web.conftest import signed_in  # noqa: F401  a fixture
from tests.web.test_review_pages import agreed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Issue invoices of four customers, three on paper, one of these void; a file holds two documents."""
    settings.HOME = tmp_path
    monkeypatch.setattr(printing, "DOCUMENTS_A_PART", 2)
    build.organisation()
    for delivery in ("print", "email", "print", "print"):
        build.charge(client=build.client(customer=build.customer(delivery=delivery)))
    run = build.run(connector="")
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=JUNE, now=build.now)
    last = Invoice.objects.order_by("number__seq").last()
    InvoiceVoid.objects.create(invoice=last, reason="x", voided_at=NOW)
    return tmp_path


def pages(content: bytes) -> list[str]:
    """Return the numbers of the documents on the pages of a PDF, one a page."""
    texts = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    return [text[text.index("INV-2026-") :][:15] for text in texts]


def test_what_goes_on_paper_is_printed_by_number(home: Path) -> None:
    """Numbers 1 and 3: 2 is mailed, 4 is void."""
    run_id = Invoice.objects.latest("pk").run_id
    batch = printing.open_batch(printing.on_paper(run_id), title="x", by=None, now=NOW)
    done = printing.print_batch(batch.pk, now=build.now)
    assert (done.documents, done.done, printing.parts_of(done)) == (2, 2, 1)
    assert pages(printing.part_path(batch, 1).read_bytes()) == ["INV-2026-000001", "INV-2026-000003"]


def test_a_batch_goes_on_where_it_stopped_and_is_written_once(home: Path) -> None:
    batch = printing.open_batch(Invoice.objects.all(), title="x", by=None, now=NOW)
    steps: list[tuple[int, int]] = []
    printing.print_batch(batch.pk, now=build.now, progress=lambda done, total: steps.append((done, total)))
    assert steps == [(2, 3), (3, 3)]
    first, second = (printing.part_path(batch, number) for number in (1, 2))
    written = first.stat().st_mtime_ns
    second.unlink()
    assert printing.print_batch(batch.pk, now=build.now).done == 3
    assert (first.stat().st_mtime_ns, pages(second.read_bytes())) == (written, ["INV-2026-000003"])
    assert list(home.rglob("*.begun")) == []


def test_a_document_that_cannot_be_printed_is_named_and_nothing_half_written(home: Path) -> None:
    """A logo cut short, past every check: stored as if it had been uploaded before there were any."""
    broken = Logo.objects.create(content=png(width=50, height=50), digest="0" * 64, uploaded_at=NOW)
    Organisation.objects.update(logo=broken)
    build.charge()
    run = build.run(connector="")
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=JUNE, now=clock.now)
    batch = printing.open_batch(run.invoice_set.all(), title="x", by=None, now=NOW)
    stopped = printing.print_batch(batch.pk, now=build.now)
    assert stopped.done == 0
    assert f"The PDF of counterfoil:invoice:{run.invoice_set.get().pk} could not be made" in stopped.failure
    assert list(home.rglob("*.pdf")) == []


def test_nothing_to_print_is_said() -> None:
    with pytest.raises(Refusal, match="None of these documents is issued"):
        printing.open_batch(Invoice.objects.none(), title="x", by=None, now=NOW)


def test_people_and_programs_print_what_they_see(
    program: MakeProgram,  # noqa: F811
    signed_in: Callable[..., Client],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    month.use_own_pages(monkeypatch)
    client = signed_in(Role.BILLER)
    run_id = Invoice.objects.latest("pk").run_id
    asked = client.get(reverse("run-print", args=[run_id])).content.decode()
    assert "2 documents that are issued and valid" in asked
    shown = agreed(client, reverse("invoices-print"), {"selected": [one.pk for one in Invoice.objects.all()]})
    assert "0 of 3 documents" in shown
    batch = PrintBatch.objects.get()
    printing.print_batch(batch.pk, now=build.now)
    page = client.get(reverse("print-batch", args=[batch.pk])).content.decode()
    assert ("Part 1" in page, "Part 2" in page) == (True, True)
    file = client.get(reverse("print-batch-part", args=[batch.pk, 1]))
    assert b"".join(file.streaming_content).startswith(b"%PDF")
    assert client.get(reverse("print-batch-part", args=[batch.pk, 9])).status_code == 404
    other = signed_in(Role.ADMINISTRATOR, username="ada")
    assert other.get(reverse("print-batch", args=[batch.pk])).status_code == 404
    erp = program()
    queued = erp.post("/print-batches", {"run": run_id})
    assert (queued.status_code, queued.json()["documents"]) == (202, 2)
    key = queued.json()["id"]
    assert erp.get(f"/print-batches/{key}/parts/1").status_code == 404
    printing.print_batch(key, now=build.now)
    assert erp.get(f"/print-batches/{key}").json()["done"] == 2
    assert erp.get(f"/print-batches/{key}/parts/1").content.startswith(b"%PDF")
    assert erp.post("/print-batches", {}).status_code == 422
    assert program().get(f"/print-batches/{key}").status_code == 404
