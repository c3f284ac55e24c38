"""A connector to nowhere, for tests: it keeps documents in memory and fails on demand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Self

from counterfoil.connectors.port import (
    Capabilities,
    ControlTotals,
    ExternalDocument,
    LostAnswer,
    Outcome,
    PermanentRefusal,
    TransientFailure,
    control_totals,
)
from counterfoil.core.document import Document


class Fault(StrEnum):
    """What goes wrong with a document."""

    REFUSE = "refuse"
    TRANSIENT = "transient"
    LOST_AFTER_STORING = "lost after storing"
    LOST_BEFORE_STORING = "lost before storing"
    DUPLICATE = "duplicate"


class OtherSystem:
    """What is on the other side: its documents in order of arrival, and the faults that wait for some of them.

    It outlives the connectors to it, as another system does. *is_down* makes every verb fail.
    """

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.documents: list[Document] = []
        self.faults: dict[str, list[Fault]] = {}
        self.is_down = False
        self.finished = 0

    def fail(self, fault: Fault, *, reference: str, times: int = 1) -> None:
        """Have the next *times* attempts to send *reference* go wrong."""
        self.faults.setdefault(reference, []).extend([fault] * times)

    def held(self, reference: str) -> Document | None:
        """Return the document with *reference*, None if it is not there."""
        return next((one for one in self.documents if one.reference == reference), None)


class InMemoryConnector:
    """Carries documents to an `OtherSystem`."""

    capabilities = Capabilities(batch_size=100, request_limit_seconds=0)

    def __init__(self, *, system: OtherSystem) -> None:
        """Take the system to talk to."""
        self.system = system

    def find(self, *, references: Sequence[str]) -> dict[str, ExternalDocument]:
        """Return those of *references* that are there."""
        self._reach()
        held = {one.reference: one for one in self.system.documents}
        return {reference: _external(held[reference]) for reference in references if reference in held}

    def send(self, *, documents: Sequence[Document]) -> list[Outcome]:
        """Store each document that is not there, or fail as told."""
        return [self._sent(document) for document in documents]

    def totals(self, *, references: Collection[str]) -> dict[str, ControlTotals]:
        """Return the control totals of what is there, duplicates counted twice."""
        self._reach()
        return control_totals(one for one in self.system.documents if one.reference in references)

    def finish(self) -> None:
        """Count it."""
        self._reach()
        self.system.finished += 1

    def close(self) -> None:
        """Nothing is kept open."""

    def __enter__(self) -> Self:
        """Return the connector itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _reach(self) -> None:
        if self.system.is_down:
            raise TransientFailure(reason="it is down")

    def _sent(self, document: Document) -> Outcome:
        reference = document.reference
        if self.system.is_down:
            return Outcome(reference=reference, error=TransientFailure(reason="it is down"))
        if held := self.system.held(reference):
            return Outcome(reference=reference, external=_external(held), was_there=True)
        waiting = self.system.faults.get(reference)
        return self._stored(document, fault=waiting.pop(0) if waiting else None)

    def _stored(self, document: Document, *, fault: Fault | None) -> Outcome:
        reference = document.reference
        match fault:
            case Fault.REFUSE:
                return Outcome(reference=reference, error=PermanentRefusal(reason="its customer is unknown"))
            case Fault.TRANSIENT:
                return Outcome(reference=reference, error=TransientFailure(reason="it is busy"))
            case Fault.LOST_BEFORE_STORING:
                return Outcome(reference=reference, error=LostAnswer(reason="the connection broke"))
        self.system.documents.append(document)
        match fault:
            case Fault.LOST_AFTER_STORING:
                return Outcome(reference=reference, error=LostAnswer(reason="the connection broke"))
            case Fault.DUPLICATE:
                self.system.documents.append(document)
        return Outcome(reference=reference, external=_external(document))


def _external(document: Document) -> ExternalDocument:
    return ExternalDocument(
        reference=document.reference,
        external_id=f"memory:{document.reference}",
        number=document.number or "",
    )
