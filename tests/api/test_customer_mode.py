"""The customer mode through the API: shown, a move foreseen, done and undone, by an administrator alone."""

from __future__ import annotations

import pytest

from counterfoil.records.organisation.models import Role
from tests.api.conftest import MakeProgram, problem_of
from tests.flows.paying.bureau import legacy_bureau

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_move_is_foreseen_done_and_undone(program: MakeProgram) -> None:
    legacy_bureau()
    erp = program()
    assert erp.get("/customer-mode").json() == {"mode": "legacy", "moved_at": None, "can_be_undone": False}
    foreseen = erp.post("/customer-mode/preview", {"to": "standard"}).json()
    assert foreseen["is_possible"] is True
    assert [(one["definition"], one["is_same"]) for one in foreseen["compared"]] == [
        ("service-dealer", True),
        ("service-direct", True),
    ]
    assert problem_of(erp.post("/customer-mode/preview", {"to": "legacy"})) == (409, "in-that-mode-already")
    wanted = {"to": "standard", "reason": "Customers pay for several sites"}
    done = erp.post("/customer-mode/move", wanted, key="k1")
    assert (done.status_code, erp.post("/customer-mode/move", wanted, key="k1").json()) == (200, done.json())
    assert erp.get("/customer-mode").json()["can_be_undone"] is True
    assert erp.post("/customer-mode/undo").json()["to"] == "legacy"
    assert erp.get("/customer-mode").json()["mode"] == "legacy"
    assert program(Role.BILLER).post("/customer-mode/undo").status_code == 403


def test_charges_and_master_charges_are_marked(program: MakeProgram) -> None:
    legacy_bureau()
    erp = program()
    [charge] = erp.get("/charges", key="K1").json()["items"]
    assert (charge["paid_by"], charge["customer"]) == ("", None)
    assert erp.patch(f"/charges/{charge['id']}", {"paid_by": "dealer"}).json()["paid_by"] == "dealer"
    assert problem_of(erp.patch(f"/charges/{charge['id']}", {"paid_by": "both"})) == (422, "invalid")
    assert problem_of(erp.patch(f"/charges/{charge['id']}", {"customer": "A-S1"})) == (422, "invalid")
    [master] = erp.get("/master-charges", code="MON").json()["items"]
    assert erp.patch(f"/master-charges/{master['id']}", {"paid_by": "dealer"}).json()["paid_by"] == "dealer"
