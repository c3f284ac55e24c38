"""A new batch definition, from words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import transaction

from counterfoil.core.refusals import Refusal, shown
from counterfoil.flows.billing.requesting import check_known_kinds
from counterfoil.records.billing import actions
from counterfoil.records.billing.models import BatchDefinition, CreditBasis, Grouping, Payer
from counterfoil.records.organisation.models import Branch


class NameNotUsable(Refusal):
    """{name} cannot name a definition. Use at most 60 small letters, digits and hyphens."""


class NameTaken(Refusal):
    """There is a definition {name} already. Choose another name."""


class NotOneOf(Refusal):
    """{value} is no {what}. Known are {known}."""


def define(
    *,
    name: str,
    kinds: Sequence[str],
    payer: str,
    branch: str,
    grouping: str,
    connector: str,
    credit_basis: str = CreditBasis.NONE.value,
    **others: object,
) -> BatchDefinition:
    """Store and return a new definition; *branch* is a code, empty for every branch.

    *others* are `BatchDefinition`'s further fields. Raises `NameNotUsable`, `NameTaken`, `NotOneOf` and
    `UnknownKind`.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", name):
        raise NameNotUsable(name=shown(name))
    check_known_kinds(kinds)
    _check(payer, what="payer", known=Payer.values)
    _check(grouping, what="grouping", known=Grouping.values)
    _check(credit_basis, what="credit basis", known=CreditBasis.values)
    _check(connector, what="connector", known=["csv", ""])
    with transaction.atomic():
        if BatchDefinition.objects.filter(name=name).exists():
            raise NameTaken(name=name)
        only = Branch.objects.filter(code=branch).first()
        if branch and only is None:
            _check(branch, what="branch", known=Branch.objects.values_list("code", flat=True))
        made = BatchDefinition(
            name=name,
            kinds=list(kinds),
            payer=payer,
            branch=only,
            grouping=grouping,
            connector=connector,
            credit_basis=credit_basis,
            **others,
        )
        return actions.create_definitions([made])[0]


def _check(value: str, *, what: str, known: Sequence[str]) -> None:
    if value not in known:
        raise NotOneOf(value=shown(value), what=what, known=", ".join(one or "none" for one in known))
