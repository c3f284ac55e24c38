"""What every answer carries, and what the log says about it."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
from django.test import Client

from counterfoil.project.logging import JsonFormatter, RequestIdFilter, TextFormatter, request_id


def test_an_answer_has_an_id_and_a_policy_for_the_browser() -> None:
    answer = Client().get("/healthz")
    assert re.fullmatch(r"[0-9a-f]{16}", answer["X-Request-ID"])
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["script-src"] == "'self'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_proxys_id_is_kept_when_it_is_harmless() -> None:
    assert Client().get("/healthz", headers={"X-Request-ID": "proxy-0001"})["X-Request-ID"] == "proxy-0001"
    forged = Client().get("/healthz", headers={"X-Request-ID": "line one\\nline two"})
    assert forged["X-Request-ID"] != "line one\\nline two"


def test_a_stranger_to_the_host_name_is_refused() -> None:
    assert Client(SERVER_NAME="elsewhere.example").get("/accounts/login/").status_code == 400


@pytest.mark.django_db
def test_readiness_is_the_databases() -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ready\n")


def _record(**facts: Any) -> logging.LogRecord:
    record = logging.makeLogRecord(
        {
            "name": "counterfoil.test",
            "levelno": logging.INFO,
            "levelname": "INFO",
            "msg": "stored",
            "created": 0,
            **facts,
        }
    )
    RequestIdFilter().filter(record)
    return record


def test_a_log_line_names_the_request_and_the_facts() -> None:
    token = request_id.set("job-7")
    line = TextFormatter().format(_record(invoices=12))
    request_id.reset(token)
    assert line == "1970-01-01T00:00:00.000+00:00 info [job-7] counterfoil.test: stored invoices=12"


def test_a_log_line_for_machines_is_one_object() -> None:
    assert json.loads(JsonFormatter().format(_record(invoices=12))) == {
        "time": "1970-01-01T00:00:00.000+00:00",
        "level": "info",
        "logger": "counterfoil.test",
        "request": "-",
        "message": "stored",
        "invoices": 12,
    }
