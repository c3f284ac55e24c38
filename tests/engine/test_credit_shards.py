"""Which charges a credit run does together (billing-rules 6.4)."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.engine.credit_shards import credit_shards

PAYERS = {"charge_id": pl.Int64, "customer_id": pl.Int64}


def shards(payers: dict[int, int | None], billed: list[tuple[int, int]], size: int) -> list[list[int]]:
    """Return the shards for charges by who pays now, and (charge, customer) as billed."""
    return credit_shards(
        charges=pl.DataFrame(list(payers.items()), schema=PAYERS, orient="row"),
        billed=pl.DataFrame(billed, schema=PAYERS, orient="row"),
        shard_charges=size,
    )


def test_charges_go_by_the_customer_they_were_billed_to() -> None:
    """Charges 1 and 2 stand on invoices of customer 7, whoever pays for 2 now; charge 3 was billed to 8."""
    assert shards({1: 7, 2: 9, 3: 8}, [(1, 7), (2, 7), (3, 8)], size=1) == [[1, 2], [3]]


def test_customers_with_a_charge_in_common_are_done_together() -> None:
    """Charge 2 was billed to 7 and then to 9, so an invoice of 9 may have charge 3 as well; 8 stands alone."""
    assert shards({1: 7, 2: 9, 3: 9, 4: 8}, [(1, 7), (2, 7), (2, 9), (3, 9), (4, 8)], size=1) == [
        [1, 2, 3],
        [4],
    ]


def test_what_was_never_billed_goes_by_its_payer_and_nobody_comes_first() -> None:
    """Charge 1 has no payer; all that fits goes into one shard."""
    assert shards({1: None, 2: 5}, [], size=1) == [[1], [2]]
    assert shards({1: None, 2: 5}, [], size=2) == [[1, 2]]


@given(
    billed=st.lists(st.tuples(st.integers(1, 30), st.integers(1, 12)), unique=True),
    size=st.integers(1, 5),
)
def test_no_customer_is_in_two_shards_and_every_charge_is_in_one(
    billed: list[tuple[int, int]], size: int
) -> None:
    """Rule 6.4, whoever was billed for what."""
    payers: dict[int, int | None] = dict.fromkeys(range(1, 31), 1)
    found = shards(payers, billed, size)
    assert sorted(charge for shard in found for charge in shard) == sorted(payers)
    shard_of = {charge: number for number, shard in enumerate(found) for charge in shard}
    customers = {(customer, shard_of[charge]) for charge, customer in billed}
    assert len(customers) == len({customer for customer, _shard in customers})
