"""How many rows match: exact up to 10,000, beyond that estimated, and said so."""

from __future__ import annotations

import pytest
from babel import Locale
from django.db import connection
from django.db.models import Subquery

from counterfoil.records.organisation.models import Branch
from counterfoil.web.lists import counting
from counterfoil.web.lists.counting import Count, count_of
from tests.web import bureau

IRISH = Locale("en", "IE")


def test_a_short_list_is_counted(db: None) -> None:
    bureau.organisation()
    Branch.objects.bulk_create([Branch(code=f"B{number}", name="Branch") for number in range(3)])
    assert count_of(Branch.objects.order_by("name")) == Count(3)


def test_a_long_list_is_estimated(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    bureau.organisation()
    monkeypatch.setattr(counting, "EXACT_UP_TO", 10)
    Branch.objects.bulk_create([Branch(code=f"B{number}", name="Branch") for number in range(400)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE organisation_branch")
    assert count_of(Branch.objects.all()) == Count(400, is_exact=False)
    assert count_of(Branch.objects.filter(code="B1")) == Count(1)
    assert count_of(Branch.objects.none()) == Count(0)
    newest = Branch.objects.order_by("-pk").values("pk")[:1]
    # What is worked out first, for a condition, is no part of the list.
    assert count_of(Branch.objects.exclude(pk=Subquery(newest))).number > 10


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (Count(0), "0"),
        (Count(1_240), "1,240"),
        (Count(10_000), "10,000"),
        (Count(1_234_567, is_exact=False), "about 1,200,000"),
        (Count(10_490, is_exact=False), "about 10,000"),
    ],
)
def test_an_estimate_claims_no_more_than_it_knows(count: Count, text: str) -> None:
    assert count.text(locale=IRISH) == text
