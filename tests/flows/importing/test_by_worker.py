"""Large files: a worker checks and takes in, all or nothing; they are cancelled, refused, gone on with, forgotten."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from counterfoil.core.refusals import Refusal
from counterfoil.flows.importing import by_worker as flow
from counterfoil.flows.importing.kinds import UnknownKind
from counterfoil.flows.importing.mapping import read_mapping
from counterfoil.flows.importing.report import read_report
from counterfoil.flows.importing.run import MAPPED, import_file
from counterfoil.records.organisation.file_imports import FileImportPiece, FileState
from counterfoil.records.organisation.models import Role, User
from counterfoil.records.parties.models import BillingCustomer, CustomerGroup
from tests import build
from tests.build import NOW
from tests.flows.importing.files import imported, workbook
from tests.flows.importing.large import ROWS, customers, elsewhere, jobs, jobs_failed, kept, now_of
from tests.working import do_all_queued_work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]
MAPPING = """
[[step]]
import = "customers"

[step.columns]
account = "{Nr}"
name = "{Firma}"
"""


@pytest.fixture(autouse=True)
def _bureau(transactional_db: None) -> None:
    build.organisation()


@pytest.fixture
def biller() -> User:
    """Store somebody who sends files."""
    return User.objects.create_user("mara", role=Role.BILLER)


def stored() -> int:
    return BillingCustomer.objects.count()


def test_a_file_is_large_beyond_two_thousand_rows_or_two_megabytes() -> None:
    def large(content: bytes) -> bool:
        return flow.is_large(io.BytesIO(content), size=len(content), kind="customers")

    assert [large(customers(count)) for count in (2_000, 2_001)] == [False, True]
    assert large(b"account,name\n" + b"\n" * 5_000 + b"C1,One\n") is False  # rows without a filled cell
    assert large(b"account,name\nC1," + b"x" * (2 << 20)) is True
    assert large(b"") is False  # the import says that it is empty
    book = workbook(["account", "name"], *[[f"C{number}", "x"] for number in range(2_001)])
    assert flow.is_large(book, size=len(book.getvalue()), kind="customers")
    with pytest.raises(UnknownKind):
        flow.is_large(io.BytesIO(b"a\n1\n"), size=4, kind="whales")


def test_a_worker_checks_then_takes_in(biller: User) -> None:
    """What is told is what an import at once tells; the trail names who did it, and the file."""
    imported("customers", "account,name", "C00001,Customer 1", "C00002,Another")
    made = kept(customers(), by=biller)
    do_all_queued_work()
    checked = now_of(made)
    assert (checked.state, checked.rows_read, checked.rows_total, stored()) == ("checked", ROWS, ROWS, 2)
    at_once = import_file(
        kind="customers", file=io.BytesIO(customers()), name="customers.csv", dry_run=True, by=biller
    )
    assert checked.report == json.loads(json.dumps(at_once.to_json()))
    told = read_report(checked.report)
    assert (told.counts, told.outcomes) == (at_once.counts, at_once.outcomes)
    assert (told.counts[0].created, told.counts[0].changed, told.counts[0].unchanged) == (ROWS - 2, 1, 1)
    assert told.outcomes[1].changes[0].before == "Another"
    other = User.objects.create_user("piet", role=Role.BILLER)
    flow.take_in(checked, by=other, now=NOW)
    do_all_queued_work()
    done = now_of(made)
    assert (done.state, done.confirmed_by, stored()) == ("done", other, ROWS)
    assert read_report(done.report).is_stored
    assert not FileImportPiece.objects.exists()
    events = apps.get_model("parties", "BillingCustomerEvent").objects.filter(name="Customer 9")
    context = {"source": "import", "file": "customers.csv", "user": other.pk}
    assert [event.pgh_context.metadata for event in events] == [context]
    trail = apps.get_model("organisation", "FileImportEvent").objects.order_by("pgh_id")
    assert list(trail.values_list("pgh_label", "name", "state")) == [
        ("insert", "customers.csv", "asked"),
        ("update", "customers.csv", "checked"),
        ("update", "customers.csv", "confirmed"),
        ("update", "customers.csv", "done"),
    ]
    with pytest.raises(Refusal, match=r"customers\.csv is not waiting to be imported"):
        flow.take_in(done, by=other, now=NOW)


def test_a_file_can_be_taken_in_right_away_and_by_a_mapping() -> None:
    content = customers().replace(b"account,name", b"Nr,Firma")
    text = io.BytesIO(content)
    assert flow.is_large(text, size=len(content), kind=MAPPED, mapping=read_mapping(MAPPING))
    made = kept(content, dry_run=False, kind=MAPPED, mapping=MAPPING)
    do_all_queued_work()
    assert (now_of(made).state, now_of(made).was_checked, stored()) == ("done", False, ROWS)


def test_a_file_with_errors_is_refused_and_all_errors_are_kept() -> None:
    """Every row lacks its name: 2,500 errors, of which a report lists a hundred."""
    made = kept(b"account,name\n" + b"".join(b"C%d,\n" % number for number in range(ROWS)), dry_run=False)
    do_all_queued_work()
    refused = now_of(made)
    assert (refused.state, refused.problem_count, len(refused.problems), stored()) == (
        "refused",
        ROWS,
        ROWS,
        0,
    )
    assert refused.report is not None
    assert (len(refused.report["errors"]), refused.report["stored"]) == (100, False)
    last = refused.problems[-1]
    assert (last["row"], last["column"]) == (ROWS + 1, "name")
    assert last["remedy"]
    assert not FileImportPiece.objects.exists()


def test_what_changed_since_the_check_refuses_the_file_as_a_whole() -> None:
    group = "account,name,group\n" + "".join(f"C{n},Customer {n},Shops\n" for n in range(ROWS))
    shops = CustomerGroup.objects.create(name="Shops")
    made = kept(group.encode())
    do_all_queued_work()
    assert now_of(made).state == FileState.CHECKED
    shops.delete()
    flow.take_in(now_of(made), by=None, now=NOW + timedelta(hours=1))
    do_all_queued_work()
    refused = now_of(made)
    assert (refused.state, refused.was_checked) == ("refused", True)
    assert (refused.problem_count, stored()) == (ROWS, 0)
    assert refused.problems[0]["message"] == "There is no customer group 'Shops'."


def test_a_file_that_waits_or_is_checked_can_be_cancelled(biller: User) -> None:
    waiting, checked = kept(customers()), kept(customers())
    flow.cancel(waiting, by=biller, now=NOW)
    do_all_queued_work()
    flow.cancel(now_of(checked), by=biller, now=NOW)
    assert [(now_of(one).state, now_of(one).cancelled_by) for one in (waiting, checked)] == [
        ("cancelled", biller)
    ] * 2
    assert (stored(), FileImportPiece.objects.exists(), jobs()) == (0, False, [])
    with pytest.raises(Refusal, match=r"customers\.csv can no longer be cancelled"):
        flow.cancel(waiting, by=biller, now=NOW)


@pytest.mark.parametrize("dry_run", [True, False])
def test_work_notices_that_it_was_cancelled(dry_run: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    made = kept(customers(), dry_run=dry_run)
    at("after-row-2500", lambda: flow.cancel(made, by=None, now=NOW), monkeypatch)
    do_all_queued_work()
    assert (now_of(made).state, now_of(made).report, stored()) == ("cancelled", None, 0)


def test_what_is_being_stored_cannot_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    made, said = kept(customers(), dry_run=False), []

    def cancel() -> None:
        with pytest.raises(Refusal) as refused:
            flow.cancel(now_of(made), by=None, now=NOW)
        said.append((str(refused.value)[:40], now_of(made).stage, now_of(made).can_be_cancelled))

    at("before-file", cancel, monkeypatch)
    do_all_queued_work()
    assert said == [("customers.csv can no longer be cancelled", "storing", False)]
    assert (now_of(made).state, stored()) == ("done", ROWS)


def test_how_far_the_work_is_can_be_seen_while_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two batches: 5,000 rows and 1,000."""
    made, seen = kept(customers(6_000)), []
    for place in ("after-row-5000", "after-row-6000", "before-file"):
        at(place, lambda: seen.append((now_of(made).stage, now_of(made).rows_read)), monkeypatch)
    do_all_queued_work()
    assert seen == [("reading", 5_000), ("reading", 6_000), ("checking", 6_000)]


