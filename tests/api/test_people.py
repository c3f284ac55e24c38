"""Users, tokens and branches over the API."""

from __future__ import annotations

import pytest

from counterfoil.records.organisation.models import Branch, Role, User
from tests import build
from tests.api.conftest import MakeProgram, problem_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def test_a_user_is_added_without_a_password_changed_and_switched_off(program: MakeProgram) -> None:
    erp = program()
    sent = {"username": "noor", "role": "biller", "email": "noor@example.com", "branches": ["main"]}
    made = erp.post("/users", sent, key="one")
    assert made.status_code == 201
    assert (made.json()["branches"], made.json()["is_active"]) == (["main"], True)
    assert erp.post("/users", sent, key="one").json() == made.json()
    noor = User.objects.get(username="noor")
    assert not noor.has_usable_password()
    changed = erp.patch(f"/users/{noor.pk}", {"role": "approver", "branches": []}).json()
    assert (changed["role"], changed["branches"], changed["email"]) == ("approver", [], "noor@example.com")
    assert erp.post(f"/users/{noor.pk}/switch-off").json()["is_active"] is False
    assert erp.post(f"/users/{noor.pk}/switch-on").json()["is_active"] is True
    assert [one["username"] for one in erp.get("/users", role="approver").json()["items"]] == ["noor"]
    assert erp.get(f"/users/{noor.pk}").json()["username"] == "noor"


def test_what_cannot_be_stored_is_a_problem(program: MakeProgram) -> None:
    erp = program()
    assert problem_of(erp.post("/users", {"username": "no blanks", "role": "viewer"})) == (
        422,
        "wrong-username",
    )
    answer = erp.post("/users", {"username": "x", "role": "viewer", "branches": ["X"]})
    assert problem_of(answer) == (422, "no-such-branch")
    own = erp.token.user_id
    assert problem_of(erp.patch(f"/users/{own}", {})) == (422, "nothing-to-change")
    assert problem_of(erp.patch(f"/users/{own}", {"role": "viewer"})) == (409, "own-role-is-kept")
    assert problem_of(erp.post(f"/users/{own}/switch-off")) == (409, "own-account-stays-on")


def test_tokens_are_listed_without_their_secret_and_revoked(program: MakeProgram) -> None:
    erp, other = program(), program(Role.VIEWER)
    listed = erp.get("/tokens").json()["items"]
    assert [one["prefix"] for one in listed] == [erp.token.prefix, other.token.prefix]
    assert other.secret not in str(listed)
    assert erp.post(f"/tokens/{other.token.prefix}/revoke").json()["revoked_at"] is not None
    assert problem_of(other.get("/customers")) == (401, "unauthorised")
    assert problem_of(erp.post("/tokens/cf_nobody/revoke")) == (409, "no-such-token")


def test_branches_are_added_changed_and_seen_as_far_as_one_is_limited(program: MakeProgram) -> None:
    erp = program()
    made = erp.post("/branches", {"code": "DUB", "name": "Dublin", "email": "dublin@example.com"})
    assert (made.status_code, made.json()["city"]) == (201, "")
    changed = erp.patch(f"/branches/{made.json()['id']}", {"city": "Dublin 4"}).json()
    assert (changed["code"], changed["name"], changed["city"]) == ("DUB", "Dublin", "Dublin 4")
    assert problem_of(erp.post("/branches", {"code": "DUB", "name": "Again"})) == (422, "wrong-branch")
    assert problem_of(erp.patch("/branches/999", {"name": "x"})) == (404, "not-found")
    limited = program(Role.VIEWER, branches=[Branch.objects.get(code="DUB")])
    assert [one["code"] for one in limited.get("/branches").json()["items"]] == ["DUB"]
