"""Batch definitions: what makes one, and that every face refuses the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from counterfoil.core.dating import NotADayRule
from counterfoil.flows import defining
from counterfoil.flows.billing.requesting import UnknownKind
from counterfoil.flows.billing.scheduling import NeverDue, NotASchedule
from counterfoil.flows.defining import change, copy_of, define, faults, worded
from counterfoil.records.billing.models import BatchDefinition, ScheduleState
from counterfoil.records.organisation.models import Branch, Role, User
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)

SOUND: dict[str, Any] = {"name": "monthly", "title": "Monthly", "kinds": ["service"]}
LATER = build.NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": "Monthly"}, defining.NameNotUsable),
        ({"name": "a_b"}, defining.NameNotUsable),
        ({"name": "-a"}, defining.NameNotUsable),
        ({"name": "a" * 61}, defining.NameNotUsable),
        ({"name": ""}, defining.NameNotUsable),
        ({"title": "  "}, defining.TitleNotUsable),
        ({"title": "a\x00b"}, defining.TitleNotUsable),
        ({"kinds": ["services"]}, UnknownKind),
        ({"kinds": []}, defining.KindsMissing),
        ({"payer": "nobody"}, defining.NotOneOf),
        ({"grouping": "none"}, defining.NotOneOf),
        ({"credit_basis": "yearly"}, defining.NotOneOf),
        ({"connector": "nope"}, defining.NotOneOf),
        ({"past_periods_allowed": 1201}, defining.PastPeriodsOutOfRange),
        ({"cutoff_rule": "cut-off"}, NotADayRule),
        ({"invoice_date_rule": "soon"}, NotADayRule),
        ({"schedule": "every day"}, NotASchedule),
        ({"schedule": "0 6 * *"}, NotASchedule),
        ({"schedule": "0 6 * * * *"}, NotASchedule),
        ({"schedule": "R 6 * * *"}, NotASchedule),
        ({"schedule": "0 24 * * *"}, NotASchedule),
        ({"schedule": "@daily"}, NotASchedule),
        ({"schedule": "0 0 31 2 *"}, NeverDue),
    ],
)
def test_what_cannot_be_a_definition_is_refused(changes: dict[str, Any], refusal: type[Exception]) -> None:
    made = BatchDefinition(**{**SOUND, **changes})
    assert [(field, type(found)) for field, found in faults(made)] == [(next(iter(changes)), refusal)]
    with pytest.raises(refusal):
        define(made, by=None, now=build.NOW)
    assert BatchDefinition.objects.count() == 0


def test_rules_and_schedule_are_stored_in_order() -> None:
    made = BatchDefinition(
        **SOUND, cutoff_rule="First of next month -3", invoice_date_rule="CUT-OFF", schedule=" 0  6 1 * * "
    )
    stored = BatchDefinition.objects.get(pk=define(made, by=None, now=build.NOW).pk)
    assert (stored.cutoff_rule, stored.invoice_date_rule, stored.schedule) == (
        "first of next month - 3 days",
        "cut-off",
        "0 6 1 * *",
    )
    assert ScheduleState.objects.get().seen_up_to == build.NOW


def test_a_name_is_given_once_and_an_old_one_may_stay() -> None:
    define(BatchDefinition(**SOUND), by=None, now=build.NOW)
    with pytest.raises(defining.NameTaken, match="There is a definition monthly already"):
        define(BatchDefinition(**SOUND), by=None, now=build.NOW)
    old = BatchDefinition.objects.create(**{**SOUND, "name": "Old_Name"})
    old.title = "Another title"
    assert change(old, fields=["title"], by=None, now=build.NOW).title == "Another title"
    old.name = "monthly"
    with pytest.raises(defining.NameTaken):
        change(old, fields=["name"], by=None, now=build.NOW)


def test_a_schedule_counts_from_when_it_is_set_or_switched_on() -> None:
    stored = define(BatchDefinition(**SOUND), by=None, now=build.NOW)
    assert not ScheduleState.objects.exists()
    moments = []
    for words in [
        {"schedule": "0 6 * * *"},
        {"title": "Another"},
        {"is_active": False},
        {"is_active": True},
        {"schedule": ""},
    ]:
        moment = build.NOW + timedelta(hours=len(moments) + 1)
        change(worded(stored, words), fields=list(words), by=None, now=moment)
        moments.append(ScheduleState.objects.get().seen_up_to - build.NOW)
    assert moments == [timedelta(hours=hours) for hours in (1, 1, 1, 4, 4)]


def test_a_copy_says_the_same_but_starts_nothing_by_itself() -> None:
    build.organisation()
    branch = Branch.objects.get()
    told = worded(
        BatchDefinition(), {**SOUND, "branch": branch.code, "keeps_zero": True, "schedule": "0 6 * * *"}
    )
    stored = define(told, by=None, now=build.NOW)
    copied = define(copy_of(stored, name="copy"), by=None, now=LATER)
    assert (copied.title, copied.kinds, copied.branch, copied.keeps_zero) == (
        "Monthly (copy)",
        ["service"],
        branch,
        True,
    )
    assert (copied.schedule, ScheduleState.objects.count()) == ("", 1)
    with pytest.raises(defining.NotOneOf, match=r"'nowhere' is no branch\. Known are"):
        worded(copied, {"branch": "nowhere"})


def test_only_who_may_authorise_lets_runs_through_without_review() -> None:
    mara, paul = (User.objects.create_user(role.value, role=role) for role in (Role.BILLER, Role.APPROVER))
    with pytest.raises(defining.MayNotAuthorise, match="Ask an approver"):
        define(BatchDefinition(**SOUND, authorised=True), by=mara, now=build.NOW)
    stored = define(BatchDefinition(**SOUND), by=mara, now=build.NOW)
    stored.authorised = True
    with pytest.raises(defining.MayNotAuthorise):
        change(stored, fields=["authorised", "title"], by=mara, now=build.NOW)
    assert not BatchDefinition.objects.get().authorised
    assert change(stored, fields=["authorised"], by=paul, now=build.NOW).authorised
    stored.title = "Another"
    kept = change(stored, fields=["authorised", "title"], by=mara, now=build.NOW)
    assert (kept.title, kept.authorised) == ("Another", True)
    assert not copy_of(kept, name="copy").authorised
