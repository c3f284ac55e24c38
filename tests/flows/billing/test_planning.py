"""How charges are shared out over shards: whole customers, in order, and nobody's by themselves."""

from __future__ import annotations

import pytest

from counterfoil.flows.billing.load import plan_shards
from counterfoil.records.parties.models import BillingCustomer
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _organisation() -> None:
    build.organisation()


def shards(size: int) -> list[tuple[list[int], int]]:
    """Return whose charges each shard holds, and how many; [] is nobody's."""
    customers = sorted(BillingCustomer.objects.values_list("id", flat=True))
    return [
        (
            [one for one in customers if (shard.first_customer or 0) <= one <= (shard.last_customer or 0)],
            shard.charges,
        )
        for shard in plan_shards(shard_charges=size)
    ]


def test_without_charges_there_is_no_shard() -> None:
    assert shards(10) == []


def test_neighbours_share_a_shard() -> None:
    payers = [build.charge().client.customer_id for _ in range(3)]
    assert shards(10) == [(payers, 3)]


def test_where_neighbours_are_more_than_a_shard_they_are_parted() -> None:
    one, two, three = (build.charge().client.customer_id for _ in range(3))
    assert shards(1) == [([one], 1), ([two], 1), ([three], 1)]


def test_a_customer_is_never_split() -> None:
    client = build.client()
    for _ in range(3):
        build.charge(client=client)
    assert shards(1) == [([client.customer_id], 3)]


def test_what_nobody_pays_is_a_shard_of_its_own_and_the_last() -> None:
    payer = build.charge().client.customer_id
    build.charge(client=build.client(customer=None))
    assert shards(1) == [([payer], 1), ([], 1)]


def test_who_pays_is_the_charges_customer_before_its_clients() -> None:
    other = build.customer()
    build.charge(customer=other)
    build.charge(customer=other)
    assert shards(1) == [([other.pk], 2)]
