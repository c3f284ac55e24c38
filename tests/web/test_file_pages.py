"""Files in and out of the browser (product B5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from counterfoil.flows.importing.kinds import KINDS
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.records.parties.models import BillingCustomer
from tests import build

SignedIn = Callable[..., Client]
MAPPING = """
[[step]]
import = "customers"

[step.columns]
account = "{Nr}"
name = "{Firma}"
"""


@pytest.fixture(autouse=True)
def _bureau(transactional_db: None) -> None:
    build.organisation()


def sent(client: Client, **given: Any) -> Any:
    """Send a file to the page of imports and return its answer."""
    return client.post(reverse("imports"), given)


def test_every_kind_comes_out_and_what_a_spreadsheet_would_run_is_made_harmless(signed_in: SignedIn) -> None:
    client, customer = signed_in(Role.BILLER), build.customer(name="=1+1")
    for kind in KINDS:
        answer = client.get(reverse("export", args=[kind, "csv"]))
        assert (kind, answer.status_code) == (kind, 200)
        assert answer["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
        answer.close()
    out = b"".join(client.get(reverse("export", args=["customers", "csv"])).streaming_content)
    assert f"{customer.account},'=1+1," in out.decode()
    assert b"".join(client.get(reverse("export", args=["customers", "xlsx"])).streaming_content)[:2] == b"PK"
    assert client.get(reverse("export", args=["nothing", "csv"])).status_code == 404
    again = sent(client, kind="customers", file=SimpleUploadedFile("c.csv", out), do="import")
    assert again.context["report"].counts[0].unchanged == 1


def test_another_systems_file_comes_in_by_a_mapping(signed_in: SignedIn) -> None:
    client, file = signed_in(Role.BILLER), b"Nr,Firma\nC9,Quay Hotel\n"
    lacks = sent(client, kind="mapped", file=SimpleUploadedFile("c.csv", file), do="import")
    assert "A mapping goes with another system" in lacks.content.decode()
    mapping = SimpleUploadedFile("m.toml", MAPPING.encode())
    done = sent(client, kind="mapped", file=SimpleUploadedFile("c.csv", file), mapping=mapping, do="import")
    assert done.context["report"].problem_count == 0
    assert BillingCustomer.objects.get(account="C9").name == "Quay Hotel"


def test_whoever_sees_some_branches_only_takes_no_whole_file_in_or_out(signed_in: SignedIn) -> None:
    client = signed_in(Role.BILLER)
    User.objects.get(username="mara").branches.set([Branch.objects.create(code="far", name="Far")])
    assert client.get(reverse("export", args=["customers", "csv"])).status_code == 302
    told = sent(
        client, kind="customers", file=SimpleUploadedFile("c.csv", b"account,name\nC9,N\n"), do="import"
    )
    assert "you see some of them" in told.content.decode()
    assert not BillingCustomer.objects.exists()


def test_the_columns_of_a_kind_are_told_and_accountants_take_files_out(signed_in: SignedIn) -> None:
    biller = signed_in(Role.BILLER)
    told = biller.get(reverse("import-columns"), {"kind": "charges"}).content.decode()
    assert "A date such as 2026-01-31" in told
    assert "The customer&#x27;s purchase order, printed on the invoice" in told
    sample = biller.get(reverse("import-sample", args=["dealers"])).content.decode()
    assert sample == "dealer,name,customer,branch,active\nD1,Quay Alarms,C1,,yes\n"
    header = biller.get(reverse("import-header", args=["dealers"])).content.decode()
    assert header == ",".join(KINDS["dealers"].column_names) + "\n"
    accountant = signed_in(Role.ACCOUNTANT, username="anna")
    page = accountant.get(reverse("imports")).content.decode()
    assert ("Import file" in page, reverse("export", args=["charges", "csv"]) in page) == (False, True)
    file = accountant.get(reverse("export", args=["charges", "csv"]))
    assert b"".join(file.streaming_content).startswith(b"charge,client")
    file.close()
    assert sent(accountant, kind="charges", do="import").status_code == 403
