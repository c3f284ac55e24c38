"""Customer groups in the browser: kept in settings, chosen at a customer, filtered, selected by a definition."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.records.billing.models import BatchDefinition
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import CustomerGroup
from tests import build
from tests.web import month


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve the project's own navigation."""
    month.use_own_pages(monkeypatch)


def test_a_group_is_kept_filtered_by_and_selected(
    transactional_db: None, signed_in: Callable[..., Client]
) -> None:
    build.organisation()
    client = signed_in(Role.BILLER)
    client.post(reverse("customer-group-new"), {"name": "Schools"})
    group = CustomerGroup.objects.get()
    told = client.post(reverse("customer-group-new"), {"name": "Schools"}).content.decode()
    assert "already exists" in told
    build.customer(account="C-IN", group=group)
    build.customer(account="C-OUT")
    shown = client.get(reverse("customers"), {"group": group.pk}).content.decode()
    assert ("C-IN" in shown, "C-OUT" in shown) == (True, False)
    shown = client.get(reverse("customers"), {"group": "null"}).content.decode()
    assert ("C-IN" in shown, "C-OUT" in shown) == (False, True)
    typed = {"kinds": "service", "customer_group": group.pk, "cutoff_base": "today", "date_base": "today"}
    assert client.get(reverse("definition-typed"), typed).status_code == 200
    assert "Schools" in client.get(reverse("definition-new"), {"customer_group": group.pk}).content.decode()
    definition = BatchDefinition.objects.create(name="a", title="A", customer_group=group)
    assert "Schools" in client.get(reverse("definition", args=[definition.pk])).content.decode()
    client.post(reverse("customer-group-edit", args=[group.pk]), {"name": "Education"})
    page = client.get(reverse("customer-groups")).content.decode()
    assert "Education" in page
    gone = reverse("customer-group-delete", args=[group.pk])
    asked = client.get(gone)
    assert "1 billing customer is in no group then" in asked.content.decode()
    agreed = {"agreed": asked.context["confirmation"].mark}
    assert "The definition a selects" in client.post(gone, agreed, follow=True).content.decode()
    definition.delete()
    client.post(gone, agreed)
    assert not CustomerGroup.objects.exists()


def test_billers_keep_groups_and_others_see_them(
    transactional_db: None, signed_in: Callable[..., Client]
) -> None:
    build.organisation()
    client = signed_in(Role.ACCOUNTANT)
    page = client.get(reverse("customer-groups")).content.decode()
    assert "Add customer group" not in page
    assert client.get(reverse("customer-group-new")).status_code == 403
