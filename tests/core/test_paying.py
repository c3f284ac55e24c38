"""Who pays in either customer mode (product B1, B2)."""

from __future__ import annotations

import pytest

from counterfoil.core.paying import CustomerMode, PaidBy, Paying, who_pays


@pytest.mark.parametrize(
    ("assigned", "of_client", "of_dealer", "expected"),
    [
        (None, None, None, (None, False)),
        (None, None, "D", (None, False)),
        (None, "C", "D", ("C", False)),
        ("D", "C", "D", ("D", True)),
        ("D", "C", None, ("D", False)),
        (None, "D", "D", ("D", True)),
        ("X", "C", "D", ("X", False)),
    ],
)
@pytest.mark.parametrize("mark", PaidBy)
def test_in_standard_mode_the_customer_assigned_or_the_clients_pays_whatever_the_mark(
    assigned: str | None,
    of_client: str | None,
    of_dealer: str | None,
    expected: tuple[str, bool],
    mark: PaidBy,
) -> None:
    found = who_pays(
        mode=CustomerMode.STANDARD,
        assigned=assigned,
        of_client=of_client,
        of_dealer=of_dealer,
        paid_by=mark,
    )
    assert found == Paying(customer=expected[0], by_dealer=expected[1])


@pytest.mark.parametrize("assigned", [None, "X"])
@pytest.mark.parametrize("of_client", [None, "C"])
@pytest.mark.parametrize("of_dealer", [None, "D"])
def test_in_legacy_mode_the_mark_alone_says_whose_account_is_invoiced(
    assigned: str | None, of_client: str | None, of_dealer: str | None
) -> None:
    accounts = {"assigned": assigned, "of_client": of_client, "of_dealer": of_dealer}
    direct = who_pays(mode=CustomerMode.LEGACY, paid_by=PaidBy.DIRECT, **accounts)
    dealer = who_pays(mode=CustomerMode.LEGACY, paid_by=PaidBy.DEALER, **accounts)
    assert direct == Paying(customer=of_client, by_dealer=False)
    assert dealer == Paying(customer=of_dealer, by_dealer=True)
