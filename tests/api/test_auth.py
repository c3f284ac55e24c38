"""Who gets in: tokens, their end, their scopes, and the role and branches of their user."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from counterfoil.clock import now
from counterfoil.records.billing.models import BatchDefinition, Run
from counterfoil.records.organisation.actions import revoke_tokens
from counterfoil.records.organisation.models import ApiToken, Branch, Role
from tests import build
from tests.api.conftest import MakeProgram, problem_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer cf_00000000_wrong", "Basic YTpi"])
def test_without_a_valid_token_nobody_gets_in(header: str) -> None:
    answer = Client().get("/api/v1/customers", headers={"Authorization": header} if header else {})
    assert problem_of(answer) == (401, "unauthorised")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_valid_token_gets_in_and_its_use_is_noted(program: MakeProgram) -> None:
    erp = program(Role.VIEWER)
    answer = erp.get("/customers")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert ApiToken.objects.get(pk=erp.token.pk).last_used_at is not None


def test_the_secret_is_not_stored(program: MakeProgram) -> None:
    erp = program()
    stored = ApiToken.objects.values().get(pk=erp.token.pk)
    assert erp.secret not in str(stored)
    assert erp.secret.startswith(stored["prefix"] + "_")
    assert len(stored["token_hash"]) == 64


def test_an_expired_token_is_refused(program: MakeProgram) -> None:
    erp = program()
    ApiToken.objects.filter(pk=erp.token.pk).update(expires_at=now() - timedelta(seconds=1))
    assert problem_of(erp.get("/customers")) == (401, "unauthorised")


def test_a_revoked_token_is_refused(program: MakeProgram) -> None:
    erp = program()
    assert revoke_tokens([erp.token], now=now()) == 1
    assert problem_of(erp.get("/customers")) == (401, "unauthorised")


def test_the_token_of_somebody_who_left_is_refused(program: MakeProgram) -> None:
    erp = program()
    erp.token.user.is_active = False
    erp.token.user.save(update_fields=["is_active"])
    assert problem_of(erp.get("/customers")) == (401, "unauthorised")


def test_a_session_is_no_token(client: Client, program: MakeProgram) -> None:
    client.force_login(program().token.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert problem_of(client.get("/api/v1/customers")) == (401, "unauthorised")


def test_a_scope_that_is_missing_is_named(program: MakeProgram) -> None:
    answer = program(scopes=["clients:read"]).get("/customers")
    assert problem_of(answer) == (403, "forbidden")
    assert answer["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="customers:read"'


def test_a_scope_gives_no_more_than_the_role(program: MakeProgram) -> None:
    answer = program(Role.VIEWER).post("/runs", {"definition": "x", "cutoff": "2026-06-01"})
    assert problem_of(answer) == (403, "forbidden")
    assert "lacks the role biller" in answer.json()["detail"]


def test_a_program_sees_the_branches_of_its_user(program: MakeProgram) -> None:
    north = Branch.objects.create(code="NORTH", name="North")
    here, there = build.customer(), build.customer(branch=north)
    limited = program(branches=[north])
    assert [row["account"] for row in limited.get("/customers").json()["items"]] == [there.account]
    assert problem_of(limited.get(f"/customers/{here.pk}")) == (404, "not-found")
    assert len(program().get("/customers").json()["items"]) == 2


def test_the_audit_trail_says_whose_token_it_was(program: MakeProgram) -> None:
    BatchDefinition.objects.create(name="all", title="All services", kinds=["service"])
    erp = program()
    run = erp.post("/runs", {"definition": "all", "cutoff": "2026-06-01"}).json()["id"]
    event = Run.pgh_event_model.objects.get(pgh_obj_id=run)
    assert event.pgh_context.metadata == {"user": erp.token.user_id, "url": "/api/v1/runs"}


def test_using_a_token_leaves_no_event(program: MakeProgram) -> None:
    erp = program()
    erp.get("/customers")
    assert ApiToken.pgh_event_model.objects.filter(pgh_obj_id=erp.token.pk).count() == 1
