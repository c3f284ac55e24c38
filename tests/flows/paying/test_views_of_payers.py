"""The two views of who pays, by payer and by charge, say the same of every charge in either mode."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.flows.paying import bureau

TOLD = "SELECT charge_id, payer_id, by_dealer, paid_by FROM {view} ORDER BY charge_id"


def _told(view: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(TOLD.format(view=view))
        return cursor.fetchall()


@pytest.mark.django_db
@pytest.mark.parametrize("mode", [bureau.LEGACY, bureau.STANDARD])
def test_both_views_say_who_pays(mode: str) -> None:
    bureau.legacy_bureau()
    bureau.mode(mode)
    told = _told("charges_charge_who_pays")
    assert told == _told("charges_charge_and_payer")
    assert {row[3] for row in told} == ({"direct", "dealer"} if mode == bureau.LEGACY else {None})
