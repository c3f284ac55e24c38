"""Labels of choices in English, for messages and for what is stored, whatever language the page speaks."""

from __future__ import annotations

from django.utils import translation

from counterfoil.core.sentences import Sentence, in_small

LANGUAGE = "en"


def english(label: object) -> Sentence:
    """Return the *label* of a choice in English; a page can still say it in its own language."""
    with translation.override(LANGUAGE):
        text = str(label)
    return Sentence(text, text)


def small(label: object) -> Sentence:
    """Return the *label* of a choice for the middle of a sentence: "in review"."""
    return in_small(english(label))
