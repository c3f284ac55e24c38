"""Sales invoices and files through the API, with the same refusals as everywhere."""

from __future__ import annotations

import pytest

from counterfoil.records.billing.models import Invoice
from counterfoil.records.organisation.models import Branch, Role
from tests import build
from tests.api.conftest import ROOT, MakeProgram, problem_of

pytestmark = pytest.mark.django_db
FILE = "invoice,customer,invoice_date,code,quantity\nI-1,C-1,2026-06-01,CAM,2\nI-1,C-1,2026-06-01,CAM,1\n"


@pytest.fixture(autouse=True)
def _organisation(db: None) -> None:
    build.organisation()
    build.master(code="CAM", name="Camera", kind="sale", unit_price="19.99", charge_period=None)
    build.customer(account="C-1")


def test_one_is_made_once_for_a_key_and_made_anew_while_it_is_a_draft(program: MakeProgram) -> None:
    erp = program(Role.BILLER)
    wanted = {
        "customer": "C-1",
        "invoice_date": "2026-06-01",
        "lines": [
            {"code": "CAM", "quantity": "3"},
            {"description": "Cable", "unit_price": "7.05", "tax_category": "standard"},
        ],
    }
    made = erp.post("/sales-invoices", wanted, key="s1").json()
    assert (made["state"], made["document_type"], made["lines"], made["gross"]) == (
        "draft",
        "sales",
        2,
        "82.43",
    )
    assert erp.post("/sales-invoices", wanted, key="s1").json() == made
    newer = erp.post(f"/sales-invoices/{made['id']}/change", {**wanted, "lines": [{"code": "CAM"}]}).json()
    assert newer["gross"] == "24.59"  # 19.99 × 1.23
    assert problem_of(erp.post("/sales-invoices", {**wanted, "lines": [{"code": "NO"}]})) == (
        422,
        "nothing-called-so",
    )
    cable = {"description": "Cable", "unit_price": "7.05", "tax_category": "standard", "ledger_code": "4950"}
    posted = erp.post("/sales-invoices", {**wanted, "lines": [cable]}).json()
    assert erp.get(f"/invoices/{posted['id']}/lines").json()["items"][0]["ledger_code"] == "4950"
    bare = {**wanted, "lines": [{"description": "x"}]}
    assert problem_of(erp.post("/sales-invoices", bare)) == (409, "text-says-too-little")
    assert problem_of(program(Role.VIEWER).post("/sales-invoices", wanted)) == (403, "forbidden")
    assert erp.get("/events").json()["items"] == []


def test_a_file_is_imported_or_only_tried_and_errors_name_their_rows(program: MakeProgram) -> None:
    erp = program(Role.BILLER)

    def sent(address: str, content: str) -> dict[str, object]:
        headers = {"Authorization": f"Bearer {erp.secret}"}
        return erp.client.post(ROOT + address, content, content_type="text/csv", headers=headers).json()

    tried = sent("/imports/invoices?dry_run=true", FILE)
    assert (tried["stored"], tried["error_count"], Invoice.objects.count()) == (False, 0, 0)
    done = sent("/imports/invoices", FILE)
    assert (done["stored"], done["counts"][-1]) == (
        True,
        {"kind": "drafts", "rows": 1, "created": 1, "changed": 0, "unchanged": 0},
    )
    assert Invoice.objects.get().gross_minor == 7_376  # 3 × 19.99 × 1.23
    wrong = sent("/imports/invoices", FILE.replace("CAM,1", "NO,1").replace("I-1", "I-2"))
    [error] = wrong["errors"]
    assert (error["row"], error["column"], error["value"]) == (3, "code", "NO")
    assert sent("/imports/nothing", FILE)["status"] == 409
    limited = program(Role.BILLER, branches=[Branch.objects.get()])
    assert problem_of(limited.post("/imports/invoices", {})) == (403, "forbidden")
