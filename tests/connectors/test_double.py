"""The connector to nowhere keeps the contract, and fails as it is told."""

from __future__ import annotations

import pickle

import pytest

from counterfoil.connectors.double import Fault, InMemoryConnector, OtherSystem
from counterfoil.connectors.port import (
    DeliveryError,
    ExternalDocument,
    LostAnswer,
    Outcome,
    PermanentRefusal,
    TransientFailure,
)
from tests.build_document import document, many
from tests.connectors.contract import Connect, ConnectorContract


class TestDouble(ConnectorContract):
    @pytest.fixture
    def connect(self) -> Connect:
        system = OtherSystem()
        return lambda: InMemoryConnector(system=system)


@pytest.mark.parametrize(
    ("fault", "error", "arrives"),
    [
        (Fault.REFUSE, PermanentRefusal, False),
        (Fault.TRANSIENT, TransientFailure, False),
        (Fault.LOST_BEFORE_STORING, LostAnswer, False),
        (Fault.LOST_AFTER_STORING, LostAnswer, True),
    ],
)
def test_one_document_fails_and_the_others_arrive(
    fault: Fault, error: type[DeliveryError], arrives: bool
) -> None:
    system = OtherSystem()
    sent = many(3)
    system.fail(fault, reference=sent[1].reference)
    connector = InMemoryConnector(system=system)
    outcomes = connector.send(documents=sent)
    assert [type(one.error) for one in outcomes] == [type(None), error, type(None)]
    assert (sent[1].reference in connector.find(references=[sent[1].reference])) is arrives
    again = connector.send(documents=sent)
    assert [one.was_there for one in again] == [True, arrives, True]
    assert connector.totals(references=[one.reference for one in sent])["EUR"].documents == 3


def test_a_fault_may_last() -> None:
    system = OtherSystem()
    (one,) = many(1)
    system.fail(Fault.TRANSIENT, reference=one.reference, times=2)
    connector = InMemoryConnector(system=system)
    assert [connector.send(documents=[one])[0].is_delivered for _ in range(3)] == [False, False, True]


def test_a_system_that_stores_twice_is_found_out_by_its_totals() -> None:
    system = OtherSystem()
    (one,) = many(1)
    system.fail(Fault.DUPLICATE, reference=one.reference)
    connector = InMemoryConnector(system=system)
    assert connector.send(documents=[one])[0].is_delivered
    assert connector.totals(references=[one.reference])["EUR"].documents == 2


def test_a_system_that_is_down_takes_nothing_and_tells_nothing() -> None:
    system = OtherSystem()
    system.is_down = True
    connector = InMemoryConnector(system=system)
    assert [type(one.error) for one in connector.send(documents=[document()])] == [TransientFailure]
    for ask in (lambda: connector.find(references=["x"]), lambda: connector.totals(references=["x"])):
        with pytest.raises(TransientFailure, match="cannot do it now: it is down"):
            ask()


def test_an_error_says_what_happened_and_what_to_do_in_any_process() -> None:
    error = pickle.loads(pickle.dumps(LostAnswer(reason="the connection broke")))  # noqa: S301
    assert str(error) == (
        "The answer was lost: the connection broke. The document is looked up by its reference before it is sent again."
    )


@pytest.mark.parametrize(
    "values",
    [{}, {"external": ExternalDocument(reference="r", external_id="1"), "error": LostAnswer(reason="x")}],
)
def test_an_outcome_is_a_document_or_an_error(values: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        Outcome(reference="r", **values)
