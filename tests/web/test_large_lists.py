"""Every list and object costs ten queries at most, and none of them reads a large table from beginning to end.

It is a bureau of some thousand charges, two months of them, and the planner is told that rows are dear: it then does
what it does where there are a million. What each query reads of each table is taken from its plan as carried out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from benchmarks import addresses
from benchmarks.desk import Desk, fill_desk
from counterfoil.clock import now
from counterfoil.records.billing import run_customers
from counterfoil.records.organisation.actions import create_token
from counterfoil.records.organisation.models import Role, User
from counterfoil.records.organisation.scopes import SCOPES
from counterfoil.web.lists import counting, finding
from counterfoil.web.runs import line_filters
from tests.web import month

CHARGES = 3_000
FEW = 40
"""So many are looked up by their keys and counted exactly, as 10,000 are where there are a million."""
LOOKED_AT = 200
"""So many are looked at for one page of what has common words, as 20,000 are where there are a million."""
MOST_READ = 1_300
"""A page has 50 rows, and up to three ways lead to 41 keys each; 1,500 and more are in each large table."""
MOST_QUERIES = 10
PLANNED_AS_WHERE_THERE_ARE_MANY = """
SET enable_hashjoin = off; SET enable_mergejoin = off; SET cpu_tuple_cost = 1; SET random_page_cost = 0.01;
SET seq_page_cost = 20; SET max_parallel_workers_per_gather = 0
"""
COUNTED = re.compile(r"^EXPLAIN \([^)]*ANALYZE[^)]*\) ", re.IGNORECASE)
"""What counts a list: its plan, carried out."""
LARGE = {
    "billing_invoice",
    "billing_invoiceline",
    "billing_documentnumber",
    "billing_linevariance",
    "billing_customervariance",
    "charges_charge",
    "charges_chargespan",
    "deliveries_delivery",
    "deliveries_mail",
    "parties_billingcustomer",
    "parties_client",
    "charges_chargeevent",
    "parties_billingcustomerevent",
    "parties_clientevent",
}
# What is known to read more, and why (decision 0087).
READS_ALL = {
    "/runs/{in_review}/authorise",  # whose e-mails, and which series, is read from the drafts
    "/exceptions/leakage",  # up to ten thousand are counted, each with who pays
    "/exceptions/leakage/amounts",  # a step rates the charges of a thousand payers
    "/api/v1/exceptions/leakage",
    f"/definitions/typed?{addresses.TYPED}",  # of how many charges so many are counted is said, so these are counted
    "/invoices/?state=kept",  # drafts over 0.00 are looked for among the drafts of runs in review
    "/invoices/?state=issued&since=2026-01-01&until=2026-01-31",  # an index of ranges of pages, and here are few pages
    "/invoices/?q=INV-2026-0000",  # here every number begins so
}


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)
    monkeypatch.setattr(finding, "FEW", FEW)
    monkeypatch.setattr(run_customers, "FEW", FEW)
    monkeypatch.setattr(counting, "EXACT_UP_TO", FEW)
    monkeypatch.setattr(counting, "LOOKED_AT", LOOKED_AT)
    monkeypatch.setattr(line_filters, "MOST_LOOKED_THROUGH", LOOKED_AT)


@pytest.fixture
def desk(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Store two months of a bureau, and tell the planner that every row is dear."""
    monkeypatch.setattr("counterfoil.flows.billing.reconcile.DOCUMENTS_ADDED_UP_WHILE_WAITING", 100)
    made = fill_desk(charges=CHARGES)
    with connection.cursor() as cursor:
        cursor.execute(PLANNED_AS_WHERE_THERE_ARE_MANY)
    yield made
    with connection.cursor() as cursor:
        cursor.execute("RESET ALL")


def test_nothing_reads_everything_and_no_page_asks_much(desk: Desk, signed_in: Callable[..., Client]) -> None:
    places = desk.places()
    browser, program = signed_in(Role.ADMINISTRATOR), _program()
    asked = [(browser, address) for _name, address in addresses.pages(**places)]
    asked += [(program, f"/api/v1{address}") for _name, address in addresses.api(**places)]
    known = {address.format(**places) for address in READS_ALL}
    many, much = {}, {}
    for client, address in asked:
        queries = _queries_of(client, address)
        if len(queries) > MOST_QUERIES:
            many[address] = len(queries)
        read = {} if address in known else _most_read(queries)
        if read:
            much[address] = read
    assert many == {}
    assert [f"{address}: {read}" for address, read in much.items()] == []


def _program() -> Client:
    user = User.objects.create_user("erp", role=Role.ADMINISTRATOR)
    ends = now() + timedelta(days=1)
    _token, secret = create_token(user=user, name="ERP", scopes=tuple(SCOPES), expires_at=ends, now=now())
    return Client(headers={"Authorization": f"Bearer {secret}"})


def _queries_of(client: Client, address: str) -> list[tuple[str, Any]]:
    """Return the queries, with their values, by which *address* is answered."""
    found: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, values: Any, *more: Any) -> Any:
        found.append((sql, values))
        return execute(sql, values, *more)

    client.get(address)
    with connection.execute_wrapper(note):
        assert client.get(address).status_code == 200, address
    return found


def _most_read(queries: list[tuple[str, Any]]) -> dict[str, int]:
    """Return how many rows of each large table one of *queries* reads, where that are too many."""
    most: dict[str, int] = {}
    for asked, values in queries:
        sql = COUNTED.sub("", asked)
        if not sql.lstrip("( \n-").upper().startswith(("SELECT", "WITH")) and "SELECT" not in sql[:200]:
            continue
        if sql.startswith(("EXPLAIN", "UPDATE", "INSERT", "DELETE", "SAVEPOINT", "RELEASE")):
            continue
        for table, rows in _read_by(sql, values).items():
            if rows > MOST_READ:
                most[table] = max(most.get(table, 0), rows)
    return most


def _read_by(sql: str, values: Any) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        [[plan]] = cursor.fetchall()
    plan = json.loads(plan) if isinstance(plan, str) else plan
    read: dict[str, int] = {}
    nodes = [plan[0]["Plan"]]
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        table = node.get("Relation Name")
        if table in LARGE:
            gone = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
            read[table] = read.get(table, 0) + int((node["Actual Rows"] + gone) * node["Actual Loops"])
    return read
