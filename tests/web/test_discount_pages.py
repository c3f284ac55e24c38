"""The pages of discounts, of the organisation, and of charge summaries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.charges.models import Charge, Discount
from counterfoil.records.organisation.models import Branch, Organisation, Role, User
from counterfoil.records.parties.models import BillingCustomer
from tests.web import bureau, month

SignedIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def keys(transactional_db: None, _guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Store a bureau with one of everything, and serve the project's own pages."""
    month.use_own_pages(monkeypatch)
    return month.everything()


def test_4_5_a_discount_is_added_listed_and_changed(keys: dict[str, int], signed_in: SignedIn) -> None:
    client = signed_in(Role.BILLER)
    charge = Charge.objects.get(pk=keys["charge"])
    sent = {"key": "D1", "name": "First year", "percent": "10", "charge": charge.key}
    sent |= {"starts_on": "2026-06-01", "ends_before": "2027-05-31"}
    assert client.post(reverse("discount-new"), sent).status_code == 302
    stored = Discount.objects.get()
    assert (stored.charge, stored.percent, stored.ends_before) == (charge, Decimal(10), date(2027, 6, 1))
    client.post(reverse("discount-edit", args=[stored.pk]), {**sent, "percent": "12.5"})
    page = client.get(reverse("discounts"), {"charge": charge.key}).content.decode()
    assert "First year" in page
    assert "12.5" in page
    assert "First year" not in client.get(reverse("discounts"), {"charge": "nobody's"}).content.decode()
    shown = client.get(reverse("charge", args=[charge.pk])).content.decode()
    assert f"{reverse('discount-new')}?charge={charge.key}" in shown


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"amount": "2"}, "Fill in a percentage or an amount, and leave the other empty."),
        ({"amount": "2", "charge": ""}, "Fill in a percentage or an amount, and leave the other empty."),
        ({"percent": ""}, "Fill in a percentage or an amount, and leave the other empty."),
        ({"percent": "101"}, "It must be above 0 and at most 100."),
        ({"charge": ""}, "Name a charge alone, or a master charge"),
        ({"ends_before": "2026-05-31"}, "It must lie after the start."),
    ],
)
def test_4_5_a_discount_that_means_nothing_is_told_why(
    keys: dict[str, int], signed_in: SignedIn, changes: dict[str, str], told: str
) -> None:
    charge = Charge.objects.get(pk=keys["charge"])
    sent = {"key": "D1", "name": "Off", "percent": "10", "charge": charge.key, "starts_on": "2026-06-01"}
    answer = signed_in(Role.BILLER).post(reverse("discount-new"), {**sent, **changes})
    assert told in answer.content.decode()
    assert not Discount.objects.exists()


def test_whoever_is_limited_to_a_branch_sees_its_discounts_alone(
    keys: dict[str, int], signed_in: SignedIn
) -> None:
    other = Branch.objects.create(code="far", name="Far away")
    elsewhere = BillingCustomer.objects.create(account="F1", name="Far", currency="EUR", branch=other)
    Discount.objects.create(key="far", name="Their rebate", customer=elsewhere, percent=5)
    everybody = Discount.objects.create(
        key="all", name="Spring", master_charge=MasterCharge.objects.first(), percent=5
    )
    near = Branch.objects.exclude(pk=other.pk).first()
    client = signed_in(Role.BILLER)
    User.objects.get(username="mara").branches.set([near])
    page = client.get(reverse("discounts")).content.decode()
    assert ("Their rebate" in page, everybody.name in page) == (False, True)


def test_5_1_an_administrator_sets_the_organisations_tax_status_zone_and_four_eyes(
    keys: dict[str, int], signed_in: SignedIn
) -> None:
    page = reverse("organisation")
    assert signed_in(Role.BILLER).get(page).status_code == 403
    client = signed_in(Role.ADMINISTRATOR, username="adm")
    sent = {**bureau.shown_in(client.get(page)), "tax_status": "exempt"}
    assert client.post(page, sent).status_code == 302
    assert Organisation.objects.get().tax_status == "exempt"
    assert client.post(page, {**sent, "four_eyes": "on", "timezone": "Europe/Vienna"}).status_code == 302
    stored = Organisation.objects.get()
    assert (stored.four_eyes, stored.timezone) == (True, "Europe/Vienna")
    kept = client.post(page, {**sent, "rounding": "half_even"}).content.decode()
    assert "it can be chosen before the first invoice only" in kept
    refused = client.post(page, {**sent, "payment_terms": "soon"})
    assert "is not payment terms such as 14 days" in refused.content.decode()


def test_c11_any_invoice_has_a_charge_summary_to_download(keys: dict[str, int], signed_in: SignedIn) -> None:
    answer = signed_in(Role.VIEWER).get(reverse("invoice-summary", args=[keys["invoice"]]), {"download": 1})
    assert answer["Content-Type"] == "application/pdf"
    assert "-summary.pdf" in answer["Content-Disposition"]
    assert answer.content.startswith(b"%PDF")
