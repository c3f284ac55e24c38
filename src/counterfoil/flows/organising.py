"""Change the organisation that issues the documents, and its branches."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from counterfoil.core.refusals import Refusal, shown
from counterfoil.flows.admitting import admit, admit_fields
from counterfoil.records.organisation import actions
from counterfoil.records.organisation.models import Branch, Organisation, TaxStatus
from counterfoil.records.organisation.queries import branches_called, check_roles, the_organisation

SETTINGS = (
    *("name", "legal_name", "address", "postcode", "city", "country", "registration", "tax_id", "tax_status"),
    *("email", "phone", "website", "bank_name", "iban", "bic", "payment_terms", "text_ledger_code"),
    *("currency", "timezone", "language", "rounding", "four_eyes", "two_factor_roles"),
)
"""What of the organisation is changed here. How documents look, its mode and its books have rules of their own."""


class UnknownSetting(Refusal):
    """{name} is no setting of the organisation. Known are {known}."""


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


def change_settings(**settings: Any) -> Organisation:
    """Change *settings* of the organisation, by the names of `SETTINGS`; documents issued keep what they said.

    Raises `UnknownSetting`, `UnknownTaxStatus`, `UnknownRole`, and `ValuesAreWrong` with what is wrong by name.
    """
    for name in settings:
        if name not in SETTINGS:
            raise UnknownSetting(name=shown(name), known=", ".join(SETTINGS))
    if settings.get("tax_status", TaxStatus.STANDARD) not in TaxStatus.values:
        raise UnknownTaxStatus(status=shown(settings["tax_status"]), known=", ".join(TaxStatus.values))
    if "two_factor_roles" in settings:
        check_roles(settings["two_factor_roles"])
        settings["two_factor_roles"] = sorted(set(settings["two_factor_roles"]))
    with transaction.atomic():
        organisation = the_organisation()
        for name, value in settings.items():
            setattr(organisation, name, value)
        admit_fields(organisation, fields=list(settings))
        admit(organisation)
        actions.change_organisation(organisation, fields=list(settings))
        return organisation
