"""A number and its noun."""

from counterfoil.core.nouns import counted


def test_one_is_one_and_all_others_are_many() -> None:
    assert [counted(n, "invoice", "invoices") for n in (0, 1, 2, 1240)] == [
        "0 invoices",
        "1 invoice",
        "2 invoices",
        "1,240 invoices",
    ]
