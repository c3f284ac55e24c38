"""Figures over many runs, through the API and on the command line: the same ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from counterfoil.clock import today
from counterfoil.commands import figures
from counterfoil.flows.billing import issue
from counterfoil.records.organisation.models import Branch
from tests import build
from tests.api.conftest import MakeProgram

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_was_issued_and_what_is_due(program: MakeProgram, capsys: Any) -> None:
    build.organisation()
    day = today("UTC")
    first = day.replace(day=1)
    build.charge(starts_on=first)
    run = build.run(cutoff=first)
    issue.authorise(run.pk, by=None, now=build.NOW)
    issue.issue(run.pk, today=day, now=build.now)
    erp = program()
    [revenue] = erp.get("/figures/revenue").json()["revenue"]
    assert revenue == {
        "month": str(first),
        "key": "service",
        "name": "Service",
        "currency": "EUR",
        "net": "30.00",
    }
    [direct] = erp.get("/figures/revenue", by="dealer", months=1).json()["revenue"]
    assert (direct["key"], direct["name"], direct["net"]) == ("", "Direct", "30.00")
    monthly = erp.get("/figures/revenue", by="dealer", measure="monthly").json()["revenue"]
    assert monthly == [{**direct, "net": "30.00"}]
    ages = erp.get("/figures/due").json()["due"]
    assert [(age["documents"], age["gross"]) for age in ages if age["documents"]] == [(1, "36.90")]  # × 1.23
    assert erp.get("/figures/revenue", by="nonsense").status_code == 422
    assert erp.get("/figures/revenue", months=0).status_code == 422
    west = Branch.objects.create(organisation_id=1, code="west", name="West")
    assert program(branches=[west]).get("/figures/revenue").json() == {"revenue": []}

    figures.revenue(by="kind", months=13, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"revenue": [revenue]}
    figures.revenue(by="kind", months=13, monthly=True, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"revenue": [revenue]}
    figures.due(as_json=True)
    assert json.loads(capsys.readouterr().out) == {"due": ages}
    figures.revenue(by="dealer", months=1, as_json=False)
    assert "Direct" in capsys.readouterr().out
    with pytest.raises(figures.NoSuchView, match="Say --by kind or --by dealer"):
        figures.revenue(by="cheese", months=1, as_json=False)
