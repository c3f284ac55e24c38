"""Another system in memory, which can be told to fail in each way a real one does."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from counterfoil.connectors.port import ExternalDocument, LostAnswer, Outcome, Sent, TransientFailure
from counterfoil.core.document import Document


class Fault(StrEnum):
    """How the next call fails."""

    BUSY = "busy"
    LOST_BEFORE_STORING = "lost before storing"
    LOST_AFTER_STORING = "lost after storing"


class InMemory:
    """Keeps documents in a dictionary; `faults` happen to the next calls of `send`, one each."""

    def __init__(self) -> None:
        """Begin empty and well."""
        self.stored: dict[str, ExternalDocument] = {}
        self.refuses: dict[str, str] = {}
        self.faults: list[Fault] = []

    def find(self, references: Sequence[str]) -> dict[str, ExternalDocument]:
        """Return what is stored of *references*."""
        return {one: self.stored[one] for one in references if one in self.stored}

    def send(self, documents: Sequence[Document]) -> list[Sent]:
        """Store *documents*, or fail as told."""
        fault = self.faults.pop(0) if self.faults else None
        if fault is Fault.BUSY:
            raise TransientFailure(system="The double", answer="busy")
        if fault is Fault.LOST_BEFORE_STORING:
            raise LostAnswer(system="The double", answer="connection closed")
        sent = [self._store(document) for document in documents]
        if fault is Fault.LOST_AFTER_STORING:
            raise LostAnswer(system="The double", answer="connection closed")
        return sent

    def close(self) -> None:
        """Nothing is open."""

    def _store(self, document: Document) -> Sent:
        reference = document.reference
        if reference in self.refuses:
            return Sent(reference=reference, outcome=Outcome.REFUSED, detail=self.refuses[reference])
        there = self.stored.get(reference)
        if there:
            return Sent(reference=reference, outcome=Outcome.EXISTED, external_number=there.external_number)
        number = f"EXT-{len(self.stored) + 1}"
        self.stored[reference] = ExternalDocument(
            reference=reference,
            external_number=number,
            currency=document.currency,
            lines=len(document.lines),
            net_minor=document.net_minor,
            tax_minor=document.tax_minor,
            gross_minor=document.gross_minor,
        )
        return Sent(reference=reference, outcome=Outcome.CREATED, external_number=number)
