"""What rules and flows say in English, as a page says it in the person's language."""

from __future__ import annotations

from datetime import date

from babel import Locale
from django.utils import translation

from counterfoil.core.findings import FindingCode, finding
from counterfoil.core.schedules import words_of
from counterfoil.flows.billing.issue import RunNotInReview
from counterfoil.flows.people import UsernameTaken
from counterfoil.records.billing.models import RunStatus
from counterfoil.records.labels import small
from counterfoil.web.display import Conventions, written_by
from counterfoil.web.saying import message_of, remedy_of, said, said_again

GERMANY = Conventions(locale=Locale("de", "DE"))


def test_a_refusal_is_said_in_english_and_in_german() -> None:
    refusal = UsernameTaken(username="'anna'")
    assert said(refusal) == "Somebody signs in as 'anna' already. Choose another user name."
    with translation.override("de"):
        assert (
            said(refusal) == "Als 'anna' meldet sich schon jemand an. Wählen Sie einen anderen Benutzernamen."
        )
        assert (
            str(refusal) == "Somebody signs in as 'anna' already. Choose another user name."
        )  # what is logged


def test_a_label_within_a_refusal_is_the_languages_own_and_small_in_english_alone() -> None:
    with translation.override("de"):
        refusal = RunNotInReview(run=7, status=small(RunStatus.IN_REVIEW.label))
        assert str(refusal).startswith("Run 7 is in review, so")
        assert said(refusal).startswith("Lauf 7 hat den Status „In Prüfung“")


def test_a_stored_exception_is_read_off_its_english_sentence() -> None:
    stored = finding(FindingCode.NO_READING, meter="M-1", day=date(2026, 7, 1))
    assert message_of(stored.code, stored.message) == (
        "The meter M-1 has no reading for 1 Jul 2026, so the period waits."
    )
    with translation.override("de"), written_by(lambda: GERMANY):
        assert message_of(stored.code, stored.message) == (
            "Der Zähler M-1 hat keinen Stand für 01.07.2026, daher wartet der Zeitraum."
        )
        assert remedy_of(stored.code, stored.remedy).startswith("Geben Sie einen Stand von diesem Tag")
        assert said_again(stored.message) == message_of(stored.code, stored.message)
        assert message_of(stored.code, "Something else.") == "Something else."


def test_words_of_rules_and_days_are_said_as_the_person_writes_them() -> None:
    assert said(words_of("0 6 1 * *")) == "every month on day 1 at 06:00"
    with translation.override("de"), written_by(lambda: GERMANY):
        assert said(words_of("0 6 1 * *")) == "jeden Monat am 1. um 06:00"
        assert said(words_of("0 6 * * 1")) == "jeden Montag um 06:00"
