"""Which charges a credit run does together, so that every original invoice gets one credit note (billing-rules 6.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

NOBODY = 0
"""Stands for no payer; ids of customers begin at 1."""


def credit_shards(*, charges: pl.DataFrame, billed: pl.DataFrame, shard_charges: int) -> list[list[int]]:
    """Return the charges of each shard, about *shard_charges* each, in the order of their customers.

    *charges* have `charge_id` and `customer_id`, who pays now; *billed* the same columns, a row for each customer
    whom lines of a charge were billed to. Charges that were billed to the same customers, however far around, are
    done together: none of their invoices is credited by two shards. A charge that was never billed goes by its payer.
    """
    customers: dict[int, list[int]] = {}
    for charge_id, customer_id in billed.select("charge_id", "customer_id").iter_rows():
        customers.setdefault(charge_id, []).append(customer_id)
    for charge_id, customer_id in charges.select("charge_id", "customer_id").iter_rows():
        customers.setdefault(charge_id, [customer_id or NOBODY])
    firsts = _firsts(customers.values())
    by_first: dict[int, list[int]] = {}
    for charge_id in sorted(customers):
        by_first.setdefault(firsts[customers[charge_id][0]], []).append(charge_id)
    shards: dict[int, list[int]] = {}
    before = 0
    for first in sorted(by_first):
        shards.setdefault(before // shard_charges, []).extend(by_first[first])
        before += len(by_first[first])
    return list(shards.values())


def _firsts(groups: Iterable[Sequence[int]]) -> dict[int, int]:
    """Return for every customer in *groups* the first of all that it is connected with by them."""
    towards: dict[int, int] = {}

    def first_of(customer: int) -> int:
        while (nearer := towards.setdefault(customer, customer)) != customer:
            towards[customer] = towards[nearer]
            customer = nearer
        return customer

    for group in groups:
        firsts = [first_of(customer) for customer in group]
        for first in firsts:
            towards[first] = min(firsts)
    return {customer: first_of(customer) for customer in list(towards)}
