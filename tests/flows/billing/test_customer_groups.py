"""A definition that selects a customer group bills, credits and covers its customers alone (product C1)."""

from __future__ import annotations

from datetime import date

import pytest

from counterfoil.flows.billing import issue
from counterfoil.flows.billing.leaking import leaking_charges, leaking_events
from counterfoil.flows.billing.preview import preview
from counterfoil.flows.billing.selection import Selection
from counterfoil.flows.checking import check
from counterfoil.flows.defining import NotOneOf, worded
from counterfoil.flows.grouping_customers import (
    GroupIsSelected,
    NoSuchGroup,
    WrongGroup,
    group_called,
    groups_with_counts,
    remove_group,
    store_group,
)
from counterfoil.records.billing.models import BatchDefinition
from counterfoil.records.parties.models import BillingCustomer, CustomerGroup
from tests import build
from tests.build import JUNE, NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def schools() -> CustomerGroup:
    """Store three customers, each with a charge and a work order; the first two are in the group returned."""
    build.organisation()
    group = store_group(CustomerGroup(name="Schools"))
    other = store_group(CustomerGroup(name="Shops"))
    for number, of_group in enumerate((group, group, other), start=1):
        client = build.client(customer=build.customer(account=f"C{number}", group=of_group))
        build.charge(key=f"K{number}", client=client)
        build.event(key=f"W{number}", kind="work_order", client=client)
    return group


def _accounts(**selection: object) -> list[str]:
    found = preview(build.request(**selection))
    ids = found.invoices.get_column("customer_id").to_list()
    return sorted(BillingCustomer.objects.filter(pk__in=ids).values_list("account", flat=True))


def test_a_run_bills_the_customers_of_its_group_alone(schools: CustomerGroup) -> None:
    assert _accounts() == ["C1", "C2", "C3"]
    assert _accounts(group_id=schools.pk) == ["C1", "C2"]
    assert _accounts(group_id=schools.pk, kinds=("work_order",)) == ["C1", "C2"]


def test_a_credit_run_credits_the_customers_of_its_group_alone(schools: CustomerGroup) -> None:
    run = build.run()
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=JUNE, now=build.now)
    for customer in BillingCustomer.objects.all():
        customer.clients.get().charges.update(ends_before=date(2026, 6, 16))
    credits_days = {"credit_basis": "daily", "kinds": (), "cutoff": date(2026, 6, 16)}
    assert _accounts(**credits_days) == ["C1", "C2", "C3"]
    assert _accounts(**credits_days, group_id=schools.pk) == ["C1", "C2"]


def test_a_definition_names_its_group_and_its_runs_keep_it(schools: CustomerGroup) -> None:
    words = {"name": "schools", "kinds": ["service"], "customer_group": "Schools"}
    definition = worded(BatchDefinition(), words)
    assert Selection.of(definition).group_id == schools.pk
    assert Selection.from_json(Selection.of(definition).to_json()) == Selection.of(definition)
    assert worded(definition, {"customer_group": None}).customer_group is None
    with pytest.raises(NotOneOf, match=r"no customer group\. Known are Schools, Shops"):
        worded(definition, {"customer_group": "Banks"})


def test_what_only_other_groups_definitions_select_leaks(schools: CustomerGroup) -> None:
    BatchDefinition.objects.create(name="a", title="A", kinds=["service"], customer_group=schools)
    BatchDefinition.objects.create(name="b", title="B", kinds=["work_order"])
    credited = {"credit_basis": "daily", "kinds": ["service"]}
    shops = CustomerGroup.objects.get(name="Shops")
    BatchDefinition.objects.create(name="c", title="C", customer_group=shops, **credited)
    assert [charge.key for charge in leaking_charges()] == ["K3"]
    assert not leaking_events().exists()
    assert [one.documents for one in check().warnings] == ["charge K3"]


def test_a_group_is_renamed_and_removed_unless_it_is_selected(schools: CustomerGroup) -> None:
    assert [(one.name, one.members) for one in groups_with_counts()] == [("Schools", 2), ("Shops", 1)]  # type: ignore[attr-defined]
    schools.name = "Shops"
    with pytest.raises(WrongGroup, match="already exists"):
        store_group(schools)
    schools.name = "Education"
    store_group(schools)
    BatchDefinition.objects.create(name="a", title="A", kinds=["service"], customer_group=schools)
    with pytest.raises(GroupIsSelected, match="The definition a selects the customer group Education"):
        remove_group(group_called("Education"))
    with pytest.raises(NoSuchGroup, match="Known are Education, Shops"):
        group_called("Schools")
    assert remove_group(group_called("Shops")) == 1
    assert BillingCustomer.objects.get(account="C3").group is None
