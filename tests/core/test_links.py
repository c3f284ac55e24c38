"""Templates of addresses in another system: whatever is filled in, the link leads to the host that was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.core.links import INVOICE_PLACEHOLDERS, check_link_template, link
from counterfoil.core.refusals import Refusal


def check(template: str) -> None:
    """Check *template* as that of an invoice's page."""
    check_link_template(template, placeholders=INVOICE_PLACEHOLDERS)


@pytest.mark.parametrize(
    "template",
    [
        "",
        "https://erp.example",
        "https://erp.example/invoices/{number}",
        "http://10.0.0.7:8069/web#id={external_number}&model=account.move",
        "https://[fd00::1]/x?a={account}",
        "https://erp.example?ref={reference}",
    ],
)
def test_what_can_be_followed_is_taken(template: str) -> None:
    check(template)


@pytest.mark.parametrize(
    "template",
    [
        "javascript:alert(1)",
        "JavaScript:alert({number})",
        " https://erp.example/",
        "https:erp.example",
        "//erp.example/{number}",
        "ftp://erp.example/",
        "data:text/html,x",
        "https://{account}/",
        "https://{account}.example/",
        "https://erp.example{account}/",
        "https://user@erp.example/",
        "https://erp.example:{number}/",
        "https://erp.example/a b",
        "https://erp.example/\njavascript:x",
        'https://erp.example/"onclick=x',
        "https://erp.example/{number",
        "https://erp.example/number}",
        "https://erp.example/{{number}}",
        "https://erp.example/{name}",
        "https://erp.example/{number.real}",
        "https://erp.example/{}",
        "https://erp.example/" + "x" * 500,
    ],
)
def test_what_could_lead_elsewhere_is_refused(template: str) -> None:
    with pytest.raises(Refusal, match=r"is not the address of a page|stands for nothing here"):
        check(template)
    if "example/{" not in template:
        assert not link(template, values=dict.fromkeys(INVOICE_PLACEHOLDERS, "x")).lower().startswith("java")


def test_what_is_filled_in_is_encoded() -> None:
    values = {"number": "A/1 &?#", "account": "é"}
    assert (
        link("https://e.example/{number}?a={account}", values=values)
        == "https://e.example/A%2F1%20%26%3F%23?a=%C3%A9"
    )


@given(st.text(min_size=1))
def test_no_value_leaves_its_place(value: str) -> None:
    """Surrogates have no UTF-8; PostgreSQL stores none."""
    value = value.encode("utf-8", "ignore").decode() or "x"
    made = link("https://e.example/{number}/end", values={"number": value})
    assert made.startswith("https://e.example/")
    assert made.count("/") == 4
    assert made.isascii()


def test_without_a_value_there_is_no_link() -> None:
    assert link("https://e.example/{external_number}", values={"external_number": ""}) == ""
    assert link("https://e.example/{external_number}", values={}) == ""
    assert link("javascript:{number}", values={"number": "1"}) == ""
