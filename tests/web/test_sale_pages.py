"""The pages of sales invoices by hand: typed with what they come to, changed, queued, issued, made anew."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.flows.billing.voiding import void_invoices
from counterfoil.records.billing.models import Invoice, QueueChange
from counterfoil.records.catalog.models import TaxCategory
from counterfoil.records.organisation.models import Branch, Role, User
from tests import build
from tests.build import NOW
from tests.flows.consolidating.waiting import consolidating, issued
from tests.web import month
from tests.web.test_consolidation_pages import SignIn, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)


@pytest.fixture(autouse=True)
def _organisation(db: None) -> None:
    build.organisation()
    build.master(code="CAM", name="Camera", kind="sale", unit_price="19.99", charge_period=None)


def typed(*lines: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Return what the form sends: three cameras unless *lines* are given."""
    rows = lines or ({"master_charge": "CAM", "quantity": "3"},)
    fields = {f"lines-{at}-{name}": value for at, row in enumerate(rows) for name, value in row.items()}
    management = {"lines-TOTAL_FORMS": len(rows), "lines-INITIAL_FORMS": 0}
    return {"invoice_date": "2026-06-01", **management, **fields, **values}


def address_for(account: str) -> str:
    return f"{reverse('sale-new')}?customer={account}"


def saved(client: Client, address: str, **posted: Any) -> Invoice:
    """Save the form and return the draft."""
    answer = client.post(address, {**posted, "do": "save"}, follow=True)
    return Invoice.objects.get(pk=answer.redirect_chain[-1][0].rsplit("/", 1)[-1])


def test_it_is_typed_shown_saved_changed_issued_and_made_anew(signed_in: SignIn) -> None:
    customer = build.customer()
    client = signed_in(Role.ADMINISTRATOR)
    assert "New sales invoice" in text_of(client.get(reverse("invoices")))
    assert "There is no active billing customer" in text_of(client.get(address_for("NOBODY")))
    address = address_for(customer.account)
    assert "Nothing yet: fill in a line" in text_of(client.get(address))
    assert "queues" not in client.get(address).context["form"].fields
    page = text_of(client.post(address, typed()))
    assert "€73.76" in page  # 3 × 19.99 × 1.23 = 73.7631
    assert not Invoice.objects.exists()
    text = {"description": "Cable", "unit_price": "7.05"}
    assert "needs a description, a unit price and a tax category" in text_of(
        client.post(address, typed(text))
    )
    build.master(code="CAMERA-WATCH")
    suggested = reverse("master-charge-suggestions") + "?name=code&code=CAM&kind=sale"
    assert text_of(client.get(suggested)).count("<option") == 1
    cable = {**text, "tax_category": TaxCategory.objects.get().pk, "ledger_code": "4950"}
    assert "is posted to 4900, unless the line names another" in text_of(client.get(address))
    assert saved(client, address, **typed(cable)).lines.get().ledger_code == "4950"
    draft = saved(client, address, **typed(po_number="PO-1"))
    assert (draft.gross_minor, draft.po_number) == (7_376, "PO-1")
    change = reverse("sale-change", args=[draft.pk])
    assert change in text_of(client.get(reverse("invoice", args=[draft.pk])))
    assert 'value="CAM"' in text_of(client.get(change))
    newer = saved(client, change, **typed({"master_charge": "CAM"}))
    assert newer.gross_minor == 2_459
    issued(newer.run)
    assert "sale-change" not in text_of(client.get(reverse("invoice", args=[newer.pk])))
    refused = text_of(client.post(reverse("sale-change", args=[newer.pk]), {**typed(), "do": "save"}))
    assert "SAL-2026-000001 is issued, so it is changed no more" in refused
    void_invoices([newer.pk], reason="wrong", by=None, now=NOW)
    assert "Make it anew" in text_of(client.get(reverse("invoice", args=[newer.pk])))
    again = saved(client, reverse("sale-change", args=[newer.pk]), **typed())
    assert again.gross_minor == 7_376
    told = client.get(reverse("sale-change", args=[newer.pk]), follow=True)
    assert "only the newest" in text_of(told)
    assert "No dispatches or sales yet" in text_of(client.get(reverse("dispatch-and-sales")))


def test_8_1_the_flag_begins_as_the_settings_say_and_is_locked_with_x(signed_in: SignIn) -> None:
    takes, locked = consolidating(), consolidating(limit_minor=100_000)
    client = signed_in(Role.BILLER)
    form = client.get(address_for(takes.account)).context["form"]
    assert (form.initial["queues"], form.fields["queues"].disabled) == (True, False)
    assert client.get(address_for(locked.account)).context["form"].fields["queues"].disabled
    draft = saved(client, address_for(takes.account), **typed())  # the box unchecked
    assert list(QueueChange.objects.values_list("invoice", "is_queued")) == [(draft.pk, False)]


def test_who_may_and_for_whom(signed_in: SignIn) -> None:
    customer = build.customer()
    assert signed_in(Role.VIEWER).get(reverse("sale-new")).status_code == 403
    north = Branch.objects.create(organisation_id=1, code="north", name="North")
    limited = signed_in(Role.BILLER, username="north")
    User.objects.get(username="north").branches.set([north])
    assert "There is no active billing customer" in text_of(limited.get(address_for(customer.account)))
    payer = build.customer(account="N-1", branch=north)
    build.client(code="ELSEWHERE", customer=payer)
    refused = limited.post(address_for("N-1"), typed(client="ELSEWHERE", do="save"))
    assert "There is no client of this customer" in text_of(refused)
    assert not Invoice.objects.exists()
