"""Sentences: English for everybody, and their template and fields for other languages."""

from __future__ import annotations

import pickle

from counterfoil.core.refusals import Refusal
from counterfoil.core.sentences import Sentence, in_small, joined, read_back, sentence


class TooMany(Refusal):
    """There are {count} {what}. Take {most} at most."""


def test_a_sentence_is_its_english_and_knows_what_it_was_made_from() -> None:
    told = sentence("every {day} at {time}", day=in_small("Monday"), time="06:00")
    assert told == "every monday at 06:00"
    assert (told.template, told.fields["time"]) == ("every {day} at {time}", "06:00")
    assert told.fields["day"].template == "Monday"  # type: ignore[attr-defined]


def test_joined_keeps_each_of_its_parts() -> None:
    both = joined([sentence("adjusted"), "by hand"], "; ")
    assert both == "adjusted; by hand"
    assert both.template.format_map({name: str(part).upper() for name, part in both.fields.items()}) == (
        "ADJUSTED; BY HAND"
    )


def test_a_sentence_and_a_refusal_travel_between_processes_whole() -> None:
    refusal = TooMany(count=3, what=sentence("charges"), most=2)
    there = pickle.loads(pickle.dumps(refusal))  # noqa: S301  our own
    assert str(there) == "There are 3 charges. Take 2 at most."
    assert there.sentence.template == "There are {count} {what}. Take {most} at most."
    assert isinstance(there.fields["what"], Sentence)


def test_a_finished_text_is_read_back_by_its_template() -> None:
    found = read_back(
        "The meter M-1 has no reading for 2026-07-01.", "The meter {meter} has no reading for {day}."
    )
    assert found is not None
    assert found.fields == {"meter": "M-1", "day": "2026-07-01"}
    assert read_back("The meter M-1 is read.", "The meter {meter} has no reading for {day}.") is None
