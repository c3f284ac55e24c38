"""How a rule says no: an exception whose docstring is its message (what happened, then what to do)."""

from __future__ import annotations

from typing import Any

from counterfoil.core.sentences import Sentence

LONGEST_SHOWN = 60


def shown(value: object) -> str:
    """Return *value* as a message may show it: quoted, escaped, cut after 60 characters."""
    text = str(value)
    return repr(text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…")


class Refusal(ValueError):
    """The value cannot be used. Correct it and try again."""

    def __init__(self, **fields: object) -> None:
        """Fill the named *fields* into the class's docstring, which is the message."""
        self.fields = fields
        super().__init__(" ".join((type(self).__doc__ or "").split()).format_map(fields))

    @property
    def sentence(self) -> Sentence:
        """Return the message as a sentence that can be said in another language."""
        return Sentence(str(self), " ".join((type(self).__doc__ or "").split()), self.fields)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel between processes with the fields, not with the finished message."""
        return _rebuilt, (type(self), self.fields)


def _rebuilt(kind: type[Refusal], fields: dict[str, object]) -> Refusal:
    return kind(**fields)
