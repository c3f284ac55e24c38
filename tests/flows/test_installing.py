"""Setting up a new installation."""

from __future__ import annotations

import pytest

from counterfoil.core.currencies import UnknownCurrency
from counterfoil.flows.installing import UnknownCountry, UnknownTimezone, install
from counterfoil.records.billing.models import BatchDefinition
from counterfoil.records.organisation.models import Branch, Organisation, Role, User

pytestmark = pytest.mark.django_db


def _wanted(**changes: str) -> Organisation:
    return Organisation(**{"name": "Quay Street Security", "country": "IE", **changes})


def test_a_new_installation_has_what_a_first_run_needs() -> None:
    installed = install(_wanted(), new_password=lambda: "shown-once-only")
    assert installed.password == "shown-once-only"
    assert list(Branch.objects.values_list("code", flat=True)) == ["main"]
    active = BatchDefinition.objects.filter(is_active=True)
    assert list(active.values_list("name", "kinds", "payer", "credit_basis")) == [
        ("activation", ["activation"], "any", "none"),
        ("credit", [], "any", "daily"),
        ("service-dealer", ["service"], "dealer", "none"),
        ("service-direct", ["service"], "direct", "none"),
        ("work-order", ["work_order"], "any", "none"),
    ]
    administrator = User.objects.get()
    assert administrator.role == Role.ADMINISTRATOR
    assert administrator.check_password("shown-once-only")


def test_a_second_call_changes_nothing() -> None:
    install(_wanted(), new_password=lambda: "shown-once-only")
    again = install(_wanted(name="Another"), new_password=lambda: "another-password")
    assert again.password is None
    assert again.organisation.name == "Quay Street Security"
    assert User.objects.get().check_password("shown-once-only")
    assert BatchDefinition.objects.count() == 5


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"country": "XQ"}, UnknownCountry),
        ({"timezone": "Europe/Nowhere"}, UnknownTimezone),
        ({"currency": "XQX"}, UnknownCurrency),
    ],
)
def test_what_cannot_be_meant_is_refused(changes: dict[str, str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        install(_wanted(**changes), new_password=lambda: "never-asked-for")
    assert not Organisation.objects.exists()
