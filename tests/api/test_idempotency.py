"""Idempotency keys: one key, one request, one answer, done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from counterfoil.clock import now
from counterfoil.flows.answering import KEPT_FOR, forget_old_answers
from counterfoil.records.billing.models import BatchDefinition, Run
from counterfoil.records.organisation.models import ApiAnswer
from tests import build
from tests.api.conftest import MakeProgram, problem_of

pytestmark = pytest.mark.django_db

JUNE_RUN = {"definition": "all", "cutoff": "2026-06-01", "invoice_date": "2026-06-01"}


@pytest.fixture(autouse=True)
def _bureau() -> None:
    build.organisation()
    BatchDefinition.objects.create(name="all", title="All services", kinds=["service"])
    build.charge()


def test_the_same_request_again_is_answered_the_same_and_done_once(program: MakeProgram) -> None:
    erp = program()
    first, again = (erp.post("/runs", JUNE_RUN, key="june") for _ in range(2))
    assert first.status_code == again.status_code == 202
    assert first.content == again.content
    assert Run.objects.count() == 1


def test_another_body_with_the_same_key_is_refused(program: MakeProgram) -> None:
    erp = program()
    erp.post("/runs", JUNE_RUN, key="june")
    other = erp.post("/runs", JUNE_RUN | {"cutoff": "2026-07-01"}, key="june")
    assert problem_of(other) == (422, "key-used-otherwise")
    assert Run.objects.count() == 1


def test_another_address_with_the_same_key_is_refused(program: MakeProgram) -> None:
    erp = program()
    run = erp.post("/runs", JUNE_RUN, key="june").json()["id"]
    answer = erp.post(f"/runs/{run}/abandon", {"reason": "wrong month"}, key="june")
    assert problem_of(answer) == (422, "key-used-otherwise")


def test_another_key_and_another_token_are_another_request(program: MakeProgram) -> None:
    erp = program()
    for key in ("one", "two"):
        erp.post("/runs", JUNE_RUN, key=key)
    program().post("/runs", JUNE_RUN, key="one")
    assert Run.objects.count() == 3


def test_a_refused_request_leaves_its_key_free(program: MakeProgram) -> None:
    erp = program()
    run = erp.post("/runs", JUNE_RUN).json()["id"]
    refused = erp.post(f"/runs/{run}/authorise", key="authorise-june")
    assert problem_of(refused) == (409, "run-not-in-review")
    assert ApiAnswer.objects.count() == 0


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ"])
def test_a_key_that_cannot_be_one_is_refused(program: MakeProgram, key: Any) -> None:
    assert problem_of(program().post("/runs", JUNE_RUN, key=key)) == (422, "wrong-key")
    assert Run.objects.count() == 0


def test_answers_are_forgotten_after_a_week(program: MakeProgram) -> None:
    program().post("/runs", JUNE_RUN, key="june")
    assert forget_old_answers(now=now() + KEPT_FOR - timedelta(hours=1)) == 0
    assert forget_old_answers(now=now() + KEPT_FOR + timedelta(hours=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_request_from_many_sides_at_once_is_done_once(program: MakeProgram) -> None:
    erp = program()

    def send(_number: int) -> bytes:
        try:
            return erp.post("/runs", JUNE_RUN, key="june").content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=4) as threads:
        answers = set(threads.map(send, range(8)))
    assert len(answers) == 1
    assert Run.objects.count() == 1
