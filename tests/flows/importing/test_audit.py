"""The audit trail says which file changed what, and on whose behalf."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from counterfoil.flows.importing.run import import_file
from counterfoil.records.organisation.models import User
from counterfoil.records.parties.models import BillingCustomer
from tests.flows.importing.files import imported

pytestmark = pytest.mark.usefixtures("bureau")


def _events() -> list[tuple[Any, ...]]:
    events = apps.get_model("parties", "BillingCustomerEvent").objects.order_by("pgh_id")
    return list(events.values_list("pgh_label", "account", "name", "pgh_context__metadata"))


def test_created_and_changed_rows_are_recorded_and_unchanged_ones_not() -> None:
    imported("customers", "account,name", "C1,One", "C2,Two")
    imported("customers", "account,name", "C1,Won", "C2,Two")
    imported("customers", "account,name", "C1,Wand", "C2,Two", dry_run=True)
    context = {"source": "import", "file": "customers.csv"}
    assert _events() == [
        ("insert", "C1", "One", context),
        ("insert", "C2", "Two", context),
        ("update", "C1", "Won", context),
    ]


def test_who_imported_is_recorded() -> None:
    biller = User.objects.create(username="biller")
    file = io.BytesIO(b"account,name\nC1,One\n")
    import_file(kind="customers", file=file, name="sent.csv", dry_run=False, by=biller)
    [(*_, context)] = _events()
    assert context == {"source": "import", "file": "sent.csv", "user": biller.pk}


@pytest.mark.parametrize("is_large", [False, True])
def test_files_sent_by_a_browser_are_read(is_large: bool) -> None:
    content = b"account,name\nC1,One\n"
    sent: Any = SimpleUploadedFile("sent.csv", content)
    if is_large:
        sent = TemporaryUploadedFile("sent.csv", "text/csv", len(content), None)
        sent.write(content)
    report = import_file(kind="customers", file=sent, name=sent.name, dry_run=False, by=None)
    assert (report.is_stored, BillingCustomer.objects.count()) == (True, 1)
    assert not sent.closed
    sent.close()
