"""What no definition selects, through the API."""

from __future__ import annotations

import pytest

from counterfoil.clock import today
from counterfoil.records.billing.models import BatchDefinition
from counterfoil.records.organisation.models import Branch
from tests import build
from tests.api.conftest import MakeProgram

pytestmark = pytest.mark.django_db(transaction=True)


def test_charges_and_events_that_leak_with_their_amounts(program: MakeProgram) -> None:
    build.organisation()
    first = today("UTC").replace(day=1)
    for key in ("A", "B"):
        build.charge(key=key, starts_on=first)
    build.event(kind="dispatch", key="E1")
    erp = program()
    page = erp.get("/exceptions/leakage", limit=1).json()
    assert [(one["charge"], one["kind"], one["payer"], one["net"]) for one in page["items"]] == [
        ("A", "service", "direct", "30.00")
    ]
    rest = erp.get("/exceptions/leakage", cursor=page["next_cursor"]).json()
    assert [(one["charge"], one["currency"], one["problem"]) for one in rest["items"]] == [("B", "EUR", "")]
    [event] = erp.get("/exceptions/leakage/events").json()["items"]
    assert (event["charge"], event["event"], event["branch"], event["net"]) == (None, "E1", "main", "30.00")
    west = Branch.objects.create(organisation_id=1, code="west", name="West")
    assert program(branches=[west]).get("/exceptions/leakage").json()["items"] == []
    BatchDefinition.objects.create(name="all", title="All", kinds=["service"])
    assert erp.get("/exceptions/leakage").json() == {"items": [], "next_cursor": None}
