"""Each document goes to those of its customer's addresses that get its kind, and the database knows the same rule."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from django.db import connection

from counterfoil.core.recipients import MailKind, Recipient, addresses_in, in_order, write_recipients
from counterfoil.core.refusals import Refusal
from counterfoil.flows.admitting import ValuesAreWrong
from counterfoil.flows.billing import issue
from counterfoil.flows.billing.deliver import resend
from counterfoil.flows.billing.mailing import send_by_mail
from counterfoil.flows.editing import store_sent
from counterfoil.records.billing.models import Invoice
from counterfoil.records.deliveries.models import Delivery, DeliveryState
from counterfoil.records.parties.models import BillingCustomer
from counterfoil.records.parties.recipients import addresses_sql
from tests import build
from tests.build import NOW

pytestmark = pytest.mark.django_db(transaction=True)

BOTH = "books@example.com (invoices, consolidated billings); owner@example.com (credit notes, statements)"


def test_the_database_finds_whom_the_rule_finds() -> None:
    some = [frozenset(kinds) for size in (1, 2, 4) for kinds in combinations(MailKind, size)]
    pairs = chain(combinations(some, 2), [(one,) for one in some])
    texts = [
        write_recipients(Recipient(f"a{n}@x.ie", kinds) for n, kinds in enumerate(pair)) for pair in pairs
    ]
    texts += ["", "a@x.ie;b@x.ie", " a@x.ie ", "a@x.ie(INVOICES ,statements);b@x.ie"]
    for kind in MailKind:
        found_for = addresses_sql("text", kind="%s::text")
        query = f"SELECT text, addresses FROM unnest(%s::text[]) AS text, LATERAL ({found_for}) AS found"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(query, [texts, kind.value])
            found = {text: addresses_in(addresses or "") for text, addresses in cursor.fetchall()}
        assert found == {text: addresses_in(in_order(text), kind=kind) for text in texts}


def issued(email: str) -> Invoice:
    build.organisation(email="billing@example.com")
    build.charge(client=build.client(customer=build.customer(email=email)))
    run = build.run(connector="")
    issue.authorise(run.pk, by=None, now=NOW)
    issue.issue(run.pk, today=run.invoice_date, now=build.now)
    return Invoice.objects.select_related("run", "customer", "number").get()


def test_an_invoice_is_queued_for_those_who_get_invoices() -> None:
    invoice = issued(BOTH)
    assert Delivery.objects.get().recipient == "books@example.com"
    Delivery.objects.update(state=DeliveryState.FAILED)
    BillingCustomer.objects.update(email="new@example.com (invoices); owner@example.com (statements)")
    assert resend([Delivery.objects.get().pk], now=NOW) == 1
    assert Delivery.objects.get().recipient == "new@example.com"
    invoice.customer.email = "owner@example.com (statements)"
    with pytest.raises(Refusal, match="no e-mail address for this document"):
        send_by_mail(invoice, by=None, now=NOW)


def test_what_goes_out_by_itself_goes_to_somebody() -> None:
    build.organisation()
    customer = build.customer()
    customer.email = "Books@example.com(Invoices)"
    with pytest.raises(ValuesAreWrong) as refused:
        store_sent(customer, fields=["email"])
    assert refused.value.problems == {
        "email": "Nobody gets credit notes and consolidated billings. Say of one of the addresses that it does."
    }
    customer.email = "books@example.com ; owner@example.com(Statements)"
    store_sent(customer, fields=["email"])
    customer.refresh_from_db()
    assert customer.email == "books@example.com; owner@example.com (statements)"
