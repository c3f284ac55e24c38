"""Every page with every role: who may open it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.records.organisation.models import Role
from tests.web import month
from tests.web.month import everything

READ = [
    "dashboard",
    "runs",
    "definitions",
    "invoices",
    "exceptions",
    "leakage",
    "leaking-events",
    "customers",
    "clients",
    "dealers",
    "master-charges",
    "charge-periods",
    "charge-period-next",
    "discounts",
    "charge-suggestions",
    "taxes",
    "deliveries",
    "mails",
    "billing-links",
    "numbering",
    "tokens",
    "token-new",
    "customer-suggestions",
    "client-suggestions",
    "dealer-suggestions",
    "master-charge-suggestions",
]
READ_ONE = {
    "customer": ["", "?tab=invoices", "?tab=mails", "?tab=history"],
    "client": ["", "?tab=billed", "?tab=history"],
    "dealer": ["", "?tab=history"],
    "master-charge": ["", "?tab=history"],
    "charge": ["", "?tab=forecast", "?tab=history"],
    "definition": ["", "?tab=history"],
    "invoice": ["", "?tab=document", "?tab=deliveries"],
    "invoice-pdf": [""],
    "invoice-summary": [""],
    "run": [""],
    "run-lines": [""],
    "run-variance": [""],
    "run-exceptions": [""],
    "run-deliveries": [""],
    "run-reconciliation": [""],
}
ADMINISTERED = ["organisation", "branches", "branch-new", "users", "user-new"]
BESIDE = ["line-why", "client-forecast", "charge-forecast"]
SET_UP = [
    "customer-new",
    "client-new",
    "dealer-new",
    "master-charge-new",
    "charge-period-new",
    "discount-new",
    "tax-category-new",
    "tax-rate-new",
    "definition-new",
    "definition-typed",
]
SET_UP_ONE = [
    "customer-edit",
    "client-edit",
    "dealer-edit",
    "charge-edit",
    "charge-new",
    "master-charge-edit",
    "charge-period-edit",
    "definition-edit",
    "definition-copy",
]


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve the project's own navigation, not the guide's."""
    month.use_own_pages(monkeypatch)


@pytest.fixture
def keys(transactional_db: None) -> dict[str, int]:
    """Store a bureau with one of everything, and return the key by the address's name."""
    return everything()


@pytest.mark.parametrize("role", list(Role))
def test_every_page_opens_for_who_may_and_for_nobody_else(
    role: Role, keys: dict[str, int], signed_in: Callable[..., Client]
) -> None:
    client = signed_in(role)
    may_set_up = role in (Role.BILLER, Role.ADMINISTRATOR)
    may_approve = role in (Role.APPROVER, Role.ADMINISTRATOR)
    answers: dict[str, int] = {}
    expected: dict[str, int] = {}

    def visit(address: str, *, may: bool) -> None:
        answers[address] = client.get(address).status_code
        expected[address] = 200 if may else 403

    for name in READ:
        visit(reverse(name), may=True)
    for name, tabs in READ_ONE.items():
        for tab in tabs:
            visit(reverse(name, args=[keys[name]]) + tab, may=True)
    for name in BESIDE:
        visit(reverse(name, args=[keys[name]]), may=True)
    for name in SET_UP:
        visit(reverse(name), may=may_set_up)
    for name in SET_UP_ONE:
        visit(reverse(name, args=[keys[name]]), may=may_set_up)
    visit(reverse("imports"), may=may_set_up or role == Role.ACCOUNTANT)
    for name in ADMINISTERED:
        visit(reverse(name), may=role == Role.ADMINISTRATOR)
    visit(reverse("run-new"), may=role != Role.VIEWER)
    visit(reverse("run-authorise", args=[keys["run"]]), may=may_approve)
    visit(reverse("run-abandon", args=[keys["run"]]), may=may_set_up or may_approve)
    assert answers == expected


def test_a_stranger_is_asked_to_sign_in(keys: dict[str, int]) -> None:
    for name in [*READ, *SET_UP, "run-new"]:
        answer = Client().get(reverse(name))
        assert (name, answer.status_code, answer.url.split("?")[0]) == (name, 302, reverse("account_login"))


def test_lists_can_be_taken_away_as_files(keys: dict[str, int], signed_in: Callable[..., Client]) -> None:
    client = signed_in(Role.VIEWER)
    for name in ["customers", "clients", "invoices", "runs", "master-charges", "exceptions", "deliveries"]:
        assert client.get(reverse(name) + "?export=csv").status_code == 200
    text = b"".join(client.get(reverse("customers") + "?export=csv").streaming_content).decode("utf-8-sig")
    assert text.splitlines()[1].startswith("C1,Customer 1,c1@example.com")


def test_everything_is_found(keys: dict[str, int], signed_in: Callable[..., Client]) -> None:
    page = signed_in(Role.VIEWER).get(reverse("search") + "?q=Customer").content.decode()
    assert "Customer 1" in page
    assert "Billing customers" in page
