"""Words in lists: the few are looked up; what is common is looked for in the order of the list, a stretch at a time."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db.models import Q
from django.test import Client

from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import BillingCustomer
from counterfoil.web.lists import counting, finding
from counterfoil.web.lists.finding import is_short, with_word
from tests.web import bureau

NAMES = ["Customer 77", "Customer 1277", "Unit-77 Ltd", "77 Main Street", "O'Neil", "A & B"]


@pytest.fixture
def customers(db: None) -> None:
    """Store customers by these names."""
    bureau.organisation()
    [branch, _other] = bureau.branches()
    BillingCustomer.objects.bulk_create(
        BillingCustomer(account=f"C{n}", name=name, currency="EUR", branch=branch)
        for n, name in enumerate(NAMES)
    )


def _with(word: str) -> list[str]:
    rows = with_word(BillingCustomer.objects.order_by("pk"), word, ["name__icontains"])
    return list(rows.values_list("name", flat=True))


@pytest.mark.usefixtures("customers")
def test_a_short_word_is_found_where_words_begin() -> None:
    assert _with("77") == ["Customer 77", "Unit-77 Ltd", "77 Main Street"]
    assert _with("ne") == ["O'Neil"]
    assert _with("277") == ["Customer 1277"]  # three letters or digits are found within words
    assert _with("&") == ["A & B"]
    assert [is_short(word) for word in ("77", "a-b", "277", "&")] == [True, True, False, False]


@pytest.fixture
def long_list(signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return an administrator's client at 300 customers, of whom ten are many and a stretch has a hundred."""
    bureau.organisation()
    [branch, _other] = bureau.branches()
    BillingCustomer.objects.bulk_create(
        BillingCustomer(
            account=f"C{n:03}",
            name=f"Customer {'odd' if n in (5, 120, 121, 290) else n}",
            currency="EUR",
            branch=branch,
        )
        for n in range(300)
    )
    monkeypatch.setattr(finding, "FEW", 3)
    monkeypatch.setattr(counting, "EXACT_UP_TO", 3)
    monkeypatch.setattr(counting, "LOOKED_AT", 100)
    return signed_in(Role.ADMINISTRATOR)


def _page(client: Client, address: str) -> tuple[list[str], str, str]:
    """Return the accounts on a page, the address of the next one, and what it says about how far it looked."""
    html = client.get(f"/customers/{address}").content.decode()
    accounts = re.findall(r"<td class=\"code\"><a[^>]*>(C\d{3})</a>", html)
    following = re.search(r'id="page-next"[^>]*href="([^"]*)"', html)
    looked = re.search(r'class="pager-looked"[^>]*>([^<]*)<', html)
    return accounts, following[1].replace("&amp;", "&") if following else "", looked[1] if looked else ""


def test_what_is_common_is_looked_for_a_stretch_at_a_time(long_list: Client) -> None:
    """All are customers and four of them odd, which are more than the three that are few."""
    accounts, further, looked = _page(long_list, "?q=Customer+odd")
    assert accounts == ["C005"]
    assert looked.startswith("100 billing customers looked at for this page, 1 found.")
    accounts, further, looked = _page(long_list, further)
    assert accounts == ["C120", "C121"]
    accounts, further, looked = _page(long_list, further)
    assert (accounts, further, looked) == (["C290"], "", "")


def test_a_stretch_without_any_leads_on(long_list: Client) -> None:
    BillingCustomer.objects.filter(account="C005").update(name="Customer 5")
    BillingCustomer.objects.filter(account="C291").update(name="Customer odd")
    accounts, further, looked = _page(long_list, "?q=odd")
    assert (accounts, looked[:59]) == (
        [],
        "100 billing customers looked at for this page, 0 found. Ther"[:59],
    )
    assert _page(long_list, further)[0] == ["C120", "C121"]
    assert _page(long_list, "?q=odd&at=end")[0] == ["C290", "C291"]


def test_the_end_is_said_where_the_last_stretch_holds_none(long_list: Client) -> None:
    """C005 and C006 and two more are odd; behind the last of them a stretch and its rest are left."""
    BillingCustomer.objects.filter(account__in=["C120", "C121", "C290"]).update(name="Customer 1")
    BillingCustomer.objects.filter(account__in=["C006", "C007", "C008"]).update(name="Customer odd")
    address = "?q=odd"
    for _stretch in range(2):
        address = _page(long_list, address)[1]
    html = long_list.get(f"/customers/{address}").content.decode()
    assert "Nothing further on" in html
    assert "list-looking" not in html  # which would look on by itself, from the beginning


def test_common_words_among_few_that_are_filtered_are_counted(long_list: Client) -> None:
    BillingCustomer.objects.filter(Q(account="C005") | Q(account="C006")).update(is_active=False)
    html = long_list.get("/customers/?q=Customer+odd&is_active=false").content.decode()
    assert "<strong>1</strong>" in html
    assert "pager-looked" not in html
