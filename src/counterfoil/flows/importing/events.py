"""The files of events: activations, work-orders, dispatches, sales. A row is a charge of an event.

Each row brings its event and one of its charges: an activation's one, a work order's as many as it has rows. So a
file is read as two kinds of object, one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import connection

from counterfoil.flows.importing.catalogue import MASTER_CHARGE, PRICE, QUANTITY, tax_category, use_check
from counterfoil.flows.importing.columns import (
    Column,
    Gathered,
    Installation,
    Kind,
    Prepare,
    Prepared,
    Reference,
    StoredCheck,
)
from counterfoil.flows.importing.parties import CLIENT, CUSTOMER, KEY, no_customer_in_legacy
from counterfoil.flows.importing.values import DAY, YES_NO, key, text, whole
from counterfoil.records.charges import event_actions
from counterfoil.records.charges.models import BillableEvent, EventCharge, EventKind

EVENT_KEY = key(80)
LINE_NO = whole(least=1, most=32_767, expected="a whole number from 1 to 32767")

_EVENT_FIELDS = (
    "key, kind, client_id, customer_id, occurred_on, to_be_billed_on, is_chargeable, description, po_number"
)
_CHARGE_FIELDS = "master_charge_id, quantity, unit_price, description, tax_category_id"
_LOCK = """
SELECT count(*) FROM (
    SELECT FROM charges_billableevent AS event JOIN {rows} AS row ON row.{key} = event.key
    ORDER BY event.id FOR UPDATE OF event
) AS locked
"""
USES_ANEW = "row.master_charge_id IS DISTINCT FROM was.master_charge_id"
USE_ON_EVENT = use_check(on="event.kind", day="event.occurred_on", event="row.event_id")


def _of(alias: str, fields: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in fields.split(", "))


def changes_of_event(event: str) -> str:
    """Return SQL that says whether a row changes the *event*, an id, though it is charged."""
    return f"{_changes(_EVENT_FIELDS)} AND {_EVENT_IS_CHARGED.format(event=event)}"


def changes_of_charge(event: str, *, also: str = "") -> str:
    """Return SQL that says whether a row changes or adds a charge of the *event*, an id, though it is charged.

    *also* is a further field that it may change.
    """
    fields = f"{_CHARGE_FIELDS}, {also}" if also else _CHARGE_FIELDS
    return f"(row.id IS NULL OR ({_changes(fields)})) AND {_EVENT_IS_CHARGED.format(event=event)}"


def _changes(fields: str) -> str:
    return f"row.id IS NOT NULL AND ({_of('row', fields)}) IS DISTINCT FROM ({_of('was', fields)})"


_EVENT_IS_CHARGED = """EXISTS (
    SELECT FROM charges_chargedevent AS charged
    JOIN charges_eventcharge AS of_event ON of_event.id = charged.event_charge_id
    WHERE of_event.event_id = {event}
)"""


def event_file(*, name: str, column: str, words: str, kind: EventKind, lines: bool) -> Kind:
    """Return the kind of file called *name* for events of *kind*, whose key is in *column*.

    With *lines* an event has several charges, told apart by the column `line`; else it has one.
    """
    event = _event_part(column=column, words=words, kind=kind, lines=lines)
    charge = _charge_part(name=name, column=column, words=words, lines=lines)
    shown = {one.name: one for one in (*event.columns, *charge.columns)}
    shown[column] = charge.columns[0]
    columns = tuple(seen_from_charge(one) if one.name in _EVENTS_OWN else one for one in shown.values())
    return Kind(
        name=name,
        words=words,
        model=EventCharge,
        key=charge.key,
        columns=columns,
        store=event_actions.store_event_charges,
        parts=(event, charge),
        only={"event__kind": kind.value, "event__is_invoice": False},
    )


_EVENTS_OWN = {
    "client",
    "customer",
    "occurred_on",
    "to_be_billed_on",
    "chargeable",
    "description",
    "po_number",
}


def seen_from_charge(column: Column) -> Column:
    """Return a column of the event as an export finds it from the charge."""
    paths = column.paths or (str(column.field),)
    return Column(
        name=column.name,
        holds=column.holds,
        required=column.required,
        default=column.default,
        paths=tuple(f"event__{path}" for path in paths),
    )


def _event_columns(column: str) -> tuple[Column, ...]:
    return (
        Column(name=column, holds=EVENT_KEY, field="key", required=True),
        Column(
            name="client",
            holds=KEY,
            field="client_id",
            required=True,
            refers_to=CLIENT,
            paths=("client__code",),
        ),
        Column(name="occurred_on", holds=DAY, field="occurred_on", required=True),
        Column(name="to_be_billed_on", holds=DAY, paths=("to_be_billed_on",)),
        Column(
            name="customer",
            holds=KEY,
            field="customer_id",
            refers_to=CUSTOMER,
            paths=("customer__account",),
        ),
        Column(name="chargeable", holds=YES_NO, field="is_chargeable", default=True),
        Column(name="description", holds=text(300), field="description", default=""),
        Column(name="po_number", holds=text(60), field="po_number", default=""),
    )


def _event_part(*, column: str, words: str, kind: EventKind, lines: bool) -> Kind:
    day = "row.to_be_billed_on" if lines else "COALESCE(row.to_be_billed_on, row.occurred_on)"
    return Kind(
        name=_events_of(column),
        words=words,
        model=BillableEvent,
        key=(column,),
        store=event_actions.store_events,
        columns=_event_columns(column),
        gathered=(
            Gathered(
                name="to_be_billed_on",
                staged="to_be_billed_on",
                columns=("to_be_billed_on",),
                holds=DAY,
                gather=_as_typed,
                value=day,
            ),
            Gathered(
                name="kind",
                staged="event_kind",
                columns=(column,),
                holds=text(10),
                gather=lambda _key: kind.value,
            ),
        ),
        prepare=lock_events(column),
        extra={
            "changes_charged": changes_of_event("row.id"),
            "changes_kind": "row.id IS NOT NULL AND (row.kind <> was.kind OR was.is_invoice)",
        },
        stored_checks=(
            StoredCheck(
                column=column,
                fails="row.changes_kind",
                problem=f"The key belongs to an event that is no {words}.",
                remedy="Give it a key of its own: all events share their keys.",
            ),
            stays_as_billed(column, words=words),
            no_customer_in_legacy(
                problem="In legacy customer mode the master charges of an event say who pays.",
                remedy="Empty the cell, and use a master charge that is paid directly, or by the dealer.",
                unless=_EVENT_IS_CHARGED.format(event="row.id"),
            ),
        ),
    )


def _events_of(column: str) -> str:
    return f"{column}-events".replace("_", "-")


def _charge_part(*, name: str, column: str, words: str, lines: bool) -> Kind:
    event = Reference(words=words, table="charges_billableevent", key="key", kind=_events_of(column))
    numbered = Column(name="line", holds=LINE_NO, field="line_no", required=lines, default=1)
    described = Column(name="line_description", holds=text(300), field="description", default="")
    return Kind(
        name=name,
        words=f"charge of the {words}",
        model=EventCharge,
        key=(column, "line") if lines else (column,),
        store=event_actions.store_event_charges,
        columns=(
            Column(
                name=column,
                holds=EVENT_KEY,
                field="event_id",
                required=True,
                refers_to=event,
                paths=("event__key",),
            ),
            *((numbered,) if lines else ()),
            Column(
                name="code",
                holds=KEY,
                field="master_charge_id",
                required=True,
                refers_to=MASTER_CHARGE,
                paths=("master_charge__code",),
            ),
            Column(name="quantity", holds=QUANTITY, field="quantity"),
            Column(name="unit_price", holds=PRICE, field="unit_price"),
            described,
            tax_category(),
        ),
        gathered=()
        if lines
        else (
            Gathered(name="line_no", staged="line", columns=(column,), holds=LINE_NO, gather=lambda _key: 1),
        ),
        extra={"changes_charged": changes_of_charge("row.event_id"), "uses_anew": USES_ANEW},
        stored_checks=(stays_as_billed(column, words=words), USE_ON_EVENT),
    )


def stays_as_billed(column: str, *, words: str) -> StoredCheck:
    """Return the check that nothing changes of what is charged."""
    return StoredCheck(
        column=column,
        fails="row.changes_charged",
        problem=f"The {words} is charged already, so it stays as it was billed.",
        remedy="Take the row out, or leave it as it was. What was billed wrongly is credited.",
    )


def _as_typed(day: date | None) -> date | None:
    return day


def lock_events(column: str) -> Prepare:
    """Return what waits for runs that charge these events, and makes later ones wait."""

    def prepare(rows: str, _given: Sequence[str], _installation: Installation) -> Prepared:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK.format(rows=rows, key=column))
        return [], 0, []

    return prepare


ACTIVATIONS = event_file(
    name="activations", column="activation", words="activation", kind=EventKind.ACTIVATION, lines=False
)
WORK_ORDERS = event_file(
    name="work-orders", column="work_order", words="work order", kind=EventKind.WORK_ORDER, lines=True
)
DISPATCHES = event_file(
    name="dispatches", column="dispatch", words="dispatch", kind=EventKind.DISPATCH, lines=True
)
SALES = event_file(name="sales", column="sale", words="sale", kind=EventKind.SALE, lines=True)
