"""Pages: complete, in order, each row once, and of a limited size."""

from __future__ import annotations

from typing import Any

import pytest

from tests import build
from tests.api.conftest import MakeProgram, problem_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def test_all_pages_together_are_all_rows_once(program: MakeProgram) -> None:
    accounts = [build.customer().account for _ in range(5)]
    erp, found, sizes, cursor = program(), [], [], None
    while cursor is not None or not sizes:
        page = erp.get("/customers", limit=2, **({"cursor": cursor} if cursor else {})).json()
        found += [row["account"] for row in page["items"]]
        sizes.append(len(page["items"]))
        cursor = page["next_cursor"]
    assert (found, sizes) == (accounts, [2, 2, 1])


def test_a_full_last_page_has_no_next(program: MakeProgram) -> None:
    build.customer()
    build.customer()
    assert program().get("/customers", limit=2).json()["next_cursor"] is None


@pytest.mark.parametrize("limit", ["0", "501", "-1", "x", "1e9"])
def test_the_size_of_a_page_is_limited(program: MakeProgram, limit: str) -> None:
    answer = program().get("/customers", limit=limit)
    assert problem_of(answer) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == ["query.limit"]


# The last two say id:-1 and id:9223372036854775808, one beyond the largest id.
@pytest.mark.parametrize("cursor", ["nonsense", "é", "%%", "aWQ6LTE", "aWQ6OTIyMzM3MjAzNjg1NDc3NTgwOA"])
def test_a_cursor_that_is_not_ours_is_refused(program: MakeProgram, cursor: str) -> None:
    assert problem_of(program().get("/customers", cursor=cursor)) == (422, "wrong-cursor")


@pytest.mark.parametrize(
    "address", ["/customers", "/clients", "/dealers", "/master-charges", "/charges", "/definitions"]
)
def test_a_page_takes_as_many_queries_however_many_rows(
    program: MakeProgram, address: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        build.charge()
    erp = program()
    with django_assert_max_num_queries(5):
        assert erp.get(address).status_code == 200


def test_a_filter_finds_by_key(program: MakeProgram) -> None:
    wanted, _other = build.charge(), build.charge()
    found = program().get("/charges", key=wanted.key).json()["items"]
    assert [(row["key"], row["starts_on"], row["unit_price"]) for row in found] == [
        (wanted.key, "2026-06-01", None)
    ]
    master = program().get(f"/master-charges/{wanted.master_charge_id}").json()
    assert (master["unit_price"], master["quantity"]) == ("30", "1")
