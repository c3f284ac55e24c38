"""A list page: the address is its state, and it costs the same whatever the list holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from counterfoil.records.organisation.models import Role
from counterfoil.web.lists import counting
from counterfoil.web.lists.columns import Column
from counterfoil.web.lists.keyset import is_sortable
from counterfoil.web.lists.listing import DefaultSortNeedsAnIndex, Empty, Listing, Noun
from tests.web import bureau, guide

ADDRESS = "/guide/invoices"


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    """Return a biller's client at a bureau with 60 invoices, 20 of them issued."""
    bureau.organisation()
    bureau.invoices(bureau.customers(60, branches=bureau.branches()), numbered=20)
    return signed_in()


def _names(html: str) -> list[str]:
    return re.findall(r'<td class="code"><a href="[^"]*">([^<]*)</a>', html)


def _html(client: Client, address: str = "") -> str:
    answer = client.get(ADDRESS + address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def _link(html: str, element: str) -> str:
    found = re.search(rf'id="{element}"[^>]*href="([^"]*)"', html)
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_a_page_shows_rows_in_the_default_order(client: Client) -> None:
    html = _html(client)
    names = _names(html)
    assert len(names) == 50
    assert names[:2] == ["draft 60", "draft 59"]
    assert "<strong>60</strong> invoices" in html
    assert 'aria-sort="descending"' in html


def test_next_and_previous_lead_there_and_back(client: Client) -> None:
    first = _html(client)
    second = _html(client, _link(first, "page-next"))
    assert _names(second) == [f"INV-2026-{number:06}" for number in range(10, 0, -1)]
    assert _names(_html(client, _link(second, "page-previous"))) == _names(first)
    assert _names(_html(client, "?at=end")) == _names(first)[-40:] + _names(second)


def test_words_and_filters_narrow_the_list(client: Client) -> None:
    assert _names(_html(client, "?q=INV-2026-00000")) == [f"INV-2026-{n:06}" for n in range(9, 0, -1)]
    assert _names(_html(client, "?q=hotel+alder")) == _alder_hotels()
    euros = _html(client, "?currency=GBP&size=25")
    assert "<strong>6</strong> invoices" in euros  # every ninth of 60
    assert "£" in euros


def _alder_hotels() -> list[str]:
    numbers = [n for n in range(60, 0, -1) if n % 10 == 0 and n % 7 == 6]  # "Alder" and "Hotel"
    return [f"INV-2026-{n:06}" if n <= 20 else f"draft {n}" for n in numbers]


def test_nothing_found_says_so_and_offers_to_clear(client: Client) -> None:
    html = _html(client, "?q=nothing-like-it&sort=net_minor")
    assert "Nothing matches" in html
    assert 'href="?sort=net_minor&amp;view=all"' in html


def test_an_empty_list_says_what_it_is_for(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    html = _html(signed_in())
    assert "No invoices yet" in html
    assert 'href="/guide/form">Preview a run</a>' in html


def test_a_wrong_filter_value_is_said_at_the_filter(client: Client) -> None:
    assert "Enter a valid date." in _html(client, "?invoice_date=yesterday")


def test_columns_are_chosen_in_the_address(client: Client) -> None:
    html = _html(client, "?column=line_count")
    assert re.findall(r'<th scope="col"[^>]*>\s*(?:<a[^>]*>)?(\w+)', html) == ["Number", "Lines"]


@pytest.mark.parametrize(
    "address",
    ["?sort=no-such", "?sort=tax_minor", "?size=7", "?at=forged", "?size=x", "?q=%00", "?column=no-such"],
)
def test_an_address_that_means_nothing_shows_the_list(client: Client, address: str) -> None:
    assert _names(_html(client, address))[0] == "draft 60"


def test_a_long_list_sorts_by_indexes_only(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _names(_html(client, "?sort=-gross_minor"))[0] != "draft 60"
    monkeypatch.setattr(counting, "EXACT_UP_TO", 10)
    html = _html(client, "?sort=-gross_minor")
    assert _names(html)[0] == "draft 60"
    assert "estimated" in html
    assert 'id="sort-gross_minor"' not in html
    assert 'id="sort-invoice_date"' in html


def test_a_default_sort_has_an_index() -> None:
    with pytest.raises(DefaultSortNeedsAnIndex, match="opens sorted by -name"):
        Listing(
            name="x",
            noun=Noun("x", "x"),
            columns=(Column(name="name", label="Name", sort=("name",)),),
            default_sort="-name",
            empty=Empty(title="", explanation=""),
        )


def test_every_column_of_the_guide_can_be_sorted_as_declared(db: None) -> None:
    rows = guide.Invoice.objects.all()
    paths = [path for column in guide.INVOICES.columns for path in column.sort]
    assert [path for path in paths if not is_sortable(rows, path)] == []
    assert not is_sortable(rows, "no_such_column")


@pytest.mark.parametrize("address", ["", "?q=alder&currency=EUR&sort=net_minor", "?size=200"])
def test_a_page_costs_ten_queries_at_most(client: Client, address: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        _html(client, address)
    assert len(queries) <= 10, [query["sql"][:90] for query in queries]


def test_an_export_holds_the_rows_and_columns_shown(client: Client) -> None:
    answer = client.get(ADDRESS + "?q=INV-2026-00000&column=gross_minor&sort=number&export=csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert answer["Content-Disposition"] == 'attachment; filename="invoices.csv"'
    assert lines[0] == "Number,Gross,Currency"
    assert lines[1] == "INV-2026-000001,118.76,EUR"  # 2 × 49.90 = 99.80; 19 % is 18.96
    assert len(lines) == 10


def test_an_export_to_excel_is_a_workbook(client: Client) -> None:
    answer = client.get(ADDRESS + "?export=xlsx")
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    assert answer["Content-Disposition"] == 'attachment; filename="invoices.xlsx"'


def _post(client: Client, address: str, **fields: Any) -> str:
    return str(client.post(address, fields).content.decode())


def test_the_bulk_bar_says_how_many_and_how_much(client: Client) -> None:
    # 2 × 49.90 + 19 % = 118.76 and 3 × 49.90 + 19 % = 178.14; the ninth customer pays in pounds: 10 × 49.90
    assert _post(client, ADDRESS, selected=["1", "2"]) == "2 invoices, €296.90"
    assert _post(client, ADDRESS, selected=["1", "9"]) == "2 invoices, €118.76, £593.81"
    assert _post(client, ADDRESS, selected=["1", "x", "99999999999999999999"]) == "1 invoice, €118.76"
    assert _post(client, ADDRESS, everything="1").startswith("60 invoices, €")
    assert _post(client, ADDRESS + "?currency=GBP", everything="1").startswith("6 invoices, £")
    assert _post(client, ADDRESS) == "none"


def test_only_the_rows_a_person_sees_are_selected(signed_in: Callable[..., Client]) -> None:
    bureau.organisation()
    dublin, cork = bureau.branches()
    bureau.invoices(bureau.customers(10, branches=[dublin, cork]))
    client = signed_in()
    bureau.User.objects.get().branches.add(dublin)
    assert _post(client, ADDRESS, everything="1").startswith("5 invoices")
    assert _post(client, ADDRESS, selected=["1", "2"]).startswith("1 invoice")


def test_bulk_actions_are_those_the_role_may_do(client: Client, signed_in: Callable[..., Client]) -> None:
    assert re.findall(r'formaction="[^"]*">(\w+)<', _html(client)) == ["Hold"]
    viewer = signed_in(Role.VIEWER, username="vera")
    assert 'name="selected"' not in _html(viewer)
    chief = signed_in(Role.ADMINISTRATOR, username="anna")
    assert re.findall(r'formaction="[^"]*">(\w+)<', _html(chief)) == ["Hold", "Void"]