def test_what_stopped_is_begun_anew_and_only_that() -> None:
    made = kept(customers())
    with pytest.raises(Refusal, match=r"customers\.csv has not stopped"):
        flow.go_on(made)
    jobs_failed()
    assert not flow.with_hands(type(made).objects.all()).get().is_in_hand  # type: ignore[attr-defined]
    flow.go_on(made)
    assert jobs() == ["failed", "todo"]
    do_all_queued_work()
    assert now_of(made).state == FileState.CHECKED
    with pytest.raises(Refusal, match="has not stopped"):
        flow.go_on(made)


def test_a_file_is_forgotten_thirty_days_after_anything_happened_with_it() -> None:
    kept(customers())
    assert flow.forget_old_files(now=NOW + timedelta(days=30)) == 0
    assert FileImportPiece.objects.exists()
    assert flow.forget_old_files(now=NOW + timedelta(days=30, seconds=1)) == 1
    assert not FileImportPiece.objects.exists()


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "LARGEST_FILE", 100)
    with pytest.raises(Refusal, match="is larger than 250 MB"):
        kept(customers())
    assert jobs() == []


def test_a_file_is_put_together_from_its_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "PIECE", 1_000)
    content = customers()
    made = kept(content, dry_run=False)
    assert FileImportPiece.objects.count() == -(-len(content) // 1_000)
    do_all_queued_work()
    assert (now_of(made).state, stored()) == ("done", ROWS)


_places: dict[str, Callable[[], Any]] = {}


def at(place: str, do: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Do something on another connection when the work comes to *place*."""
    monkeypatch.setitem(_places, place, do)
    monkeypatch.setattr(flow, "stop_here", lambda here: elsewhere(_places[here]) if here in _places else None)
