"""The pages of consolidated billing: settings, queue, batch, roll, by hand, edit, void, print (billing-rules 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from counterfoil.flows import printing
from counterfoil.flows.consolidating.deliver import send_billings
from counterfoil.flows.consolidating.settings import Typed, settings_of, store_settings
from counterfoil.records.billing.models import ConsolidatedBilling, ConsolidationBatch, QueuedInvoice
from counterfoil.records.deliveries.models import BillingDelivery, PrintBatch
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.records.parties.models import ConsolidationSettings
from counterfoil.web.consolidating import batch as batch_page
from counterfoil.web.consolidating import by_hand
from tests import build
from tests.build import JUNE
from tests.flows.consolidating.waiting import consolidating, printed, waits
from tests.web import month

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@contextmanager
def patch_rows(most: int) -> Iterator[None]:
    """Have the pages of billings by hand list *most* rows at once."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(by_hand, "MOST_ROWS", most)
        yield


@pytest.fixture(autouse=True)
def _own_pages(_guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
    month.use_own_pages(monkeypatch)


@pytest.fixture(autouse=True)
def _organisation(db: None) -> None:
    build.organisation()


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def agreed(client: Client, address: str, **posted: Any) -> str:
    """Post, agree to what is asked, and return the page it ends on."""
    asked = client.post(address, posted)
    mark = asked.context["confirmation"].mark
    done = client.post(address, {**posted, "agreed": mark, "reason": "as agreed"}, follow=True)
    return text_of(done)


def batch_form(**values: Any) -> dict[str, Any]:
    """Return what the page of a new batch sends."""
    ordinary = {"cutoff": "2026-06-30", "billing_date": "2026-06-30", "begins_with": "beforehand"}
    return {**ordinary, "sends_email": "on", **values}


def test_the_settings_of_a_customer_are_typed_and_wrong_ones_are_told_at_their_field(
    signed_in: SignIn,
) -> None:
    customer = build.customer()
    address = reverse("customer-consolidation", args=[customer.pk])
    client = signed_in(Role.BILLER)
    typed = {
        "is_used": "on",
        "cycle": "1 month",
        "next_date": "2026-06-30",
        "minimum": "50",
        "takes_sales": "on",
    }
    wrong = text_of(client.post(address, {**typed, "limit": "50.00", "cycle": "monthly"}))
    assert "is not a charge period" in wrong
    assert "is not below 50.00" in text_of(client.post(address, {**typed, "limit": "50.00"}))
    assert "is not a decimal number" in text_of(client.post(address, {**typed, "minimum": "5,0"}))
    page = text_of(client.post(address, typed, follow=True))
    assert "Consolidated billing settings" in page
    stored = settings_of(customer)
    assert (stored.cycle, str(stored.next_date), stored.minimum_minor) == ("1 month", "2026-06-30", 5_000)
    opened = text_of(client.get(address))
    assert 'name="initial-next_date" value="2026-06-30"' in opened
    ConsolidationSettings.objects.update(next_date=date(2026, 7, 30))  # somebody rolls it meanwhile
    client.post(address, {**typed, "initial-next_date": "2026-06-30", "minimum": "60"})
    stored = settings_of(customer)
    assert (str(stored.next_date), stored.minimum_minor) == ("2026-07-30", 6_000)
    assert signed_in(Role.VIEWER, username="viewer").get(address).status_code == 403


def test_the_queue_is_seen_filtered_and_changed_in_the_list_of_invoices(signed_in: SignIn) -> None:
    customer = consolidating()
    invoice = waits(customer, 1_000)
    client = signed_in(Role.BILLER)
    address = reverse("invoices")
    assert "Queued" in text_of(client.get(address))
    assert f"sales-{invoice.pk}" in text_of(client.get(address + "?consolidated=queued"))
    assert f"sales-{invoice.pk}" not in text_of(client.get(address + "?consolidated=no"))
    nonsense = {"due_since": "soon", "due_until": "2027-12-31"}
    assert "Enter a valid date" in text_of(client.get(address, nonsense))
    page = reverse("invoice", args=[invoice.pk])
    assert "Waits for a consolidated billing" in text_of(client.get(page))
    told = agreed(client, reverse("invoices-release") + f"?back={page}", selected=invoice.pk)
    assert "Is not queued for consolidated billing" in told
    assert not QueuedInvoice.objects.exists()
    agreed(client, reverse("invoices-queue"), selected=invoice.pk)
    assert QueuedInvoice.objects.count() == 1


def test_a_new_batch_shows_totals_and_who_falls_short_and_creates_and_offers_the_roll(
    signed_in: SignIn,
) -> None:
    rich = consolidating(cycle="1 month", next_date=JUNE)
    poor = consolidating(minimum_minor=5_000)
    first, second = waits(rich, 1_000), waits(rich, 2_500)
    waits(poor, 1_880)
    client = signed_in(Role.BILLER)
    address = reverse("billing-batch-new")
    page = text_of(client.post(address, batch_form(do="show")))
    assert "€35.00</strong> in 1 billing of 2 invoices" in page  # 10.00 + 25.00
    assert "EUR 31.20 short of the minimum of EUR 50.00: carried to the next cycle" in page
    shown = ",".join(str(one) for one in QueuedInvoice.objects.values_list("pk", flat=True))
    page = text_of(client.post(address, batch_form(shown=shown, tick=[second.pk])))
    assert "€25.00</strong> in 1 billing of 1 invoice" in page
    page = text_of(client.post(address, batch_form(shown=shown, tick=[second.pk], do="check")))
    assert "€35.00</strong>" in page
    page = text_of(client.post(address, batch_form(shown=shown, do="uncheck")))
    assert "Nothing yet" in page
    found = text_of(client.post(address, batch_form(q=f"sales-{first.pk}", do="show")))
    assert f"sales-{first.pk}" in found
    assert f"sales-{second.pk}" not in found
    wrong = text_of(client.post(address, batch_form(do="create", begins_with="none")))
    assert "Nothing was created" in wrong
    made = text_of(
        client.post(
            address, batch_form(do="create", number="J-1", description="June", prints="on"), follow=True
        )
    )
    batch = ConsolidationBatch.objects.get()
    assert "1 customer has a next consolidated billing date that is due" in made
    assert reverse("billing-batch-pdf", args=[batch.pk]) in made
    assert ConsolidatedBilling.objects.get().description == "June"
    again = text_of(client.post(address, batch_form(do="create", number="J-1", begins_with="all")))
    assert "There is a batch J-1 already" in again
    assert f"sales-{first.pk}" not in again  # what is billed is listed no more
    roll = reverse("billings-roll") + "?cutoff=2026-06-30"
    assert "1 Jul 2026" in text_of(client.get(roll))
    assert (
        "checked"
        not in text_of(client.get(roll + "&check=none")).partition("<tbody>")[2].partition("</tbody>")[0]
    )
    ticked = {"customer": f"{rich.pk} 2026-06-01"}
    assert "1 next date was rolled forward" in text_of(client.post(roll, ticked, follow=True))
    told = text_of(client.post(roll, ticked, follow=True))  # the second click
    assert "There are no customers that need the next consolidation date rolled forward." in told
    assert settings_of(rich).next_date == date(2026, 7, 1)
    assert text_of(client.get(reverse("billing-batch-new"))).count('name="tick"') == 1  # the poor one's


def test_a_batch_of_many_is_added_up_when_asked_for(
    signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_page, "MOST_ADDED_UP", 2)
    monkeypatch.setattr(batch_page, "MOST_ROWS", 1)
    rich = consolidating()
    waits(rich, 1_000)
    waits(rich, 2_500)
    waits(consolidating(), 500)
    client = signed_in(Role.BILLER)
    address = reverse("billing-batch-new")
    page = text_of(client.post(address, batch_form(do="show")))
    assert "The first 1 of more than 2 are shown." in page
    assert "More than 2 invoices are eligible." in page
    assert "2 of 2" in page  # the billing of whose invoice is shown: 10.00 + 25.00
    assert "in 2 billings" not in page
    page = text_of(client.post(address, batch_form(do="add-up")))
    assert "€40.00</strong> in 2 billings of 3 invoices" in page  # 10.00 + 25.00 + 5.00


def test_a_billing_by_hand_is_made_edited_mailed_and_void(signed_in: SignIn) -> None:
    customer = consolidating(minimum_minor=50_000)
    one, two = printed(waits(customer, 1_000)), printed(waits(customer, 2_000))
    late = printed(waits(customer, 4_000, invoice_date=date(2026, 9, 1)))
    client = signed_in(Role.BILLER)
    chooser = text_of(client.get(reverse("billing-new") + f"?customer={build.customer().account}"))
    assert "There is no customer using consolidated billing with this account" in chooser
    suggested = reverse("customer-suggestions") + "?name=customer&customer=C&consolidating=1"
    assert text_of(client.get(suggested)).count("<option") == 1
    address = reverse("billing-new") + f"?customer={customer.account}"
    assert "Empty: the next one, B10001-0." in text_of(client.get(address))
    typed = {"billing_date": "2026-07-01", "due_on": "2026-07-20", "shown": [one.pk, two.pk]}
    page = text_of(client.post(address, {**typed, "tick": [one.pk, two.pk]}))
    assert f"sales-{late.pk}" not in page  # dated after the billing
    assert "EUR 470.00 short of the minimum of EUR 500.00" in page
    wrong = text_of(client.post(address, {**typed, "tick": [one.pk], "number": "X", "do": "create"}))
    assert "is not the number of a consolidated billing" in wrong
    client.post(address, {**typed, "tick": [one.pk, two.pk], "do": "create"})
    billing = ConsolidatedBilling.objects.get()
    assert (billing.number, billing.gross_minor, str(billing.due_on)) == ("B10001-0", 3_000, "2026-07-20")
    edit = reverse("billing-edit", args=[billing.pk])
    assert f'<option value="{late.pk}">' in text_of(client.get(edit))
    shown = {**typed, "shown": [one.pk, two.pk], "tick": [one.pk]}
    added = text_of(client.post(edit, {**shown, "invoice": late.pk, "do": "add"}))
    assert "€50.00</strong> of 2 invoices" in added  # 10.00 + 40.00, without the second
    saved = {**shown, "shown": [one.pk, two.pk, late.pk], "tick": [one.pk, late.pk], "added": [late.pk]}
    page = text_of(client.post(edit, {**saved, "do": "create"}, follow=True))
    assert "Consolidated billing B10001-1 was saved" in page
    assert "B10001-0" in page  # in the place of
    assert "Void" in text_of(client.get(reverse("billing", args=[billing.pk])))
    listed = text_of(client.get(reverse("billings") + "?void=no"))
    assert "B10001-1" in listed
    assert "B10001-0" not in listed
    newest = ConsolidatedBilling.objects.get(revision=1)
    agreed(client, reverse("billings-email"), selected=newest.pk)
    assert BillingDelivery.objects.get().state == "queued"
    assert "email" in text_of(client.get(reverse("billing", args=[newest.pk]) + "?tab=deliveries"))
    told = agreed(client, reverse("billings-void"), selected=newest.pk)
    assert "1 consolidated billing was voided" in told
    assert QueuedInvoice.objects.count() == 3
    assert client.get(edit, follow=True).redirect_chain  # a void one is not edited


def test_who_is_limited_to_a_branch_sees_and_bills_its_invoices_alone(signed_in: SignIn) -> None:
    north = Branch.objects.create(organisation_id=1, code="north", name="North")
    customer = consolidating()
    here, there = waits(customer, 1_000), waits(customer, 2_000, branch=north)
    client = signed_in(Role.BILLER)
    limited = signed_in(Role.BILLER, username="north")
    limited.get(reverse("billings"))
    User.objects.get(username="north").branches.set([north])
    page = text_of(limited.post(reverse("billing-batch-new"), batch_form(do="show")))
    assert f"sales-{there.pk}" in page
    assert f"sales-{here.pk}" not in page
    limited.post(reverse("billing-batch-new"), batch_form(do="create"))
    assert ConsolidatedBilling.objects.get().branch == north
    client.post(reverse("billing-batch-new"), batch_form(do="create"))
    assert ConsolidatedBilling.objects.count() == 2
    assert "B10002-0" not in text_of(limited.get(reverse("billings")))


def test_no_invoice_of_another_branch_is_slipped_into_a_billing(signed_in: SignIn) -> None:
    north = Branch.objects.create(organisation_id=1, code="north", name="North")
    customer = consolidating()
    here, there = waits(customer, 1_000), waits(customer, 2_000, branch=north)
    limited = signed_in(Role.BILLER)
    User.objects.get().branches.set([customer.branch])
    ids = [here.pk, there.pk]
    typed = {"billing_date": "2026-07-01", "shown": ids, "tick": ids, "do": "create"}
    limited.post(reverse("billing-new") + f"?customer={customer.account}", typed)
    billing = ConsolidatedBilling.objects.get()
    assert billing.gross_minor == 1_000
    limited.post(reverse("billing-edit", args=[billing.pk]), typed)
    assert ConsolidatedBilling.objects.get(revision=1).gross_minor == 1_000


def test_nobody_but_makers_makes_and_everybody_looks(signed_in: SignIn) -> None:
    printed(waits(consolidating(), 1_000))
    signed_in(Role.APPROVER).post(reverse("billing-batch-new"), batch_form(do="create"))
    billing = ConsolidatedBilling.objects.get()
    viewer = signed_in(Role.VIEWER, username="viewer")
    one = reverse("billing", args=[billing.pk])
    for address in (
        reverse("billings"),
        one + "?tab=document",
        reverse("billing-batch", args=[billing.batch_id]),
    ):
        assert viewer.get(address).status_code == 200
    for address in (
        reverse("billing-batch-new"),
        reverse("billing-new"),
        reverse("billings-roll"),
        one + "/edit",
    ):
        assert viewer.get(address).status_code == 403


def test_a_billing_of_thousands_is_made_and_edited_by_hand(signed_in: SignIn, settings: Any) -> None:
    """More rows than a form may have fields, were each to take several; what is not listed stays and is told of."""
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 20
    customer = consolidating()
    ids = [waits(customer, 100).pk for _ in range(12)]
    client = signed_in(Role.BILLER)
    typed = {"billing_date": "2026-07-01", "shown": ",".join(map(str, ids)), "tick": ids, "do": "create"}
    client.post(reverse("billing-new") + f"?customer={customer.account}", typed)
    billing = ConsolidatedBilling.objects.get()
    assert billing.member_count == 12
    with patch_rows(5):
        page = text_of(client.get(reverse("billing-edit", args=[billing.pk])))
        assert "7 further invoices of this billing are not listed and stay in it" in page
        assert "€12.00</strong> of 12 invoices" in page
        posted = {**typed, "shown": ",".join(map(str, ids[:5])), "tick": ids[:4]}
        client.post(reverse("billing-edit", args=[billing.pk]), posted)
    assert ConsolidatedBilling.objects.get(revision=1).member_count == 11
    for _ in range(6):
        waits(customer, 100)
    with patch_rows(5):
        page = text_of(client.get(reverse("billing-new") + f"?customer={customer.account}"))
    assert "The first 5 by date are listed, and 2 more wait" in page  # six, and the one left out


def test_many_billings_are_printed_in_files(
    signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    monkeypatch.setattr(printing, "DOCUMENTS_A_PART", 3)
    for _ in range(2):
        printed(waits(consolidating(), 1_000))
    client = signed_in(Role.BILLER)
    made = text_of(
        client.post(reverse("billing-batch-new"), batch_form(do="create", prints="on"), follow=True)
    )
    assert "Print the batch in files" in made
    address = reverse("billing-batch-pdf", args=[ConsolidationBatch.objects.get().pk])
    assert "too many for one PDF" in text_of(client.get(address, follow=True))
    assert "Batch 1 of consolidated billings" in text_of(client.post(address, follow=True))
    batch = PrintBatch.objects.get()
    assert (printing.print_batch(batch.pk, now=build.now).done, printing.parts_of(batch)) == (
        2,
        2,
    )  # 2 documents each, 3 fit
    file = client.get(reverse("print-batch-part", args=[batch.pk, 2]))
    assert b"".join(file).startswith(b"%PDF")
    viewer = signed_in(Role.VIEWER, username="viewer")
    ticked = [one.pk for one in ConsolidatedBilling.objects.all()]
    told = text_of(viewer.post(reverse("billings-print"), {"selected": ticked}, follow=True))
    assert "Tick fewer" in told
    assert viewer.post(reverse("billings-print"), {"selected": ticked[:1]}).content.startswith(b"%PDF")


def test_the_settings_history_stands_with_the_customers(signed_in: SignIn) -> None:
    customer = consolidating(minimum_minor=5_000)
    store_settings(customer, Typed(minimum_minor=7_500, takes_sales=True, next_date=JUNE))
    page = text_of(signed_in(Role.VIEWER).get(reverse("customer", args=[customer.pk]) + "?tab=history"))
    assert "Consolidated billing: changed" in page
    assert "€50.00" in page
    assert "€75.00" in page
    assert "Typed date" not in page


def test_a_billing_is_found_by_its_number(signed_in: SignIn) -> None:
    customer = consolidating()
    waits(customer, 1_000)
    client = signed_in(Role.BILLER)
    client.post(reverse("billing-batch-new"), batch_form(do="create"))
    page = text_of(client.get(reverse("search") + "?q=b10001"))
    assert reverse("billing", args=[ConsolidatedBilling.objects.get().pk]) in page
    north = Branch.objects.create(organisation_id=1, code="north", name="North")
    limited = signed_in(Role.VIEWER, username="north")
    User.objects.get(username="north").branches.set([north])
    assert "B10001-0" not in text_of(limited.get(reverse("search") + "?q=B10001"))


def test_mailed_billings_stand_in_the_log_of_emails(signed_in: SignIn, settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    printed(waits(consolidating(), 1_000))
    client = signed_in(Role.BILLER)
    client.post(reverse("billing-batch-new"), batch_form(do="create"))
    billing = ConsolidatedBilling.objects.get()
    send_billings(now=build.now)
    page = reverse("billing", args=[billing.pk]) + "?tab=deliveries"
    for address in (reverse("mails"), reverse("customer", args=[billing.customer_id]) + "?tab=mails"):
        assert f'<a href="{page}">B10001-0</a>' in text_of(client.get(address))
    assert "Consolidated billing B10001-0 from" in text_of(client.get(page))
    north = Branch.objects.create(organisation_id=1, code="north", name="North")
    limited = signed_in(Role.VIEWER, username="north")
    User.objects.get(username="north").branches.set([north])
    assert "B10001-0" not in text_of(limited.get(reverse("mails")))
