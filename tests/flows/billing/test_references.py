"""The database refuses hot rows that refer to nothing, however their references lie (decision 0003)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from counterfoil.records.billing.models import InvoiceLine
from counterfoil.records.charges.models import Charge
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)

# Further lines like the first one, each of a charge in the array.
FURTHER_LINES = """
INSERT INTO billing_invoiceline
SELECT (jsonb_populate_record(line, jsonb_build_object(
    'id', newest.id + of_charge.no, 'line_no', 1000 + of_charge.no, 'charge_id', of_charge.id))).*
FROM billing_invoiceline AS line, unnest(%s::bigint[]) WITH ORDINALITY AS of_charge(id, no),
    (SELECT max(id) AS id FROM billing_invoiceline) AS newest
WHERE line.id = %s
"""


@pytest.fixture
def charges() -> list[int]:
    """Bill charges with ids in a row, and return the ids."""
    build.organisation()
    ids = [build.charge().pk for _ in range(5)]
    build.run()
    return ids


def add_lines(charges: list[int]) -> int:
    line = InvoiceLine.objects.order_by("pk").first()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FURTHER_LINES, [charges, line.pk])
        return cursor.rowcount


def test_references_in_a_row_are_taken(charges: list[int]) -> None:
    assert add_lines(charges) == 5


def test_references_with_holes_between_them_are_taken(charges: list[int]) -> None:
    spare = build.charge().pk
    last = build.charge().pk
    Charge.objects.get(pk=spare).span.delete()
    Charge.objects.get(pk=spare).delete()
    assert add_lines([charges[0], last]) == 2


def test_references_far_apart_are_taken(charges: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('charges_charge', 'id'), 5000000)")
    assert add_lines([charges[0], build.charge().pk]) == 2


@pytest.mark.parametrize("beyond", [1, 5_000_000, 2**62])
def test_a_reference_beyond_the_last_is_refused(charges: list[int], beyond: int) -> None:
    with pytest.raises(IntegrityError, match="refers to a charges_charge that does not exist"):
        add_lines([*charges, charges[-1] + beyond])


def test_a_reference_into_a_hole_is_refused(charges: list[int]) -> None:
    spare = build.charge().pk
    last = build.charge().pk
    Charge.objects.get(pk=spare).span.delete()
    Charge.objects.get(pk=spare).delete()
    with pytest.raises(IntegrityError, match="refers to a charges_charge that does not exist"):
        add_lines([charges[0], spare, last])


def test_a_reference_that_is_not_set_is_none(charges: list[int]) -> None:
    assert InvoiceLine.objects.filter(event_charge=None, refers_to=None).count() == 5
