"""The demo bureau: the same every time, billed by the real flows, with something left to do."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from counterfoil.flows.checking import check
from counterfoil.flows.demo import loading
from counterfoil.flows.demo.loading import NotADemo, load_demo
from counterfoil.flows.installing import install
from counterfoil.records.billing.models import BillingException, Run, RunStatus
from counterfoil.records.charges.models import Charge
from counterfoil.records.deliveries.models import Delivery, DeliveryState
from counterfoil.records.organisation.models import Organisation, User
from counterfoil.records.parties.models import BillingCustomer, Client

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = date(2026, 6, 17)


def _now() -> datetime:
    return datetime(2026, 6, 17, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_home(settings, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings.HOME = tmp_path


def test_past_months_are_delivered_and_this_month_waits_for_review() -> None:
    assert load_demo(today=TODAY, now=_now, months=1)
    assert (BillingCustomer.objects.count(), Client.objects.count()) == (87, 300)  # 7 dealers + 80; 160 + 140
    assert Charge.objects.count() > 450
    runs = list(Run.objects.order_by("id").values_list("cutoff", "status"))
    assert runs == [
        (date(2026, 5, 1), RunStatus.ISSUED),
        (date(2026, 5, 1), RunStatus.ISSUED),
        (date(2026, 6, 1), RunStatus.IN_REVIEW),
        (date(2026, 6, 1), RunStatus.IN_REVIEW),
    ]
    assert set(Delivery.objects.values_list("channel", "state")) == {("csv", DeliveryState.SENT)}
    checked = check()
    assert checked.violations == []
    # A dispatch and a sale that nobody has a definition for yet: the demo shows what leaks.
    assert [warning.documents for warning in checked.warnings] == ["event X0001", "event Q0001"]


def test_an_interrupted_load_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loading, "issue", cut_off)
    with pytest.raises(KeyboardInterrupt):
        load_demo(today=TODAY, now=_now, months=1)
    monkeypatch.undo()
    assert list(Run.objects.values_list("status", flat=True)) == [RunStatus.AUTHORISED]
    assert load_demo(today=TODAY, now=_now, months=1)
    assert [run.status for run in Run.objects.order_by("id")] == [RunStatus.ISSUED] * 2 + [
        RunStatus.IN_REVIEW
    ] * 2
    assert check().violations == []
    assert not load_demo(today=TODAY, now=_now, months=1)


def test_some_charges_are_exceptions_each_with_a_remedy() -> None:
    load_demo(today=TODAY, now=_now, months=1)
    newest = BillingException.objects.filter(run__status=RunStatus.IN_REVIEW)
    assert set(newest.values_list("code", flat=True)) == {
        "no_price",
        "customer_inactive",
        "end_not_after_start",
        "currency_mismatch",
        "too_many_past_periods",
    }
    assert not newest.filter(remedy="").exists()


def test_a_second_call_says_that_it_is_there() -> None:
    assert load_demo(today=TODAY, now=_now, months=0)
    assert not load_demo(today=TODAY, now=_now, months=0)
    assert User.objects.count() == 5
    assert Run.objects.count() == 2


def test_it_is_never_loaded_into_an_installation_for_something_else() -> None:
    install(Organisation(name="Quay Street Security", country="IE"), new_password=lambda: "shown-once-only")
    with pytest.raises(NotADemo):
        load_demo(today=TODAY, now=_now)
    assert not Charge.objects.exists()
