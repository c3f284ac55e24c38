"""Pages by key: together they are the whole list, each row once, in either direction, whatever the order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import chain
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, QuerySet
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from counterfoil.records.billing.models import Invoice
from counterfoil.records.parties.models import BillingCustomer, Client
from counterfoil.web.lists.keyset import END, Order, page_of, read, written
from tests.web import bureau

DAY = date(2026, 6, 1)


@pytest.fixture
def clients(db: None) -> QuerySet[Client]:
    """Store 23 clients: names with ties, every third without a date, half of them with a customer."""
    bureau.organisation()
    branches = bureau.branches()
    customers = bureau.customers(3, branches=branches)
    Client.objects.bulk_create(
        [
            Client(
                code=f"S{number}",
                name=f"Site {number % 4}",
                branch=branches[0],
                commissioned_on=None if number % 3 == 0 else DAY + timedelta(days=number % 5),
                customer=None if number % 2 else customers[number % 3],
            )
            for number in range(23)
        ]
    )
    return Client.objects.all()


def _walk(queryset: QuerySet[Any], order: Order, *, size: int, backwards: bool = False) -> list[list[Any]]:
    position, pages = END if backwards else None, []
    while True:
        page = page_of(queryset, order=order, position=position, size=size)
        pages.append([row.pk for row in page.rows])
        further = page.previous if backwards else page.next
        if further is None:
            return pages
        position = read(written(further), order=order)
        assert position is not None


def _rows(pages: Iterable[list[Any]]) -> list[Any]:
    return list(chain.from_iterable(pages))


@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize(
    "paths",
    [
        ("pk",),
        ("name",),
        ("commissioned_on",),
        ("customer__name",),
        ("name", "commissioned_on"),
        ("branch", "code"),
    ],
)
def test_the_pages_together_are_the_list(
    clients: QuerySet[Client], paths: tuple[str, ...], is_descending: bool
) -> None:
    order = Order(paths=paths, is_descending=is_descending)
    whole = [row.pk for row in clients.order_by(*order.terms(backwards=False))]
    forwards = _walk(clients, order, size=5)
    assert [len(page) for page in forwards] == [5, 5, 5, 5, 3]
    assert _rows(forwards) == whole
    backwards = _walk(clients, order, size=5, backwards=True)
    assert _rows(reversed(backwards)) == whole


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    paths=st.lists(
        st.sampled_from(["name", "commissioned_on", "customer__name", "code"]), unique=True, max_size=3
    ),
    is_descending=st.booleans(),
    size=st.integers(1, 30),
)
def test_any_order_and_any_size(
    clients: QuerySet[Client], paths: list[str], is_descending: bool, size: int
) -> None:
    order = Order(paths=tuple(paths), is_descending=is_descending)
    whole = [row.pk for row in clients.order_by(*order.terms(backwards=False))]
    assert _rows(_walk(clients, order, size=size)) == whole
    assert _rows(reversed(_walk(clients, order, size=size, backwards=True))) == whole


def test_an_annotation_orders_as_well_as_a_column(clients: QuerySet[Client]) -> None:
    named = clients.annotate(payer=F("customer__account"))
    order = Order(paths=("payer",))
    whole = [row.pk for row in named.order_by(*order.terms(backwards=False))]
    assert _rows(_walk(named, order, size=4)) == whole


def test_a_row_added_before_the_page_shifts_nothing(clients: QuerySet[Client]) -> None:
    order = Order(paths=("code",))
    first = page_of(clients, order=order, position=None, size=5)
    Client.objects.create(code="S", name="Earlier than all", branch=clients[0].branch)
    second = page_of(clients, order=order, position=first.next, size=5)
    assert second.rows[0].code == sorted(f"S{number}" for number in range(23))[5]


def test_the_neighbours_of_the_ends_are_none(clients: QuerySet[Client]) -> None:
    order = Order(paths=("code",))
    only = page_of(clients, order=order, position=None, size=23)
    assert (only.previous, only.next) == (None, None)
    last = page_of(clients, order=order, position=END, size=5)
    assert last.next is None
    assert last.previous is not None


def test_a_page_is_one_row_comparison_without_offset(db: None) -> None:
    bureau.organisation()
    customers = bureau.customers(12, branches=bureau.branches())
    bureau.invoices(customers)
    order = Order(paths=("invoice_date",))
    first = page_of(Invoice.objects.all(), order=order, position=None, size=5)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page_of(Invoice.objects.all(), order=order, position=first.next, size=5)
    sql = queries[0]["sql"]
    assert len(queries) == 1
    assert '(U0."invoice_date", U0."id") > (' in sql
    assert "OFFSET" not in sql


@pytest.mark.parametrize("text", ["", "x", "WzBd", "W10:forged", "\x00", "end:x"])
def test_a_position_we_did_not_write_is_none(text: str) -> None:
    assert read(text, order=Order(paths=("name",))) is None


def test_a_position_of_another_order_is_none(clients: QuerySet[Client]) -> None:
    order = Order(paths=("name",))
    following = page_of(clients, order=order, position=None, size=5).next
    assert following is not None
    assert read(written(following), order=Order(paths=("pk",))) is None


def test_a_position_of_another_type_begins_anew(clients: QuerySet[Client]) -> None:
    by_name = page_of(clients, order=Order(paths=("name",)), position=None, size=5).next
    page = page_of(clients, order=Order(paths=("commissioned_on",)), position=by_name, size=5)
    assert len(page.rows) == 5


def test_quantities_and_moments_make_positions_too(db: None) -> None:
    assert BillingCustomer.objects.count() == 0
    user = bureau.person(username="a")
    bureau.person(username="b")
    order = Order(paths=("date_joined",))
    people = type(user).objects.all()
    assert _walk(people, order, size=1) == [[row.pk] for row in people.order_by("date_joined", "pk")]
