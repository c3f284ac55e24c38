"""How documents look, through the API."""

from __future__ import annotations

from base64 import b64encode

import pytest

from counterfoil.records.organisation.models import Role
from tests import build
from tests.api.conftest import MakeProgram
from tests.documents.test_pictures import png

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_look_is_changed_and_seen(program: MakeProgram) -> None:
    build.organisation()
    erp = program()
    wanted = {
        "logo": b64encode(png()).decode(),
        "columns": ["quantity"],
        "texts": {"": {"footer": "Foot"}, "de": {"header": "Guten Tag"}},
    }
    changed = erp.patch("/organisation/documents", wanted)
    assert changed.status_code == 200
    shown = erp.get("/organisation/documents").json()
    assert shown == changed.json()
    assert (shown["logo"], shown["columns"], shown["footer"]) == ("png", ["quantity"], "Foot")
    assert shown["texts"]["de"]["header"] == "Guten Tag"
    assert erp.get("/organisation/documents/sample", language="de").content.startswith(b"%PDF")
    assert erp.patch("/organisation/documents", {"logo": ""}).json()["logo"] is None


@pytest.mark.parametrize(
    ("wanted", "status", "sentence"),
    [
        ({"logo": "!"}, 422, "not base64"),
        ({"accent": "red"}, 409, "is not a colour"),
        ({"texts": {"fr": {"header": "x"}}}, 409, "not written in"),
        ({"colour": "#000000"}, 422, ""),
    ],
)
def test_what_cannot_be_is_refused(
    wanted: dict[str, object], status: int, sentence: str, program: MakeProgram
) -> None:
    build.organisation()
    answer = program().patch("/organisation/documents", wanted)
    assert (answer.status_code, sentence in answer.json()["detail"]) == (status, True)
    assert program(Role.BILLER).patch("/organisation/documents", {"accent": "#000000"}).status_code == 403


def test_billing_links_are_tried_stored_and_chosen(program: MakeProgram) -> None:
    """B4: a customer's own choice comes before the organisation's."""
    build.organisation()
    customer = build.customer(account="C7")
    erp = program()
    evil = erp.post("/billing-links/try", {"invoice_page": "javascript:alert(1)"})
    assert (evil.status_code, "not the address of a page" in evil.json()["detail"]) == (409, True)
    wanted = {"name": "ERP", "customer_page": "https://erp.example/{account}", "is_usual": True}
    assert erp.post("/billing-links", wanted).json()["is_usual"] is True
    assert erp.get(f"/customers/{customer.pk}/link").json() == {"address": "https://erp.example/C7"}
    erp.post("/billing-links", {"name": "Old", "customer_page": "https://old.example/{account}"})
    assert erp.patch(f"/customers/{customer.pk}", {"billing_link": "Old"}).json()["billing_link"] == "Old"
    assert erp.get(f"/customers/{customer.pk}/link").json() == {"address": "https://old.example/C7"}
    assert [one["name"] for one in erp.get("/billing-links").json()["items"]] == ["ERP", "Old"]
    assert erp.post("/billing-links", {"name": "X", "invoice_page": "https://{number}/"}).status_code == 409
