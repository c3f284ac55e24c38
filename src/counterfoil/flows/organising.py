"""Change the organisation that issues the documents, and its branches."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from counterfoil.core.refusals import Refusal, shown
from counterfoil.records.organisation import actions
from counterfoil.records.organisation.models import Branch, Organisation, TaxStatus
from counterfoil.records.organisation.queries import branches_called, check_roles, the_organisation


class UnknownTaxStatus(Refusal):
    """{status} is no tax status. Known are {known}."""


class WrongBranch(Refusal):
    """The branch cannot be stored. {what}: {why}"""


def add_branch(**facts: str) -> Branch:
    """Store a new branch with *facts*, by the names of its columns. Raises `WrongBranch`."""
    with transaction.atomic():
        branch = Branch(organisation=the_organisation(), **facts)
        _check_branch(branch)
        return actions.create_branches([branch])[0]


def change_branch(code: str, **facts: str) -> Branch:
    """Change *facts* of the branch with *code*, by the names of its columns; documents issued stay as they are.

    Raises `NoSuchBranch` and `WrongBranch`.
    """
    with transaction.atomic():
        [branch] = branches_called([code])
        for name, value in facts.items():
            setattr(branch, name, value)
        _check_branch(branch)
        actions.change_branches([branch], fields=list(facts))
        return branch


def _check_branch(branch: Branch) -> None:
    try:
        branch.full_clean()
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        label = str(Branch._meta.get_field(name).verbose_name)
        raise WrongBranch(what=label.capitalize(), why=messages[0]) from error


def change_settings(
    *, tax_status: str | None = None, two_factor_roles: Sequence[str] | None = None
) -> Organisation:
    """Set how the organisation stands to the tax (billing-rules 5.1), and which roles need a second factor.

    None leaves a setting as it is; what is billed already stays. Raises `UnknownTaxStatus` and `UnknownRole`.
    """
    if tax_status is not None and tax_status not in TaxStatus.values:
        raise UnknownTaxStatus(status=shown(tax_status), known=", ".join(TaxStatus.values))
    check_roles(two_factor_roles or ())
    with transaction.atomic():
        organisation = the_organisation()
        if tax_status is not None:
            organisation.tax_status = tax_status
        if two_factor_roles is not None:
            organisation.two_factor_roles = sorted(set(two_factor_roles))
        actions.change_organisation(organisation, fields=["tax_status", "two_factor_roles"])
        return organisation
