"""What pages say and store: a form that is sent, history, why a charge costs what it costs, branch limits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from counterfoil.records.billing.models import Invoice, RunStatus
from counterfoil.records.charges.models import Charge, ChargeSpan
from counterfoil.records.organisation.models import Branch, Organisation, Role, User
from counterfoil.records.parties.models import BillingCustomer, Dealer
from tests.web import bureau, month


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve the project's own navigation, not the guide's."""
    month.use_own_pages(monkeypatch)


@pytest.fixture
def keys(transactional_db: None) -> dict[str, int]:
    """Store a bureau with one of everything; return keys by the address's name."""
    return month.everything()


CUSTOMER = {
    "account": "N1",
    "name": "Novel Bakery",
    "email": "till@example.com",
    "delivery": "email",
    "currency": "EUR",
    "tax_status": "standard",
    "branch": "1",
    "is_active": "on",
}


def test_a_customer_is_added_changed_and_remembers_it(
    keys: dict[str, int], signed_in: Callable[..., Client]
) -> None:
    client = signed_in(Role.BILLER)
    client.post(reverse("customer-new"), CUSTOMER)
    added = BillingCustomer.objects.get(account="N1")
    assert (added.currency, added.name) == ("EUR", "Novel Bakery")
    client.post(reverse("customer-edit", args=[added.pk]), {**CUSTOMER, "name": "Novel Bread"})
    history = client.get(reverse("customer", args=[added.pk]) + "?tab=history").content.decode()
    assert "Novel Bakery → <strong>Novel Bread</strong>" in history
    assert "Mara Quill" in history


def test_a_wrong_form_says_what_is_wrong_and_stores_nothing(
    keys: dict[str, int], signed_in: Callable[..., Client]
) -> None:
    answer = signed_in(Role.BILLER).post(
        reverse("customer-new"), {**CUSTOMER, "account": "C1", "email": "no"}
    )
    assert sorted(answer.context["form"].errors) == ["account", "email"]
    assert not BillingCustomer.objects.filter(name="Novel Bakery").exists()


def test_an_assigned_charge_has_its_span_and_its_price_has_a_source(
    keys: dict[str, int], signed_in: Callable[..., Client]
) -> None:
    client = signed_in(Role.BILLER)
    typed = {"key": "X1", "master_charge": "M2", "starts_on": "2026-06-15", "unit_price": "12.5"}
    client.post(reverse("charge-new", args=[1]), typed)
    charge = Charge.objects.get(key="X1")
    assert ChargeSpan.objects.filter(charge=charge, billed_to=None).exists()
    page = client.get(reverse("charge", args=[charge.pk])).content.decode()
    assert '€12.50 <small class="quiet">assignment</small>' in page
    assert '1 <small class="quiet">master</small>' in page


def test_whoever_has_a_branch_sees_nothing_of_the_others(
    keys: dict[str, int], signed_in: Callable[..., Client]
) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    other = Branch.objects.create(code="west", name="West")
    User.objects.get(username="mara").branches.add(other)
    for name in ("customer", "client", "charge", "invoice", "invoice-pdf", "run", "run-lines", "dealer"):
        assert (name, client.get(reverse(name, args=[keys[name]])).status_code) == (name, 404)
    assert b"Customer 1" not in client.get(reverse("customers")).content
    assert b"Customer 1" not in client.get(reverse("search") + "?q=Customer").content


def test_four_eyes_are_wanted_of_the_same_person(
    keys: dict[str, int], signed_in: Callable[..., Client]
) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    Organisation.objects.update(four_eyes=True)
    run = month.Run.objects.get()
    month.Run.objects.update(generated_by=User.objects.get(username="mara"))
    address = reverse("run-authorise", args=[run.pk])
    asked = client.get(address).context["confirmation"]
    assert dict(asked.figures)["Invoices"] == "20"  # 40 charges, two a customer
    assert dict(asked.figures)["Next number"] == "INV-2026-000001"
    client.post(address, {"agreed": asked.mark})
    run.refresh_from_db()
    assert run.status == RunStatus.IN_REVIEW


def test_excluded_drafts_leave_the_totals(keys: dict[str, int], signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.APPROVER)
    here = reverse("run", args=[keys["run"]])
    draft = Invoice.objects.order_by("pk")[0]
    address = reverse("drafts-exclude", args=[keys["run"]])
    asked = client.post(address, {"selected": [draft.pk]}).context["confirmation"]
    client.post(address, {"selected": [draft.pk], "agreed": asked.mark, "reason": "Billed by hand"})
    (total,) = client.get(here).context["totals"]
    assert (total.documents, total.excluded) == (19, 1)


def test_a_fresh_installation_is_told_what_to_do_first(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    page = signed_in(Role.BILLER).get(reverse("dashboard")).content.decode()
    assert "Nothing is billed yet" in page


def test_a_file_is_checked_then_imported(keys: dict[str, int], signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.BILLER)

    def send(do: str) -> HttpResponse:
        file = SimpleUploadedFile("dealers.csv", b"dealer,name,branch\nD7,Seven Bells,main\n")
        return client.post(reverse("imports"), {"kind": "dealers", "file": file, "do": do})

    assert send("check").context["report"].problems == ()
    assert (send("check").context["report"].problem_count, Dealer.objects.filter(code="D7").count()) == (0, 0)
    assert send("import").context["report"].is_stored
    assert Dealer.objects.get(code="D7").name == "Seven Bells"
