"""What every connector must do, whatever is on the other side.

A connector joins by subclassing `ConnectorContract` in its own test file and giving the fixture `connect`: a function
that opens one more connector to the same other system. References are new in every test, so that the suite also
runs against a server that keeps what it was given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from uuid import uuid4

import pytest

from counterfoil.connectors.port import Connector, ControlTotals, control_totals
from counterfoil.core.document import Document
from tests.build_document import BUYER, credit_note, document, line

Connect = Callable[[], Connector]

# 30.00 + 19 %, as `line` makes it.
ONE_INVOICE = ControlTotals(documents=1, lines=1, net_minor=3000, tax_minor=570, gross_minor=3570)


def fresh(*documents: Document) -> list[Document]:
    """Return *documents* with references and numbers nobody has used."""
    mark = uuid4().hex[:12]
    return [
        replace(one, reference=f"counterfoil:test:{mark}:{nth}", number=f"T-{mark}-{nth}")
        for nth, one in enumerate(documents, start=1)
    ]


def references(documents: list[Document]) -> list[str]:
    """Return the reference of each."""
    return [one.reference for one in documents]


class ConnectorContract:
    """The suite; see the module."""

    @pytest.fixture
    def connect(self) -> Connect:
        """Return a function that opens a connector to one and the same other system."""
        raise NotImplementedError

    def test_what_is_sent_is_there(self, connect: Connect) -> None:
        sent = fresh(document(), document())
        with connect() as connector:
            outcomes = connector.send(documents=sent)
            found = connector.find(references=references(sent))
        assert [one.reference for one in outcomes] == references(sent)
        assert all(one.is_delivered and not one.was_there for one in outcomes)
        assert [one.external for one in outcomes] == [found[reference] for reference in references(sent)]
        assert all(one.external and one.external.external_id for one in outcomes)

    def test_what_was_not_sent_is_not_there(self, connect: Connect) -> None:
        unknown = references(fresh(document()))
        with connect() as connector:
            assert connector.find(references=unknown) == {}
            assert connector.find(references=[]) == {}
            assert connector.totals(references=unknown) == {}
            assert connector.send(documents=[]) == []

    def test_sent_again_it_is_there_once(self, connect: Connect) -> None:
        sent = fresh(document(), document())
        with connect() as connector:
            first = connector.send(documents=sent)
            again = connector.send(documents=sent)
            assert [one.external for one in again] == [one.external for one in first]
            assert all(one.was_there for one in again)
            assert connector.totals(references=references(sent)) == {"EUR": ONE_INVOICE + ONE_INVOICE}

    def test_sent_twice_at_once_it_is_there_once(self, connect: Connect) -> None:
        (one,) = fresh(document())
        with connect() as connector:
            first, second = connector.send(documents=[one, one])
            assert (first.was_there, second.was_there) == (False, True)
            assert connector.totals(references=[one.reference]) == {"EUR": ONE_INVOICE}

    def test_after_a_lost_answer_it_is_found_and_not_sent_again(self, connect: Connect) -> None:
        sent = fresh(document(), document())
        with connect() as sender:
            sender.send(documents=sent)  # … and the sender dies before it can write down the answer.
        with connect() as successor:
            assert set(successor.find(references=references(sent))) == set(references(sent))
            assert all(one.was_there for one in successor.send(documents=sent))
            assert successor.totals(references=references(sent)) == {"EUR": ONE_INVOICE + ONE_INVOICE}

    def test_a_batch_of_old_and_new_adds_the_new(self, connect: Connect) -> None:
        sent = fresh(document(), document(), document())
        with connect() as connector:
            connector.send(documents=sent[:1])
            outcomes = connector.send(documents=sent)
            assert [one.was_there for one in outcomes] == [True, False, False]
            assert connector.totals(references=references(sent))["EUR"].documents == 3

    def test_totals_are_those_of_what_was_sent(self, connect: Connect) -> None:
        part = line(price="31.00", quantity="1.5", fraction=Fraction(17, 31))
        sent = fresh(document(part, line(price="9.80", rate="7")), document(line(price="0")))
        with connect() as connector:
            connector.send(documents=sent)
            expected = ControlTotals(
                documents=2,
                lines=3,
                net_minor=3530,  # 1.5 × 31.00 × 17/31 = 25.50, and 9.80
                tax_minor=554,  # 25.50 × 19 % = 4.845 → 4.85, 9.80 × 7 % = 0.686 → 0.69
                gross_minor=4084,
            )
            assert connector.totals(references=references(sent)) == {"EUR": expected}
            assert control_totals(sent) == {"EUR": expected}

    def test_totals_count_only_what_is_asked_for(self, connect: Connect) -> None:
        sent = fresh(document(), document())
        with connect() as connector:
            connector.send(documents=sent)
            assert connector.totals(references=[sent[0].reference]) == {"EUR": ONE_INVOICE}
            assert connector.totals(references=[]) == {}

    def test_credit_notes_count_negative(self, connect: Connect) -> None:
        sent = fresh(document(), credit_note(line(sign=-1, fraction=Fraction(1, 2))))
        with connect() as connector:
            connector.send(documents=sent)
            assert connector.totals(references=references(sent)) == {
                "EUR": ControlTotals(
                    documents=2,
                    lines=2,
                    net_minor=1500,  # 30.00 − 15.00
                    tax_minor=285,  # 5.70 − 2.85
                    gross_minor=1785,
                )
            }

    def test_currencies_are_counted_apart(self, connect: Connect) -> None:
        sent = fresh(document(), document(currency="JPY"), document(currency="KWD"))
        with connect() as connector:
            connector.send(documents=sent)
            totals = connector.totals(references=references(sent))
        assert totals == {"EUR": ONE_INVOICE, "JPY": ONE_INVOICE, "KWD": ONE_INVOICE}

    def test_any_text_arrives(self, connect: Connect) -> None:
        texts = [
            "Zürich Żółć Ελλάδα Москва שלום 漢字 😀", '"quoted", ; and | split\tup', "=1+1", "-5", "\r\n@x", "'", "",
        ]  # fmt: skip
        sent = fresh(
            *(
                document(
                    line(text, client=text, client_name=text, unit=text),
                    buyer=replace(BUYER, name=text or "x"),
                    purchase_order=text,
                )
                for text in texts
            )
        )
        with connect() as connector:
            assert all(one.is_delivered for one in connector.send(documents=sent))
            assert connector.totals(references=references(sent))["EUR"].lines == len(texts)
            assert len(connector.find(references=references(sent))) == len(texts)

    def test_the_largest_and_smallest_amounts_arrive(self, connect: Connect) -> None:
        sent = fresh(document(line(price="10000000000000")), document(line(price="0.01", rate="0")))
        with connect() as connector:
            connector.send(documents=sent)
            assert connector.totals(references=references(sent)) == {
                "EUR": ControlTotals(
                    documents=2,
                    lines=2,
                    net_minor=1_000_000_000_000_001,  # 10^13 euro and a cent
                    tax_minor=190_000_000_000_000,
                    gross_minor=1_190_000_000_000_001,
                )
            }

    def test_batches_as_large_as_it_says_arrive(self, connect: Connect) -> None:
        with connect() as connector:
            size = connector.capabilities.batch_size
            sent = fresh(*[document()] * (2 * size + 1))
            for start in range(0, len(sent), size):
                outcomes = connector.send(documents=sent[start : start + size])
                assert all(one.is_delivered for one in outcomes)
            (totals,) = connector.totals(references=references(sent)).values()
        assert (totals.documents, totals.gross_minor) == (2 * size + 1, (2 * size + 1) * 3570)

    def test_finishing_changes_nothing_that_is_there_and_may_be_repeated(self, connect: Connect) -> None:
        sent = fresh(document(), document())
        with connect() as connector:
            connector.finish()
            connector.send(documents=sent[:1])
            connector.finish()
            connector.finish()
            assert connector.send(documents=sent)[0].was_there
            connector.finish()
        with connect() as connector:
            assert len(connector.find(references=references(sent))) == 2
            assert connector.totals(references=references(sent)) == {"EUR": ONE_INVOICE + ONE_INVOICE}

    def test_closing_may_be_repeated_and_loses_nothing(self, connect: Connect) -> None:
        sent = fresh(document())
        connector = connect()
        connector.send(documents=sent)
        connector.close()
        connector.close()
        with connect() as successor:
            assert successor.totals(references=references(sent)) == {"EUR": ONE_INVOICE}
