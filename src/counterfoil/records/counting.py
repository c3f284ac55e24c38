"""Counting what belongs to a row in the query that reads the row."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce


def number_of(rows: QuerySet[Any], *, path: str) -> Coalesce:
    """Return how many of *rows* have the key of the row that is read at *path*; for `annotate`."""
    of_each = rows.filter(**{path: OuterRef("pk")}).order_by().values(path)
    return Coalesce(Subquery(of_each.annotate(number=Count("pk")).values("number")), 0)
