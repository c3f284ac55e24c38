"""What a shard reads it finds by index, all of it: one table read whole makes all ways look alike to the planner."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.db import connection

from benchmarks.bureau import fill
from counterfoil.flows.billing import load
from counterfoil.flows.billing.selection import Selection
from counterfoil.records.catalog.models import Kind
from counterfoil.records.copying import copy_out
from counterfoil.records.organisation.models import Organisation

FORBIDDEN = 1e10
"""What `enable_seqscan = off` adds to the cost of reading a whole table."""


@pytest.mark.parametrize("mode", ["standard", "legacy"])
@pytest.mark.django_db(transaction=True)
def test_no_query_of_a_shard_reads_a_table_whole(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    fill(charges=200)
    Organisation.objects.update(customer_mode=mode)
    costs: dict[str, float] = {}

    def plan_and_read(*, sql_file: Path, parameters: Mapping[str, object]) -> bytes:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql_file.read_text()}", parameters)
            [[plan]] = cursor.fetchall()
        plan = json.loads(plan) if isinstance(plan, str) else plan
        if "first_customer" in parameters:  # others read a small table, and nothing else
            costs[sql_file.stem] = plan[0]["Plan"]["Total Cost"]
        return copy_out(sql_file=sql_file, parameters=parameters)

    monkeypatch.setattr(load, "copy_out", plan_and_read)
    # Also what there is none of here.
    names = load.what_there_is()
    monkeypatch.setattr(load, "what_there_is", lambda: dict.fromkeys(names, True))
    monkeypatch.setattr(load, "_any_edge_in_part", lambda _charges: True)
    shard = load.ShardRange(number=1, first_customer=1, last_customer=50, charges=100)
    with load.reading(None):
        load.load_shard(shard, selection=Selection(kinds=tuple(Kind.values)))
    assert len(costs) >= 12
    assert {name: cost for name, cost in costs.items() if cost >= FORBIDDEN} == {}
