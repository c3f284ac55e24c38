"""The table of a client's charges, edited in place, and many charges at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from counterfoil.flows.ending_service import would_undo_end_service
from counterfoil.records.charges.models import Charge
from counterfoil.records.organisation.models import Role
from counterfoil.records.parties.models import Client as Site
from counterfoil.records.parties.models import Dealer
from tests import build

SignedIn = Callable[..., Client]
MOST_QUERIES = 10  # as for every page, all told


@pytest.fixture(autouse=True)
def _bureau(transactional_db: None) -> None:
    build.organisation()


def typed(charge: Charge, **values: str) -> dict[str, str]:
    """Return what the row of *charge* is sent with."""
    sent = {"starts_on": charge.starts_on.isoformat(), "ends_before": "", "quantity": "", "unit_price": ""}
    return {f"c{charge.pk}-{name}": value for name, value in {**sent, "customer": "", **values}.items()}


def test_a_row_is_edited_in_place_and_undone(signed_in: SignedIn) -> None:
    client, charge = signed_in(Role.BILLER), build.charge()
    inline = reverse("charge-inline", args=[charge.pk])
    assert "Empty: €30.00, from the master charge" in client.get(inline).content.decode()
    stored = client.post(inline, typed(charge, quantity="2.5", ends_before="2026-06-30"))
    assert stored["HX-Trigger"] == "charges-changed"
    assert "Undo" in stored.content.decode()
    charge.refresh_from_db()
    assert (charge.quantity, charge.ends_before) == (Decimal("2.5"), date(2026, 7, 1))
    undo = {field.html_name: field.value() or "" for field in stored.context["undo"]}
    client.post(inline, undo)
    charge.refresh_from_db()
    assert (charge.quantity, charge.ends_before) == (None, None)


def test_a_row_that_cannot_be_says_why_at_its_field(signed_in: SignedIn) -> None:
    client, charge = signed_in(Role.BILLER), build.charge()
    inline = reverse("charge-inline", args=[charge.pk])
    answer = client.post(inline, typed(charge, ends_before="2026-05-31", customer="nobody"))
    assert (
        answer.context["form"]
        .errors["customer"][0]
        .startswith("There is no billing customer with this account")
    )
    answer = client.post(inline, typed(charge, ends_before="2026-05-31"))
    assert answer.context["form"].errors == {
        "ends_before": ["It must lie after the start. Correct one of the two, or leave it empty."]
    }
    assert "HX-Trigger" not in answer
    assert Charge.objects.get().ends_before is None


def test_a_charge_is_assigned_in_the_table(signed_in: SignedIn) -> None:
    client, site, master = signed_in(Role.BILLER), build.client(), build.master()
    row = reverse("charge-assign", args=[site.pk])
    new = {"cnew-master_charge": master.code, "cnew-starts_on": "2026-06-01", "cnew-quantity": "2"}
    assert "cnew-master_charge" in client.get(row).content.decode()
    assert master.name in client.post(row, new).content.decode()
    charge = Charge.objects.get()
    assert (charge.key, charge.quantity, charge.span.billed_to) == (f"{site.code}-1", 2, None)


def agreed(client: Client, address: str, sent: dict[str, Any]) -> Any:
    """Send *sent*, agree to what is then asked, and return what was asked."""
    asked = client.post(address, sent).context["confirmation"]
    fields: dict[str, list[str]] = {}
    for name, value in asked.fields:
        fields.setdefault(name, []).append(value)
    assert client.post(address, {**fields, "agreed": asked.mark}).status_code == 302
    return asked


def test_many_clients_are_assigned_a_charge_after_asking(signed_in: SignedIn) -> None:
    """Two clients, 2 × 30.00 each: 120.00 a whole period."""
    client, master = signed_in(Role.BILLER), build.master()
    sites = [build.client(), build.client()]
    address, ticked = reverse("clients-assign"), {"selected": [site.pk for site in sites]}
    assert "For 2 clients" in client.post(address, ticked).content.decode()
    sent = {**ticked, "typed": "1", "master_charge": master.code, "starts_on": "2026-06-01", "quantity": "2"}
    asked = agreed(client, address, sent)
    assert ("A whole period of them, EUR", "€120.00") in asked.figures
    assert Charge.objects.count() == 2
    assert client.post(address, {}).status_code == 302  # nothing was ticked: back to the list


def test_a_template_is_copied_to_many_clients(signed_in: SignedIn) -> None:
    client, template = signed_in(Role.BILLER), build.client()
    build.charge(client=template, unit_price=12)
    site, address = build.client(), reverse("clients-copy")
    wrong = client.post(address, {"selected": [site.pk], "typed": "1", "template": site.code})
    assert "It has no charges today." in wrong.content.decode()
    asked = agreed(
        client,
        address,
        {"everything": "1", "typed": "1", "template": template.code, "starts_on": "2026-06-01"},
    )
    assert dict(asked.figures)["Left out: has it already"] == "1"
    assert Site.objects.get(pk=site.pk).charges.get().unit_price == 12


def test_charges_end_in_bulk_and_that_is_undone(signed_in: SignedIn) -> None:
    client, charge = signed_in(Role.BILLER), build.charge()
    address, ticked = reverse("charges-end", args=[charge.client_id]), {"selected": [charge.pk]}
    assert client.post(reverse("charges-ticked", args=[charge.client_id]), ticked).content == b"1 charge"
    refused = client.post(address, {**ticked, "typed": "1", "last_day": "2026-05-01"})
    assert "starts on 2026-06-01" in refused.content.decode()
    asked = agreed(client, address, {**ticked, "typed": "1", "last_day": "2026-08-31"})
    assert asked.sentence.startswith("End 1 charge on Mon, 31 Aug 2026. Nothing is billed beyond that day.")
    assert Charge.objects.get().ends_before == date(2026, 9, 1)
    mark = client.get(reverse("charges-undo")).context["confirmation"].mark
    assert client.post(reverse("charges-undo"), {"agreed": mark}).status_code == 302
    assert Charge.objects.get().ends_before is None
    assert client.get(reverse("charges-undo")).status_code == 302  # once


def test_viewers_see_the_table_and_change_nothing(signed_in: SignedIn) -> None:
    client, charge = signed_in(Role.VIEWER), build.charge()
    page = client.get(reverse("client-charges", args=[charge.client_id])).content.decode()
    assert "Edit" not in page
    assert client.get(reverse("charge-row", args=[charge.pk])).status_code == 200
    for name, key in {"charge-inline": charge.pk, "charge-assign": charge.client_id}.items():
        assert client.get(reverse(name, args=[key])).status_code == 403
    assert client.post(reverse("clients-assign"), {"selected": [charge.client_id]}).status_code == 403


def test_the_table_asks_the_database_little(signed_in: SignedIn) -> None:
    charge = build.charge()
    for _ in range(5):
        build.charge(client=charge.client)
    client = signed_in(Role.BILLER)
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("client", args=[charge.client_id]))
    assert len(queries) <= MOST_QUERIES


def test_a8_a_charge_says_while_it_is_typed_what_it_will_bill(signed_in: SignedIn) -> None:
    client, site, master = signed_in(Role.BILLER), build.client(), build.master()
    new = {"of": f"client-{site.pk}", "key": "K-1", "starts_on": "2026-06-15"}
    asked = client.get(reverse("charge-typed"), new)
    assert "Type the code of a master charge" in asked.content.decode()
    answer = client.get(reverse("charge-typed"), {**new, "master_charge": master.code})
    assert "15–30 Jun 2026" in answer.content.decode().replace("\u2009", " ")
    assert answer.context["inherited"]["unit_price"] == "Empty: €30.00, from the master charge"
    site.dealer = Dealer.objects.create(code="D1", name="Harbour", branch=site.branch)
    site.save()
    override = master.overrides.create(dealer=site.dealer, unit_price=24, while_commissioned=True)
    override.price_changes.create(valid_from=date(2020, 1, 1), unit_price=25)
    told = client.get(reverse("charge-typed"), {**new, "master_charge": master.code}).context["inherited"]
    assert told["unit_price"] == "Empty: €25.00, from the dealer's price list"
    assert told["while_commissioned"] == "Empty: yes, from the dealer's price list"
    wrong = client.get(
        reverse("charge-typed"), {**new, "master_charge": master.code, "ends_before": "2026-06-14"}
    )
    assert "It must lie after the start." in wrong.content.decode()
    assert not Charge.objects.exists()


def test_the_last_day_of_a_charge_is_typed_and_only_while_commissioned(signed_in: SignedIn) -> None:
    client, charge = signed_in(Role.BILLER), build.charge(ends_before=date(2026, 8, 1))
    edit = reverse("charge-edit", args=[charge.pk])
    page = client.get(edit).content.decode()
    assert 'id="id_unit_price_helptext">Empty: €30.00, from the master charge<' in page
    assert 'value="2026-07-31"' in page
    sent = {"key": charge.key, "master_charge": charge.master_charge.code, "starts_on": "2026-06-01"}
    sent |= {"ends_before": "2026-06-10", "while_commissioned": "true"}
    assert client.post(edit, sent).status_code == 302
    charge.refresh_from_db()
    assert (charge.ends_before, charge.while_commissioned) == (date(2026, 6, 11), True)
    shown = client.get(reverse("charge", args=[charge.pk])).content.decode()
    assert 'Only while commissioned</dt><dd>yes <small class="quiet">assignment</small>' in shown


def test_service_ends_with_its_charges_in_one_step(signed_in: SignedIn) -> None:
    """Served while commissioned or not: both end; a last day alone leaves the second one running."""
    client, site = signed_in(Role.BILLER), build.client(commissioned_on=date(2026, 1, 1))
    build.charge(key="served", client=site, while_commissioned=True)
    plain = build.charge(key="plain", client=site)
    form = {"code": site.code, "name": site.name, "branch": site.branch_id, "commissioned_on": "2026-01-01"}
    typed = client.get(reverse("client-typed", args=[site.pk]), {**form, "decommissioned_on": "2026-06-10"})
    assert [one.charge.key for one in typed.context["found"].going_on] == ["plain"]
    assert "End service and all charges" in typed.content.decode()
    site.refresh_from_db()
    assert site.decommissioned_on is None
    address = reverse("client-end-service", args=[site.pk])
    early = client.post(address, {"typed": "1", "last_day": "2025-12-01"})
    assert "It lies before the day of commissioning" in early.content.decode()
    asked = agreed(client, address, {"typed": "1", "last_day": "2026-06-10"})
    assert ("Charges that end", "2") in asked.figures
    site.refresh_from_db()
    plain.refresh_from_db()
    assert (site.decommissioned_on, plain.ends_before) == (date(2026, 6, 11), date(2026, 6, 11))
    restored = {"before": dict.fromkeys(site.charges.values_list("pk", flat=True)), "ended": None}
    ended = {"ended_before": date(2026, 6, 11), "today": date(2026, 6, 1)}
    found = would_undo_end_service(site, **restored, **ended)
    # 2 × (12 × 30.00 − 10/30 of 30.00) from June 2026 on
    assert (found.charges, found.billed_again) == (2, {"EUR": 70_000})
    undone = agreed(client, reverse("charges-undo"), {})
    assert undone.figures[0] == ("Charges that get back their end", "2")
    site.refresh_from_db()
    plain.refresh_from_db()
    assert (site.decommissioned_on, plain.ends_before) == (None, None)
    agreed(client, address, {"typed": "1", "last_day": "2026-06-10"})
    site.decommissioned_on = date(2026, 12, 1)
    site.save()
    late = agreed(client, reverse("charges-undo"), {})
    assert late.sentence.startswith(f"The service of {site.name} was changed meanwhile, and stays as it is.")
    told = client.get(reverse("client", args=[site.pk])).content.decode()
    assert "2 charges end as before." in told
    assert "is served as before" not in told
