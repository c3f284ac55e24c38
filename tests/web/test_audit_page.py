"""The audit trail as a whole: on a page, over the API, and from its table of every table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pghistory
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from counterfoil.flows import auditing
from counterfoil.records.billing.models import BatchDefinition, DocumentSeries, Run
from counterfoil.records.catalog.models import MasterCharge
from counterfoil.records.organisation.models import Branch, Role, User
from counterfoil.records.organisation.trail import Change, event_models
from counterfoil.records.parties.models import BillingCustomer
from tests import build
from tests.api.conftest import program  # noqa: F401  a fixture
from tests.web import bureau, month

SignedIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def mara(db: None, _guide_pages: None, monkeypatch: pytest.MonkeyPatch) -> User:
    """Store a bureau with a customer that mara renames and somebody else removes."""
    month.use_own_pages(monkeypatch)
    build.organisation()
    mara = bureau.person()
    master = build.master(code="MON")
    MasterCharge.objects.filter(pk=master.pk).update(unit_price="32.50")
    build.customer(account="B2").delete()
    with pghistory.context(user=mara.pk, url="/customers/1/edit", reason="They were bought"):
        customer = build.customer(account="A1", name="Acorn Homes")
        BillingCustomer.objects.filter(pk=customer.pk).update(name="Oak Homes", payment_terms="30 days")
    return mara


def _told(**asked: Any) -> list[tuple[str, ...]]:
    rows = auditing.changes(**asked).order_by("-moment", "-id")
    return [(one.who, one.what, one.kind, one.name) for one in auditing.told(list(rows))]


def test_what_was_changed_is_told_with_who_before_after_and_why(mara: User) -> None:
    [update, insert] = auditing.told(list(auditing.changes(user="mara").order_by("-id")))
    assert (update.who, update.what, update.kind, update.name) == (
        "Mara Quill",
        "changed",
        "billing customer",
        "A1",
    )
    pairs = {one.field: (one.before, one.after) for one in update.differences}
    assert pairs == {"name": ("Acorn Homes", "Oak Homes"), "payment_terms": ("nothing", "30 days")}
    assert (update.reason, update.where) == ("They were bought", "/customers/1/edit")
    assert insert.what == "added"
    assert ("branch", "nothing", "Main") in [(one.field, one.before, one.after) for one in insert.differences]
    [priced] = auditing.told(list(auditing.changes(field="unit_price", kind="master-charge")))
    assert [(one.before, one.after) for one in priced.differences] == [("30", "32.5")]  # not in millionths
    assert priced.who == "Counterfoil"


def test_the_trail_is_narrowed_by_each_of_its_filters() -> None:
    assert _told(name="B2") == [
        ("Counterfoil", "removed", "billing customer", "B2"),
        ("Counterfoil", "added", "billing customer", "B2"),
    ]
    assert _told(field="payment terms") == [("Mara Quill", "changed", "billing customer", "A1")]
    assert _told(kind="organisation") == [("Counterfoil", "added", "organisation", "Larkfield Monitoring")]
    for wrong, refusal in (("kind", auditing.UnknownKind), ("field", auditing.UnknownField)):
        with pytest.raises(refusal):
            auditing.changes(**{wrong: "nonsense"})


def test_the_page_lists_filters_links_and_exports(signed_in: SignedIn, mara: User) -> None:
    client = signed_in(Role.ACCOUNTANT, username="ada")
    address = reverse("audit")

    def names(query: str) -> list[str]:
        return re.findall(r">(A1|B2|MON)<", client.get(address + query).content.decode())

    assert names("?kind=billing-customer") == ["A1", "A1", "B2", "B2"]
    assert names(f"?who={mara.pk}") == ["A1", "A1"]
    assert names("?field=unit+price") == ["MON"]
    assert names("?field=nonsense") == []
    assert names("?label=delete") == ["B2"]
    assert names("?q=mon&kind=master-charge&until=2000-01-01") == []
    page = client.get(address + "?kind=billing-customer&label=update").content.decode()
    assert "Name: Acorn Homes → Oak Homes" in page
    assert "They were bought" in page
    customer = BillingCustomer.objects.get(account="A1")
    assert f'href="{reverse("customer", args=[customer.pk])}"' in page
    sent = b"".join(client.get(address + "?export=csv&kind=master-charge").streaming_content).decode(
        "utf-8-sig"
    )
    assert "Unit price: €30.00 → €32.50" in sent


@pytest.mark.django_db(transaction=True)
def test_the_page_writes_values_as_pages_do_and_names_what_has_no_name(signed_in: SignedIn) -> None:
    client = signed_in(Role.ACCOUNTANT, username="ada")
    series = DocumentSeries.objects.create(
        branch=Branch.objects.get(), document_type="contract", year=2026, last_date="2026-05-31"
    )
    DocumentSeries.objects.filter(pk=series.pk).update(next_seq=7)
    page = client.get(reverse("audit") + "?kind=document-series").content.decode()
    assert "Main, Contract invoice, 2026" in page  # not "number 1"
    assert "Next number: 1 → 7" in page
    assert "Date of the newest document: 31 May 2026" in page
    assert "nothing →" not in page
    definition = BatchDefinition.objects.create(name="all", title="All", kinds=["service"], authorised=True)
    run = build.run(kinds=("service",))
    Run.objects.filter(pk=run.pk).update(definition=definition, scheduled_for=build.NOW)
    page = client.get(reverse("audit") + "?kind=run").content.decode()
    assert "What it bills: Kinds of charge and event: Service; Who pays: Everybody" in page
    assert "Its schedule" in page
    assert "2026-06-01" not in page


def test_pages_follow_one_another_and_cost_ten_queries(signed_in: SignedIn) -> None:
    client = signed_in(Role.ADMINISTRATOR, username="ada")
    for _ in range(30):
        build.customer()
    seen: list[str] = []
    address = "?size=25"
    while address:
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("audit") + address).context["page"]
        assert len(queries) <= 10
        seen += [line.key for line in page.lines]
        address = page.next
    assert len(seen) == len(set(seen)) == Change.objects.count() > 30


def test_who_is_limited_to_branches_or_has_another_role_is_kept_out(signed_in: SignedIn) -> None:
    client = signed_in(Role.ACCOUNTANT, username="ada")
    User.objects.get(username="ada").branches.add(Branch.objects.get(code="main"))
    answer = client.get(reverse("audit"))
    assert answer.status_code == 403
    assert "you are limited to some" in answer.content.decode()
    assert signed_in(Role.BILLER, username="noor").get(reverse("audit")).status_code == 403


def test_the_api_gives_it_page_by_page(program: Any) -> None:  # noqa: F811
    erp = program(Role.ACCOUNTANT)
    first = erp.get("/audit", kind="billing-customer", limit=3).json()
    assert [(one["what"], one["name"]) for one in first["items"]] == [
        ("changed", "A1"),
        ("added", "A1"),
        ("removed", "B2"),
    ]
    rest = erp.get("/audit", kind="billing-customer", limit=3, cursor=first["next_cursor"]).json()
    assert ([one["what"] for one in rest["items"]], rest["next_cursor"]) == (["added"], None)
    assert erp.get("/audit", cursor="nonsense").status_code == 422
    assert erp.get("/audit", user="nobody").status_code == 422
    assert erp.get("/audit", kind="nonsense").status_code == 422
    assert program(Role.BILLER).get("/audit").status_code == 403
    assert (
        program(Role.ACCOUNTANT, branches=[Branch.objects.get(code="main")]).get("/audit").status_code == 403
    )


def test_the_newest_page_is_read_by_the_index_of_every_trail() -> None:
    missing = [
        table
        for table, model in event_models().items()
        if not any(index.fields == ["pgh_created_at"] for index in model._meta.indexes)
    ]
    assert missing == []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    plan = json.loads(Change.objects.order_by("-moment", "-id")[:50].explain(format="json"))
    nodes = [plan[0]["Plan"]]
    kinds = []
    while nodes:
        node = nodes.pop()
        kinds.append(node["Node Type"])
        nodes += node.get("Plans", [])
    assert "Merge Append" in kinds
    assert kinds.count("Index Scan") == len(event_models())


def test_a_form_leads_to_the_history_of_what_it_changes(signed_in: SignedIn) -> None:
    client = signed_in(Role.ADMINISTRATOR, username="ada")
    form = client.get(reverse("organisation")).content.decode()
    assert 'href="/history/organisation/1"' in form
    master = MasterCharge.objects.get(code="MON")
    page = client.get(reverse("history", args=["master-charge", master.pk])).content.decode()
    assert "€30.00 → <strong>€32.50</strong>" in page
    assert client.get("/history/nonsense/1").status_code == 404
    assert 'href="/history/' not in client.get(reverse("customer-new")).content.decode()


def test_a_history_is_seen_by_whoever_sees_the_branch(signed_in: SignedIn) -> None:
    client = signed_in(Role.VIEWER, username="ada")
    customer = BillingCustomer.objects.get(account="A1")
    address = reverse("history", args=["customer", customer.pk])
    assert client.get(address).status_code == 200
    User.objects.get(username="ada").branches.add(Branch.objects.create(code="CRK", name="Cork"))
    assert client.get(address).status_code == 404
    assert client.get(reverse("history", args=["run", 1])).status_code == 403
