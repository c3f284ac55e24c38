"""What the API's tests share: programs with a token of their own, and the work that they queue."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from counterfoil.clock import now
from counterfoil.records.organisation.actions import create_token
from counterfoil.records.organisation.models import ApiToken, Branch, Role, User
from counterfoil.records.organisation.scopes import SCOPES

ROOT = "/api/v1"


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program that calls the API with one token."""

    token: ApiToken
    secret: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def get(self, address: str, **parameters: Any) -> HttpResponse:
        """Ask for *address*, below /api/v1."""
        return self.client.get(ROOT + address, parameters, headers=self._headers())

    def post(self, address: str, body: Any = None, *, key: str | None = None) -> HttpResponse:
        """Send *body* as JSON, nothing if None, with an idempotency *key*."""
        headers = self._headers() | ({"Idempotency-Key": key} if key is not None else {})
        sent = "" if body is None else json.dumps(body)
        return self.client.post(ROOT + address, sent, content_type="application/json", headers=headers)

    def patch(self, address: str, body: Any, *, key: str | None = None) -> HttpResponse:
        """Send *body* as changes of what is at *address*."""
        headers = self._headers() | ({"Idempotency-Key": key} if key is not None else {})
        return self.client.patch(
            ROOT + address, json.dumps(body), content_type="application/json", headers=headers
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}


MakeProgram = Callable[..., Program]


@pytest.fixture
def program() -> MakeProgram:
    """Return a function that makes a program: of a person with a role, for scopes, limited to branches."""

    def make(
        role: Role = Role.ADMINISTRATOR,
        *,
        scopes: Sequence[str] = tuple(SCOPES),
        branches: Sequence[Branch] = (),
        days: int = 1,
    ) -> Program:
        number = User.objects.count()
        user = User.objects.create_user(f"{role.value}{number}", role=role)
        user.branches.set(branches)
        moment = now()
        token, secret = create_token(
            user=user, name="ERP", scopes=scopes, expires_at=moment + timedelta(days=days), now=moment
        )
        return Program(token=token, secret=secret)

    return make


def problem_of(answer: HttpResponse) -> tuple[int, str]:
    """Return the status and the code of a problem, having looked at its form."""
    body = json.loads(answer.content)
    assert answer["Content-Type"] == "application/problem+json"
    assert body["status"] == answer.status_code
    assert set(body) <= {"type", "title", "status", "detail", "errors"}
    return answer.status_code, body["type"].removeprefix("urn:counterfoil:problem:")
